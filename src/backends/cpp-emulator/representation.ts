import type { Interval } from '../../numeric/interval.js';
import { contains, intervalWidth } from '../../numeric/interval.js';

/**
 * How the generated C++ holds a value: the cheapest of these in which its whole range is exact.
 *
 * | representation | C++ type (all events of a step side by side) | range |
 * |---|---|---|
 * | 0 | `I32` | -2^31 … 2^31 - 1 |
 * | 1 | `I64` | -2^63 … 2^63 - 1 |
 * | 2 | `Wide` | anything, in limbs of 64 bits |
 */
export const I32 = 0;
export const I64 = 1;
export const WIDE = 2;
export type Representation = typeof I32 | typeof I64 | typeof WIDE;

const int32: Interval = { low: -(1n << 31n), high: (1n << 31n) - 1n };
const int64: Interval = { low: -(1n << 63n), high: (1n << 63n) - 1n };
const LIMB_BITS = 64;

export function representationOf(range: Interval): Representation {
  if (contains(int32, range)) return I32;
  return contains(int64, range) ? I64 : WIDE;
}

export function widest(...representations: readonly Representation[]): Representation {
  return representations.reduce((left, right) => (left > right ? left : right), I32);
}

/** Names of the C++ types, and of the functions that convert to them. */
export const vectorTypes = ['I32', 'I64', 'Wide'] as const;
export const conversions = ['to_i32', 'to_i64', 'to_wide'] as const;
/** Names of the memories that values wait in between two functions. */
export const memories = ['i32', 'i64', 'wide'] as const;

/** Limbs in which any value of the range, and one more bit, is exact in two's complement. */
export function limbsOf(range: Interval): number {
  return Math.ceil((intervalWidth(range) + 2) / LIMB_BITS);
}

/** The limbs of a value, least significant first. */
export function limbs(value: bigint, count: number): readonly bigint[] {
  return Array.from({ length: count }, (_, index) => BigInt.asUintN(LIMB_BITS, value >> BigInt(index * LIMB_BITS)));
}

/** A constant of one event in C++: a number, or the braces of a limb array. */
export function scalarLiteral(value: bigint, representation: Representation, limbCount: number): string {
  if (representation === WIDE) {
    return `{{${limbs(value, limbCount)
      .map((limb) => `${limb}u`)
      .join(', ')}}}`;
  }
  // The most negative number of a type is no literal of it: C++ negates a positive one.
  if (representation === I32) return value === int32.low ? '(-2147483647 - 1)' : String(value);
  return value === int64.low ? '(-9223372036854775807 - 1)' : String(value);
}
