import { elementCount } from '../../../model/kinds.js';
import { ShapeError } from '../../../model/shapes.js';
import { exactScalar } from '../constant-tensor.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';

/**
 * (x - mean) / sqrt(variance + epsilon) over some axes, without a division and without a rounded mean: with n elements
 * and s = 2^ceil(log2 n), d = (n x - Σx) / s is exact and c = n/s times the distance to the mean. The variance is
 * Σd² / (c² n), so the result is d / sqrt(Σd²/n + c² epsilon): one table of the sum, whose scale and offset hold the
 * constants. Between its entry and the product with that table all of it is exact.
 */
function standardized(context: NodeContext, given: Value, axes: readonly number[], epsilon: number): Value {
  const { tensors } = context;
  const operand = tensors.entering(given);
  const count = axes.reduce((product, axis) => product * (operand.shape[axis] ?? 1), 1);
  const exponent = Math.ceil(Math.log2(count));
  const times = (value: Value, code: number, lsb: number): Value =>
    tensors.binary('multiply', value, tensors.constant(exactScalar({ code: BigInt(code), lsb })));
  const sum = tensors.reduce('sum', operand, axes, true);
  const distance = tensors.binary('subtract', times(operand, count, -exponent), times(sum, 1, -exponent));
  const squares = tensors.reduce('sum', tensors.binary('multiply', distance, distance), axes, true);
  const spread = (count / 2 ** exponent) ** 2 * epsilon;
  const factor = tensors.real('inverseSqrt', squares, { scale: 1 / count, offset: spread, fitted: true });
  return tensors.binary('multiply', distance, factor);
}

/** x / sqrt(mean of x² + epsilon) */
function rootMeanSquare(context: NodeContext, operand: Value, axes: readonly number[], epsilon: number): Value {
  const { tensors } = context;
  const count = axes.reduce((product, axis) => product * (operand.shape[axis] ?? 1), 1);
  const squares = tensors.reduce('sum', tensors.binary('multiply', operand, operand), axes, true);
  const factor = tensors.real('inverseSqrt', squares, { scale: 1 / count, offset: epsilon, fitted: true });
  return tensors.binary('multiply', operand, factor);
}

function scaledAndShifted(
  context: NodeContext,
  value: Value,
  scale: Value | undefined,
  shift: Value | undefined,
): Value {
  const scaled = scale === undefined ? value : context.tensors.binary('multiply', value, scale);
  return shift === undefined ? scaled : context.tensors.binary('add', scaled, shift);
}

function axesFrom(context: NodeContext, operand: Value): readonly number[] {
  const axis = context.axis(context.integer('axis', -1), operand.shape.length);
  return operand.shape.map((_, index) => index).slice(axis);
}

/** Only the normalised tensor: mean and inverse deviation are outputs of training. */
function layerNormalization(context: NodeContext): readonly (Value | undefined)[] {
  const operand = context.input(0);
  const value = standardized(context, operand, axesFrom(context, operand), context.float('epsilon', 1e-5));
  return [scaledAndShifted(context, value, context.input(1), context.optional(2)), undefined, undefined];
}

function rmsNormalization(context: NodeContext): Value {
  const operand = context.input(0);
  const value = rootMeanSquare(context, operand, axesFrom(context, operand), context.float('epsilon', 1e-5));
  return scaledAndShifted(context, value, context.input(1), undefined);
}

/** One value per channel (dimension 1), placed against the whole tensor. */
function perChannel(context: NodeContext, index: number, operand: Value): Value {
  const value = context.input(index);
  const channels = operand.shape[1] ?? 1;
  if (value.shape.length !== 1 || value.shape[0] !== channels) {
    throw new ShapeError(`input ${index} has shape [${value.shape.join(', ')}] for ${channels} channels`);
  }
  return context.tensors.reshape(value, [channels, ...operand.shape.slice(2).map(() => 1)]);
}

function instanceNormalization(context: NodeContext): Value {
  const operand = context.input(0);
  if (operand.shape.length < 3) throw new ShapeError('instance normalisation needs positions beside channels');
  const axes = operand.shape.map((_, index) => index).slice(2);
  const value = standardized(context, operand, axes, context.float('epsilon', 1e-5));
  return scaledAndShifted(context, value, perChannel(context, 1, operand), perChannel(context, 2, operand));
}

function groupNormalization(context: NodeContext): Value {
  const { tensors } = context;
  const operand = context.input(0);
  const [batch = 1, channels = 1] = operand.shape;
  const groups = context.integer('num_groups');
  if (groups < 1 || channels % groups !== 0) throw new ShapeError(`${channels} channels in ${groups} groups`);
  const grouped = tensors.reshape(operand, [batch, groups, elementCount(operand.shape) / (batch * groups)]);
  const value = tensors.reshape(standardized(context, grouped, [2], context.float('epsilon', 1e-5)), operand.shape);
  const parameter = (index: number): Value => {
    // Before opset 21 scale and bias are one value per group.
    if (context.opset >= 21) return perChannel(context, index, operand);
    const list = tensors.expand(tensors.reshape(context.input(index), [groups, 1]), [groups, channels / groups]);
    return tensors.reshape(list, [channels, ...operand.shape.slice(2).map(() => 1)]);
  };
  return scaledAndShifted(context, value, parameter(1), parameter(2));
}

function lpNormalization(context: NodeContext): Value {
  const { tensors } = context;
  const operand = context.input(0);
  const axis = context.axis(context.integer('axis', -1), operand.shape.length);
  const p = context.integer('p', 2);
  if (p !== 1 && p !== 2) return context.refuse(`p = ${p}`);
  const powers = p === 1 ? tensors.unary('absolute', operand) : tensors.binary('multiply', operand, operand);
  const sum = tensors.reduce('sum', powers, [axis], true);
  return tensors.binary(
    'multiply',
    operand,
    tensors.real(p === 1 ? 'inverseSum' : 'inverseLength', sum, { fitted: true }),
  );
}

export const layerNormalizationOperators: readonly OperatorEntry[] = [
  {
    operator: 'LayerNormalization',
    since: 17,
    inputs: [2, 3],
    attributes: ['axis', 'epsilon', 'stash_type'],
    handler: layerNormalization,
  },
  operator('RMSNormalization', 2, ['axis', 'epsilon', 'stash_type'], rmsNormalization, 23),
  operator('InstanceNormalization', 3, ['epsilon'], instanceNormalization),
  operator('GroupNormalization', 3, ['epsilon', 'num_groups', 'stash_type'], groupNormalization, 18),
  operator('LpNormalization', 1, ['axis', 'p'], lpNormalization),
];
