import type { Dyadic } from '../../numeric/dyadic.js';
import { commonDyadic, dyadicFromNumber, dyadicToNumber } from '../../numeric/dyadic.js';
import type { Shape } from '../../model/kinds.js';
import type { ElementType, FloatType, IntegerType } from './element-types.js';
import { int64, roundFloat } from './element-types.js';

/** A constant of the graph while it is being read; elements are row-major. */
export type ConstantTensor = FloatTensor | IntegerTensor | FixedTensor;
export interface FloatTensor {
  readonly kind: 'float';
  readonly type: FloatType;
  readonly shape: Shape;
  readonly values: Float64Array;
}
export interface IntegerTensor {
  readonly kind: 'integer';
  readonly type: IntegerType;
  readonly shape: Shape;
  readonly values: BigInt64Array;
}
/** The result of a quantiser: exact values codes × 2^lsb, where 2^lsb is the LSB that the quantiser declares. */
export interface FixedTensor {
  readonly kind: 'fixed';
  readonly shape: Shape;
  readonly lsb: number;
  readonly codes: readonly bigint[];
}

export function floatTensor(shape: Shape, values: Float64Array, type: FloatType = 'float32'): FloatTensor {
  return { kind: 'float', type, shape, values };
}

export function integerTensor(shape: Shape, values: BigInt64Array, type: IntegerType = int64): IntegerTensor {
  return { kind: 'integer', type, shape, values };
}

/** A vector of int64, such as a shape. */
export function integerVector(values: readonly number[]): IntegerTensor {
  return integerTensor([values.length], BigInt64Array.from(values, BigInt));
}

/** A scalar that is exact by construction and needs no later choice of type. */
export function exactScalar({ code, lsb }: Dyadic): FixedTensor {
  return { kind: 'fixed', shape: [], lsb, codes: [code] };
}

/** Exact values on their common, coarsest LSB. */
export function dyadicFrom(shape: Shape, values: readonly Dyadic[]): FixedTensor {
  return { kind: 'fixed', shape, ...commonDyadic(values) };
}

/** Exact values on the finest LSB of the list: as declared, not narrowed from the values. */
export function exactOf(shape: Shape, values: readonly Dyadic[]): FixedTensor {
  const finest = values.reduce((least, value) => Math.min(least, value.lsb), Number.POSITIVE_INFINITY);
  const lsb = Number.isFinite(finest) ? finest : 0;
  return { kind: 'fixed', shape, lsb, codes: values.map((value) => value.code << BigInt(value.lsb - lsb)) };
}

export function powerOfTwo(exponent: number): FixedTensor {
  return exactScalar({ code: 1n, lsb: exponent });
}

export function elementsOf(tensor: ConstantTensor): number {
  return tensor.kind === 'fixed' ? tensor.codes.length : tensor.values.length;
}

export function typeOf(tensor: ConstantTensor): ElementType {
  if (tensor.kind === 'integer') return { integer: tensor.type };
  return { float: tensor.kind === 'float' ? tensor.type : 'float32' };
}

/** Nearest double of an element. */
export function numberAt(tensor: ConstantTensor, index: number): number {
  if (tensor.kind === 'float') return tensor.values[index] ?? 0;
  if (tensor.kind === 'integer') return Number(tensor.values[index] ?? 0n);
  return dyadicToNumber({ code: tensor.codes[index] ?? 0n, lsb: tensor.lsb });
}

export function numbersOf(tensor: ConstantTensor): Float64Array {
  if (tensor.kind === 'float') return tensor.values;
  return Float64Array.from({ length: elementsOf(tensor) }, (_, index) => numberAt(tensor, index));
}

/** As float32 (or the tensor's own float type). */
export function toFloat(tensor: ConstantTensor): FloatTensor {
  if (tensor.kind === 'float') return tensor;
  return floatTensor(
    tensor.shape,
    numbersOf(tensor).map((value) => roundFloat(value, 'float32')),
  );
}

/** The elements as whole numbers, clamped to ±2^53; undefined when one is not whole. */
export function wholeNumbers(tensor: ConstantTensor): readonly number[] | undefined {
  const limit = Number.MAX_SAFE_INTEGER;
  const result = Array.from(numbersOf(tensor), (value) => Math.max(-limit, Math.min(limit, value)));
  return result.every(Number.isInteger) ? result : undefined;
}

/** The tensor of `shape` whose element i is element indices[i] of the source. */
export function selectElements(tensor: ConstantTensor, indices: ArrayLike<number>, shape: Shape): ConstantTensor {
  const { length } = indices;
  if (tensor.kind === 'fixed') {
    const codes = new Array<bigint>(length);
    for (let index = 0; index < length; index++) codes[index] = tensor.codes[indices[index] ?? 0] ?? 0n;
    return { ...tensor, shape, codes };
  }
  if (tensor.kind === 'float') {
    const values = new Float64Array(length);
    for (let index = 0; index < length; index++) values[index] = tensor.values[indices[index] ?? 0] ?? 0;
    return { ...tensor, shape, values };
  }
  const values = new BigInt64Array(length);
  for (let index = 0; index < length; index++) values[index] = tensor.values[indices[index] ?? 0] ?? 0n;
  return { ...tensor, shape, values };
}

export function withShape(tensor: ConstantTensor, shape: Shape): ConstantTensor {
  return { ...tensor, shape };
}

/** Exact value of an element. Throws RangeError on NaN and infinity. */
export function dyadicAt(tensor: ConstantTensor, index: number): Dyadic {
  if (tensor.kind === 'fixed') return { code: tensor.codes[index] ?? 0n, lsb: tensor.lsb };
  if (tensor.kind === 'integer') return { code: tensor.values[index] ?? 0n, lsb: 0 };
  return dyadicFromNumber(tensor.values[index] ?? 0);
}

/** Codes on the declared LSB of a quantised constant, on the coarsest exact LSB of any other. */
export function codesOf(tensor: ConstantTensor): { readonly lsb: number; readonly codes: readonly bigint[] } {
  if (tensor.kind === 'fixed') return tensor;
  return commonDyadic(Array.from({ length: elementsOf(tensor) }, (_, index) => dyadicAt(tensor, index)));
}

/** Index of the first NaN or infinity, or -1. */
export function firstNotFinite(tensor: ConstantTensor): number {
  return tensor.kind === 'float' ? tensor.values.findIndex((value) => !Number.isFinite(value)) : -1;
}
