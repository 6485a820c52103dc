import { bitLength } from '../../support/bits.js';
import { at } from '../../support/invariant.js';
import type { AffineRatio } from '../../numeric/ratio.js';
import { floorDivide, greatestCommonDivisor, roundRatio } from '../../numeric/ratio.js';
import type { Interval } from '../../numeric/interval.js';
import type { Rounding } from '../../numeric/rounding.js';

/** floor((multiplier × x + addend) / 2^shift) */
export interface Staircase {
  readonly multiplier: bigint;
  readonly addend: bigint;
  readonly shift: number;
}

type Point = readonly [bigint, bigint];
/** Where the line multiplier × x / 2^shift must pass: at or above `y` for lower points, below it for upper ones. */
interface Points {
  readonly lower: Point[];
  readonly upper: Point[];
}

/** With more steps than this the conditions are not listed one by one. */
const MOST_STEPS = 2048n;
/** Further shifts to try after the first that works, for a multiplier with fewer digits. */
const FURTHER_SHIFTS = 4;
const CANDIDATES_PER_SIDE = 12n;

/** Non-zero digits of the canonical signed form. */
export function signedDigits(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  let bits = (3n * magnitude) ^ magnitude;
  let count = 0;
  for (; bits > 0n; bits >>= 32n) {
    let word = Number(bits & 0xffff_ffffn);
    for (; word > 0; word = Math.floor(word / 2)) count += word % 2;
  }
  return count;
}

/** The smallest x for which the rounded ratio (with a positive numerator) reaches y. */
export function firstReaching(ratio: AffineRatio, y: bigint, rounding: Rounding): bigint {
  const { numerator, offset, denominator } = ratio;
  // No rounding mode is more than one off: begin where the exact ratio is y - 1.
  let below = floorDivide((y - 1n) * denominator - offset, numerator) - 1n;
  let reached = floorDivide(y * denominator - offset, numerator) + 1n;
  while (reached - below > 1n) {
    const middle = (below + reached) >> 1n;
    if (roundRatio(ratio, middle, rounding) >= y) reached = middle;
    else below = middle;
  }
  return reached;
}

/**
 * One multiplication, one addition and one shift that give, for every x of `domain`, the rounded ratio clamped to
 * `range` (what lies beyond the range may differ, on its own side of it; what lies
 * within does not leave it). The numerator is positive. Undefined where no such line exists, as for some ties to
 * even: then the steps are not those of one straight line.
 *
 * With few steps, the line with the fewest digits through all of them; otherwise the bound of Granlund and Montgomery,
 * "Division by Invariant Integers using Multiplication", PLDI 1994, extended to a numerator and an offset.
 */
export function findStaircase(
  ratio: AffineRatio,
  domain: Interval,
  range: Interval,
  rounding: Rounding,
): Staircase | undefined {
  const lowest = roundRatio(ratio, domain.low, rounding);
  const highest = roundRatio(ratio, domain.high, rounding);
  const first = lowest > range.low ? lowest : range.low;
  const last = highest < range.high ? highest : range.high;
  if (last <= first) return undefined;
  const steps = last - first;
  const width = domain.high - domain.low + 1n;
  if (steps <= MOST_STEPS || width <= MOST_STEPS) {
    const points =
      width <= steps
        ? pointsOfDomain(ratio, domain, { low: first, high: last }, rounding)
        : pointsOfSteps(ratio, first, last, rounding);
    // An end that no clamp cuts off must not be passed.
    if (lowest >= range.low) points.lower.push([domain.low, lowest]);
    if (highest <= range.high) points.upper.push([domain.high, highest + 1n]);
    const line = throughPoints(points, ratio, 2 * bitLength(width) + 2);
    if (line !== undefined) return line;
  }
  // Beyond the first and the last step the line stays on its side.
  const from = lowest < first ? firstReaching(ratio, first + 1n, rounding) - 1n : domain.low;
  const to = highest > last ? firstReaching(ratio, last, rounding) : domain.high;
  return byBound(ratio, { low: from, high: to }, rounding);
}

function pointsOfSteps(ratio: AffineRatio, first: bigint, last: bigint, rounding: Rounding): Points {
  const lower: Point[] = [];
  const upper: Point[] = [];
  for (let y = first + 1n; y <= last; y++) {
    const x = firstReaching(ratio, y, rounding);
    lower.push([x, y]);
    upper.push([x - 1n, y]);
  }
  return { lower, upper };
}

function pointsOfDomain(ratio: AffineRatio, domain: Interval, range: Interval, rounding: Rounding): Points {
  const lower: Point[] = [];
  const upper: Point[] = [];
  for (let x = domain.low; x <= domain.high; x++) {
    const y = roundRatio(ratio, x, rounding);
    if (y > range.low) lower.push([x, y < range.high ? y : range.high]);
    if (y < range.high) upper.push([x, (y > range.low ? y : range.low) + 1n]);
  }
  return { lower, upper };
}

function throughPoints(points: Points, ratio: AffineRatio, widest: number): Staircase | undefined {
  const [flattest, steepest] = slopes(points);
  let best: Staircase | undefined;
  let bestDigits = Number.POSITIVE_INFINITY;
  let last = widest;
  for (let shift = 0; shift <= last; shift++) {
    const scale = 2 ** shift;
    // Slopes are doubles: one more on each side, and each candidate is checked exactly.
    const least = BigInt(Math.max(1, Math.floor(flattest * scale)));
    const most = BigInt(Math.max(1, Math.ceil(steepest * scale)));
    // The ratio's own slope is among those that fit.
    const centre = (ratio.numerator << BigInt(shift)) / ratio.denominator;
    const from = centre - CANDIDATES_PER_SIDE > least ? centre - CANDIDATES_PER_SIDE : least;
    const to = centre + CANDIDATES_PER_SIDE < most ? centre + CANDIDATES_PER_SIDE : most;
    for (let multiplier = from; multiplier <= to; multiplier++) {
      const digits = signedDigits(multiplier);
      if (digits >= bestDigits) continue;
      const addend = addendFor(points, multiplier, shift);
      if (addend === undefined) continue;
      if (best === undefined) last = Math.min(widest, shift + FURTHER_SHIFTS);
      best = { multiplier, addend, shift };
      bestDigits = digits;
    }
  }
  return best;
}

/** Bounds of the slopes of all lines between the points; loose where there are many. */
function slopes({ lower, upper }: Points): readonly [number, number] {
  // From a point nearby: differences of doubles far from zero would be lost.
  const [originX, originY] = lower[0] ?? upper[0] ?? [0n, 0n];
  const sample = (list: Points['lower']): readonly (readonly [number, number])[] => {
    const step = Math.max(1, Math.floor(list.length / 96));
    return list
      .filter((_, index) => index % step === 0 || index === list.length - 1)
      .map(([x, y]) => [Number(x - originX), Number(y - originY)] as const);
  };
  const [low, high] = [sample(lower), sample(upper)];
  let flattest = 0;
  let steepest = Number.POSITIVE_INFINITY;
  for (const [x, y] of low) {
    for (const [x2, y2] of high) {
      if (x2 > x) steepest = Math.min(steepest, (y2 - y) / (x2 - x));
      else if (x2 < x) flattest = Math.max(flattest, (y - y2) / (x - x2));
    }
  }
  if (steepest === Number.POSITIVE_INFINITY) steepest = flattest + 1;
  return [flattest, Math.max(flattest, steepest)];
}

/** The addend with the most trailing zeros for which all points lie on their side, if there is one. */
function addendFor({ lower, upper }: Points, multiplier: bigint, shift: number): bigint | undefined {
  const scale = BigInt(shift);
  let low: bigint | undefined;
  let high: bigint | undefined;
  for (const [x, y] of lower) {
    const bound = (y << scale) - multiplier * x;
    if (low === undefined || bound > low) low = bound;
  }
  for (const [x, y] of upper) {
    const bound = (y << scale) - 1n - multiplier * x;
    if (high === undefined || bound < high) high = bound;
    if (low !== undefined && bound < low) return undefined;
  }
  return roundest({ low: low ?? high ?? 0n, high: high ?? low ?? 0n });
}

/** The number of an interval with the most trailing zeros. */
export function roundest({ low, high }: Interval): bigint {
  if (low <= 0n && high >= 0n) return 0n;
  let value = high;
  for (let zeros = bitLength(high - low) + 1; zeros >= 0; zeros--) {
    const candidate = (high >> BigInt(zeros)) << BigInt(zeros);
    if (candidate >= low) {
      value = candidate;
      break;
    }
  }
  return value;
}

/** The rounding as an addend before a floor; undefined for modes that look at the sign or the tie. */
export function asFloor(ratio: AffineRatio, domain: Interval, rounding: Rounding): AffineRatio | undefined {
  const { numerator, offset, denominator } = ratio;
  const twice = { numerator: 2n * numerator, denominator: 2n * denominator };
  const up = (): AffineRatio => ({ ...ratio, offset: offset + denominator - 1n });
  const tiesUp = (): AffineRatio => ({ ...twice, offset: 2n * offset + denominator });
  const tiesDown = (): AffineRatio => ({ ...twice, offset: 2n * offset + denominator - 1n });
  const below = numerator * domain.high + offset <= 0n;
  const above = numerator * domain.low + offset >= 0n;
  switch (rounding) {
    case 'TRN':
      return ratio;
    case 'CEIL':
      return up();
    case 'RND':
      return tiesUp();
    case 'RND_MIN_INF':
      return tiesDown();
    case 'TRN_ZERO':
      return above ? ratio : below ? up() : undefined;
    case 'AWAY':
      return above ? up() : below ? ratio : undefined;
    case 'RND_ZERO':
      return above ? tiesDown() : below || !hasTies(ratio, domain) ? tiesUp() : undefined;
    case 'RND_INF':
      return above || !hasTies(ratio, domain) ? tiesUp() : below ? tiesDown() : undefined;
    case 'RND_CONV':
      return hasTies(ratio, domain) ? undefined : tiesUp();
  }
}

/** Does any x of the domain lie exactly between two integers? */
export function hasTies({ numerator, offset, denominator }: AffineRatio, domain: Interval): boolean {
  // numerator × x + offset ≡ denominator / 2 (mod denominator), a linear congruence.
  if ((denominator & 1n) === 1n) return false;
  const divisor = greatestCommonDivisor(numerator, denominator);
  const target = denominator / 2n - offset;
  if (target % divisor !== 0n) return false;
  const modulus = denominator / divisor;
  const residue = modulo((target / divisor) * inverse(modulo(numerator / divisor, modulus), modulus), modulus);
  const next = domain.low + modulo(residue - domain.low, modulus);
  return next <= domain.high;
}

function modulo(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

/** The inverse of a unit, by Euclid's extended algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [oldRest, rest] = [value, modulus];
  let [oldFactor, factor] = [1n, 0n];
  while (rest !== 0n) {
    const quotient = oldRest / rest;
    [oldRest, rest] = [rest, oldRest - quotient * rest];
    [oldFactor, factor] = [factor, oldFactor - quotient * factor];
  }
  return oldFactor;
}

/**
 * (k × x + c) / 2^s lies above the exact (a × x + b) / D by (ε × x + c × D - 2^s × b) / (2^s × D), ε = k × D - 2^s × a.
 * The exact value is at least 1/D below the next integer, so that an error in [0, 2^s) units of 1 / (2^s × D) is safe.
 */
function byBound(ratio: AffineRatio, domain: Interval, rounding: Rounding): Staircase | undefined {
  const exact = asFloor(ratio, domain, rounding);
  if (exact === undefined) return undefined;
  const { numerator: a, offset: b, denominator: d } = exact;
  const most = bitLength(d) + bitLength(domain.high - domain.low) + 3;
  for (let shift = 0; shift <= most; shift++) {
    const scale = 1n << BigInt(shift);
    const nearest = (scale * a) / d;
    for (const multiplier of [nearest, nearest + 1n]) {
      const error = multiplier * d - scale * a;
      const ends = [error * domain.low, error * domain.high];
      const [least, greatest] = at(ends, 0) < at(ends, 1) ? [at(ends, 0), at(ends, 1)] : [at(ends, 1), at(ends, 0)];
      // 0 ≤ least + c d - scale b and greatest + c d - scale b < scale
      const low = -floorDivide(least - scale * b, d);
      const high = floorDivide(scale - 1n - greatest + scale * b, d);
      if (low <= high && multiplier > 0n) return { multiplier, addend: roundest({ low, high }), shift };
    }
  }
  return undefined;
}
