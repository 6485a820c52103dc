import { describe, expect, it } from 'vitest';
import { float, floats, int, ints, rawTensor, tensorValue, text } from '../../../support/onnx-builder.js';
import type { Case, Outcome } from './support.js';
import { evaluate, folded, imported, kindsOf, noBatch, range, run, single } from './support.js';

interface Row {
  readonly operator: string;
  readonly what: string;
  readonly test: Case;
  readonly expected: Outcome;
}

function row(operator: string, what: string, test: Case, shape: readonly number[], values: readonly number[]): Row {
  return { operator, what, test, expected: { shape, values } };
}

const grid = { shape: [2, 3], x: [1, -2, 3, -4, 5, -6] };
const line = { shape: [4], x: [-2, -0.5, 0.25, 3] };

const rows: readonly Row[] = [
  row(
    'Add',
    'broadcasts a constant',
    { ...grid, constants: [['c', [3], [10, 20, 30]]] },
    [2, 3],
    [11, 18, 33, 6, 25, 24],
  ),
  row(
    'Sub',
    'keeps the order of its operands',
    { ...grid, constants: [['c', [], [1]]] },
    [2, 3],
    [0, -3, 2, -5, 4, -7],
  ),
  row(
    'Mul',
    'broadcasts both ways',
    { shape: [2, 1], x: [2, 3], constants: [['c', [3], [1, 2, 4]]] },
    [2, 3],
    [2, 4, 8, 3, 6, 12],
  ),
  row(
    'Div',
    'by powers of two of either sign',
    { ...grid, constants: [['c', [3], [2, -4, 0.5]]] },
    [2, 3],
    [0.5, 0.5, 6, -2, -1.25, -12],
  ),
  row('Neg', 'changes the sign', line, [4], [2, 0.5, -0.25, -3]),
  row('Abs', 'drops the sign', line, [4], [2, 0.5, 0.25, 3]),
  row(
    'Sum',
    'adds any number of operands',
    {
      ...line,
      constants: [
        ['a', [4], [1, 1, 1, 1]],
        ['b', [], [8]],
      ],
    },
    [4],
    [7, 8.5, 9.25, 12],
  ),
  row(
    'Mean',
    'of four operands is exact',
    {
      ...line,
      constants: [
        ['a', [], [1]],
        ['b', [], [1]],
        ['c', [], [2]],
      ],
    },
    [4],
    [0.5, 0.875, 1.0625, 1.75],
  ),
  row(
    'Min',
    'of several operands',
    {
      ...line,
      constants: [
        ['a', [], [1]],
        ['b', [4], [0, 0, 0, 2]],
      ],
    },
    [4],
    [-2, -0.5, 0, 1],
  ),
  row('Max', 'of one operand is the operand', line, [4], line.x),
  row('Max', 'of two', { ...line, constants: [['a', [], [0.5]]] }, [4], [0.5, 0.5, 0.5, 3]),
  row('Pow', 'with exponent 2 squares', { ...line, constants: [['e', [], [2]]] }, [4], [4, 0.25, 0.0625, 9]),
  row('Pow', 'with exponent 1 is the operand', { ...line, constants: [['e', [1], [1]]] }, [4], line.x),
  row('Pow', 'with exponent 0 is one', { ...line, constants: [['e', [], [0]]] }, [4], [1, 1, 1, 1]),
  row('Relu', 'cuts negatives', line, [4], [0, 0, 0.25, 3]),
  row('LeakyRelu', 'with a small slope', { ...line, attributes: { alpha: float(0.5) } }, [4], [-1, -0.25, 0.25, 3]),
  row('LeakyRelu', 'with a slope above one', { ...line, attributes: { alpha: float(2) } }, [4], [-4, -1, 0.25, 3]),
  row('LeakyRelu', 'with a negative slope', { ...line, attributes: { alpha: float(-1) } }, [4], [2, 0.5, 0.25, 3]),
  row(
    'PRelu',
    'with slopes on both sides of one',
    { ...line, constants: [['s', [4], [2, 0.5, 4, 0]]] },
    [4],
    [-4, -0.25, 0.25, 3],
  ),
  row(
    'Clip',
    'between inputs',
    {
      ...line,
      constants: [
        ['a', [], [-1]],
        ['b', [], [1]],
      ],
    },
    [4],
    [-1, -0.5, 0.25, 1],
  ),
  row(
    'Clip',
    'with only an upper bound',
    {
      ...line,
      constants: [
        ['', [], []],
        ['b', [], [1]],
      ],
    },
    [4],
    [-2, -0.5, 0.25, 1],
  ),
  row(
    'Clip',
    'with crossed bounds gives the upper one',
    {
      ...line,
      constants: [
        ['a', [], [2]],
        ['b', [], [1]],
      ],
    },
    [4],
    [1, 1, 1, 1],
  ),
  row(
    'Clip',
    'with attributes before opset 11',
    { ...line, opset: 6, attributes: { min: float(0), max: float(1) } },
    [4],
    [0, 0, 0.25, 1],
  ),
  row(
    'MatMul',
    'with a constant matrix',
    { ...grid, constants: [['w', [3, 2], [1, 0, 0, 1, 2, 2]]] },
    [2, 2],
    [7, 4, -16, -7],
  ),
  row('MatMul', 'with a constant vector', { ...grid, constants: [['w', [3], [1, 1, 1]]] }, [2], [2, -5]),
  row(
    'Gemm',
    'transposes, scales and adds',
    {
      shape: [3, 2],
      x: [1, 2, 3, 4, 5, 6],
      constants: [
        ['w', [1, 3], [1, 1, 1]],
        ['b', [1], [10]],
      ],
      attributes: { transA: int(1), transB: int(1), alpha: float(2), beta: float(0.5) },
    },
    [2, 1],
    [23, 29],
  ),
  row(
    'Gemm',
    'without C from opset 11 on',
    { ...grid, opset: 11, constants: [['w', [3, 1], [1, 1, 1]]] },
    [2, 1],
    [2, -5],
  ),
  row(
    'Gemm',
    'with beta 0 ignores C',
    {
      ...grid,
      constants: [
        ['w', [3, 1], [1, 1, 1]],
        ['b', [1], [9]],
      ],
      attributes: { beta: float(0) },
    },
    [2, 1],
    [2, -5],
  ),
  row(
    'Gemm',
    'with the broadcast attribute of opset 6',
    {
      ...grid,
      opset: 6,
      constants: [
        ['w', [3, 1], [1, 1, 1]],
        ['b', [1], [9]],
      ],
      attributes: { broadcast: int(1) },
    },
    [2, 1],
    [11, 4],
  ),
  row(
    'BatchNormalization',
    'scales and shifts channels',
    {
      shape: [1, 2, 2],
      x: [1, 2, 3, 4],
      constants: [
        ['g', [2], [2, 3]],
        ['b', [2], [1, 0]],
        ['m', [2], [1, 2]],
        ['v', [2], [4, 9]],
      ],
      attributes: { epsilon: float(0) },
    },
    [1, 2, 2],
    [1, 2, 1, 2],
  ),
  row('Flatten', 'at axis 1', { shape: [2, 2, 2], x: range(8) }, [2, 4], range(8)),
  row('Flatten', 'at axis 0', { shape: [2, 2, 2], x: range(8), attributes: { axis: int(0) } }, [1, 8], range(8)),
  row(
    'Flatten',
    'at a negative axis',
    { shape: [2, 2, 2], x: range(8), attributes: { axis: int(-1) } },
    [4, 2],
    range(8),
  ),
  row('Flatten', 'at the rank', { shape: [2, 2], x: range(4), attributes: { axis: int(2) } }, [4, 1], range(4)),
  row(
    'Reshape',
    'copies for 0 and infers -1',
    { shape: [2, 3, 2], x: range(12), constants: [['s', [2], [0, -1], 'int64']] },
    [2, 6],
    range(12),
  ),
  row('Squeeze', 'all axes of size one', { shape: [1, 3, 1], x: range(3) }, [3], range(3)),
  row(
    'Squeeze',
    'axes as an attribute before opset 13',
    { shape: [1, 3, 1], x: range(3), opset: 12, attributes: { axes: ints([-1]) } },
    [1, 3],
    range(3),
  ),
  row(
    'Squeeze',
    'axes as an input from opset 13 on',
    { shape: [1, 3, 1], x: range(3), constants: [['a', [1], [0], 'int64']] },
    [3, 1],
    range(3),
  ),
  row(
    'Unsqueeze',
    'axes as an attribute before opset 13',
    { shape: [3], x: range(3), opset: 11, attributes: { axes: ints([0, -1]) } },
    [1, 3, 1],
    range(3),
  ),
  row(
    'Unsqueeze',
    'axes as an input from opset 13 on',
    { shape: [3], x: range(3), constants: [['a', [2], [2, 0], 'int64']] },
    [1, 3, 1],
    range(3),
  ),
  row('Transpose', 'reverses by default', { shape: [2, 3], x: range(6) }, [3, 2], [0, 3, 1, 4, 2, 5]),
  row(
    'Transpose',
    'permutes',
    { shape: [1, 2, 3], x: range(6), attributes: { perm: ints([2, 0, 1]) } },
    [3, 1, 2],
    [0, 3, 1, 4, 2, 5],
  ),
  row(
    'Expand',
    'repeats and adds axes',
    { shape: [2, 1], x: [1, 2], constants: [['s', [3], [2, 1, 3], 'int64']] },
    [2, 2, 3],
    [1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2],
  ),
  row(
    'Tile',
    'repeats along every axis',
    { shape: [1, 2], x: [1, 2], constants: [['r', [2], [2, 2], 'int64']] },
    [2, 4],
    [1, 2, 1, 2, 1, 2, 1, 2],
  ),
  row('Identity', 'changes nothing', line, [4], line.x),
  row(
    'Dropout',
    'changes nothing at inference',
    { ...line, opset: 11, attributes: { ratio: float(0.5) } },
    [4],
    line.x,
  ),
  row(
    'Dropout',
    'with training_mode false',
    {
      ...line,
      constants: [
        ['r', [], [0.5]],
        ['t', [], [0], 'bool'],
      ],
    },
    [4],
    line.x,
  ),
  row('Cast', 'to another float type', { ...line, attributes: { to: int(11) } }, [4], line.x),
  row(
    'Concat',
    'with a constant',
    { ...grid, constants: [['c', [2, 1], [7, 8]]], attributes: { axis: int(-1) } },
    [2, 4],
    [1, -2, 3, 7, -4, 5, -6, 8],
  ),
  row(
    'Slice',
    'attributes before opset 10',
    { ...grid, opset: 9, attributes: { starts: ints([1]), ends: ints([2 ** 31]), axes: ints([1]) } },
    [2, 2],
    [-2, 3, 5, -6],
  ),
  row(
    'Slice',
    'inputs from opset 10 on',
    {
      ...grid,
      opset: 10,
      constants: [
        ['s', [1], [0], 'int64'],
        ['e', [1], [1], 'int64'],
      ],
    },
    [1, 3],
    [1, -2, 3],
  ),
  row(
    'Slice',
    'negative steps to the very end',
    {
      ...grid,
      constants: [
        ['s', [1], [-1], 'int64'],
        ['e', [1], [-(2 ** 53)], 'int64'],
        ['a', [1], [-1], 'int64'],
        ['t', [1], [-2], 'int64'],
      ],
    },
    [2, 2],
    [3, 1, -6, -4],
  ),
  row(
    'Gather',
    'several indices, negative ones too',
    { ...grid, constants: [['i', [2], [-1, 0], 'int64']], attributes: { axis: int(1) } },
    [2, 2],
    [3, 1, -6, -4],
  ),
  row('Gather', 'a scalar index drops the axis', { ...grid, constants: [['i', [], [1], 'int64']] }, [3], [-4, 5, -6]),
  row(
    'Gather',
    'a matrix of indices adds an axis',
    { ...line, constants: [['i', [2, 2], [0, 1, 1, 3], 'int64']] },
    [2, 2],
    [-2, -0.5, -0.5, 3],
  ),
  row(
    'Pad',
    'constant, attributes before opset 11',
    { shape: [2], x: [1, 2], opset: 10, attributes: { pads: ints([1, 2]), value: float(9) } },
    [5],
    [9, 1, 2, 9, 9],
  ),
  row(
    'Pad',
    'constant zero by default',
    { shape: [2], x: [1, 2], constants: [['p', [2], [1, 0], 'int64']] },
    [3],
    [0, 1, 2],
  ),
  row(
    'Pad',
    'negative amounts cut',
    {
      shape: [4],
      x: range(4),
      constants: [
        ['p', [2], [-1, -2], 'int64'],
        ['v', [], [7]],
      ],
    },
    [1],
    [1],
  ),
  row(
    'Pad',
    'some axes from opset 18 on',
    {
      shape: [1, 2],
      x: [1, 2],
      opset: 18,
      constants: [
        ['p', [2], [0, 1], 'int64'],
        ['v', [], [7]],
        ['a', [1], [-1], 'int64'],
      ],
    },
    [1, 3],
    [1, 2, 7],
  ),
  row(
    'Pad',
    'edge',
    { shape: [3], x: range(3), constants: [['p', [2], [2, 1], 'int64']], attributes: { mode: text('edge') } },
    [6],
    [0, 0, 0, 1, 2, 2],
  ),
  row(
    'Pad',
    'reflect',
    { shape: [3], x: range(3), constants: [['p', [2], [2, 1], 'int64']], attributes: { mode: text('reflect') } },
    [6],
    [2, 1, 0, 1, 2, 1],
  ),
  row(
    'Pad',
    'wrap',
    {
      shape: [3],
      x: range(3),
      opset: 19,
      constants: [['p', [2], [2, 1], 'int64']],
      attributes: { mode: text('wrap') },
    },
    [6],
    [1, 2, 0, 1, 2, 0],
  ),
  row(
    'ReduceSum',
    'axes as an input from opset 13 on',
    { ...grid, constants: [['a', [1], [1], 'int64']] },
    [2, 1],
    [2, -5],
  ),
  row(
    'ReduceSum',
    'axes as an attribute before',
    { ...grid, opset: 11, attributes: { axes: ints([-1]), keepdims: int(0) } },
    [2],
    [2, -5],
  ),
  row('ReduceSum', 'everything without axes', { ...grid, attributes: { keepdims: int(0) } }, [], [-3]),
  row(
    'ReduceSum',
    'nothing with noop_with_empty_axes',
    { ...grid, attributes: { noop_with_empty_axes: int(1) } },
    [2, 3],
    grid.x,
  ),
  row(
    'ReduceMax',
    'axes as an attribute up to opset 17',
    { ...grid, opset: 17, attributes: { axes: ints([0]) } },
    [1, 3],
    [1, 5, 3],
  ),
  row(
    'ReduceMin',
    'axes as an input from opset 18 on',
    { ...grid, opset: 18, constants: [['a', [1], [0], 'int64']] },
    [1, 3],
    [-4, -2, -6],
  ),
  row('ReduceMean', 'over a power of two', { ...line, attributes: { keepdims: int(0) } }, [], [0.1875]),
  row(
    'ReduceSumSquare',
    'squares first',
    { ...line, attributes: { axes: ints([0]), keepdims: int(0) } },
    [],
    [13.3125],
  ),
  row('ReduceL1', 'takes absolute values first', { ...line, attributes: { keepdims: int(0) } }, [], [5.75]),
];

describe('operators', () => {
  it.each(rows)('$operator $what', ({ operator, test, expected }) => {
    expect(run(operator, test)).toEqual(expected);
  });

  it.each(rows)('$operator $what, folded', ({ operator, test, expected }) => {
    expect(folded(operator, test)).toEqual(expected);
  });

  it('splits by attribute, by input, equally and with num_outputs', () => {
    const parts = (test: Case): readonly Outcome[] => {
      return evaluate(imported(single('Split', { ...test, outputs: 2 }), noBatch).graph, [test.x]);
    };
    const five = { shape: [5], x: range(5) };
    const unequal = [
      { shape: [3], values: [0, 1, 2] },
      { shape: [2], values: [3, 4] },
    ];
    expect(parts({ ...five, opset: 11, attributes: { split: ints([3, 2]) } })).toEqual(unequal);
    expect(parts({ ...five, constants: [['s', [2], [3, 2], 'int64']] })).toEqual(unequal);
    expect(parts({ ...five, opset: 18, attributes: { num_outputs: int(2) } })).toEqual(unequal);
    expect(parts({ shape: [2], x: [8, 9] })).toEqual([
      { shape: [1], values: [8] },
      { shape: [1], values: [9] },
    ]);
  });

  it('divides by other constants in float32, and says so', () => {
    const builder = single('Div', { shape: [1], x: [3], constants: [['c', [], [3]]] });
    const { graph, codes } = imported(builder, noBatch);
    expect(codes).toContain('TRG1066');
    expect(evaluate(graph, [[3]])[0]?.values).toEqual([3 * Math.fround(1 / 3)]);
  });

  it('makes constants in all the ways of Constant', () => {
    const value = (attributes: Case['attributes']): Outcome | undefined => {
      const builder = single('Identity', { shape: [1], x: [0] }).node('Constant', [], ['c'], attributes ?? {});
      return evaluate(imported(builder.output('c'), noBatch).graph, [[0]])[1];
    };
    expect(value({ value_float: float(1.5) })).toEqual({ shape: [], values: [1.5] });
    expect(value({ value_floats: floats([1, 2]) })).toEqual({ shape: [2], values: [1, 2] });
    expect(value({ value_int: int(-3) })).toEqual({ shape: [], values: [-3] });
    expect(value({ value_ints: ints([4, 5]) })).toEqual({ shape: [2], values: [4, 5] });
    const tensor = tensorValue(rawTensor('', [1, 2], [6, 7], 'int8'));
    expect(value({ value: tensor })).toEqual({ shape: [1, 2], values: [6, 7] });
  });

  it('maps to the simplest kinds', () => {
    const kinds = (operator: string, test: Case): readonly string[] =>
      kindsOf(imported(single(operator, test), noBatch).graph);
    expect(kinds('Identity', line)).toEqual(['input']);
    expect(kinds('Slice', { ...grid, opset: 9, attributes: { starts: ints([0]), ends: ints([9]) } })).toEqual([
      'input',
    ]);
    expect(kinds('Slice', { ...grid, opset: 9, attributes: { starts: ints([0]), ends: ints([1]) } })).toEqual([
      'input',
      'gather',
    ]);
    expect(kinds('Pow', { ...line, constants: [['e', [], [2]]] })).toEqual(['input', 'multiply']);
    expect(
      kinds('Clip', {
        ...line,
        constants: [
          ['a', [], [0]],
          ['b', [], [6]],
        ],
      }),
    ).toEqual(['input', 'relu', 'constant', 'minimum']);
    expect(kinds('ReduceMean', line)).toEqual(['input', 'reduce', 'constant', 'multiply']);
    expect(kinds('Pad', { shape: [2], x: [1, 2], constants: [['p', [2], [0, 1], 'int64']] })).toEqual([
      'input',
      'constant',
      'concat',
    ]);
  });

  it('keeps exact factors exact and leaves other constants to be typed', () => {
    const constants = (operator: string, test: Case): readonly boolean[] =>
      imported(single(operator, test), noBatch).graph.nodes.flatMap((node) =>
        node.kind === 'constant' ? [node.float] : [],
      );
    expect(constants('ReduceMean', line)).toEqual([false]);
    expect(constants('Div', { ...line, constants: [['c', [], [4]]] })).toEqual([false]);
    expect(constants('Mul', { ...line, constants: [['c', [], [4]]] })).toEqual([true]);
    expect(constants('LeakyRelu', line)).toEqual([true]);
  });

  it('carries names into the graph', () => {
    const { graph } = imported(single('Mul', { ...line, constants: [['weight', [], [3]]] }), noBatch);
    expect(graph.nodes.map(({ provenance }) => `${provenance.operator} ${provenance.name}`)).toEqual([
      'Input x',
      'Initializer weight',
      'Mul node',
    ]);
  });
});
