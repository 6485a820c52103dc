import type { Interval } from '../../numeric/interval.js';
import { max } from '../../numeric/interval.js';

/**
 * How a value is held while it is computed: the cheapest of these in which its whole range is exact.
 *
 * | representation | range |
 * |---|---|
 * | 0 int32 | -2^31 … 2^31 - 1: arithmetic modulo 2^32 |
 * | 1 double | magnitudes below 2^53 |
 * | 2 bigint | anything |
 */
export const INT32 = 0;
export const DOUBLE = 1;
export const BIGINT = 2;
export type Representation = typeof INT32 | typeof DOUBLE | typeof BIGINT;

const INT32_LIMIT = 1n << 31n;
const DOUBLE_LIMIT = 1n << 53n;

export function representationOf(range: Interval): Representation {
  if (range.low >= -INT32_LIMIT && range.high < INT32_LIMIT) return INT32;
  return magnitudeOf(range) < DOUBLE_LIMIT ? DOUBLE : BIGINT;
}

/** Largest magnitude in the interval. */
export function magnitudeOf(range: Interval): bigint {
  return max(range.high < 0n ? -range.high : range.high, range.low < 0n ? -range.low : range.low);
}

/** The wider of two. */
export function wider(left: Representation, right: Representation): Representation {
  return left > right ? left : right;
}

/** A number in the generated text; in parentheses where a sign could run into an operator. */
export function literal(value: bigint, representation: Representation): string {
  const text = `${value}${representation === BIGINT ? 'n' : ''}`;
  return value < 0n ? `(${text})` : text;
}
