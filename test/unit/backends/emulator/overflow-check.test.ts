import { describe, expect, it } from 'vitest';
import { codeMatrix } from '../../../../src/backends/emulator/code-matrix.js';
import { compileEmulator } from '../../../../src/backends/emulator/emulator.js';
import type { RunOverflow } from '../../../../src/backends/emulator/overflow-check.js';
import { ModelBuilder } from '../../../../src/model/builder.js';
import { modelEvaluator } from '../../../../src/model/evaluate.js';
import { inferFormats } from '../../../../src/model/formats.js';
import type { ModelGraph, ModelNodeOf } from '../../../../src/model/kinds.js';
import { perElement, ratioOf } from '../../../../src/model/kinds.js';
import { fixedPointType, lsbExponent } from '../../../../src/numeric/fixed-point.js';
import { ratioOnCodes, roundRatio } from '../../../../src/numeric/ratio.js';
import { quantizedRange, roundShift } from '../../../../src/numeric/rounding.js';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';
import { randomInputs, randomModel } from '../../../support/random-model.js';

type Quantizing = ModelNodeOf<'quantize'> | ModelNodeOf<'requantize'>;
type Events = ReturnType<typeof randomInputs>;

function runCounting(graph: ModelGraph, events: Events): readonly RunOverflow[] {
  const emulator = compileEmulator(graph, { countOverflows: true });
  const matrix = codeMatrix(
    events.map((event) => event.flat()),
    emulator.inputTypes,
  );
  const plain = compileEmulator(graph).run(matrix);
  const run = emulator.run(matrix);
  expect(run.output).toEqual(plain.output);
  expect(plain.overflows).toEqual([]);
  return run.overflows;
}

/** The code that is brought into the type, from the definition. */
function roundedCode(node: Quantizing, code: bigint, lsb: number, element: number): bigint {
  const to = lsbExponent(perElement(node.types, element));
  if (node.kind === 'quantize') return roundShift(code, to - lsb, node.rounding);
  return roundRatio(ratioOnCodes(ratioOf(node, element), lsb, to), code, node.rounding);
}

/** What the oracle's tensors say about one quantiser. */
function expectedOf(graph: ModelGraph, node: Quantizing, events: Events): RunOverflow | undefined {
  const evaluate = modelEvaluator(graph);
  const found: { value: number; event: number; element: number; excess: number; above: boolean }[] = [];
  events.forEach((event, index) => {
    const operand = at(evaluate(event).tensors, node.operand);
    operand.codes.forEach((code, element) => {
      const type = perElement(node.types, element);
      const { low, high } = quantizedRange(type, node.overflow);
      const rounded = roundedCode(node, code, operand.lsb, element);
      if (rounded >= low && rounded <= high) return;
      const unit = 2 ** lsbExponent(type);
      const excess = Number(rounded > high ? rounded - high : low - rounded) * unit;
      found.push({ value: Number(rounded) * unit, event: index, element, excess, above: rounded > high });
    });
  });
  const [first] = found;
  if (first === undefined) return undefined;
  const worst = found.reduce((left, right) => (right.excess > left.excess ? right : left));
  return {
    node: node.id,
    above: found.filter(({ above }) => above).length,
    below: found.filter(({ above }) => !above).length,
    worst: { value: worst.value, event: worst.event, element: worst.element },
    firstEvent: first.event,
  };
}

/** Codes of more than 53 bits are counted exactly, and shown as the nearest doubles. */
function shortened(overflow: RunOverflow | undefined): RunOverflow | undefined {
  if (overflow === undefined) return undefined;
  return { ...overflow, worst: { ...overflow.worst, value: Number(overflow.worst.value.toPrecision(14)) } };
}

describe('counted overflows', () => {
  it('are those of the oracle, on 250 random graphs', { timeout: 60_000 }, () => {
    let compared = 0;
    let overflowing = 0;
    for (let seed = 0; seed < 250; seed++) {
      const random = new Random(7000 + seed);
      const graph = randomModel(random);
      const events = randomInputs(random, graph, 24);
      const found = runCounting(graph, events);
      const formats = inferFormats(graph);
      for (const node of graph.nodes) {
        if (node.kind !== 'quantize' && node.kind !== 'requantize') continue;
        // Constants are folded: what they do is the same for every data set.
        if (at(formats, node.operand).ranges.some(({ low, high }) => low === high)) continue;
        compared++;
        const expected = node.overflow === 'MODULO' ? undefined : expectedOf(graph, node, events);
        if (expected !== undefined) overflowing++;
        expect(shortened(found.find((overflow) => overflow.node === node.id))).toEqual(shortened(expected));
      }
    }
    expect(compared).toBeGreaterThan(300);
    expect(overflowing).toBeGreaterThan(100);
  });

  it('name the worst value and the first event over several blocks of events', () => {
    const builder = new ModelBuilder('blocks');
    const provenance = { name: 'cut', operator: 'Gemm' };
    const wide = { types: [fixedPointType(true, 16, 16)], rounding: 'TRN', overflow: 'WRAP' } as const;
    const input = builder.input({ name: 'x', ...wide }, [2], provenance);
    const types = [fixedPointType(true, 8, 8), fixedPointType(false, 8, 8)];
    const cut = builder.add('quantize', { operand: input, types, rounding: 'TRN', overflow: 'SAT' }, provenance);
    builder.output('y', cut);
    const graph = { ...builder.finish(), outputs: [{ name: 'y', node: cut, types }] };
    const rows = Array.from({ length: 1000 }, (_, row) => [BigInt(row - 100), row === 700 ? -4000n : 3n]);
    const [overflow] = runCounting(
      graph,
      rows.map((row) => [row]),
    );
    expect(overflow).toEqual({
      node: cut,
      above: 772,
      below: 1,
      worst: { value: -4000, event: 700, element: 1 },
      firstEvent: 228,
    });
  });

  it('are there for a quantiser that saturates whatever comes', () => {
    const builder = new ModelBuilder('always');
    const provenance = { name: 'cut', operator: 'Gemm' };
    const input = builder.input(
      { name: 'x', types: [fixedPointType(false, 4, 4)], rounding: 'TRN', overflow: 'WRAP' },
      [1],
      provenance,
    );
    const hundred = builder.constant({ lsb: 0, codes: [100n], float: false }, [1], provenance);
    const sum = builder.add('add', { left: input, right: hundred }, provenance);
    const types = [fixedPointType(false, 5, 5)];
    const cut = builder.add('quantize', { operand: sum, types, rounding: 'TRN', overflow: 'SAT' }, provenance);
    builder.output('y', cut);
    const graph = { ...builder.finish(), outputs: [{ name: 'y', node: cut, types }] };
    expect(runCounting(graph, [[[3n]], [[5n]]])).toEqual([
      { node: cut, above: 2, below: 0, worst: { value: 105, event: 1, element: 0 }, firstEvent: 0 },
    ]);
  });
});
