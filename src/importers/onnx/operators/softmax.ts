import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';
import { exactScalar } from '../constant-tensor.js';

/**
 * Softmax in its stable form: e^(x - max) over its sum. The exponentials lie in (0, 1] and one of them is exactly 1, so
 * that the sum is 1 at least and its reciprocal is a table without a pole. LogSoftmax is x - max - log(sum).
 */
export function softmaxOver(context: NodeContext, operand: Value, axes: readonly number[], logarithm: boolean): Value {
  const { tensors } = context;
  const { shifted, exponentials, sum } = stableExponentials(context, operand, axes);
  if (logarithm) return tensors.binary('subtract', shifted, tensors.real('log', sum, { fitted: true }));
  return tensors.binary('multiply', exponentials, tensors.real('reciprocal', sum, { fitted: true }));
}

/** e^(x - max) and its sum, dimensions kept: the exponentials lie in (0, 1], and the sum is 1 at least. */
export function stableExponentials(
  { tensors }: NodeContext,
  operand: Value,
  axes: readonly number[],
): { readonly greatest: Value; readonly shifted: Value; readonly exponentials: Value; readonly sum: Value } {
  const integer = (code: bigint): Value => tensors.constant(exactScalar({ code, lsb: 0 }));
  const greatest = tensors.reduce('maximum', operand, axes, true);
  // Neither bound changes a value: they say what intervals cannot see.
  const shifted = tensors.binary('minimum', tensors.binary('subtract', operand, greatest), integer(0n));
  const exponentials = tensors.real('exp', shifted, { fitted: true });
  const sum = tensors.binary('maximum', tensors.reduce('sum', exponentials, axes, true), integer(1n));
  return { greatest, shifted, exponentials, sum };
}

function softmax(logarithm: boolean): (context: NodeContext) => Value {
  return (context) => {
    const operand = context.input(0);
    const rank = operand.shape.length;
    // Before opset 13 all dimensions from the axis on are one, and the default axis is 1.
    const axis = context.axis(context.integer('axis', context.opset >= 13 ? -1 : 1), Math.max(rank, 1));
    const axes = context.opset >= 13 ? [axis] : operand.shape.map((_, index) => index).slice(axis);
    return softmaxOver(context, operand, axes, logarithm);
  };
}

export const softmaxOperators: readonly OperatorEntry[] = [
  operator('Softmax', 1, ['axis'], softmax(false)),
  operator('LogSoftmax', 1, ['axis'], softmax(true)),
];
