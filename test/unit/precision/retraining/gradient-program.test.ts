import { describe, expect, it } from 'vitest';
import { compileFloatEvaluator } from '../../../../src/backends/emulator/float/compile.js';
import { precisionCodes } from '../../../../src/diagnostics/codes/precision.js';
import { ModelBuilder } from '../../../../src/model/builder.js';
import type { ModelGraph, ModelNodeId } from '../../../../src/model/kinds.js';
import { fixedPointType } from '../../../../src/numeric/fixed-point.js';
import { GradientProgram } from '../../../../src/precision/retraining/gradient-program.js';
import { at, invariant } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';

const EVENTS = 8;
const LSB = -24;
const real = { types: [], rounding: 'RND', overflow: 'SAT' } as const;

class Network {
  public readonly builder = new ModelBuilder('network');
  public readonly constants: ModelNodeId[] = [];
  public readonly input: ModelNodeId;

  public constructor(
    public readonly random: Random,
    width: number,
  ) {
    this.input = this.builder.input({ name: 'x', ...real }, [1, width]);
  }

  /** A constant of random values that is trained. */
  public weights(...shape: readonly number[]): ModelNodeId {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    const codes = Array.from({ length: size }, () => BigInt(Math.round((this.random.uniform() * 2 - 1) * 2 ** -LSB)));
    const id = this.builder.constant({ lsb: LSB, codes, float: true }, shape);
    this.constants.push(id);
    return id;
  }

  public events(): Float64Array {
    const { shape } = at(this.builder.finish().nodes, this.input);
    return Float64Array.from({ length: EVENTS * (shape[1] ?? 0) }, () => this.random.uniform() * 4 - 2);
  }
}

/** Everything that has a derivative, in one graph. */
function everything(seed: number): { readonly net: Network; readonly graph: ModelGraph } {
  const net = new Network(new Random(seed), 4);
  const { builder, input } = net;
  const dense = builder.add('matmul', { left: input, right: net.weights(4, 5) });
  const sum = builder.add('add', { left: dense, right: net.weights(5) });
  const hidden = builder.add('relu', { operand: sum });
  const swapped = builder.add('gather', { operand: hidden, axis: 1, indices: [4, 0, 0, 2] });
  const joined = builder.add('concat', { operands: [swapped, input], axis: 1 });
  const rows = builder.add('reshape', { operand: joined, shape: [2, 4] });
  const turned = builder.add('transpose', { operand: rows, permutation: [1, 0] });
  const positions = builder.add('matmul', { left: turned, right: net.weights(2, 3) });
  const scaled = builder.add('multiply', { left: positions, right: net.weights(1, 3) });
  const fields = { function: 'tanh', parameters: [], scale: 1, offset: 0, fitted: false } as const;
  const curved = builder.add('function', { operand: scaled, ...fields });
  const upper = builder.add('maximum', { left: curved, right: net.weights(3) });
  const lower = builder.add('minimum', { left: upper, right: net.weights(4, 1) });
  const residual = builder.add('subtract', { left: scaled, right: lower });
  const square = builder.add('multiply', { left: residual, right: residual });
  const score = builder.add('reduce', { operand: square, operation: 'sum', axes: [0, 1], keepDimensions: false });
  const most = builder.add('reduce', { operand: positions, operation: 'maximum', axes: [0], keepDimensions: true });
  const least = builder.add('reduce', { operand: residual, operation: 'minimum', axes: [1], keepDimensions: false });
  const folded = builder.add('absolute', { operand: builder.add('negate', { operand: least }) });
  builder.output('score', score);
  builder.output('most', most);
  builder.output('folded', folded);
  return { net, graph: builder.finish() };
}

/** Rows of events from columns of them. */
const byEvent = (columns: Float64Array, width: number): readonly number[] =>
  Array.from({ length: columns.length }, (_, index) =>
    at(columns, (index % width) * EVENTS + Math.floor(index / width)),
  );

describe('GradientProgram', () => {
  it('computes what the float evaluator computes, and the slopes that small steps show', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const { net, graph } = everything(seed);
      const events = net.events();
      const program = new GradientProgram(graph, new Set(net.constants), EVENTS);
      const outputs = program.forward(events).slice();
      const expected = compileFloatEvaluator(graph).run(events);
      byEvent(outputs, program.outputWidth).forEach((value, index) => {
        expect(value).toBeCloseTo(at(expected, index), 9);
      });

      const random = new Random(seed + 100);
      const pull = Float64Array.from(outputs, () => random.uniform() - 0.5);
      program.backward(pull);
      const total = (): number =>
        program.forward(events).reduce((sum, value, index) => sum + value * at(pull, index), 0);
      for (const id of net.constants) {
        const parameter = program.parameter(id);
        invariant(parameter !== undefined, 'it is trained');
        const { values, gradient } = parameter;
        values.forEach((value, index) => {
          const step = 1e-6;
          values[index] = value + step;
          const above = total();
          values[index] = value - step;
          const slope = (above - total()) / (2 * step);
          values[index] = value;
          expect(at(gradient, index)).toBeCloseTo(slope, 4);
        });
      }
    }
  });

  it('rounds on the way forward, and passes gradients back where nothing saturates', () => {
    const net = new Network(new Random(3), 2);
    const { builder, input } = net;
    const product = builder.add('matmul', { left: input, right: net.weights(2, 2) });
    const types = [fixedPointType(true, 4, 2)];
    const rounded = builder.add('quantize', { operand: product, types, rounding: 'RND_CONV', overflow: 'SAT' });
    builder.output('y', rounded);
    const graph = builder.finish();
    const program = new GradientProgram(graph, new Set(net.constants), EVENTS);
    const parameter = program.parameter(at(net.constants, 0));
    invariant(parameter !== undefined, 'it is trained');
    parameter.values.set([1, 0, 0, 1]);
    // Types of 4 bits with 2 integer bits: multiples of 0.25 from -2 to 1.75; ties to even.
    const events = Float64Array.from([0.375, 0.125, 0.3, -5, 1.9, 0.6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(byEvent(program.forward(events), 2).slice(0, 6)).toEqual([0.5, 0, 0.25, -2, 1.75, 0.5]);
    program.backward(new Float64Array(2 * EVENTS).fill(1));
    // Event 1 passes both, event 2 only its first, event 3 only its second.
    const [toFirst, acrossFirst, acrossSecond, toSecond] = parameter.gradient;
    expect(toFirst).toBeCloseTo(0.375 + 0.3);
    expect(acrossFirst).toBeCloseTo(0.375 + 1.9);
    expect(acrossSecond).toBeCloseTo(0.125 - 5);
    expect(toSecond).toBeCloseTo(0.125 + 0.6);
  });

  it('refuses what has no derivative, by the name of its node (TRG1736)', () => {
    const net = new Network(new Random(4), 2);
    const { builder, input } = net;
    const product = builder.add('matmul', { left: input, right: net.weights(2, 2) });
    const less = builder.add('lessThan', { left: product, right: input }, { name: 'cut', operator: 'Less' });
    builder.output('y', less);
    const graph = builder.finish();
    expect(() => new GradientProgram(graph, new Set(net.constants), EVENTS)).toThrow(
      expect.objectContaining({
        diagnostics: [expect.objectContaining({ code: precisionCodes.notRetrainable.code, location: { node: 'cut' } })],
      }),
    );
  });
});
