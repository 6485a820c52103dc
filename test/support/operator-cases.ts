import type { Attributes, ElementTypeName, OnnxBuilder } from './onnx-builder.js';
import {
  elementTypes,
  float,
  floats,
  int,
  ints,
  OnnxBuilder as Builder,
  rawTensor,
  tensorValue,
  text,
} from './onnx-builder.js';

/** A model of one operator (and of what it needs around it), for comparisons with other evaluators. */
export interface OperatorCase {
  readonly operator: string;
  readonly label: string;
  readonly model: OnnxBuilder;
  /** Where the values of the inputs lie. */
  readonly range: readonly [number, number];
  /** Values that the events have to begin with, one for each event and input element. */
  readonly first: readonly number[];
}

interface Constant {
  readonly dims: readonly number[];
  readonly values: readonly number[];
  readonly type?: ElementTypeName;
}

interface CaseOptions {
  readonly label?: string;
  readonly opset?: number;
  /** Operands: a shape is a computed input, a constant is one, null is left out. */
  readonly operands?: readonly (readonly number[] | Constant | null)[];
  readonly attributes?: Attributes;
  readonly range?: readonly [number, number];
  readonly first?: readonly number[];
  readonly outputs?: number;
  readonly outputType?: ElementTypeName;
}

const k = (dims: readonly number[], values: readonly number[], type?: ElementTypeName): Constant => ({
  dims,
  values,
  ...(type === undefined ? {} : { type }),
});
const whole = (...values: readonly number[]): Constant => k([values.length], values, 'int64');
/** Numbers of every size and sign without a pattern, the same in each run. */
const mixed = (dims: readonly number[]): Constant => {
  const size = dims.reduce((product, dimension) => product * dimension, 1);
  return k(
    dims,
    Array.from({ length: size }, (_, index) => Math.fround(1.5 * Math.sin(7 * index + 1) + 0.1)),
  );
};

function one(operator: string, options: CaseOptions = {}): OperatorCase {
  const { operands = [[1, 6]], attributes = {}, outputs = 1 } = options;
  const model = new Builder(options.opset ?? 17);
  const names = operands.map((operand, index) => {
    if (operand === null) return '';
    const name = `x${index}`;
    if ('dims' in operand) model.initializer(name, operand.dims, operand.values, operand.type ?? 'float32');
    else model.input(name, operand);
    return name;
  });
  const results = Array.from({ length: outputs }, (_, index) => `y${index}`);
  for (const result of results) model.output(result, undefined, options.outputType ?? 'float32');
  model.node(operator, names, results, attributes);
  return around(operator, model, options);
}

function around(operator: string, model: OnnxBuilder, options: CaseOptions = {}): OperatorCase {
  const { label = '', range = [-3, 3], first = [] } = options;
  return { operator, label, model, range, first };
}

/** Comparisons and logic: their operands are made of numbers, their results become numbers again. */
function logic(operator: string, operands: 1 | 2, booleans: boolean, opset = 17): OperatorCase {
  const model = new Builder(opset).input('x', [1, 6]).input('z', [1, 6]).initializer('half', [], [0.5]);
  model.output('y').node('Round', ['x'], ['a']).node('Round', ['z'], ['b']);
  const names = ['a', 'b'].slice(0, operands);
  if (booleans) for (const name of names) model.node('Greater', [name, 'half'], [`is_${name}`]);
  model.node(operator, booleans ? names.map((name) => `is_${name}`) : names, ['result']);
  model.node('Cast', ['result'], ['y'], { to: int(elementTypes.float32) });
  if (operands === 1) model.output('b');
  return around(operator, model);
}

function recurrent(operator: string, gates: number, attributes: Attributes = {}, label = ''): OperatorCase {
  const model = new Builder(17).input('x', [1, 3, 2]);
  // Events are the second dimension of a sequence.
  for (const [name, dims] of [
    ['W', [1, gates * 4, 2]],
    ['R', [1, gates * 4, 4]],
    ['B', [1, 8 * gates]],
  ] as const) {
    const { values } = mixed(dims);
    model.initializer(
      name,
      dims,
      values.map((value) => value / 2),
    );
  }
  model.node('Transpose', ['x'], ['sequence'], { perm: ints([1, 0, 2]) });
  model.node(operator, ['sequence', 'W', 'R', 'B'], ['all', 'last'], { hidden_size: int(4), ...attributes });
  model.node('Squeeze', ['last', 'axis'], ['y']).initializer('axis', [1], [0], 'int64').output('y');
  return around(operator, model, { label });
}

/** Integer results are cast, so that what is computed from them is compared. */
function cast(operator: string, options: CaseOptions & { readonly cast: number }): OperatorCase {
  const { operands = [[1, 6]], attributes = {} } = options;
  const model = new Builder(options.opset ?? 17);
  const names = operands.map((operand, index) => {
    const name = `x${index}`;
    if (operand === null) return '';
    if ('dims' in operand) model.initializer(name, operand.dims, operand.values, operand.type ?? 'float32');
    else model.input(name, operand);
    return name;
  });
  const results = Array.from({ length: options.cast + 1 }, (_, index) => `y${index}`);
  model.node(operator, names, results, attributes);
  model.node('Cast', [`y${options.cast}`], ['y'], { to: int(elementTypes.float32) }).output('y');
  return around(operator, model, options);
}

const two = [
  [1, 6],
  [1, 6],
];
const image = [[1, 2, 5, 6]];
const plain = ['Neg', 'Abs', 'Relu', 'Sigmoid', 'Tanh', 'Softplus', 'Softsign', 'Exp', 'Erf', 'Sin', 'Cos', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'HardSwish', 'Identity', 'Sign', 'Floor', 'Ceil', 'Round', 'Flatten', 'Softmax', 'LogSoftmax', 'Hardmax', 'Dropout', 'LeakyRelu', 'Elu', 'Celu', 'Selu', 'ThresholdedRelu', 'Shrink', 'HardSigmoid', 'LpNormalization', 'ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceSumSquare', 'ReduceL1', 'ReduceL2', 'ReduceLogSumExp', 'ReduceProd'] as const; // prettier-ignore
const zero = [0, 0, 0, 0, 0, 0];

export const operatorCases: readonly OperatorCase[] = [
  ...plain.map((operator) => one(operator, { first: zero })),
  ...['Add', 'Sub', 'Mul', 'Min', 'Max', 'Sum', 'Mean'].map((operator) => one(operator, { operands: two })),
  ...['Add', 'Sub', 'Mul', 'Div', 'PRelu'].map((operator) =>
    one(operator, { operands: [[1, 2, 3], mixed([3])], label: 'broadcast constant' }),
  ),
  one('Div', { operands: two, range: [0.25, 3], label: 'computed' }),
  one('Pow', { operands: [[1, 6], k([1], [3])] }),
  one('Pow', { operands: [[1, 6], k([1], [0.5])], range: [0, 4], label: 'root', first: zero }),
  one('Clip', { operands: [[1, 6], k([], [-1]), k([], [2])] }),
  one('Clip', { operands: [[1, 6], null, k([], [0.5])], label: 'above only' }),
  one('Clip', { opset: 6, attributes: { min: float(-0.5), max: float(0.75) }, label: 'opset 6' }),
  one('Log', { range: [0.01, 9], first: zero }),
  one('Sqrt', { range: [0, 9], first: zero }),
  one('Reciprocal', { range: [0.1, 9], first: zero }),
  one('Tan', { range: [-1.4, 1.4] }),
  one('Asin', { range: [-1, 1] }),
  one('Acos', { range: [-1, 1] }),
  one('Atanh', { range: [-0.99, 0.99] }),
  one('Acosh', { range: [1, 9] }),
  one('Mish', { opset: 18 }),
  one('Swish', { opset: 24, attributes: { alpha: float(1.5) } }),
  one('Gelu', { opset: 20 }),
  one('Gelu', { opset: 20, attributes: { approximate: text('tanh') }, label: 'tanh' }),
  one('LeakyRelu', { attributes: { alpha: float(0.3) }, label: 'alpha' }),
  one('Softmax', { operands: [[1, 3, 4]], attributes: { axis: int(1) }, label: 'axis', range: [-30, 30] }),
  one('Softmax', { operands: [[1, 3, 4]], opset: 11, label: 'opset 11' }),
  one('LogSoftmax', { operands: [[1, 3, 4]], range: [-30, 30], label: 'large' }),
  one('LayerNormalization', { operands: [[1, 6], mixed([6]), mixed([6])], first: zero }),
  one('RMSNormalization', { opset: 23, operands: [[1, 6], mixed([6])], first: zero }),
  one('InstanceNormalization', { operands: [[1, 2, 8], mixed([2]), mixed([2])], first: Array<number>(16).fill(0) }),
  one('GroupNormalization', {
    opset: 21,
    operands: [[1, 4, 6], mixed([4]), mixed([4])],
    attributes: { num_groups: int(2) },
  }),
  one('LpNormalization', { attributes: { p: int(1) }, first: zero, label: 'p = 1' }),
  one('LpNormalization', { operands: [[1, 2, 3]], attributes: { axis: int(1) }, first: zero, label: 'axis' }),
  one('Mod', { operands: [[1, 6], k([1], [2])], attributes: { fmod: int(1) } }),
  one('Gemm', { operands: [[1, 6], mixed([6, 4]), mixed([4])], attributes: { alpha: float(0.5), beta: float(2) } }),
  one('Gemm', { operands: [[1, 6], mixed([4, 6])], attributes: { transB: int(1) }, label: 'transposed' }),
  one('MatMul', { operands: [[1, 3, 4], mixed([4, 5])] }),
  one('MatMul', {
    operands: [
      [1, 3, 4],
      [1, 4, 2],
    ],
    label: 'computed',
  }),
  one('MatMul', { operands: [mixed([5, 3]), [1, 3, 4]], label: 'constant left' }),
  one('Einsum', {
    operands: [
      [1, 3, 4],
      [1, 4, 2],
    ],
    attributes: { equation: text('bij,bjk->bik') },
  }),
  recurrent('RNN', 1),
  recurrent('GRU', 3),
  recurrent('GRU', 3, { linear_before_reset: int(1) }, 'linear before reset'),
  recurrent('LSTM', 4),
  one('Conv', { operands: [...image, mixed([3, 2, 3, 3]), mixed([3])], attributes: { pads: ints([1, 1, 1, 1]) } }),
  one('Conv', {
    operands: [...image, mixed([4, 1, 2, 3])],
    attributes: { group: int(2), strides: ints([2, 1]), dilations: ints([1, 2]) },
    label: 'groups, strides, dilations',
  }),
  one('Conv', { operands: [[1, 2, 9], mixed([3, 2, 4])], attributes: { auto_pad: text('SAME_UPPER') }, label: '1D' }),
  one('ConvTranspose', { operands: [...image, mixed([2, 3, 3, 3])], attributes: { strides: ints([2, 2]) } }),
  one('MaxPool', { operands: image, attributes: { kernel_shape: ints([2, 3]), strides: ints([2, 2]) } }),
  one('AveragePool', {
    operands: image,
    attributes: { kernel_shape: ints([3, 3]), pads: ints([1, 1, 1, 1]), strides: ints([2, 2]) },
  }),
  one('AveragePool', {
    operands: image,
    attributes: { kernel_shape: ints([3, 3]), pads: ints([1, 1, 1, 1]), count_include_pad: int(1) },
    label: 'padding counted',
  }),
  one('GlobalMaxPool', { operands: image }),
  one('GlobalAveragePool', { operands: image }),
  one('Resize', {
    operands: [...image, null, k([4], [1, 1, 2, 2])],
    attributes: { mode: text('nearest') },
  }),
  one('Resize', {
    operands: [...image, null, k([4], [1, 1, 2, 3])],
    attributes: {
      mode: text('nearest'),
      coordinate_transformation_mode: text('asymmetric'),
      nearest_mode: text('floor'),
    },
    label: 'nearest',
  }),
  one('Upsample', { opset: 9, operands: [...image, k([4], [1, 1, 2, 2])], attributes: { mode: text('nearest') } }),
  one('DepthToSpace', { operands: [[1, 8, 2, 3]], attributes: { blocksize: int(2) } }),
  one('SpaceToDepth', { operands: [[1, 2, 4, 6]], attributes: { blocksize: int(2) } }),
  one('BatchNormalization', {
    operands: [...image, mixed([2]), mixed([2]), mixed([2]), k([2], [0.5, 2])],
    attributes: { epsilon: float(1e-3) },
  }),
  one('Reshape', { operands: [[1, 2, 3], whole(1, -1)] }),
  one('Squeeze', { operands: [[1, 1, 6], whole(1)] }),
  one('Unsqueeze', { operands: [[1, 6], whole(2)] }),
  one('Transpose', { operands: [[1, 2, 3]], attributes: { perm: ints([0, 2, 1]) } }),
  one('Expand', { operands: [[1, 1, 6], whole(1, 3, 6)] }),
  one('Concat', {
    operands: [
      [1, 2, 3],
      [1, 2, 2],
    ],
    attributes: { axis: int(2) },
  }),
  one('Slice', { operands: [[1, 3, 8], whole(0, 7), whole(2, 0), whole(1, 2), whole(1, -3)] }),
  one('Split', { operands: [[1, 6], whole(2, 4)], attributes: { axis: int(1) }, outputs: 2 }),
  one('Gather', { operands: [[1, 6], whole(4, 0, 4)], attributes: { axis: int(1) } }),
  one('Tile', { operands: [[1, 2, 3], whole(1, 2, 2)] }),
  one('Pad', { operands: [[1, 2, 3], whole(0, 1, 0, 0, 0, 2), k([], [0.25])] }),
  one('Pad', {
    operands: [[1, 2, 4], whole(0, 0, 2, 0, 0, 1)],
    attributes: { mode: text('reflect') },
    label: 'reflect',
  }),
  one('ReduceLogSum', { range: [0.1, 3] }),
  ...['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceL2'].map((operator) =>
    one(operator, {
      ...(operator === 'ReduceSum' ? { operands: [[1, 3, 4], whole(1)] } : { operands: [[1, 3, 4]] }),
      attributes: { keepdims: int(0), ...(operator === 'ReduceSum' ? {} : { axes: ints([1]) }) },
      label: 'one axis',
    }),
  ),
  one('CumSum', { operands: [[1, 6], k([], [1], 'int64')], attributes: { exclusive: int(1), reverse: int(1) } }),
  ...['Equal', 'Less', 'Greater', 'LessOrEqual', 'GreaterOrEqual'].map((operator) => logic(operator, 2, false)),
  ...['And', 'Or', 'Xor'].map((operator) => logic(operator, 2, true)),
  logic('Not', 1, true),
  around(
    'Where',
    new Builder(17)
      .input('x', [1, 6])
      .input('z', [1, 6])
      .node('Greater', ['x', 'z'], ['c'])
      .node('Where', ['c', 'x', 'z'], ['y'])
      .output('y'),
  ),
  cast('ArgMax', { cast: 0, attributes: { axis: int(1) } }),
  cast('ArgMin', { cast: 0, attributes: { axis: int(1), keepdims: int(0) } }),
  around(
    'TopK',
    new Builder(17)
      .input('x', [1, 6])
      .initializer('k', [1], [3], 'int64')
      .node('TopK', ['x', 'k'], ['y', 'i'])
      .output('y'),
  ),
  cast('TopK', { cast: 1, operands: [[1, 6], whole(6)], label: 'indices' }),
  around(
    'OneHot',
    new Builder(17)
      .input('x', [1, 6])
      .node('ArgMax', ['x'], ['i'], { axis: int(1), keepdims: int(0) })
      .initializer('depth', [1], [6], 'int64')
      .initializer('values', [2], [0.25, 2])
      .node('OneHot', ['i', 'depth', 'values'], ['y'])
      .output('y'),
  ),
  around(
    'Constant',
    new Builder(17)
      .input('x', [1, 3])
      .node('Constant', [], ['c'], { value_floats: floats([0.5, -1, 2]) })
      .node('Add', ['x', 'c'], ['y'])
      .output('y'),
  ),
  around(
    'ConstantOfShape',
    new Builder(17)
      .input('x', [1, 3])
      .initializer('shape', [1], [3], 'int64')
      .node('ConstantOfShape', ['shape'], ['c'], { value: tensorValue(rawTensor('', [1], [1.5])) })
      .node('Mul', ['x', 'c'], ['y'])
      .output('y'),
  ),
  around(
    'Shape',
    new Builder(17).input('x', [1, 2, 3]).node('Shape', ['x'], ['s']).node('Expand', ['k', 's'], ['e']).initializer('k', [], [0.5]).node('Add', ['x', 'e'], ['y']).output('y'), // prettier-ignore
  ),
  around(
    'Size',
    new Builder(17)
      .input('x', [1, 5])
      .initializer('five', [5], [1, 2, 3, 4, 5])
      .node('Size', ['five'], ['n'])
      .node('Cast', ['n'], ['f'], { to: int(elementTypes.float32) })
      .node('Div', ['x', 'f'], ['y'])
      .output('y'),
  ),
  around(
    'Range',
    new Builder(17)
      .input('x', [1, 4])
      .initializer('from', [], [0.5])
      .initializer('to', [], [2.5])
      .initializer('step', [], [0.5])
      .node('Range', ['from', 'to', 'step'], ['r'])
      .node('Mul', ['x', 'r'], ['y'])
      .output('y'),
  ),
  around(
    'Cast',
    new Builder(17)
      .input('x', [1, 6])
      .node('Cast', ['x'], ['i'], { to: int(elementTypes.int32) })
      .node('Cast', ['i'], ['y'], { to: int(elementTypes.float32) })
      .output('y'),
  ),
  ...(['uint8', 'int8'] as const).map((type) =>
    around(
      'QuantizeLinear',
      new Builder(17)
        .input('x', [1, 6])
        .initializer('s', [], [0.0625])
        .initializer('z', [], [type === 'int8' ? -3 : 100], type)
        .node('QuantizeLinear', ['x', 's', 'z'], ['q'])
        .node('DequantizeLinear', ['q', 's', 'z'], ['y'])
        .output('y'),
      { label: type, range: [-20, 20] },
    ),
  ),
  around(
    'DequantizeLinear',
    new Builder(17)
      .input('x', [1, 3])
      .initializer('w', [3, 2], [1, -2, 3, 100, -128, 127], 'int8')
      .initializer('s', [2], [0.1, 0.03])
      .node('DequantizeLinear', ['w', 's'], ['f'], { axis: int(1) })
      .node('MatMul', ['x', 'f'], ['y'])
      .output('y'),
  ),
];
