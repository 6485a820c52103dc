import { describe, expect, it } from 'vitest';
import { evaluateProgram } from '../../../src/dataflow/evaluate.js';
import { verifyProgram } from '../../../src/dataflow/verify.js';
import { unwrap } from '../../../src/diagnostics/result.js';
import { lowerModel } from '../../../src/lowering/model/lower-model.js';
import { ModelBuilder } from '../../../src/model/builder.js';
import { exactType, inferFormats } from '../../../src/model/formats.js';
import type { ModelGraph, ModelNodeId, Shape } from '../../../src/model/kinds.js';
import { elementCount } from '../../../src/model/kinds.js';
import { verifyModel } from '../../../src/model/verify.js';
import { codeRange, fixedPointType } from '../../../src/numeric/fixed-point.js';
import { absorbScales } from '../../../src/passes/model/absorb-scales.js';
import { removeDeadModelNodes } from '../../../src/passes/model/remove-dead-nodes.js';
import { at } from '../../../src/support/invariant.js';
import { Random } from '../../../src/support/random.js';
import { runBatched, runOracle } from '../../support/evaluators.js';
import { allOverflows, allRoundings } from '../../support/random-types.js';

/** A layer or two of a network quantised with scales of many bits, with what exporters put around the products. */
function randomScaledModel(random: Random): ModelGraph {
  const builder = new ModelBuilder('scaled');
  const odd = (bits: number): bigint => random.bigint(1n << BigInt(bits - 1), (1n << BigInt(bits)) - 1n) | 1n;
  const constant = (shape: Shape, make: () => bigint, lsb: number): ModelNodeId =>
    builder.constant({ lsb, codes: Array.from({ length: elementCount(shape) }, make), float: false }, shape);
  const types = [fixedPointType(true, 5, 5)];
  let x = builder.input({ name: 'x', types, rounding: 'TRN', overflow: 'WRAP' }, [2, 3]);
  x = builder.add('multiply', { left: x, right: constant([], () => odd(20), -22) });
  const ends: ModelNodeId[] = [];
  for (let layer = random.integer(1, 2); layer > 0; layer--) {
    const inner = at(builder.shapeOf(x), 1);
    const columns = random.integer(1, 4);
    const scales = Array.from({ length: columns }, () => odd(18));
    const small = Array.from({ length: inner * columns }, () => random.bigint(-7n, 7n));
    const codes = small.map((code, index) => code * at(scales, index % columns));
    const weights = builder.constant({ lsb: -20, codes, float: false }, [inner, columns]);
    if (random.integer(0, 2) === 0)
      x = builder.add('concat', { operands: [x, constant([2, inner], () => 0n, 0)], axis: 0 });
    x = builder.add('matmul', { left: x, right: weights });
    if (random.integer(0, 1) === 0) x = builder.add('add', { left: x, right: constant([columns], () => odd(9), -7) });
    if (random.integer(0, 1) === 0)
      x = builder.add('multiply', {
        left: constant([columns], () => random.pick([1n, -1n, 1n]) * odd(12), -11),
        right: x,
      });
    if (random.integer(0, 2) === 0) x = builder.add('negate', { operand: x });
    if (random.integer(0, 2) === 0) x = builder.add('subtract', { left: x, right: constant([1, 1], () => odd(5), -2) });
    if (random.integer(0, 1) === 0) x = builder.add('relu', { operand: x });
    if (random.integer(0, 2) === 0) x = builder.add('multiply', { left: x, right: constant([], () => odd(3), -1) });
    if (random.integer(0, 2) === 0) x = builder.add('transpose', { operand: x, permutation: [1, 0] });
    if (random.integer(0, 3) === 0)
      x = builder.add('reduce', {
        operand: x,
        operation: random.pick(['sum', 'maximum'] as const),
        axes: [0],
        keepDimensions: true,
      });
    if (random.integer(0, 3) === 0) ends.push(x);
    const rounding = random.pick(allRoundings);
    const overflow = random.pick(['SAT', 'SAT', ...allOverflows] as const);
    const type = fixedPointType(random.integer(0, 1) === 0, random.integer(2, 7), random.integer(3, 9));
    if (random.integer(0, 1) === 0) x = builder.add('quantize', { operand: x, types: [type], rounding, overflow });
    else {
      const ratio = { numerators: [1n], offsets: [random.bigint(-1n, 1n)], denominators: [odd(10)] };
      x = builder.add('requantize', { operand: x, ...ratio, types: [type], rounding, overflow });
      x = builder.add('multiply', { left: x, right: constant([], () => at(ratio.denominators, 0), 0) });
    }
  }
  ends.push(x);
  const formats = inferFormats(builder.finish());
  ends.forEach((id, index) => builder.output(`y${index}`, id, [exactType(at(formats, id))]));
  return builder.finish();
}

describe('absorbing scales', () => {
  it('keeps every value of random scaled layers, in the oracle, the emulator and the lowered program', () => {
    const random = new Random(40_961);
    let absorbed = 0;
    for (let round = 0; round < 60; round++) {
      const before = randomScaledModel(random);
      verifyModel(before, { typed: true });
      const after = unwrap(removeDeadModelNodes.run(unwrap(absorbScales.run(before, {})), {}));
      verifyModel(after, { typed: true });
      const multiplications = (graph: ModelGraph): number =>
        graph.nodes.filter(({ kind }) => kind === 'multiply').length;
      if (multiplications(after) < multiplications(before)) absorbed++;
      const program = lowerModel(after);
      verifyProgram(program);
      const { low, high } = codeRange(fixedPointType(true, 5, 5));
      const events = Array.from({ length: 12 }, () => [Array.from({ length: 6 }, () => random.bigint(low, high))]);
      const expected = runOracle(before, events).map(({ outputs }) => outputs.flat().join());
      expect(runOracle(after, events).map(({ outputs }) => outputs.flat().join())).toEqual(expected);
      expect(runBatched(after, events).rows.map((row) => row.join())).toEqual(expected);
      expect(events.map((event) => evaluateProgram(program, event.flat()).outputs.join())).toEqual(expected);
    }
    expect(absorbed).toBeGreaterThan(30);
  });

  it('leaves a graph of powers of two alone', () => {
    const builder = new ModelBuilder('plain');
    const types = [fixedPointType(true, 5, 5)];
    const x = builder.input({ name: 'x', types, rounding: 'TRN', overflow: 'WRAP' }, [2]);
    const half = builder.constant({ lsb: -3, codes: [4n], float: false }, []);
    const scaled = builder.add('multiply', { left: x, right: half });
    const weights = builder.constant({ lsb: -2, codes: [3n, 6n], float: false }, [2, 1]);
    builder.output('y', builder.add('matmul', { left: scaled, right: weights }), [fixedPointType(true, 12, 8)]);
    const graph = builder.finish();
    expect(unwrap(absorbScales.run(graph, {}))).toBe(graph);
  });

  it('takes the scales of weights and activations into the next quantiser: no multiplication is left', () => {
    const builder = new ModelBuilder('layer');
    const types = [fixedPointType(true, 8, 8)];
    const x = builder.input({ name: 'x', types, rounding: 'TRN', overflow: 'WRAP' }, [2]);
    const scale = builder.constant({ lsb: -27, codes: [13_421_773n], float: false }, []);
    const real = builder.add('multiply', { left: x, right: scale });
    const codes = [3n, -5n, 7n, 2n].map((code, index) => code * at([11_184_811n, 9_586_981n], index % 2));
    const weights = builder.constant({ lsb: -28, codes, float: false }, [2, 2]);
    const sum = builder.add('matmul', { left: real, right: weights });
    const relu = builder.add('relu', { operand: sum });
    const unsigned = fixedPointType(false, 8, 8);
    const ratio = { numerators: [1n << 20n], offsets: [0n], denominators: [123_457n] };
    const q = builder.add('requantize', {
      operand: relu,
      ...ratio,
      types: [unsigned],
      rounding: 'RND_CONV',
      overflow: 'SAT',
    });
    builder.output('y', q, [unsigned]);
    const after = unwrap(removeDeadModelNodes.run(unwrap(absorbScales.run(builder.finish(), {})), {}));
    expect(after.nodes.map(({ kind }) => kind)).toEqual(['input', 'constant', 'matmul', 'requantize']);
    expect(after.nodes[1]).toMatchObject({ codes: [3n, -5n, 7n, 2n] });
  });
});
