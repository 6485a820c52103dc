import { shiftBy } from '../../support/bits.js';
import { max, min } from '../../numeric/interval.js';
import type { ReduceOperation, Shape } from '../../model/kinds.js';
import { elementCount } from '../../model/kinds.js';
import { broadcastIndices, broadcastShapes, planMatmul, reduceShape, reduceTargets } from '../../model/shapes.js';
import type { ConstantTensor, FixedTensor, FloatTensor, IntegerTensor } from './constant-tensor.js';
import { elementsOf, floatTensor, integerTensor, toFloat } from './constant-tensor.js';
import { roundFloat, wrapInteger } from './element-types.js';

/**
 * Arithmetic on constants with ONNX's own semantics: floats round to their type after every operation, integers wrap.
 * Quantised constants stay exact among themselves and become float32 when they meet a float.
 */
export type BinaryOperation = 'add' | 'subtract' | 'multiply' | 'minimum' | 'maximum' | 'divide' | 'power';

/** Thrown with a sentence for the user. */
export class FoldError extends Error {
  public override readonly name = 'FoldError';
}

export function foldBinary(operation: BinaryOperation, left: ConstantTensor, right: ConstantTensor): ConstantTensor {
  const shape = broadcastShapes(left.shape, right.shape);
  const leftIndex = broadcastIndices(left.shape, shape);
  const rightIndex = broadcastIndices(right.shape, shape);
  if (left.kind === 'fixed' && right.kind === 'fixed' && operation !== 'divide' && operation !== 'power') {
    return fixedBinary(operation, left, right, shape, leftIndex, rightIndex);
  }
  if (left.kind === 'integer' && right.kind === 'integer') {
    const { type } = left;
    const values = BigInt64Array.from(leftIndex, () => 0n);
    leftIndex.forEach((l, index) => {
      const exact = integerBinary(operation, left.values[l] ?? 0n, right.values[rightIndex[index] ?? 0] ?? 0n);
      values[index] = wrapInteger(exact, type);
    });
    return integerTensor(shape, values, type);
  }
  const a = toFloat(left);
  const b = toFloat(right);
  const type = left.kind === 'float' ? left.type : b.type;
  const values = new Float64Array(elementCount(shape));
  for (let index = 0; index < values.length; index++) {
    const x = a.values[leftIndex[index] ?? 0] ?? 0;
    const y = b.values[rightIndex[index] ?? 0] ?? 0;
    values[index] = roundFloat(floatBinary(operation, x, y), type);
  }
  return floatTensor(shape, values, type);
}

function floatBinary(operation: BinaryOperation, x: number, y: number): number {
  switch (operation) {
    case 'add':
      return x + y;
    case 'subtract':
      return x - y;
    case 'multiply':
      return x * y;
    case 'minimum':
      return Math.min(x, y);
    case 'maximum':
      return Math.max(x, y);
    case 'divide':
      return x / y;
    case 'power':
      return x ** y;
  }
}

function integerBinary(operation: BinaryOperation, x: bigint, y: bigint): bigint {
  switch (operation) {
    case 'add':
      return x + y;
    case 'subtract':
      return x - y;
    case 'multiply':
      return x * y;
    case 'minimum':
      return min(x, y);
    case 'maximum':
      return max(x, y);
    case 'divide':
      if (y === 0n) throw new FoldError('an integer constant is divided by zero');
      return x / y;
    case 'power':
      if (y < 0n) throw new FoldError(`an integer constant is raised to the power ${y}`);
      if (y > 64n && x !== 0n && x !== 1n && x !== -1n) {
        throw new FoldError(`an integer constant is raised to the power ${y}`);
      }
      return x === 1n || x === 0n ? (y === 0n ? 1n : x) : x === -1n ? (y % 2n === 0n ? 1n : -1n) : x ** y;
  }
}

function fixedBinary(
  operation: Exclude<BinaryOperation, 'divide' | 'power'>,
  left: FixedTensor,
  right: FixedTensor,
  shape: Shape,
  leftIndex: Int32Array,
  rightIndex: Int32Array,
): FixedTensor {
  const product = operation === 'multiply';
  const lsb = product ? left.lsb + right.lsb : Math.min(left.lsb, right.lsb);
  const codes = Array.from(leftIndex, (l, index) => {
    const x = left.codes[l] ?? 0n;
    const y = right.codes[rightIndex[index] ?? 0] ?? 0n;
    return product ? x * y : integerBinary(operation, shiftBy(x, left.lsb - lsb), shiftBy(y, right.lsb - lsb));
  });
  return { kind: 'fixed', shape, lsb, codes };
}

export type UnaryOperation = 'negate' | 'absolute' | 'relu';

export function foldUnary(operation: UnaryOperation, tensor: ConstantTensor): ConstantTensor {
  if (tensor.kind === 'float') {
    const apply = { negate: (x: number) => -x, absolute: Math.abs, relu: (x: number) => Math.max(x, 0) }[operation];
    return { ...tensor, values: tensor.values.map(apply) };
  }
  const apply = {
    negate: (x: bigint) => -x,
    absolute: (x: bigint) => (x < 0n ? -x : x),
    relu: (x: bigint) => (x < 0n ? 0n : x),
  }[operation];
  if (tensor.kind === 'fixed') return { ...tensor, codes: tensor.codes.map(apply) };
  const { type } = tensor;
  return { ...tensor, values: tensor.values.map((value) => wrapInteger(apply(value), type)) };
}

/** Any function of a real number, rounded to the operand's float type. */
export function foldFunction(apply: (value: number) => number, tensor: ConstantTensor): FloatTensor {
  const operand = toFloat(tensor);
  return { ...operand, values: operand.values.map((value) => roundFloat(apply(value), operand.type)) };
}

/** Float sums are accumulated in double and rounded once: ONNX leaves the order of summation open. */
export function foldMatmul(left: ConstantTensor, right: ConstantTensor): ConstantTensor {
  const plan = planMatmul(left.shape, right.shape);
  const exact = left.kind === 'fixed' && right.kind === 'fixed';
  const a = exact ? undefined : toFloat(left);
  const b = exact ? undefined : toFloat(right);
  const codes: bigint[] = [];
  const values: number[] = [];
  plan.leftOffsets.forEach((leftOffset, batch) => {
    const rightOffset = plan.rightOffsets[batch] ?? 0;
    for (let row = 0; row < plan.rows; row++) {
      for (let column = 0; column < plan.columns; column++) {
        let code = 0n;
        let value = 0;
        for (let k = 0; k < plan.inner; k++) {
          const l = leftOffset + row * plan.inner + k;
          const r = rightOffset + k * plan.columns + column;
          if (exact) code += (left.codes[l] ?? 0n) * (right.codes[r] ?? 0n);
          else value += (a?.values[l] ?? 0) * (b?.values[r] ?? 0);
        }
        if (exact) codes.push(code);
        else values.push(value);
      }
    }
  });
  if (exact) return { kind: 'fixed', shape: plan.shape, lsb: left.lsb + right.lsb, codes };
  const type = a?.type ?? 'float32';
  return floatTensor(
    plan.shape,
    Float64Array.from(values, (value) => roundFloat(value, type)),
    type,
  );
}

export function foldReduce(
  operation: ReduceOperation,
  tensor: ConstantTensor,
  axes: readonly number[],
  keepDimensions: boolean,
): ConstantTensor {
  const shape = reduceShape(tensor.shape, axes, keepDimensions);
  const targets = reduceTargets(tensor.shape, axes);
  const size = elementCount(shape);
  if (elementsOf(tensor) === 0) throw new FoldError('a constant without elements is reduced');
  if (tensor.kind === 'float') {
    const values = reduceInto<number>(tensor.values, targets, size, (a, b) => {
      return operation === 'sum' ? a + b : operation === 'maximum' ? Math.max(a, b) : Math.min(a, b);
    });
    return floatTensor(
      shape,
      Float64Array.from(values, (value) => roundFloat(value, tensor.type)),
      tensor.type,
    );
  }
  const combine = (a: bigint, b: bigint): bigint =>
    operation === 'sum' ? a + b : operation === 'maximum' ? max(a, b) : min(a, b);
  if (tensor.kind === 'fixed') {
    return { ...tensor, shape, codes: reduceInto<bigint>(tensor.codes, targets, size, combine) };
  }
  const { type } = tensor;
  const values = reduceInto<bigint>(tensor.values, targets, size, combine);
  return integerTensor(
    shape,
    BigInt64Array.from(values, (value) => wrapInteger(value, type)),
    type,
  );
}

function reduceInto<T>(elements: ArrayLike<T>, targets: Int32Array, size: number, combine: (a: T, b: T) => T): T[] {
  const result = new Array<T>(size);
  const seen = new Uint8Array(size);
  for (let index = 0; index < targets.length; index++) {
    const target = targets[index] ?? 0;
    const element = elements[index] as T;
    result[target] = seen[target] === 1 ? combine(result[target] as T, element) : element;
    seen[target] = 1;
  }
  return result;
}

export function castTensor(
  tensor: ConstantTensor,
  to: ConstantTensor['kind'],
  type: FloatTensor['type'] | IntegerTensor['type'],
): ConstantTensor {
  if (typeof type === 'string') {
    // A quantised constant keeps its exact values and its LSB.
    if (tensor.kind === 'fixed' || to === 'fixed') return tensor;
    const source = tensor.kind === 'float' ? tensor.values : Float64Array.from(tensor.values, Number);
    return floatTensor(
      tensor.shape,
      source.map((value) => roundFloat(value, type)),
      type,
    );
  }
  if (tensor.kind === 'integer') {
    return integerTensor(
      tensor.shape,
      tensor.values.map((value) => (type.name === 'bool' ? (value === 0n ? 0n : 1n) : wrapInteger(value, type))),
      type,
    );
  }
  const { values } = toFloat(tensor);
  if (!values.every(Number.isFinite)) throw new FoldError('a constant that is not finite is cast to an integer');
  return integerTensor(
    tensor.shape,
    BigInt64Array.from(values, (value) => {
      if (type.name === 'bool') return value === 0 ? 0n : 1n;
      return BigInt.asIntN(64, wrapInteger(BigInt(Math.trunc(value)), type));
    }),
    type,
  );
}
