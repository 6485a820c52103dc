import type { FixedPointType } from '../numeric/fixed-point.js';
import { fixedPointType } from '../numeric/fixed-point.js';
import type { TensorPrecision } from '../passes/model/precision/plan.js';
import type { TensorSite } from '../passes/model/precision/sites.js';
import { at } from '../support/invariant.js';

/** What is known of a tensor, by group of its elements. */
export interface TensorFacts {
  readonly site: TensorSite;
  /** Least and largest value over the data. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Damage per unit of variance of the error of its elements. */
  readonly damage: Float64Array;
  /** LUTs that one more bit on every element costs. */
  readonly bitCost: Float64Array;
  /** Bits of an entry of the table that reads the tensor, and how many tables there are; 0 where there is none. */
  readonly tables: number;
}

/** Fraction bits beyond which no price is worth asking: doubles hold no more of a value near 1. */
const MOST_FRACTION_BITS = 24;
/** A table of so many address bits fits one LUT per bit of its entries. */
const LUT_INPUTS = 6;

/**
 * Types of a tensor, one per element: integer bits hold the data with `margin` more, and fraction bits are added while a
 * bit takes more damage away than the price of its LUTs. A rounding error is taken to be uniform: variance LSB² / 12.
 *
 * `price`: damage that one LUT is worth.
 */
export function chooseTensorTypes(facts: TensorFacts, price: number, margin: number): TensorPrecision {
  const { site, low, high } = facts;
  const byGroup = Array.from({ length: site.groupCount }, (_, group) => {
    const own = at(low, group) < 0;
    const integer = integerBits(at(low, group), at(high, group), own) + margin;
    const fraction = fractionBits(facts, group, integer, price);
    return fixedPointType(own, Math.max(1, integer + fraction + (own ? 1 : 0)), integer + (own ? 1 : 0));
  });
  const types = Array.from(site.groups, (group) => at(byGroup, group));
  const [first] = types;
  const uniform = first !== undefined && types.every((type) => same(type, first));
  return { types: uniform ? [first] : types, rounding: 'RND', overflow: 'SAT' };
}

function same(left: FixedPointType, right: FixedPointType): boolean {
  return left.signed === right.signed && left.width === right.width && left.integer === right.integer;
}

/** Bits left of the binary point, without the sign, that hold the range; negative where the values are small. */
export function integerBits(low: number, high: number, signed: boolean): number {
  const largest = Math.max(high, signed ? -low : 0);
  if (!(largest > 0)) return -MOST_FRACTION_BITS;
  // Adding 0 turns -0 into 0.
  const bits = Math.ceil(Math.log2(largest)) + 0;
  // Exactly a power of two does not fit, except as the most negative value.
  return high >= 2 ** bits ? bits + 1 : bits;
}

function fractionBits(facts: TensorFacts, group: number, integer: number, price: number): number {
  const least = 1 - integer;
  for (let fraction = least; fraction < MOST_FRACTION_BITS; fraction++) {
    // From `fraction` bits to one more, the variance falls by three quarters.
    const gain = (at(facts.damage, group) * 2 ** (-2 * fraction) * 0.75) / 12;
    const address = integer + fraction + 1;
    const table = facts.tables * 2 ** Math.max(0, address - LUT_INPUTS);
    if (gain <= price * (at(facts.bitCost, group) + table)) return fraction;
  }
  return MOST_FRACTION_BITS;
}
