import { shiftBy } from '../support/bits.js';
import { invariant, unreachable } from '../support/invariant.js';
import type { FixedPointType } from './fixed-point.js';
import { lsbExponent } from './fixed-point.js';
import type { Interval } from './interval.js';
import type { Overflow, Rounding } from './rounding.js';
import { applyOverflow } from './rounding.js';

/** The exact map x → (numerator × x + offset) / denominator; the denominator is positive. */
export interface AffineRatio {
  readonly numerator: bigint;
  readonly offset: bigint;
  readonly denominator: bigint;
}

/** Greatest common divisor of the magnitudes; 0 when both are zero. */
export function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  let [a, b] = [left < 0n ? -left : left, right < 0n ? -right : right];
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** floor(numerator / denominator) for a positive denominator. */
export function floorDivide(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient;
}

/** numerator / denominator rounded to an integer, exactly, for a positive denominator; the modes are those of `roundShift`. */
export function roundDivide(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  invariant(denominator > 0n, 'a denominator is positive');
  const floor = floorDivide(numerator, denominator);
  const remainder = numerator - floor * denominator;
  if (remainder === 0n) return floor;
  const side = 2n * remainder - denominator;
  const up = (condition: boolean): bigint => (condition ? floor + 1n : floor);
  switch (rounding) {
    case 'TRN':
      return floor;
    case 'TRN_ZERO':
      return up(numerator < 0n);
    case 'CEIL':
      return floor + 1n;
    case 'AWAY':
      return up(numerator > 0n);
    case 'RND':
      return up(side >= 0n);
    case 'RND_MIN_INF':
      return up(side > 0n);
    case 'RND_ZERO':
      return up(side > 0n || (side === 0n && numerator < 0n));
    case 'RND_INF':
      return up(side > 0n || (side === 0n && numerator > 0n));
    case 'RND_CONV':
      return up(side > 0n || (side === 0n && (floor & 1n) === 1n));
    default:
      return unreachable(rounding);
  }
}

/** `numerator/denominator` in lowest terms, and nothing but the numerator of a whole number; the denominator is positive. */
export function printRational(numerator: bigint, denominator: bigint): string {
  invariant(denominator > 0n, 'a denominator is positive');
  const divisor = greatestCommonDivisor(numerator, denominator);
  return denominator === divisor ? String(numerator / divisor) : `${numerator / divisor}/${denominator / divisor}`;
}

/** In lowest terms. */
export function reduceRatio({ numerator, offset, denominator }: AffineRatio): AffineRatio {
  const divisor = greatestCommonDivisor(greatestCommonDivisor(numerator, offset), denominator);
  return { numerator: numerator / divisor, offset: offset / divisor, denominator: denominator / divisor };
}

/** The ratio as it acts on codes: from codes of LSB 2^from to codes of LSB 2^to, before rounding; in lowest terms. */
export function ratioOnCodes(ratio: AffineRatio, from: number, to: number): AffineRatio {
  const finest = Math.min(0, from);
  const up = Math.max(0, finest - to);
  return reduceRatio({
    numerator: shiftBy(ratio.numerator, from - finest + up),
    offset: shiftBy(ratio.offset, -finest + up),
    denominator: shiftBy(ratio.denominator, to - finest + up),
  });
}

/** (numerator × code + offset) / denominator, rounded. */
export function roundRatio({ numerator, offset, denominator }: AffineRatio, code: bigint, rounding: Rounding): bigint {
  return roundDivide(numerator * code + offset, denominator, rounding);
}

/** The rounded images of an interval of codes: rounding keeps order, so the ends give the ends. */
export function roundRatioInterval(ratio: AffineRatio, { low, high }: Interval, rounding: Rounding): Interval {
  const [first, last] = [roundRatio(ratio, low, rounding), roundRatio(ratio, high, rounding)];
  return first <= last ? { low: first, high: last } : { low: last, high: first };
}

/** Codes of LSB 2^lsb through the ratio to codes of `type`: one rounding, then the overflow. */
export function requantizeCode(
  code: bigint,
  lsb: number,
  ratio: AffineRatio,
  type: FixedPointType,
  rounding: Rounding,
  overflow: Overflow,
): bigint {
  return applyOverflow(roundRatio(ratioOnCodes(ratio, lsb, lsbExponent(type)), code, rounding), type, overflow);
}
