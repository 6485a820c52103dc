import { describe, expect, it } from 'vitest';
import { codeMatrix } from '../../../../src/backends/emulator/code-matrix.js';
import { compileEmulator } from '../../../../src/backends/emulator/emulator.js';
import { ModelBuilder } from '../../../../src/model/builder.js';
import type { BranchCount, CoverageBranch, CoveredElements } from '../../../../src/model/coverage.js';
import { coverageBranches, coveredNodes, roundingThreshold } from '../../../../src/model/coverage.js';
import type { Tensor } from '../../../../src/model/evaluate.js';
import { modelEvaluator } from '../../../../src/model/evaluate.js';
import type { ModelGraph } from '../../../../src/model/kinds.js';
import { perElement } from '../../../../src/model/kinds.js';
import { broadcastIndices } from '../../../../src/model/shapes.js';
import { fixedPointType } from '../../../../src/numeric/fixed-point.js';
import { roundDivide } from '../../../../src/numeric/ratio.js';
import type { Rounding } from '../../../../src/numeric/rounding.js';
import { roundingNames } from '../../../../src/numeric/rounding.js';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';
import { branchesTaken } from '../../../support/coverage-counter.js';
import { randomInputs, randomModel } from '../../../support/random-model.js';

type Events = ReturnType<typeof randomInputs>;
const roundings: readonly Rounding[] = [...roundingNames, 'CEIL', 'AWAY'];

/** By the emulator, whose outputs must not change. */
function counted(graph: ModelGraph, events: Events): readonly BranchCount[] {
  const emulator = compileEmulator(graph, { countBranches: true });
  const rows = events.map((event) => event.flat());
  const matrix = codeMatrix(rows, emulator.inputTypes);
  const plain = compileEmulator(graph).run(matrix);
  const run = emulator.run(matrix);
  expect(run.output).toEqual(plain.output);
  expect(plain.branches).toEqual([]);
  return run.branches;
}

/** By the oracle. What ranges rule out must not happen. */
function expected(graph: ModelGraph, covered: readonly CoveredElements[], events: Events): readonly BranchCount[] {
  const evaluate = modelEvaluator(graph);
  const tensors = events.map((event) => evaluate(event).tensors);
  return covered.flatMap(({ node, open }) => {
    const counts = new Map<CoverageBranch, number>();
    for (const event of tensors) {
      branchesTaken(graph, node, event).forEach((branches, element) => {
        for (const branch of branches) {
          if (isVariable(graph, node, element, tensors)) expect(at(open, element)).toContain(branch);
          if (at(open, element).has(branch)) counts.set(branch, (counts.get(branch) ?? 0) + 1);
        }
      });
    }
    const { name, operator } = node.provenance;
    return coverageBranches
      .filter((branch) => open.some((branches) => branches.has(branch)))
      .map((branch) => ({ node: name, operator, branch, count: counts.get(branch) ?? 0 }));
  });
}

/** Does what goes into an element change from event to event? Branches of constants are not asked for. */
function isVariable(
  graph: ModelGraph,
  node: CoveredElements['node'],
  element: number,
  tensors: readonly (readonly Tensor[])[],
): boolean {
  const varies = (id: number, index: number): boolean =>
    new Set(tensors.map((event) => at(at(event, id).codes, index))).size > 1;
  if (node.kind === 'maximum') {
    return [node.left, node.right].some((id) =>
      varies(id, at(broadcastIndices(at(graph.nodes, id).shape, node.shape), element)),
    );
  }
  if (node.kind === 'requantize' && perElement(node.numerators, element) === 0n) return false;
  return varies(node.operand, element);
}

describe('counted branches', () => {
  it('are those of the oracle, on 150 random graphs', { timeout: 120_000 }, () => {
    const seen = new Map<string, number>();
    for (let seed = 0; seed < 150; seed++) {
      const random = new Random(9000 + seed);
      const graph = randomModel(random);
      const events = randomInputs(random, graph, 24);
      const covered = coveredNodes(graph);
      const found = counted(graph, events);
      expect(found).toEqual(expected(graph, covered, events));
      for (const { branch, count } of found) seen.set(branch, (seen.get(branch) ?? 0) + Number(count > 0));
    }
    expect([...seen.keys()].sort()).toEqual([...coverageBranches].sort());
    for (const [branch, times] of seen) expect([branch, times > 3]).toEqual([branch, true]);
  });

  /** One quantiser of codes of `bits` bits, by a shift or by a ratio. */
  function quantiser(bits: number, shift: number, rounding: Rounding, numerator: bigint): ModelGraph {
    const builder = new ModelBuilder('rounding');
    const provenance = { name: 'cut', operator: 'Quant' };
    const port = { types: [fixedPointType(true, bits, bits)], rounding: 'TRN', overflow: 'WRAP' } as const;
    const operand = builder.input({ name: 'x', ...port }, [1], provenance);
    const types = [fixedPointType(true, 4, 4 + shift)];
    const own = { operand, types, rounding, overflow: 'SAT' } as const;
    const ratio = { numerators: [numerator], offsets: [3n], denominators: [6n] };
    const cut =
      numerator === 1n
        ? builder.add('quantize', own, provenance)
        : builder.add('requantize', { ...own, ...ratio }, provenance);
    builder.output('y', cut);
    return { ...builder.finish(), outputs: [{ name: 'y', node: cut, types }] };
  }

  it.each(roundings)('are right for every code of a small type: %s', (rounding) => {
    for (const shift of [1, 2, 4]) {
      for (const numerator of [1n, 5n, -4n]) {
        const graph = quantiser(8, shift, rounding, numerator);
        const events = Array.from({ length: 256 }, (_, code) => [[BigInt(code - 128)]]);
        expect(counted(graph, events)).toEqual(expected(graph, coveredNodes(graph), events));
      }
    }
  });

  it.each(roundings)('are right at the ends of 32-bit, double and big integers: %s', (rounding) => {
    const random = new Random(5);
    for (const [bits, shift] of [
      [32, 31],
      [32, 33],
      [33, 7],
      [52, 48],
      [53, 51],
      [60, 20],
      [70, 66],
    ] as const) {
      const half = 1n << BigInt(shift - 1);
      const end = 1n << BigInt(bits - 1);
      const near = [0n, half, -half, 2n * half, -2n * half, 3n * half, -3n * half, 15n * half, -17n * half, end, -end];
      const codes = near.flatMap((code) => [code - 1n, code, code + 1n]);
      for (let index = 0; index < 20; index++) codes.push(random.bigint(-end, end - 1n));
      const events = codes.filter((code) => code >= -end && code < end).map((code) => [[code]]);
      for (const numerator of [1n, -5n]) {
        const graph = quantiser(bits, shift, rounding, numerator);
        expect(counted(graph, events)).toEqual(expected(graph, coveredNodes(graph), events));
      }
    }
  });

  it('have thresholds where rounding reaches a code', () => {
    for (const rounding of roundings) {
      for (const unit of [1n, 2n, 3n, 8n]) {
        for (let code = -3n; code <= 3n; code++) {
          const threshold = roundingThreshold(code, unit, rounding);
          expect(roundDivide(threshold, unit, rounding)).toBeGreaterThanOrEqual(code);
          expect(roundDivide(threshold - 1n, unit, rounding)).toBeLessThan(code);
        }
      }
    }
  });

  it('add up over several blocks of events', () => {
    const graph = quantiser(12, 4, 'RND_CONV', 1n);
    const events = Array.from({ length: 1000 }, (_, code) => [[BigInt(code)]]);
    const counts = Object.fromEntries(counted(graph, events).map(({ branch, count }) => [branch, count]));
    // Codes 0 to 999 in sixteenths of a step, of which 7 is the last: 7.5 goes to 8.
    expect(counts).toEqual({
      'above the type': 880,
      'below the type': 0,
      'rounded up': 7 * 62 + 31,
      'rounded down': 1000 - 63 - (7 * 62 + 31),
      'tie rounded up': 31,
      'tie rounded down': 31,
    });
  });
});
