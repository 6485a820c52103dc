import { importCodes } from '../../../diagnostics/codes/import.js';
import { printable } from '../../../diagnostics/diagnostic.js';
import { at } from '../../../support/invariant.js';
import { numbersOf } from '../constant-tensor.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';

/** One axis to resize: lengths of operand and result, and their declared ratio. */
interface ResizedAxis {
  readonly length: number;
  readonly size: number;
  readonly scale: number;
}

/** Where position `x` of the result lies in the operand (ONNX, operator Resize); may be fractional and outside. */
const coordinates: Readonly<Record<string, (x: number, axis: ResizedAxis) => number>> = {
  half_pixel: (x, { scale }) => (x + 0.5) / scale - 0.5,
  half_pixel_symmetric: (x, { length, size, scale }) => {
    const offset = (length / 2) * (1 - size / (length * scale));
    return offset + (x + 0.5) / scale - 0.5;
  },
  pytorch_half_pixel: (x, { size, scale }) => (size > 1 ? (x + 0.5) / scale - 0.5 : 0),
  align_corners: (x, { length, size }) => (size > 1 ? (x * (length - 1)) / (size - 1) : 0),
  asymmetric: (x, { scale }) => x / scale,
  tf_half_pixel_for_nn: (x, { scale }) => (x + 0.5) / scale,
};

const nearest: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

function resize(context: NodeContext): Value {
  requireNearest(context);
  const operand = context.input(0);
  const old = context.opset < 11;
  const [mode, rounding] = old
    ? ['asymmetric', 'floor']
    : [
        context.string('coordinate_transformation_mode', 'half_pixel'),
        context.string('nearest_mode', 'round_prefer_floor'),
      ];
  const coordinate = coordinates[mode];
  if (coordinate === undefined) return context.refuse(`coordinate_transformation_mode '${printable(mode)}'`);
  const round = nearest[rounding];
  if (round === undefined) return context.refuse(`nearest_mode '${printable(rounding)}'`);
  const rank = operand.shape.length;
  const listed = context.integers('axes');
  const axes = listed === undefined ? operand.shape.map((_, axis) => axis) : context.axes(listed, rank);
  const scales = list(context, old ? 1 : 2, 'scales', axes.length);
  const sizes = old ? undefined : list(context, 3, 'sizes', axes.length);
  if (sizes === undefined) return resample(context, operand, axes, scales, coordinate, round);
  const policy = context.string('keep_aspect_ratio_policy', 'stretch');
  if (policy !== 'stretch') return context.refuse(`keep_aspect_ratio_policy '${printable(policy)}'`);
  const lengths = axes.map((axis) => at(operand.shape, axis));
  const ratios = sizes.map((size, index) => {
    // The batch that the file spells out is one event here.
    const batch = index === 0 && axes[0] === 0 && lengths[0] === 1 && size === context.session.batch.declared;
    return batch ? 1 : size / at(lengths, index);
  });
  return resample(context, operand, axes, ratios, coordinate, round);
}

/** The predecessor of Resize: nearest is floor(position / scale). */
function upsample(context: NodeContext): Value {
  requireNearest(context);
  const operand = context.input(0);
  const rank = operand.shape.length;
  const scales = context.opset >= 9 ? list(context, 1, 'scales', rank) : context.floats('scales');
  if (scales !== undefined && scales.length !== rank) {
    context.fail(importCodes.attribute, `scales has ${scales.length} entries for ${rank} axes`);
  }
  const axes = operand.shape.map((_, axis) => axis);
  return resample(context, operand, axes, scales, (x, { scale }) => x / scale, Math.floor);
}

function requireNearest(context: NodeContext): void {
  const mode = context.string('mode', 'nearest');
  if (mode !== 'nearest') {
    context.refuse(
      `mode '${printable(mode)}'`,
      'Only mode nearest is exact: export with it, or use ConvTranspose with the weights of the interpolation.',
    );
  }
}

/** The numbers of an optional input; exporters also leave it out as a tensor without elements. */
function list(context: NodeContext, index: number, what: string, count: number): readonly number[] | undefined {
  const tensor = context.optionalTensor(index, what);
  const numbers = tensor === undefined ? [] : Array.from(numbersOf(tensor));
  if (numbers.length === 0) return undefined;
  if (numbers.length !== count || numbers.some((value) => !(value > 0 && Number.isFinite(value)))) {
    context.fail(importCodes.operandValue, `${what} [${numbers.slice(0, 8).join(', ')}] for ${count} axes`);
  }
  return numbers;
}

function resample(
  context: NodeContext,
  operand: Value,
  axes: readonly number[],
  scales: readonly number[] | undefined,
  coordinate: (x: number, axis: ResizedAxis) => number,
  round: (x: number) => number,
): Value {
  if (scales === undefined) return context.fail(importCodes.operandValue, 'there are neither scales nor sizes');
  let value = operand;
  axes.forEach((axis, index) => {
    const length = at(operand.shape, axis);
    const scale = at(scales, index);
    // In float32, as exporters reckon: 10 × 0.7 is 7. A ratio of two sizes gives its size back.
    const size = Math.floor(Math.fround(length * scale));
    context.session.checkElements(
      value.shape.map((dimension, each) => (each === axis ? size : dimension)),
      context.provenance,
    );
    const indices = Array.from({ length: size }, (_, x) => {
      const from = round(coordinate(x, { length, size, scale }));
      return Math.max(0, Math.min(length - 1, from));
    });
    value = context.tensors.gather(value, axis, indices);
  });
  return value;
}

/** Blocks of channels become blocks of positions: [n, c, h, w] to [n, c / b², h × b, w × b]. */
function depthToSpace(context: NodeContext): Value {
  const { tensors } = context;
  const operand = context.input(0);
  const [batch, channels, height, width, block] = blocked(context, operand);
  if (channels % (block * block) !== 0)
    context.fail(importCodes.operandValue, `${channels} channels for blocks of ${block}`);
  const depth = channels / (block * block);
  const mode = context.string('mode', 'DCR');
  if (mode !== 'DCR' && mode !== 'CRD') return context.refuse(`mode '${printable(mode)}'`);
  const split =
    mode === 'DCR' ? [batch, block, block, depth, height, width] : [batch, depth, block, block, height, width];
  const order = mode === 'DCR' ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
  const moved = tensors.transpose(tensors.reshape(operand, split), order);
  return tensors.reshape(moved, [batch, depth, height * block, width * block]);
}

/** The reverse of DepthToSpace in its mode DCR. */
function spaceToDepth(context: NodeContext): Value {
  const { tensors } = context;
  const operand = context.input(0);
  const [batch, channels, height, width, block] = blocked(context, operand);
  if (height % block !== 0 || width % block !== 0) {
    context.fail(importCodes.operandValue, `${height} × ${width} positions for blocks of ${block}`);
  }
  const split = [batch, channels, height / block, block, width / block, block];
  const mode = context.string('mode', 'DCR');
  if (mode !== 'DCR' && mode !== 'CRD') return context.refuse(`mode '${printable(mode)}'`);
  const order = mode === 'DCR' ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4];
  const moved = tensors.transpose(tensors.reshape(operand, split), order);
  return tensors.reshape(moved, [batch, channels * block * block, height / block, width / block]);
}

function blocked(context: NodeContext, operand: Value): readonly [number, number, number, number, number] {
  const block = context.integer('blocksize');
  if (block < 1) context.fail(importCodes.attribute, `blocksize is ${block}`);
  const [batch = 1, channels = 1, height = 1, width = 1] = operand.shape;
  if (operand.shape.length !== 4) {
    context.fail(importCodes.operandValue, `an operand of shape [${operand.shape.join(', ')}] is not a picture`);
  }
  return [batch, channels, height, width, block];
}

export const resizeOperators: readonly OperatorEntry[] = [
  operator(
    'Resize',
    [1, 4],
    [
      'antialias',
      'axes',
      'coordinate_transformation_mode',
      'cubic_coeff_a',
      'exclude_outside',
      'extrapolation_value',
      'keep_aspect_ratio_policy',
      'mode',
      'nearest_mode',
    ],
    resize,
    10,
  ),
  operator('Upsample', [1, 2], ['mode', 'scales'], upsample, 7),
  operator('DepthToSpace', 1, ['blocksize', 'mode'], depthToSpace),
  operator('SpaceToDepth', 1, ['blocksize', 'mode'], spaceToDepth),
];
