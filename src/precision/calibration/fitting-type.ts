import type { FixedPointType } from '../../numeric/fixed-point.js';
import { codeRange, fixedPointType, lsbExponent } from '../../numeric/fixed-point.js';
import type { RealInterval } from '../../evaluation/calibration/tensor-statistics.js';

/** What a type has to hold, and how many bits it may have. */
export interface TypeWish {
  /** Both ends are finite, and not both zero. */
  readonly range: RealInterval;
  readonly signed: boolean;
  /** `width`: bits in all. `lsb`: exponent of the last place, however wide that is. */
  readonly bits: { readonly width: number } | { readonly lsb: number };
}

/**
 * The type with the fewest integer bits that holds the range, its ends rounded to the last place. Undefined where the
 * range is no more than a rounding error of the type, or beyond every type that can be built.
 */
export function fittingType({ range, signed, bits }: TypeWish): FixedPointType | undefined {
  const largest = Math.max(range.high, -range.low);
  const start = Math.floor(Math.log2(largest)) + (signed ? 1 : 0);
  for (let integer = start; integer <= start + 2; integer++) {
    const width = 'width' in bits ? bits.width : integer - bits.lsb;
    if (width < 1) continue;
    const type = typeOf(signed, width, integer);
    if (type !== undefined && holds(type, range)) return type;
  }
  return undefined;
}

function typeOf(signed: boolean, width: number, integer: number): FixedPointType | undefined {
  try {
    return fixedPointType(signed, width, integer);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function holds(type: FixedPointType, { low, high }: RealInterval): boolean {
  const codes = codeRange(type);
  const unit = 2 ** -lsbExponent(type);
  return Math.round(high * unit) <= Number(codes.high) && Math.round(low * unit) >= Number(codes.low);
}
