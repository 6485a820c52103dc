import { invariant, unreachable } from '../support/invariant.js';
import type { FixedPointType } from './fixed-point.js';
import type { Interval } from './interval.js';

/** The seven rounding modes of `ap_fixed` (UG1399), without their AP_ prefix. */
export const roundingNames = ['TRN', 'TRN_ZERO', 'RND', 'RND_ZERO', 'RND_INF', 'RND_MIN_INF', 'RND_CONV'] as const;

/** CEIL and AWAY exist in QONNX only (CEIL; UP, away from zero): they have no `ap_fixed` spelling. */
export type Rounding = (typeof roundingNames)[number] | 'CEIL' | 'AWAY';

/** The overflow modes of `ap_fixed`, without their AP_ prefix. AP_WRAP_SM is refused by name where types are parsed. */
export const overflowNames = ['WRAP', 'SAT', 'SAT_ZERO', 'SAT_SYM'] as const;
/**
 * MODULO is WRAP where the low bits are what is wanted, such as the place within a step of a table: nobody has to be
 * warned of it. It has no `ap_fixed` spelling.
 */
export type Overflow = (typeof overflowNames)[number] | 'MODULO';

/**
 * value × 2^-shift rounded to an integer. A shift of zero or below is exact.
 *
 * | mode | meaning |
 * |---|---|
 * | TRN | towards minus infinity | TRN_ZERO | towards zero | CEIL | towards plus infinity | AWAY | away from zero |
 * | RND | nearest, ties to plus infinity | RND_MIN_INF | ties to minus infinity | RND_ZERO | ties towards zero |
 * | RND_INF | ties away from zero | RND_CONV | ties to even |
 */
export function roundShift(value: bigint, shift: number, rounding: Rounding): bigint {
  if (shift <= 0) return value << BigInt(-shift);
  const amount = BigInt(shift);
  const floor = value >> amount;
  const remainder = value - (floor << amount);
  if (remainder === 0n) return floor;
  const half = 1n << (amount - 1n);
  switch (rounding) {
    case 'TRN':
      return floor;
    case 'TRN_ZERO':
      return value < 0n ? floor + 1n : floor;
    case 'CEIL':
      return floor + 1n;
    case 'AWAY':
      return value < 0n ? floor : floor + 1n;
    case 'RND':
      return remainder >= half ? floor + 1n : floor;
    case 'RND_MIN_INF':
      return remainder > half ? floor + 1n : floor;
    case 'RND_ZERO':
      return remainder > half || (remainder === half && value < 0n) ? floor + 1n : floor;
    case 'RND_INF':
      return remainder > half || (remainder === half && value > 0n) ? floor + 1n : floor;
    case 'RND_CONV':
      return remainder > half || (remainder === half && (floor & 1n) === 1n) ? floor + 1n : floor;
    default:
      return unreachable(rounding);
  }
}

/** The codes that a quantiser with this overflow mode can produce. */
export function quantizedRange(type: FixedPointType, overflow: Overflow): Interval {
  const high = (1n << BigInt(type.signed ? type.width - 1 : type.width)) - 1n;
  if (!type.signed) return { low: 0n, high };
  return overflow === 'SAT_SYM' ? { low: -high, high } : { low: -high - 1n, high };
}

/**
 * Bring an integer code into the type. SAT_SYM also maps the most negative code to its neighbour; for unsigned types
 * it is SAT.
 */
export function applyOverflow(code: bigint, type: FixedPointType, overflow: Overflow): bigint {
  const { low, high } = quantizedRange(type, overflow);
  if (code >= low && code <= high) return code;
  switch (overflow) {
    case 'WRAP':
    case 'MODULO':
      return type.signed ? BigInt.asIntN(type.width, code) : BigInt.asUintN(type.width, code);
    case 'SAT':
    case 'SAT_SYM':
      return code < low ? low : high;
    case 'SAT_ZERO':
      return 0n;
    default:
      return unreachable(overflow);
  }
}

/** Codes with LSB 2^lsb to codes of `type`: round, then handle overflow, in that order (as `ap_fixed` does). */
export function quantizeCode(
  code: bigint,
  lsb: number,
  type: FixedPointType,
  rounding: Rounding,
  overflow: Overflow,
): bigint {
  const shift = type.integer - type.width - lsb;
  invariant(Number.isInteger(shift), 'LSB exponents are integers');
  return applyOverflow(roundShift(code, shift, rounding), type, overflow);
}
