import { hls4mlCodes } from '../../diagnostics/codes/hls4ml.js';
import { fail } from '../../diagnostics/result.js';
import { printQuantizer } from '../../numeric/fixed-point.js';
import type { ConfigStruct } from './cpp-text.js';
import type { Layer, LayerSettings, Tensor } from './network.js';

export type LayerReader = (layer: Layer) => void;

/** By function of namespace nnet: how a call of it becomes nodes and settings that give the same bits. */
export const layerReaders: ReadonlyMap<string, LayerReader> = new Map<string, LayerReader>([
  ['dense', readDense],
  ['conv_1d_cl', (layer) => readConvolution(layer, ['width'])],
  ['pointwise_conv_1d_cl', (layer) => readConvolution(layer, ['width'])],
  ['conv_2d_cl', (layer) => readConvolution(layer, ['height', 'width'])],
  ['pointwise_conv_2d_cl', (layer) => readConvolution(layer, ['height', 'width'])],
  ['pooling1d_cl', (layer) => readPooling(layer, ['width'])],
  ['pooling2d_cl', (layer) => readPooling(layer, ['height', 'width'])],
  ['zeropad1d_cl', (layer) => readPadding(layer, ['width'])],
  ['zeropad2d_cl', (layer) => readPadding(layer, ['height', 'width'])],
  ['normalize', readNormalize],
  ['relu', (layer) => readActivation(layer, 'Relu')],
  ['linear', (layer) => readActivation(layer, 'Identity')],
  ['sigmoid', (layer) => readTable(layer, 'Sigmoid')],
  ['tanh', (layer) => readTable(layer, 'Tanh')],
  ['add', (layer) => readMerge(layer, 'Add')],
  ['subtract', (layer) => readMerge(layer, 'Sub')],
  ['multiply', (layer) => readMerge(layer, 'Mul')],
  ['transpose', readTranspose],
  ['clone_stream', readClone],
  ['repack_stream', readRepack],
]);

/** `product`s whose values are those of a multiplication. */
const exactProducts = ['nnet::product::mult', 'nnet::product::weight_ternary'];
const kernels = /^nnet::(?:Dense(?:Latency|Resource_rf_\w+)|Conv1D(?:Latency|Resource))$/u;

interface Products {
  /** Weights are stored with the outputs first. */
  readonly transposed: boolean;
  readonly settings: LayerSettings;
}

/** Strategy, reuse and types of sums, of a structure for `inputs` × `outputs` products. */
function readProducts(layer: Layer, struct: ConfigStruct, inputs: number, outputs: number): Products {
  const { project, network } = layer;
  const strategy = struct.members.get('strategy')?.replace('nnet::', '') ?? 'latency';
  if (strategy !== 'latency' && strategy !== 'resource') layer.noCounterpart(`strategy ${strategy}`);
  const kernel = struct.members.get('kernel');
  if (kernel !== undefined && !kernels.test(kernel)) layer.noCounterpart(`products by ${kernel}`);
  const product = struct.members.get('product');
  if (product !== undefined && !exactProducts.includes(product)) layer.noCounterpart(`weights coded for ${product}`);
  const reuse = layer.number('reuse_factor', struct);
  const accumulator = project.memberType(struct, 'accum_t');
  if (strategy === 'resource' && reuse > 1 && accumulator.overflow !== 'WRAP') {
    const message = `${printQuantizer(accumulator)} saturates, and the sum takes every ${reuse}th input first`;
    fail(hls4mlCodes.otherOrder, message, layer.location);
  }
  const legal = inputs % reuse === 0 || (reuse % inputs === 0 && outputs % (reuse / inputs) === 0);
  if (!legal) network.left.push(`${layer.name}: reuse factor ${reuse}, which cuts ${inputs} inputs into unequal turns`);
  const shared = legal && reuse > 1 ? { reuse_factor: reuse } : {};
  return {
    transposed: strategy === 'resource',
    settings: {
      accumulator: printQuantizer(accumulator),
      weight: printQuantizer(project.memberType(struct, 'weight_t')),
      bias: printQuantizer(project.memberType(struct, 'bias_t')),
      ...(strategy === 'resource' && legal ? { strategy } : {}),
      ...shared,
    },
  };
}

/** Gemm of flattened elements (nnet_dense_latency.h, nnet_dense_resource.h). */
function readDense(layer: Layer): void {
  const [inputs, outputs] = [layer.number('n_in'), layer.number('n_out')];
  const { transposed, settings } = readProducts(layer, layer.config, inputs, outputs);
  const shape = transposed ? [outputs, inputs] : [inputs, outputs];
  const weights = layer.constant('weight', shape, layer.weights(2, shape, 'weight_t').values);
  const bias = layer.constant('bias', [outputs], layer.weights(3, [outputs], 'bias_t').values);
  const output = layer.output(1);
  const operands = [layer.shaped(layer.input(), [inputs]), weights, bias];
  const attributes = { transB: transposed ? 1 : 0 };
  layer.node('Gemm', operands, output.name, attributes, { ...settings, result: printQuantizer(output.type) });
  layer.define(1, { ...output, shape: [outputs] });
}

type Axis = 'height' | 'width';
const before = { height: 'pad_top', width: 'pad_left' } as const;
const after = { height: 'pad_bottom', width: 'pad_right' } as const;

/** Conv of channels-last elements (nnet_conv2d_latency.h and its like); the order of a sum is that of the taps. */
function readConvolution(layer: Layer, axes: readonly Axis[]): void {
  const [channels, filters] = [layer.number('n_chan'), layer.number('n_filt')];
  const kernel = axes.map((axis) => layer.number(`filt_${axis}`));
  const taps = kernel.reduce((product, size) => product * size, 1);
  const products = layer.project.struct(layer.config.members.get('mult_config') ?? '');
  const { transposed, settings } = readProducts(layer, products, taps * channels, filters);
  // Strategy resource keeps [filter, taps, channel], latency [taps, channel, filter]; ONNX wants [filter, channel, taps].
  const stored = transposed ? [filters, ...kernel, channels] : [...kernel, channels, filters];
  const { values } = layer.weights(2, stored, 'weight_t', products);
  const weights = Array.from({ length: values.length }, (_, index) => {
    const [filter, rest] = [Math.floor(index / (channels * taps)), index % (channels * taps)];
    const [channel, tap] = [Math.floor(rest / taps), rest % taps];
    const at = transposed ? (filter * taps + tap) * channels + channel : (tap * channels + channel) * filters + filter;
    return values[at] ?? 0;
  });
  const bias = layer.weights(3, [filters], 'bias_t', products).values;
  const pads = [...axes.map((axis) => layer.number(before[axis])), ...axes.map((axis) => layer.number(after[axis]))];
  const dilation = layer.config.members.has('dilation') ? layer.number('dilation') : 1;
  const attributes = {
    kernel_shape: kernel,
    strides: axes.map((axis) => layer.number(`stride_${axis}`)),
    dilations: axes.map(() => dilation),
    pads,
  };
  channelsFirst(layer, axes, channels, (from, to) => {
    const operands = [
      from,
      layer.constant('weight', [filters, channels, ...kernel], weights),
      layer.constant('bias', [filters], bias),
    ];
    const result = printQuantizer(layer.output(1).type);
    layer.node('Conv', operands, to, attributes, { ...settings, result });
    return [...axes.map((axis) => layer.number(`out_${axis}`)), filters];
  });
}

/** MaxPool; the mean has a divisor and an accumulator of its own. */
function readPooling(layer: Layer, axes: readonly Axis[]): void {
  const operation = layer.config.members.get('pool_op');
  if (operation !== 'nnet::Max') layer.noCounterpart(`pooling by ${operation ?? 'an unknown operation'}`);
  if (axes.some((axis) => layer.number(before[axis]) !== 0 || layer.number(after[axis]) !== 0)) {
    layer.noCounterpart('pooling with padding');
  }
  const channels = layer.number('n_filt');
  channelsFirst(layer, axes, channels, (from, to) => {
    const attributes = {
      kernel_shape: axes.map((axis) => layer.number(`pool_${axis}`)),
      strides: axes.map((axis) => layer.number(`stride_${axis}`)),
    };
    layer.node('MaxPool', [from], to, attributes, layer.passes(layer.input().type, layer.output(1).type));
    const one = axes.length === 1;
    return [...axes.map((axis) => layer.number(one ? 'n_out' : `out_${axis}`)), channels];
  });
}

/** A node that wants its channels first, between two transpositions. `write` returns the shape of the result, channels last. */
function channelsFirst(
  layer: Layer,
  axes: readonly Axis[],
  channels: number,
  write: (from: string, to: string) => readonly number[],
): void {
  const rank = axes.length;
  const spatial = axes.map((axis) =>
    layer.number(rank === 1 && layer.config.members.has('n_in') ? 'n_in' : `in_${axis}`),
  );
  const positions = axes.map((_, index) => index + 1);
  const from = layer.inner('Transpose', 'to_first', [layer.shaped(layer.input(), [...spatial, channels])], {
    perm: [0, rank + 1, ...positions],
  });
  const middle = `${layer.name}_first`;
  const shape = write(from, middle);
  const output = layer.output(1);
  const name = layer.part('to_last');
  layer.network.file.node('Transpose', name, [middle], output.name, {
    perm: [0, ...positions.map((position) => position + 1), 1],
  });
  layer.define(1, { ...output, shape });
}

function readPadding(layer: Layer, axes: readonly Axis[]): void {
  const channels = layer.number('n_chan');
  const sizes = axes.map((axis) => layer.number(`in_${axis}`));
  const [front, back] = [axes.map((axis) => layer.number(before[axis])), axes.map((axis) => layer.number(after[axis]))];
  const output = layer.output(1);
  const input = layer.input();
  const from = layer.shaped(input, [...sizes, channels]);
  const pads = layer.network.file.integers(`${layer.name}_pads`, [0, ...front, 0, 0, ...back, 0]);
  layer.node('Pad', [from, pads], output.name, {}, layer.passes(input.type, output.type));
  const shape = [...sizes.map((size, index) => size + (front[index] ?? 0) + (back[index] ?? 0)), channels];
  layer.define(1, { ...output, shape });
}

/** data × scale + bias, exact, then the type of the result (nnet_batchnorm.h). */
function readNormalize(layer: Layer): void {
  const product = layer.config.members.get('product');
  if (product !== undefined && !exactProducts.includes(product)) layer.noCounterpart(`weights coded for ${product}`);
  const input = layer.input();
  const filters = layer.number('n_filt');
  const size = layer.number('n_in');
  const count = filters === -1 ? size : filters;
  const shape = filters === -1 ? [size] : [size / filters, filters];
  const from = layer.shaped(input, shape);
  const scale = layer.constant('scale', [count], layer.weights(2, [count], 'scale_t').values);
  const bias = layer.constant('bias', [count], layer.weights(3, [count], 'bias_t').values);
  const multiplied = layer.part('scale');
  const scaled = layer.network.file.node('Mul', multiplied, [from, scale], `${multiplied}_out`);
  layer.network.settings.set(multiplied, { weight: printQuantizer(layer.project.memberType(layer.config, 'scale_t')) });
  const output = layer.output(1);
  layer.node(
    'Add',
    [scaled, bias],
    output.name,
    {},
    {
      bias: printQuantizer(layer.project.memberType(layer.config, 'bias_t')),
      result: printQuantizer(output.type),
    },
  );
  layer.define(1, { ...output, shape });
}

function readActivation(layer: Layer, operator: string): void {
  const [input, output] = [layer.input(), layer.output(1)];
  layer.node(operator, [input.name], output.name, {}, { result: printQuantizer(output.type) });
  layer.define(1, { ...output, shape: input.shape });
}

/** A look-up table of `table_size` entries of `table_t` (nnet_activation.h). */
function readTable(layer: Layer, operator: string): void {
  const [input, output] = [layer.input(), layer.output(1)];
  const table = {
    size: layer.number('table_size'),
    type: printQuantizer(layer.project.memberType(layer.config, 'table_t')),
  };
  layer.node(operator, [input.name], output.name, {}, { table, result: printQuantizer(output.type) });
  layer.define(1, { ...output, shape: input.shape });
}

/** Two tensors of one size, element by element (nnet_merge.h). */
function readMerge(layer: Layer, operator: string): void {
  const [left, right, output] = [layer.input(0), layer.input(1), layer.output(2)];
  const [one, other] = [layer.number('n_elem1'), layer.number('n_elem2')];
  if (one !== other) layer.noCounterpart(`${operator} of ${one} and ${other} elements, which repeats the shorter`);
  const operands = [left.name, layer.shaped(right, left.shape)];
  layer.node(operator, operands, output.name, {}, { result: printQuantizer(output.type) });
  layer.define(2, { ...output, shape: left.shape });
}

function readTranspose(layer: Layer): void {
  const name = layer.config.name;
  const [from, perm] = [layer.project.array(`${name}_from_shape`), layer.project.array(`${name}_perm`)];
  const [input, output] = [layer.input(), layer.output(1)];
  const attributes = { perm: [0, ...perm.map((axis) => axis + 1)] };
  const settings = layer.passes(input.type, output.type);
  layer.node('Transpose', [layer.shaped(input, from)], output.name, attributes, settings);
  layer.define(1, { ...output, shape: perm.map((axis) => from[axis] ?? 0) });
}

function readClone(layer: Layer): void {
  const input: Tensor = layer.input();
  layer.call.operands.forEach((_, index) => {
    if (index > 0) layer.define(index, input);
  });
}

function readRepack(layer: Layer): void {
  const [input, output] = [layer.input(), layer.output(1)];
  if (Object.keys(layer.passes(input.type, output.type)).length > 0) layer.noCounterpart('a stream of another type');
  layer.define(1, input);
}
