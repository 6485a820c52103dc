import { describe, expect, it } from 'vitest';
import { compileFloatEvaluator } from '../../../../../src/backends/emulator/float/compile.js';
import { ModelBuilder } from '../../../../../src/model/builder.js';
import { floatEvaluator } from '../../../../../src/model/evaluate-float.js';
import type { ModelGraph, ModelNodeId, Shape } from '../../../../../src/model/kinds.js';
import { elementCount } from '../../../../../src/model/kinds.js';
import { realFunction, realFunctionNames } from '../../../../../src/model/real-functions.js';
import { fixedPointType } from '../../../../../src/numeric/fixed-point.js';
import { overflowNames, roundingNames } from '../../../../../src/numeric/rounding.js';
import { at, InvariantError } from '../../../../../src/support/invariant.js';
import { Random } from '../../../../../src/support/random.js';

const made = { name: 'n', operator: 'N' };

function input(builder: ModelBuilder, name: string, shape: Shape): ModelNodeId {
  return builder.input({ name, types: [], rounding: 'TRN', overflow: 'WRAP' }, shape);
}

function constant(builder: ModelBuilder, shape: Shape, random = new Random(3)): ModelNodeId {
  const codes = Array.from({ length: elementCount(shape) }, () => BigInt(random.integer(-99, 99)));
  return builder.constant({ lsb: -5, codes, float: true }, shape);
}

/** Every tensor, compiled and one event at a time, has to be the same numbers. */
function expectSame(graph: ModelGraph, data: Float64Array): void {
  const compiled = compileFloatEvaluator(graph);
  const events = data.length / compiled.inputWidth;
  const nodes = graph.nodes.map((node) => node.id);
  const observed = compiled.observe(data, nodes);
  const outputs = compiled.run(data);
  const evaluate = floatEvaluator(graph);
  const sizes = graph.nodes.filter((node) => node.kind === 'input').map((node) => elementCount(node.shape));
  for (let event = 0; event < events; event++) {
    let next = event * compiled.inputWidth;
    const one = evaluate(sizes.map((size) => data.subarray(next, (next += size))));
    one.tensors.forEach((tensor, index) => {
      const own = at(observed, index).subarray(event * tensor.length, (event + 1) * tensor.length);
      expect(Array.from(own), `event ${event}, %${index} ${at(graph.nodes, index).kind}`).toEqual(Array.from(tensor));
    });
    const own = outputs.subarray(event * compiled.outputWidth, (event + 1) * compiled.outputWidth);
    expect(Array.from(own)).toEqual(one.outputs.flatMap((output) => Array.from(output)));
  }
}

const corners = [0, -0, 0.5, -0.5, 1.5, -2.5, 1e300, -1e300, 5e-324, Infinity, -Infinity, NaN, 2 ** 53, 1e-310, -3.25];

describe('the compiled float evaluator', () => {
  it.for([
    ['constant matrices on the right, one for each of a batch', [2, 3, 4], [2, 4, 5]],
    ['a constant matrix for all of a batch', [3, 2, 4], [4, 7]],
    ['a constant vector', [3, 4], [4]],
  ] as const)('multiplies with %s', ([, left, right]) => {
    const builder = new ModelBuilder('m');
    const x = input(builder, 'x', left);
    builder.output('y', builder.add('matmul', { left: x, right: constant(builder, right) }, made), []);
    const random = new Random(1);
    expectSame(
      builder.finish(),
      Float64Array.from({ length: 70 * elementCount(left) }, () => random.uniform() - 0.5),
    );
  });

  it.for([
    ['a constant matrix on the left', [5, 3], [2, 3, 4]],
    ['constant matrices on the left', [2, 5, 3], [2, 3, 4]],
    ['a constant row', [3], [3, 6]],
  ] as const)('multiplies with %s', ([, left, right]) => {
    const builder = new ModelBuilder('m');
    const x = input(builder, 'x', right);
    builder.output('y', builder.add('matmul', { left: constant(builder, left), right: x }, made), []);
    const random = new Random(1);
    expectSame(
      builder.finish(),
      Float64Array.from({ length: 70 * elementCount(right) }, () => random.uniform() - 0.5),
    );
  });

  it('multiplies two tensors of the event, a batch of one matrix against one of many', () => {
    const builder = new ModelBuilder('m');
    const [left, right] = [input(builder, 'l', [1, 2, 3]), input(builder, 'r', [4, 3, 5])];
    builder.output('y', builder.add('matmul', { left, right }, made), []);
    const random = new Random(1);
    expectSame(
      builder.finish(),
      Float64Array.from({ length: 66 * 66 }, () => random.uniform() - 0.5),
    );
  });

  it('keeps infinities, NaN and signs of zero in every operation on numbers', () => {
    const builder = new ModelBuilder('m');
    const [left, right] = [input(builder, 'l', [1]), input(builder, 'r', [1])];
    for (const kind of ['add', 'subtract', 'multiply', 'minimum', 'maximum', 'lessThan', 'equal'] as const) {
      builder.output(kind, builder.add(kind, { left, right }, made), []);
    }
    for (const kind of ['negate', 'absolute', 'relu', 'bipolar'] as const) {
      builder.output(kind, builder.add(kind, { operand: left }, made), []);
    }
    builder.add('select', { condition: left, whenTrue: right, whenFalse: left }, made);
    for (const rounding of [...roundingNames, 'CEIL', 'AWAY'] as const) {
      builder.add('round', { operand: left, rounding }, made);
    }
    const pairs = corners.flatMap((a) => corners.flatMap((b) => [a, b]));
    expectSame(builder.finish(), Float64Array.from(pairs));
  });

  it('rounds and limits as every quantiser does, infinities and NaN included', () => {
    const builder = new ModelBuilder('m');
    const operand = input(builder, 'x', [1]);
    for (const type of [fixedPointType(true, 6, 3), fixedPointType(false, 4, 5), fixedPointType(true, 60, 70)]) {
      for (const rounding of [...roundingNames, 'CEIL', 'AWAY'] as const) {
        for (const overflow of [...overflowNames, 'MODULO'] as const) {
          builder.add('quantize', { operand, types: [type], rounding, overflow }, made);
          builder.add(
            'requantize',
            { operand, numerators: [-7n], offsets: [3n], denominators: [5n], types: [type], rounding, overflow },
            made,
          );
        }
      }
    }
    builder.output('y', operand, []);
    const ties = Array.from({ length: 161 }, (_, index) => (index - 80) / 16);
    expectSame(builder.finish(), Float64Array.from([...corners, ...ties]));
  });

  it('evaluates every function, and what moves elements', () => {
    const builder = new ModelBuilder('m');
    const operand = input(builder, 'x', [2, 3]);
    const entering = builder.add('quantizeDefault', { operand }, made);
    for (const name of realFunctionNames) {
      const parameters = realFunction(name).parameters.map((_, index) => 1.25 + index);
      const fields = { function: name, parameters, scale: 0.75, offset: 0.125, fitted: false };
      builder.output(name, builder.add('function', { operand: entering, ...fields }, made), []);
    }
    const moved = builder.add('transpose', { operand: entering, permutation: [1, 0] }, made);
    const joined = builder.add('concat', { operands: [moved, constant(builder, [3, 2])], axis: 1 }, made);
    builder.output('moved', builder.add('gather', { operand: joined, axis: 1, indices: [3, 0, 0] }, made), []);
    const random = new Random(2);
    expectSame(
      builder.finish(),
      Float64Array.from({ length: 6 * 40 }, () => 6 * random.uniform() - 3),
    );
  });

  it('gives outputs that are inputs, constants, or computed from constants alone', () => {
    const builder = new ModelBuilder('m');
    const x = input(builder, 'x', [2]);
    const [a, b] = [constant(builder, [2], new Random(5)), constant(builder, [2], new Random(6))];
    builder.output('x', x, []);
    builder.output('a', a, []);
    builder.output('product', builder.add('multiply', { left: a, right: b }, made), []);
    const zeros = builder.constant({ lsb: 0, codes: [0n, 0n], float: true }, [2]);
    builder.output('negative zero', builder.add('negate', { operand: zeros }, made), []);
    builder.output('zero', zeros, []);
    expectSame(builder.finish(), Float64Array.of(1, 2, 3, 4));
  });

  it('evaluates no event, and refuses half of one', () => {
    const builder = new ModelBuilder('m');
    builder.output('y', builder.add('relu', { operand: input(builder, 'x', [2]) }, made), []);
    const compiled = compileFloatEvaluator(builder.finish());
    expect(compiled.run(new Float64Array())).toEqual(new Float64Array());
    expect(() => compiled.run(new Float64Array(3))).toThrow(InvariantError);
    expect(compiled.observe(new Float64Array(), [])).toEqual([]);
  });

  it('observes other tensors when asked for others', () => {
    const builder = new ModelBuilder('m');
    const x = input(builder, 'x', [2]);
    const [up, down] = [builder.add('relu', { operand: x }, made), builder.add('negate', { operand: x }, made)];
    builder.output('y', up, []);
    const compiled = compileFloatEvaluator(builder.finish());
    const data = Float64Array.of(1, -2, -3, 4);
    expect(compiled.observe(data, [up])).toEqual([Float64Array.of(1, 0, 0, 4)]);
    expect(compiled.observe(data, [down, x])).toEqual([Float64Array.of(-1, 2, 3, -4), data]);
    expect(compiled.observe(data, [down])).toEqual([Float64Array.of(-1, 2, 3, -4)]);
  });
});
