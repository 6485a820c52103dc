import type { FixedPointType } from './fixed-point.js';
import { lsbExponent } from './fixed-point.js';
import type { Overflow, Rounding } from './rounding.js';
import { applyOverflow, quantizedRange } from './rounding.js';
import { unreachable } from '../support/invariant.js';

/**
 * `quantizeCode` on a double: round to a multiple of the type's LSB, then handle overflow; the result is a real value.
 * Exact wherever the result has no more than 53 significant bits. NaN stays NaN; an infinity goes to the bound on its
 * side, or to zero under SAT_ZERO.
 */
export function quantizeNumber(value: number, type: FixedPointType, rounding: Rounding, overflow: Overflow): number {
  if (Number.isNaN(value)) return value;
  const lsb = lsbExponent(type);
  const { low, high } = quantizedRange(type, overflow);
  const rounded = roundNumber(scaleBy(value, -lsb), rounding);
  if (!Number.isFinite(rounded)) {
    if (overflow === 'SAT_ZERO') return 0;
    return scaleBy(Number(rounded > 0 ? high : low), lsb);
  }
  if (rounded >= Number(low) && rounded <= Number(high)) return scaleBy(rounded, lsb);
  return scaleBy(Number(applyOverflow(BigInt(rounded), type, overflow)), lsb);
}

/** value × 2^exponent, also where 2^exponent alone is no double. */
function scaleBy(value: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return value * 2 ** half * 2 ** (exponent - half);
}

/** The rounding modes of `roundShift` on a double. */
export function roundNumber(value: number, rounding: Rounding): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest === 0 || !Number.isFinite(value)) return value;
  switch (rounding) {
    case 'TRN':
      return floor;
    case 'TRN_ZERO':
      return Math.trunc(value);
    case 'CEIL':
      return floor + 1;
    case 'AWAY':
      return value < 0 ? floor : floor + 1;
    case 'RND':
      return rest >= 0.5 ? floor + 1 : floor;
    case 'RND_MIN_INF':
      return rest > 0.5 ? floor + 1 : floor;
    case 'RND_ZERO':
      return rest > 0.5 || (rest === 0.5 && value < 0) ? floor + 1 : floor;
    case 'RND_INF':
      return rest > 0.5 || (rest === 0.5 && value > 0) ? floor + 1 : floor;
    case 'RND_CONV':
      return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
    default:
      return unreachable(rounding);
  }
}
