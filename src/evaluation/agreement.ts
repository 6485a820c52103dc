import { invariant } from '../support/invariant.js';
import type { Agreement, ScorePairs } from './result.js';
import { placements } from './sorted-scores.js';

/** Pairs that a scatter plot shows. */
const MOST_PAIRS = 1000;

/** One score of a sample from both evaluators, with each in rising order. */
export interface PairedScores {
  readonly float: Float64Array;
  readonly fixed: Float64Array;
  readonly sortedFloat: Float64Array;
  readonly sortedFixed: Float64Array;
}

export function measureAgreement({ float, fixed, sortedFloat, sortedFixed }: PairedScores): Agreement {
  const events = float.length;
  invariant(events > 0 && fixed.length === events, `${events} float scores and ${fixed.length} fixed ones`);
  let [maximum, worstEvent, sum, squares] = [0, 0, 0, 0];
  for (let event = 0; event < events; event++) {
    const difference = (fixed[event] ?? 0) - (float[event] ?? 0);
    sum += difference;
    squares += difference * difference;
    if (Math.abs(difference) > maximum) {
      maximum = Math.abs(difference);
      worstEvent = event;
    }
  }
  const rankCorrelation = correlation(placements(float, sortedFloat), placements(fixed, sortedFixed));
  return { events, maximum, worstEvent, rms: Math.sqrt(squares / events), mean: sum / events, rankCorrelation };
}

/** Pearson's, of ranks: their mean is half their number. */
function correlation(left: Float64Array, right: Float64Array): number | null {
  const mean = left.length / 2;
  let [cross, leftSquares, rightSquares] = [0, 0, 0];
  for (let index = 0; index < left.length; index++) {
    const a = (left[index] ?? 0) - mean;
    const b = (right[index] ?? 0) - mean;
    cross += a * b;
    leftSquares += a * a;
    rightSquares += b * b;
  }
  if (leftSquares === 0 || rightSquares === 0) return null;
  return Math.max(-1, Math.min(1, cross / Math.sqrt(leftSquares * rightSquares)));
}

/** Evenly spaced events, all of them where there are few. */
export function scorePairs(float: Float64Array, fixed: Float64Array): ScorePairs {
  const count = Math.min(MOST_PAIRS, float.length);
  const events = Array.from({ length: count }, (_, index) => Math.floor((index * float.length) / count));
  return { float: events.map((event) => float[event] ?? 0), fixed: events.map((event) => fixed[event] ?? 0) };
}
