import { ShapeError } from '../../../model/shapes.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';
import { sameShape } from '../tensors.js';

/** alpha × op(A) × op(B) + beta × C, where op transposes; C broadcasts to the product. */
function gemm(context: NodeContext): Value {
  const { tensors } = context;
  const alpha = context.float('alpha', 1);
  const beta = context.float('beta', 1);
  let left = matrix(context, 0, context.integer('transA', 0) !== 0);
  let right = matrix(context, 1, context.integer('transB', 0) !== 0);
  // The factor goes into whichever operand is constant, where it costs nothing.
  if (right.kind === 'constant') right = tensors.scale(right, alpha);
  else if (left.kind === 'constant') left = tensors.scale(left, alpha);
  let product = tensors.matmul(left, right);
  if (right.kind === 'computed' && left.kind === 'computed') product = tensors.scale(product, alpha);
  const bias = context.optional(2);
  if (bias === undefined || beta === 0) return product;
  const sum = tensors.binary('add', product, tensors.scale(bias, beta));
  if (!sameShape(sum.shape, product.shape)) {
    throw new ShapeError(`C of shape [${bias.shape.join(', ')}] does not broadcast to [${product.shape.join(', ')}]`);
  }
  return sum;
}

function matrix(context: NodeContext, index: number, transposed: boolean): Value {
  const value = context.input(index);
  if (value.shape.length !== 2) {
    throw new ShapeError(`operand ${index} of Gemm has shape [${value.shape.join(', ')}] and should be a matrix`);
  }
  return transposed ? context.tensors.transpose(value, [1, 0]) : value;
}

export const matrixOperators: readonly OperatorEntry[] = [
  operator('Gemm', [2, 3], ['alpha', 'beta', 'transA', 'transB', 'broadcast'], gemm),
  operator('MatMul', 2, [], (context) => context.tensors.matmul(context.input(0), context.input(1))),
];
