import type { PairedScores } from './agreement.js';
import { meanAndVariance } from './estimates.js';
import type { Difference, Estimate } from './result.js';
import { placements } from './sorted-scores.js';

export interface AucComparison {
  readonly float: Estimate;
  readonly fixed: Estimate;
  /** float - fixed. */
  readonly loss: Difference;
}

/**
 * Areas under the two ROC curves: the probability that a signal event has a larger score than a background event, equal
 * scores at half weight. Variances, and that of the difference on the same events, from the structural components of
 * DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988).
 */
export function compareAuc(background: PairedScores, signal: PairedScores): AucComparison {
  const float = components(background.float, background.sortedFloat, signal.float, signal.sortedFloat);
  const fixed = components(background.fixed, background.sortedFixed, signal.fixed, signal.sortedFixed);
  const [floatArea, fixedArea] = [areaOf(float), areaOf(fixed)];
  const difference = {
    ofSignal: float.ofSignal.map((value, event) => value - (fixed.ofSignal[event] ?? 0)),
    ofBackground: float.ofBackground.map((value, event) => value - (fixed.ofBackground[event] ?? 0)),
  };
  const { variance, mean } = areaOf(difference);
  return { float: estimate(floatArea), fixed: estimate(fixedArea), loss: { value: mean, error: Math.sqrt(variance) } };
}

interface Components {
  /** By signal event, the part of the background below it. */
  readonly ofSignal: Float64Array;
  /** By background event, the part of the signal above it. */
  readonly ofBackground: Float64Array;
}

function components(
  background: Float64Array,
  sortedBackground: Float64Array,
  signal: Float64Array,
  sortedSignal: Float64Array,
): Components {
  const ofSignal = placements(signal, sortedBackground);
  const ofBackground = placements(background, sortedSignal);
  for (let event = 0; event < ofSignal.length; event++) ofSignal[event] = (ofSignal[event] ?? 0) / background.length;
  for (let event = 0; event < ofBackground.length; event++) {
    ofBackground[event] = 1 - (ofBackground[event] ?? 0) / signal.length;
  }
  return { ofSignal, ofBackground };
}

function areaOf({ ofSignal, ofBackground }: Components): { readonly mean: number; readonly variance: number } {
  const { mean, variance } = meanAndVariance(ofSignal);
  return { mean, variance: variance / ofSignal.length + meanAndVariance(ofBackground).variance / ofBackground.length };
}

function estimate({ mean, variance }: { readonly mean: number; readonly variance: number }): Estimate {
  const error = Math.sqrt(variance);
  return { value: mean, low: Math.max(0, mean - error), high: Math.min(1, mean + error) };
}
