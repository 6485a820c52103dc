import { trailingZeros } from '../../support/bits.js';
import type { AffineRatio } from '../../numeric/ratio.js';
import type { Rounding } from '../../numeric/rounding.js';
import type { CoverageBranch } from '../../model/coverage.js';
import { roundsToNearest } from '../../model/coverage.js';
import type { Count, ProbeContext } from './probe-text.js';
import { addTo } from './probe-text.js';
import type { Expression } from './quantize-text.js';
import { convert } from './quantize-text.js';
import { BIGINT, DOUBLE, INT32, literal, magnitudeOf, representationOf } from './representation.js';

/** What is left of a division: texts that can be repeated. */
export interface Remainder {
  /** In the representation: the remainder, and half of the divisor on the same scale. */
  readonly rest: string;
  readonly half: string;
  /** Numbers 0 or 1: is the dividend negative, and is the floor of the quotient odd? */
  readonly negative: string;
  readonly odd: string;
  /** All of them are 32-bit integers, and their differences too. */
  readonly int32: boolean;
  readonly zero: string;
}

/** The division of a quantiser, without its rounding. */
export function remainderOf(value: Expression, ratio: AffineRatio, context: ProbeContext): Remainder {
  const { numerator, offset, denominator } = ratio;
  const shift = trailingZeros(denominator);
  const { text: x, representation, range } = value;
  const isShift = numerator === 1n && offset === 0n && denominator === 1n << BigInt(shift);
  const named = (text: string, held = representation): string => context.name({ text, representation: held, range });
  if (isShift && representation === INT32 && shift <= 31) {
    return {
      rest: named(`${x} & ${2 ** shift - 1}`),
      half: String(2 ** (shift - 1)),
      negative: `(${x} >>> 31)`,
      odd: `(${x} >> ${shift} & 1)`,
      int32: true,
      zero: '0',
    };
  }
  const bound =
    2n *
    (magnitudeOf(range) * magnitudeOf({ low: numerator, high: numerator }) +
      magnitudeOf({ low: offset, high: offset }) +
      2n * denominator);
  const exact = representation !== BIGINT && representationOf({ low: -bound, high: bound }) !== BIGINT;
  const held = exact ? DOUBLE : BIGINT;
  const text = (number: bigint): string => literal(number, held);
  const operand = convert(value, held).text;
  const dividend = named(isShift ? operand : `${operand} * ${text(numerator)} + ${text(offset)}`, held);
  const floor = named(floorText(dividend, denominator, isShift, exact), held);
  const rest = named(`(${dividend} - ${floor} * ${text(denominator)}) * ${text(2n)}`, held);
  return {
    rest,
    half: text(denominator),
    negative: `(${dividend} < 0 ? 1 : 0)`,
    // The bit operators take a double modulo 2^32, exactly.
    odd: exact ? `(${floor} & 1)` : `Number(${floor} & 1n)`,
    int32: false,
    zero: text(0n),
  };
}

/** In doubles where twice the dividend and the divisor stay below 2^53: see `ratioText`. */
function floorText(dividend: string, divisor: bigint, isShift: boolean, exact: boolean): string {
  if (exact) return `Math.floor(${dividend} ${isShift ? `* ${1 / Number(divisor)}` : `/ ${divisor}`})`;
  const [d, zero] = [literal(divisor, BIGINT), literal(0n, BIGINT)];
  if (isShift) return `${dividend} >> ${trailingZeros(divisor)}n`;
  return `${dividend} / ${d} - (${dividend} % ${d} < ${zero} ? 1n : 0n)`;
}

/**
 * Few sums are kept, and the branches follow from them at the end (`roundingsOf`). In the places of roundings up and
 * down: the remainders above a half, or of negative dividends, and all that are not zero; in those of ties up and down:
 * ties that go up where the event decides that, and all ties.
 */
export function countRoundings(
  { rest, half, negative, odd, int32, zero }: Remainder,
  rounding: Rounding,
  { branches, counterOf }: Count,
  context: ProbeContext,
): void {
  if (!roundingBranches.some((branch) => branches.has(branch))) return;
  const inexact = int32 ? `(-${rest} >>> 31)` : `(${rest} > ${zero} ? 1 : 0)`;
  addTo(counterOf('rounded down'), inexact, context);
  if (rounding === 'TRN' || rounding === 'CEIL') return;
  if (!roundsToNearest(rounding)) {
    addTo(counterOf('rounded up'), `(${inexact} & ${negative})`, context);
    return;
  }
  addTo(counterOf('rounded up'), int32 ? `(${half} - ${rest} >>> 31)` : `(${rest} > ${half} ? 1 : 0)`, context);
  const text = int32 ? `(${rest} ^ ${half}) - 1 >>> 31` : `${rest} === ${half} ? 1 : 0`;
  const tie = context.name({ text, representation: INT32, range: { low: 0n, high: 1n } });
  addTo(counterOf('tie rounded down'), tie, context);
  const goesUp = { RND_ZERO: negative, RND_INF: `(1 - ${negative})`, RND_CONV: odd, RND: '', RND_MIN_INF: '' }[
    rounding as 'RND_ZERO' | 'RND_INF' | 'RND_CONV' | 'RND' | 'RND_MIN_INF'
  ];
  if (goesUp !== '') addTo(counterOf('tie rounded up'), `(${tie} & ${goesUp})`, context);
}

const roundingBranches = ['rounded up', 'rounded down', 'tie rounded up', 'tie rounded down'] as const;

/** The branches of rounding from what `countRoundings` summed. */
export function roundingsOf(
  rounding: Rounding,
  sum: (branch: CoverageBranch) => number,
): Readonly<Partial<Record<CoverageBranch, number>>> {
  const inexact = sum('rounded down');
  const part = sum('rounded up');
  if (rounding === 'TRN') return { 'rounded down': inexact };
  if (rounding === 'CEIL') return { 'rounded up': inexact };
  if (rounding === 'TRN_ZERO') return { 'rounded up': part, 'rounded down': inexact - part };
  if (rounding === 'AWAY') return { 'rounded up': inexact - part, 'rounded down': part };
  const ties = sum('tie rounded down');
  const tiesUp = rounding === 'RND' ? ties : sum('tie rounded up');
  const up = part + tiesUp;
  return {
    'rounded up': up,
    'rounded down': inexact - up,
    'tie rounded up': tiesUp,
    'tie rounded down': ties - tiesUp,
  };
}
