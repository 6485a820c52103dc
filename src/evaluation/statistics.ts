import { at, invariant } from '../support/invariant.js';

/** Statistics of scores. Larger scores are more anomalous, or more signal-like; NaN must not occur. */

/** A value and its statistical error, one standard deviation. */
export interface Estimate {
  readonly value: number;
  readonly error: number;
}

export function sortedScores(scores: Float64Array): Float64Array {
  return Float64Array.from(scores).sort();
}

/**
 * Area under the ROC curve: the probability that a signal event has the larger score, ties counting half. The error is
 * that of Hanley and McNeil, Radiology 143 (1982) 29. `signal`, `background`: sorted in rising order, not empty.
 */
export function areaUnderCurve(signal: Float64Array, background: Float64Array): Estimate {
  const [n, m] = [signal.length, background.length];
  invariant(n > 0 && m > 0, 'an area under the curve needs signal and background');
  let [below, notAbove, wins] = [0, 0, 0];
  for (let index = 0; index < n; index++) {
    const score = at(signal, index);
    while (below < m && at(background, below) < score) below++;
    while (notAbove < m && at(background, notAbove) <= score) notAbove++;
    wins += (below + notAbove) / 2;
  }
  const area = wins / n / m;
  const [q1, q2] = [area / (2 - area), (2 * area * area) / (1 + area)];
  const variance = (area * (1 - area) + (n - 1) * (q1 - area * area) + (m - 1) * (q2 - area * area)) / n / m;
  return { value: area, error: Math.sqrt(Math.max(0, variance)) };
}

/** A threshold on a score: events with score ≥ threshold are accepted. */
export interface Threshold {
  readonly threshold: number;
  /** Events of the background that it accepts. */
  readonly accepted: number;
}

/**
 * The smallest score as a threshold that accepts no more than `fraction` of the background: events that share a score
 * are accepted together or not at all, as hardware does. Undefined where the sample cannot tell: fewer than
 * `RESOLVABLE` events of it may be accepted. `background`: sorted in rising order.
 */
export function thresholdAt(background: Float64Array, fraction: number): Threshold | undefined {
  const allowed = Math.floor(fraction * background.length + 1e-9);
  if (allowed < RESOLVABLE) return undefined;
  const count = background.length;
  if (allowed >= count) return { threshold: at(background, 0), accepted: count };
  // The event that must not be accepted any more, and all that share its score.
  const excluded = at(background, count - allowed - 1);
  const first = firstAbove(background, excluded);
  const accepted = count - first;
  return { threshold: accepted === 0 ? nextAfter(excluded) : at(background, first), accepted };
}

/** Fewer accepted background events say nothing about a rate: their own error is more than 30 %. */
export const RESOLVABLE = 10;

/** Share of the scores that are at or above a threshold; the error is binomial. `scores`: sorted in rising order. */
export function acceptedShare(scores: Float64Array, threshold: number): Estimate {
  const count = scores.length;
  const value = (count - firstAtLeast(scores, threshold)) / count;
  // Wilson's interval does not vanish where all or none are accepted.
  const centre = (value + 0.5 / count) / (1 + 1 / count);
  const error = Math.sqrt((value * (1 - value)) / count + 0.25 / count / count) / (1 + 1 / count);
  return { value, error: error + (value === 0 || value === 1 ? Math.abs(centre - value) : 0) };
}

/**
 * Events that only one of two scores accepts, as a share of those that either accepts: |A Δ B| / |A ∪ B|. Both scores are
 * of the same events in the same order. 0 where neither accepts any.
 */
export function exchange(
  left: Float64Array,
  leftThreshold: number,
  right: Float64Array,
  rightThreshold: number,
): Estimate {
  let [different, either] = [0, 0];
  left.forEach((score, event) => {
    const [a, b] = [score >= leftThreshold, at(right, event) >= rightThreshold];
    if (a || b) either++;
    if (a !== b) different++;
  });
  if (either === 0) return { value: 0, error: 0 };
  const value = different / either;
  return { value, error: Math.sqrt((value * (1 - value)) / either) };
}

/** How far one set of scores follows another, event by event. */
export interface Agreement {
  /** Largest and root mean square difference, in units of the score. */
  readonly maximum: number;
  readonly rms: number;
  /** Spearman's rank correlation, ties sharing their mean rank; 1 where both are constant. */
  readonly rankCorrelation: number;
}

export function agreement(left: Float64Array, right: Float64Array): Agreement {
  let [maximum, squares] = [0, 0];
  left.forEach((score, event) => {
    const difference = Math.abs(score - at(right, event));
    if (difference > maximum) maximum = difference;
    squares += difference * difference;
  });
  const rms = Math.sqrt(squares / Math.max(1, left.length));
  return { maximum, rms, rankCorrelation: correlation(ranks(left), ranks(right)) };
}

function ranks(scores: Float64Array): Float64Array {
  const order = Uint32Array.from({ length: scores.length }, (_, index) => index).sort(
    (left, right) => at(scores, left) - at(scores, right),
  );
  const result = new Float64Array(scores.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && at(scores, at(order, end)) === at(scores, at(order, start))) end++;
    for (let index = start; index < end; index++) result[at(order, index)] = (start + end - 1) / 2;
    start = end;
  }
  return result;
}

function correlation(left: Float64Array, right: Float64Array): number {
  const mean = (left.length - 1) / 2;
  let [both, first, second] = [0, 0, 0];
  left.forEach((value, index) => {
    const [a, b] = [value - mean, at(right, index) - mean];
    both += a * b;
    first += a * a;
    second += b * b;
  });
  if (first === 0 || second === 0) return first === second ? 1 : 0;
  return both / Math.sqrt(first * second);
}

function firstAtLeast(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(sorted, middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstAbove(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(sorted, middle) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The next larger double. */
function nextAfter(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value + 0);
  if (value === 0) return Number.MIN_VALUE;
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return view.getFloat64(0);
}
