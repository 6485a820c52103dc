import { importCodes } from '../../../diagnostics/codes/import.js';
import type { Shape } from '../../../model/kinds.js';
import { elementCount } from '../../../model/kinds.js';
import { ShapeError } from '../../../model/shapes.js';
import { integerTensor, integerVector } from '../constant-tensor.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';

function flatten(context: NodeContext): Value {
  const operand = context.input(0);
  const rank = operand.shape.length;
  const given = context.integer('axis', 1);
  // The axis may equal the rank: everything then lies before it.
  const axis = given === rank ? rank : context.axis(given, rank);
  return context.tensors.reshape(operand, [
    elementCount(operand.shape.slice(0, axis)),
    elementCount(operand.shape.slice(axis)),
  ]);
}

function reshape(context: NodeContext): Value {
  const operand = context.input(0);
  const target = context.wholeInput(1, 'shape');
  const keepZeros = context.integer('allowzero', 0) !== 0;
  const computed = operand.kind === 'computed';
  const candidates = computed ? withoutBatch(operand.shape, target, context.session.batch.declared) : [target];
  for (const candidate of candidates) {
    const shape = resolveShape(operand.shape, candidate, keepZeros);
    if (shape !== undefined) return context.tensors.reshape(operand, shape);
  }
  throw new ShapeError(`[${operand.shape.join(', ')}] cannot be reshaped to [${target.slice(0, 16).join(', ')}]`);
}

/**
 * Readings of a target shape that may spell out the fixed batch of the file, most likely first: its first dimension is
 * the batch; it means what it says; the batch is a factor of some other dimension.
 */
function withoutBatch(
  from: Shape,
  target: readonly number[],
  declared: number | undefined,
): readonly (readonly number[])[] {
  if (declared === undefined || declared <= 1 || from[0] !== 1) return [target];
  const candidates: (readonly number[])[] = [];
  if (target[0] === declared) candidates.push([1, ...target.slice(1)]);
  candidates.push(target);
  const multiple = target.findIndex((dimension) => dimension > 0 && dimension % declared === 0);
  if (multiple >= 0) candidates.push(target.map((d, axis) => (axis === multiple ? d / declared : d)));
  return candidates;
}

/** 0 copies the operand's dimension, one -1 takes what is left. Undefined when the element counts do not agree. */
function resolveShape(from: Shape, target: readonly number[], keepZeros: boolean): Shape | undefined {
  if (target.some((dimension) => dimension < -1) || target.filter((dimension) => dimension === -1).length > 1) {
    return undefined;
  }
  const copied = target.map((dimension, axis) => (dimension === 0 && !keepZeros ? from[axis] : dimension));
  const known = copied.filter((dimension) => dimension !== undefined);
  if (known.length !== copied.length) return undefined;
  const total = elementCount(from);
  const rest = known.reduce((product, dimension) => (dimension === -1 ? product : product * dimension), 1);
  if (!known.includes(-1)) return rest === total ? known : undefined;
  if (rest === 0 || total % rest !== 0) return undefined;
  return known.map((dimension) => (dimension === -1 ? total / rest : dimension));
}

/** Axes as an attribute before opset `since`, as an input from then on. */
export function axesOf(context: NodeContext, since: number): readonly number[] | undefined {
  return context.opset >= since ? context.optionalWholeInput(1, 'list of axes') : context.integers('axes');
}

function squeeze(context: NodeContext): Value {
  const operand = context.input(0);
  const rank = operand.shape.length;
  const listed = axesOf(context, 13);
  const axes =
    listed === undefined
      ? operand.shape.flatMap((dimension, axis) =>
          dimension === 1 && !isOpenBatch(context, operand, axis) ? [axis] : [],
        )
      : context.axes(listed, rank);
  for (const axis of axes) {
    if (operand.shape[axis] !== 1) {
      throw new ShapeError(`axis ${axis} of [${operand.shape.join(', ')}] cannot be removed: its size is not 1`);
    }
  }
  return context.tensors.reshape(
    operand,
    operand.shape.filter((_, axis) => !axes.includes(axis)),
  );
}

/** The event dimension has size 1 only because Trigc computes one event: it was not 1 in the file. */
function isOpenBatch(context: NodeContext, operand: Value, axis: number): boolean {
  return operand.kind === 'computed' && axis === 0 && context.session.batch.declared !== 1;
}

function unsqueeze(context: NodeContext): Value {
  const operand = context.input(0);
  const listed = axesOf(context, 13);
  if (listed === undefined) return context.fail(importCodes.attribute, 'Unsqueeze lacks its axes');
  const rank = operand.shape.length + listed.length;
  const axes = new Set(context.axes(listed, rank));
  let next = 0;
  const shape = Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : (operand.shape[next++] ?? 1)));
  return context.tensors.reshape(operand, shape);
}

function transpose(context: NodeContext): Value {
  const operand = context.input(0);
  const rank = operand.shape.length;
  const given = context.integers('perm');
  const permutation = given === undefined ? operand.shape.map((_, axis) => rank - 1 - axis) : context.axes(given, rank);
  if (permutation.length !== rank) {
    throw new ShapeError(`[${permutation.join(', ')}] does not permute ${rank} axes`);
  }
  return context.tensors.transpose(operand, permutation);
}

function expand(context: NodeContext): Value {
  const operand = context.input(0);
  const given = context.wholeInput(1, 'shape');
  const { declared } = context.session.batch;
  const spelled =
    operand.kind === 'computed' &&
    declared !== undefined &&
    declared > 1 &&
    given[0] === declared &&
    given.length >= operand.shape.length &&
    (given.length > operand.shape.length || operand.shape[0] === 1);
  const target = spelled ? [1, ...given.slice(1)] : given;
  if (target.some((dimension) => dimension < 0)) {
    return context.fail(importCodes.operandValue, `a negative dimension in [${target.slice(0, 16).join(', ')}]`);
  }
  const rank = Math.max(target.length, operand.shape.length);
  const shape = Array.from({ length: rank }, (_, axis) => {
    const wanted = target[axis - rank + target.length] ?? 1;
    const own = operand.shape[axis - rank + operand.shape.length] ?? 1;
    if (wanted !== 1 && own !== 1 && wanted !== own) {
      throw new ShapeError(`[${operand.shape.join(', ')}] does not expand to [${target.join(', ')}]`);
    }
    return own === 1 ? wanted : own;
  });
  return context.tensors.expand(operand, shape);
}

function shapeOf(context: NodeContext): Value {
  const { shape } = context.input(0);
  const start = context.opset >= 15 ? context.integer('start', 0) : 0;
  const end = context.opset >= 15 ? context.integer('end', shape.length) : shape.length;
  return context.tensors.constant(integerVector(shape.slice(start, end)));
}

function size(context: NodeContext): Value {
  return context.tensors.constant(integerTensor([], BigInt64Array.of(BigInt(elementCount(context.input(0).shape)))));
}

export const shapeOperators: readonly OperatorEntry[] = [
  operator('Flatten', 1, ['axis'], flatten),
  operator('Reshape', 2, ['allowzero'], reshape),
  operator('Squeeze', [1, 2], ['axes'], squeeze),
  operator('Unsqueeze', [1, 2], ['axes'], unsqueeze),
  operator('Transpose', 1, ['perm'], transpose),
  operator('Expand', 2, [], expand, 8),
  operator('Shape', 1, ['start', 'end'], shapeOf),
  operator('Size', 1, [], size),
];
