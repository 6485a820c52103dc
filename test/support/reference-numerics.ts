import type { Overflow, Rounding } from '../../src/numeric/rounding.js';

/**
 * Rounding and overflow written a second time, as the definitions say it on the number line and by search, with nothing
 * in common with the shifts and masks of the compiler. For small numbers only.
 */

/** Integers around the small values of these tests. */
const candidates = (value: number): number[] => Array.from({ length: 5 }, (_, index) => Math.round(value) - 2 + index);

/** The integer that `value` rounds to. `value` is exact: a small integer times a small power of two. */
export function roundByDistance(value: number, rounding: Rounding): number {
  const all = candidates(value);
  const below = Math.max(...all.filter((n) => n <= value));
  const above = Math.min(...all.filter((n) => n >= value));
  switch (rounding) {
    case 'TRN':
      return below;
    case 'CEIL':
      return above;
    case 'TRN_ZERO':
      return Math.abs(below) < Math.abs(above) ? below : above;
    case 'AWAY':
      return Math.abs(below) > Math.abs(above) ? below : above;
    default: {
      const nearest = Math.min(...all.map((n) => Math.abs(n - value)));
      const tied = all.filter((n) => Math.abs(n - value) === nearest);
      return breakTie(tied, rounding);
    }
  }
}

function breakTie(tied: readonly number[], rounding: Rounding): number {
  const score: Partial<Record<Rounding, (n: number) => number>> = {
    RND: (n) => n,
    RND_MIN_INF: (n) => -n,
    RND_ZERO: (n) => -Math.abs(n),
    RND_INF: (n) => Math.abs(n),
    RND_CONV: (n) => (n % 2 === 0 ? 1 : 0),
  };
  const rate = score[rounding];
  if (rate === undefined) throw new Error(`no tie rule for ${rounding}`);
  const [best] = [...tied].sort((a, b) => rate(b) - rate(a));
  if (best === undefined) throw new Error('nothing to choose from');
  return best;
}

/** All codes of a type, lowest first. */
export function allCodes(signed: boolean, width: number): number[] {
  const count = 2 ** width;
  return Array.from({ length: count }, (_, index) => (signed ? index - count / 2 : index));
}

/** The code that an integer becomes in a type. */
export function overflowBySearch(value: number, signed: boolean, width: number, overflow: Overflow): number {
  const codes = allCodes(signed, width);
  const allowed = overflow === 'SAT_SYM' && signed ? codes.slice(1) : codes;
  switch (overflow) {
    case 'WRAP':
    case 'MODULO':
      return only(codes.filter((code) => Number.isInteger((value - code) / 2 ** width)));
    case 'SAT_ZERO':
      return codes.includes(value) ? value : 0;
    case 'SAT':
    case 'SAT_SYM': {
      const distance = Math.min(...allowed.map((code) => Math.abs(code - value)));
      return only(allowed.filter((code) => Math.abs(code - value) === distance));
    }
  }
}

function only(list: readonly number[]): number {
  const [first] = list;
  if (first === undefined || list.length !== 1) throw new Error(`${list.length} candidates`);
  return first;
}
