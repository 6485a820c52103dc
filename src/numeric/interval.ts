import { invariant } from '../support/invariant.js';
import { bitLength } from '../support/bits.js';

/** A closed interval of integers, never empty. */
export interface Interval {
  readonly low: bigint;
  readonly high: bigint;
}

export function interval(low: bigint, high: bigint): Interval {
  invariant(low <= high, `empty interval [${low}, ${high}]`);
  return { low, high };
}

export function point(value: bigint): Interval {
  return { low: value, high: value };
}

export function isPoint(range: Interval): boolean {
  return range.low === range.high;
}

export function contains(outer: Interval, inner: Interval): boolean {
  return outer.low <= inner.low && inner.high <= outer.high;
}

export function sameInterval(left: Interval, right: Interval): boolean {
  return left.low === right.low && left.high === right.high;
}

export function union(left: Interval, right: Interval): Interval {
  return { low: min(left.low, right.low), high: max(left.high, right.high) };
}

/** Undefined when the two do not meet. */
export function intersect(left: Interval, right: Interval): Interval | undefined {
  const low = max(left.low, right.low);
  const high = min(left.high, right.high);
  return low <= high ? { low, high } : undefined;
}

export function addIntervals(left: Interval, right: Interval): Interval {
  return { low: left.low + right.low, high: left.high + right.high };
}

export function subtractIntervals(left: Interval, right: Interval): Interval {
  return { low: left.low - right.high, high: left.high - right.low };
}

export function negateInterval(range: Interval): Interval {
  return { low: -range.high, high: -range.low };
}

export function multiplyIntervals(left: Interval, right: Interval): Interval {
  const products = [left.low * right.low, left.low * right.high, left.high * right.low, left.high * right.high];
  return { low: products.reduce(min), high: products.reduce(max) };
}

export function squareInterval(range: Interval): Interval {
  const [low, high] = [range.low * range.low, range.high * range.high];
  if (range.low >= 0n) return { low, high };
  if (range.high <= 0n) return { low: high, high: low };
  return { low: 0n, high: max(low, high) };
}

export function shiftInterval(range: Interval, left: number): Interval {
  const amount = BigInt(left);
  return left >= 0
    ? { low: range.low << amount, high: range.high << amount }
    : { low: range.low >> -amount, high: range.high >> -amount };
}

export function clampInterval(range: Interval, bounds: Interval): Interval {
  return { low: clampTo(range.low, bounds), high: clampTo(range.high, bounds) };
}

export function clampTo(value: bigint, bounds: Interval): bigint {
  return value < bounds.low ? bounds.low : value > bounds.high ? bounds.high : value;
}

/** Bits of the narrowest binary form: two's complement when the interval reaches below zero, else plain binary. At least 1. */
export function intervalWidth(range: Interval): number {
  if (range.low >= 0n) return Math.max(1, bitLength(range.high));
  const negative = bitLength(-range.low - 1n);
  const positive = range.high > 0n ? bitLength(range.high) : 0;
  return Math.max(negative, positive) + 1;
}

export function isSigned(range: Interval): boolean {
  return range.low < 0n;
}

export function min(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

export function max(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
