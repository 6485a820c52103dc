import { importCodes } from '../../../diagnostics/codes/import.js';
import type { Shape } from '../../../model/kinds.js';
import { elementCount } from '../../../model/kinds.js';
import { ShapeError } from '../../../model/shapes.js';
import { at } from '../../../support/invariant.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';
import type { WindowAxis } from '../windows.js';
import { gatherTaps, tapIndices, windowAmounts, windowAttributes, windowAxes } from '../windows.js';

/**
 * A convolution is a matrix product of gathered windows: for each group, [positions, taps × channels] times
 * [taps × channels, filters]. Everything else is wires. Channels run fastest, as in hls4ml, whose order of summation
 * counts where a declared accumulator saturates.
 */
function convolution(context: NodeContext): Value {
  const { tensors } = context;
  const picture = context.input(0);
  const weights = context.input(1);
  const { groups, kernel } = readOperands(context, picture, weights);
  const [filters = 1, channels = 1] = weights.shape;
  if (channels * groups !== picture.shape[1] || filters % groups !== 0) {
    throw new ShapeError(
      `weights [${weights.shape.join(', ')}] in ${groups} groups do not fit an operand [${picture.shape.join(', ')}]`,
    );
  }
  const axes = windowAxes(context, picture.shape.slice(2), kernel);
  const taps = elementCount(kernel);
  const split = tensors.reshape(weights, [groups, filters / groups, channels, taps]);
  const matrices = tensors.reshape(tensors.transpose(split, [0, 3, 2, 1]), [groups, taps * channels, filters / groups]);
  return windowProduct(context, picture, tapIndices(axes), matrices, positionsOf(axes));
}

/**
 * The transposed convolution as a convolution: each position of the result collects the taps that reach it, which for
 * strides above one are different ones from position to position. Weights are [channels, filters / groups, …taps].
 */
function transposedConvolution(context: NodeContext): Value {
  const { tensors } = context;
  const picture = context.input(0);
  const weights = context.input(1);
  const { groups, kernel } = readOperands(context, picture, weights);
  const [channels = 1, filters = 1] = weights.shape;
  if (channels !== picture.shape[1] || channels % groups !== 0) {
    throw new ShapeError(
      `weights [${weights.shape.join(', ')}] in ${groups} groups do not fit an operand [${picture.shape.join(', ')}]`,
    );
  }
  const axes = transposedAxes(context, picture.shape.slice(2), kernel);
  const taps = elementCount(kernel);
  const split = tensors.reshape(weights, [groups, channels / groups, filters, taps]);
  const matrices = tensors.reshape(tensors.transpose(split, [0, 3, 1, 2]), [
    groups,
    taps * (channels / groups),
    filters,
  ]);
  const indices = tapIndices(axes, (axis, position, tap) => {
    const from = position + axis.before - tap * axis.dilation;
    return from % axis.stride === 0 ? from / axis.stride : -1;
  });
  return windowProduct(context, picture, indices, matrices, positionsOf(axes));
}

function readOperands(
  context: NodeContext,
  picture: Value,
  weights: Value,
): { readonly groups: number; readonly kernel: Shape } {
  const rank = picture.shape.length;
  if (rank < 3) throw new ShapeError(`an operand of shape [${picture.shape.join(', ')}] has no axis to convolve`);
  if (weights.shape.length !== rank) {
    throw new ShapeError(`weights [${weights.shape.join(', ')}] for an operand [${picture.shape.join(', ')}]`);
  }
  const kernel = weights.shape.slice(2);
  const declared = context.integers('kernel_shape') ?? kernel;
  if (declared.join() !== kernel.join()) {
    context.fail(
      importCodes.attribute,
      `kernel_shape [${declared.join(', ')}] contradicts weights of shape [${weights.shape.join(', ')}]`,
    );
  }
  const groups = context.integer('group', 1);
  if (groups < 1) context.fail(importCodes.attribute, `group is ${groups}`);
  return { groups, kernel };
}

/** Padding and size of the result as ONNX's ConvTranspose defines them. */
function transposedAxes(context: NodeContext, picture: Shape, kernel: Shape): readonly WindowAxis[] {
  const { strides, dilations, pads, autoPad } = windowAmounts(context, picture.length);
  const extra = context.integers('output_padding') ?? picture.map(() => 0);
  const wanted = context.integers('output_shape')?.slice(-picture.length);
  if (extra.length !== picture.length || (wanted !== undefined && wanted.length !== picture.length)) {
    context.fail(
      importCodes.attribute,
      `output_padding and output_shape have one entry for each of ${picture.length} axes`,
    );
  }
  return picture.map((length, axis) => {
    const taps = at(kernel, axis);
    const stride = at(strides, axis);
    const dilation = at(dilations, axis);
    const all = stride * (length - 1) + at(extra, axis) + (taps - 1) * dilation + 1;
    const same = autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER';
    const size = wanted?.[axis] ?? (same ? length * stride : undefined);
    const shared = { length, taps, stride, dilation };
    if (size === undefined) {
      const before = at(pads, axis);
      const after = at(pads, axis + picture.length);
      return { ...shared, before, after, positions: all - before - after };
    }
    const total = Math.max(0, all - size);
    const less = Math.floor(total / 2);
    const before = autoPad === 'SAME_UPPER' ? less : total - less;
    return { ...shared, before, after: total - before, positions: size };
  });
}

function positionsOf(axes: readonly WindowAxis[]): Shape {
  return axes.map((axis) => axis.positions);
}

/**
 * `indices`: by position and tap, into one channel of the picture. `matrices`: [groups, taps × channels, filters], where
 * channels and filters are those of one group. The bias is input 2.
 */
function windowProduct(context: NodeContext, picture: Value, indices: Int32Array, matrices: Value, axes: Shape): Value {
  const { tensors } = context;
  const [batch = 1, allChannels = 1] = picture.shape;
  const [groups = 1, inner = 1, filters = 1] = matrices.shape;
  const channels = allChannels / groups;
  const positions = elementCount(axes);
  if (axes.some((dimension) => dimension < 1)) throw new ShapeError(`the result has the shape [${axes.join(', ')}]`);
  const taps = inner / channels;
  const windows = tensors.reshape(gatherTaps(context, picture, indices), [batch, groups, channels, positions, taps]);
  const rows = tensors.transpose(windows, [1, 0, 3, 4, 2]);
  const bias = context.optional(2);
  if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== groups * filters)) {
    throw new ShapeError(`a bias of shape [${bias.shape.join(', ')}] for ${groups * filters} filters`);
  }
  // One group is an ordinary matrix product, which other parts of the compiler know.
  const single = groups === 1;
  let product = tensors.matmul(
    tensors.reshape(rows, single ? [batch * positions, inner] : [groups, batch * positions, inner]),
    single ? tensors.reshape(matrices, [inner, filters]) : matrices,
  );
  if (bias !== undefined) {
    product = tensors.binary('add', product, single ? bias : tensors.reshape(bias, [groups, 1, filters]));
  }
  const split = tensors.reshape(product, [groups, batch, positions, filters]);
  return tensors.reshape(tensors.transpose(split, [1, 0, 3, 2]), [batch, groups * filters, ...axes]);
}

export const convolutionOperators: readonly OperatorEntry[] = [
  operator('Conv', [2, 3], [...windowAttributes, 'group'], convolution),
  operator(
    'ConvTranspose',
    [2, 3],
    [...windowAttributes, 'group', 'output_padding', 'output_shape'],
    transposedConvolution,
  ),
];
