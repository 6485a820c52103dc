import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/support/random.js';
import { at } from '../../../../src/support/invariant.js';
import type { Attributes } from '../../../support/onnx-builder.js';
import { float, int, OnnxBuilder, text } from '../../../support/onnx-builder.js';
import type { Case } from './support.js';
import { evaluate, folded, imported, kindsOf, noBatch, range, refusal, run, single } from './support.js';

const line = { shape: [5], x: [-3, -0.5, 0, 0.5, 3] };
const grid = { shape: [2, 3], x: [1, -2, 3, -4, 5, -6] };
const axes = (values: readonly number[]): Pick<Case, 'constants'> => ({
  constants: [['a', [values.length], values, 'int64']],
});

describe('functions of straight pieces', () => {
  const rows: readonly (readonly [string, Case, readonly number[]])[] = [
    ['ThresholdedRelu', line, [0, 0, 0, 0, 3]],
    ['ThresholdedRelu', { ...line, attributes: { alpha: float(-1) } }, [0, -0.5, 0, 0.5, 3]],
    ['Shrink', line, [-3, 0, 0, 0, 3]],
    ['Shrink', { ...line, attributes: { lambd: float(0.25), bias: float(1) } }, [-2, 0.5, 0, -0.5, 2]],
    ['HardSigmoid', { ...line, attributes: { alpha: float(0.5), beta: float(0.25) } }, [0, 0, 0.25, 0.5, 1]],
  ];
  it.each(rows)('%s, case %#', (operator, test, expected) => {
    const opset = 13;
    expect(run(operator, { opset, ...test })).toEqual({ shape: [5], values: expected });
    expect(folded(operator, { opset, ...test }).values.map((value) => value + 0)).toEqual(expected);
  });

  it('HardSigmoid and HardSwish have the slopes of ONNX', () => {
    const near = (operator: string, expected: (x: number) => number): void => {
      run(operator, { ...line, opset: 14 }).values.forEach((value, index) => {
        expect(value).toBeCloseTo(expected(at(line.x, index)), 6);
      });
    };
    near('HardSigmoid', (x) => Math.max(0, Math.min(1, 0.2 * x + 0.5)));
    near('HardSwish', (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)));
  });

  it('PRelu takes computed slopes', () => {
    const builder = new OnnxBuilder()
      .input('x', [3])
      .node('Neg', ['x'], ['s'])
      .node('PRelu', ['x', 's'], ['y'])
      .output('y');
    expect(evaluate(imported(builder, noBatch).graph, [[-3, 0, 2]])[0]?.values).toEqual([-9, 0, 2]);
  });
});

describe('sums and products along axes', () => {
  it('ReduceProd', () => {
    expect(run('ReduceProd', { ...grid, attributes: { keepdims: int(0) } })).toEqual({ shape: [], values: [-720] });
    expect(run('ReduceProd', { ...grid, opset: 18, ...axes([1]) })).toEqual({ shape: [2, 1], values: [-6, 120] });
    expect(folded('ReduceProd', { ...grid, opset: 18, ...axes([0]) })).toEqual({
      shape: [1, 3],
      values: [-4, -10, -18],
    });
  });

  it('CumSum, exclusive and reverse, along any axis', () => {
    const sums = (axis: number, attributes: Attributes = {}): readonly number[] =>
      run('CumSum', { ...grid, constants: [['a', [], [axis], 'int64']], attributes }).values;
    expect(sums(1)).toEqual([1, -1, 2, -4, 1, -5]);
    expect(sums(0)).toEqual([1, -2, 3, -3, 3, -3]);
    expect(sums(-1, { exclusive: int(1) })).toEqual([0, 1, -1, 0, -4, 1]);
    expect(sums(1, { reverse: int(1) })).toEqual([2, 1, 3, -5, -1, -6]);
    expect(sums(1, { reverse: int(1), exclusive: int(1) })).toEqual([1, 3, 0, -1, -6, 0]);
  });
});

describe('integer division', () => {
  const x = [-128, -7, -1, 0, 6, 127];
  const divided = (operator: string, divisor: readonly number[], attributes: Attributes = {}): readonly number[] => {
    const builder = new OnnxBuilder()
      .input('x', [6], 'int8')
      .initializer('c', divisor.length === 1 ? [] : [divisor.length], divisor, 'int8')
      .node(operator, ['x', 'c'], ['y'], attributes)
      .output('y');
    return evaluate(imported(builder, noBatch).graph, [x])[0]?.values.map((value) => value + 0) ?? [];
  };
  const python = (a: number, b: number): number => a - b * Math.floor(a / b) + 0;

  it.each([[[3]], [[-4]], [[1, 2, -3, 4, 5, -6]]])('by %j', (divisor) => {
    const by = (index: number): number => divisor[index] ?? at(divisor, 0);
    expect(divided('Div', divisor)).toEqual(x.map((a, index) => Math.trunc(a / by(index)) + 0));
    expect(divided('Mod', divisor)).toEqual(x.map((a, index) => python(a, by(index))));
    expect(divided('Mod', divisor, { fmod: int(1) })).toEqual(x.map((a, index) => (a % by(index)) + 0));
  });

  it('of constants, and of fractions by powers of two', () => {
    const test = { shape: [4], x: [-2.5, -0.25, 1.75, 3], attributes: { fmod: int(1) } };
    expect(run('Mod', { ...test, constants: [['c', [], [2]]] }).values).toEqual([-0.5, -0.25, 1.75, 1]);
    const builder = new OnnxBuilder()
      .input('z', [1])
      .initializer('a', [3], [-7, 7, 6], 'int64')
      .initializer('b', [], [3], 'int64')
      .node('Mod', ['a', 'b'], ['y'])
      .output('y');
    expect(evaluate(imported(builder, { batch: new Map([['z', 'none']]) }).graph, [[0]])[0]?.values).toEqual([2, 1, 0]);
  });

  it('refuses a zero, and fractions modulo anything else', () => {
    const zero = new OnnxBuilder().input('x', [1], 'int8').initializer('c', [], [0], 'int8');
    expect(refusal(zero.node('Div', ['x', 'c'], ['y']).output('y'), noBatch)).toEqual(['TRG1050']);
    expect(refusal(single('Mod', { ...line, constants: [['c', [], [3]]] }), noBatch)).toEqual(['TRG1044']);
  });
});

describe('Cast of computed tensors', () => {
  const cast = (to: number, x: readonly number[]): readonly number[] =>
    run('Cast', { shape: [x.length], x, attributes: { to: int(to) } }).values.map((value) => value + 0);

  it('cuts fractions off, and asks whether a number is zero', () => {
    expect(cast(7, [-2.75, -0.5, 0, 1.5])).toEqual([-2, 0, 0, 1]);
    expect(cast(9, [-2.75, -0.5, 0, 1.5])).toEqual([1, 1, 0, 1]);
  });

  it('wraps integers that the new type does not hold', () => {
    const builder = new OnnxBuilder()
      .input('x', [2], 'int16')
      .node('Cast', ['x'], ['y'], { to: int(3) })
      .output('y');
    expect(evaluate(imported(builder, noBatch).graph, [[300, -129]])[0]?.values).toEqual([44, 127]);
  });
});

describe('MultiThreshold', () => {
  const model = (
    shape: readonly number[],
    thresholds: readonly (readonly number[])[],
    attributes: Attributes = {},
  ): OnnxBuilder =>
    new OnnxBuilder()
      .input('x', shape)
      .initializer('t', [thresholds.length, thresholds[0]?.length ?? 0], thresholds.flat())
      .node('MultiThreshold', ['x', 't'], ['y'], attributes, { domain: 'qonnx.custom_op.general', name: 'node' })
      .output('y');
  const reached = (x: number, row: readonly number[]): number => row.filter((threshold) => x >= threshold).length;

  it('counts the thresholds that are reached, for each channel or for all', () => {
    const random = new Random(9);
    const rows = [
      [-1.5, -0.3, 0.7],
      [0, 0, 2],
    ];
    const x = Array.from({ length: 8 }, () => random.integer(-16, 16) / 8);
    const counts = x.map((value, index) => reached(value, at(rows, Math.floor(index / 2) % 2)));
    expect(evaluate(imported(model([2, 2, 2], rows), noBatch).graph, [x])[0]?.values).toEqual(counts);
    const scaled = model([2, 2, 2], [[-1.5, -0.3, 0.7]], { out_scale: float(0.5), out_bias: float(-2) });
    const expected = x.map((value) => reached(value, [-1.5, Math.fround(-0.3), 0.7]) / 2 - 2);
    expect(evaluate(imported(scaled, noBatch).graph, [x])[0]?.values).toEqual(expected);
  });

  it('has its channels last with NHWC', () => {
    const rows = [[0.1], [0.6]];
    const graph = imported(model([1, 2, 2], rows, { data_layout: text('NHWC') }), noBatch).graph;
    expect(evaluate(graph, [[0.5, 0.5, 1, 0]])[0]?.values).toEqual([1, 0, 1, 0]);
    expect(refusal(model([1, 2], rows, { data_layout: text('CHWN') }), noBatch)).toEqual(['TRG1044']);
  });

  it.each([3, 5, 7, 15])('%i thresholds at equal distances are a quantiser', (count) => {
    const rows = [range(count, -1.25, 0.25), range(count, 0.125, 0.25)];
    const { graph } = imported(model([1, 2], rows), noBatch);
    expect(kindsOf(graph)).not.toContain('lessThan');
    expect(kindsOf(graph)).toContain('quantize');
    for (let value = -6; value < 6; value += 1 / 16) {
      const expected = rows.map((row) => reached(value, row));
      expect(evaluate(graph, [[value, value]])[0]?.values, String(value)).toEqual(expected);
    }
  });

  it('refuses thresholds that fit no channels', () => {
    expect(refusal(model([1, 3], [[1], [2]]), noBatch)).toEqual(['TRG1050']);
  });
});
