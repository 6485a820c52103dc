import type { FixedPointType } from '../../src/numeric/fixed-point.js';
import { fixedPointType } from '../../src/numeric/fixed-point.js';
import { intervalWidth, union } from '../../src/numeric/interval.js';
import type { Overflow, Rounding } from '../../src/numeric/rounding.js';
import type { TensorFormat } from '../../src/model/formats.js';
import type { Random } from '../../src/support/random.js';

export const allRoundings = [
  'TRN',
  'TRN_ZERO',
  'RND',
  'RND_ZERO',
  'RND_INF',
  'RND_MIN_INF',
  'RND_CONV',
  'CEIL',
  'AWAY',
] as const satisfies readonly [Rounding, ...Rounding[]];
export const allOverflows = ['WRAP', 'SAT', 'SAT_ZERO', 'SAT_SYM', 'MODULO'] as const satisfies readonly [
  Overflow,
  ...Overflow[],
];

/** How wide the words of a random graph are. Each class of the batched evaluator's arithmetic has its own. */
export type WidthClass = 'narrow' | 'medium' | 'wide' | 'huge';

export function randomWidth(random: Random, widths: WidthClass): number {
  switch (widths) {
    case 'narrow':
      return random.integer(1, 8);
    case 'medium':
      return random.integer(6, 18);
    case 'wide':
      return random.integer(16, 40);
    case 'huge':
      return random.integer(30, 70);
  }
}

export function randomType(random: Random, widths: WidthClass): FixedPointType {
  const width = randomWidth(random, widths);
  return fixedPointType(random.integer(0, 2) > 0, width, random.integer(-2, width + 2));
}

/** One type for all elements or, one time in three, a type of its own for each. */
export function oneOrEach<T>(random: Random, size: number, make: () => T): readonly T[] {
  const count = size > 1 && random.integer(0, 2) === 0 ? size : 1;
  return Array.from({ length: count }, make);
}

/** Bits that the values of a tensor need, sign included. */
export function formatWidth(format: TensorFormat): number {
  return intervalWidth(format.ranges.reduce(union));
}

/**
 * A type near the values of a tensor: its LSB from a little finer to much coarser, its top from far too low (so that
 * values saturate or wrap) to a little too high.
 */
export function typeNear(random: Random, format: TensorFormat, maximumWidth: number): FixedPointType {
  const width = formatWidth(format);
  const lsb = format.lsb + random.integer(-2, Math.min(width + 1, random.pick([2, 6, 20])));
  const top = format.lsb + width + random.integer(-random.pick([1, 3, 8]), 2);
  const wanted = Math.max(1, Math.min(maximumWidth, top - lsb));
  return fixedPointType(random.integer(0, 2) > 0, wanted, lsb + wanted);
}

/** A weight with the habits of quantised networks: zeros, powers of two and repeats are common. */
export function randomWeight(random: Random, bits: number): bigint {
  switch (random.integer(0, 5)) {
    case 0:
      return 0n;
    case 1:
      return (random.integer(0, 1) === 0 ? 1n : -1n) << BigInt(random.integer(0, bits - 1));
    case 2:
      return BigInt(random.integer(-3, 3));
    default:
      return random.bigint(-(1n << BigInt(bits - 1)), (1n << BigInt(bits - 1)) - 1n);
  }
}
