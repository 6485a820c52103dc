import { invariant } from '../support/invariant.js';
import type { PairedScores } from './agreement.js';
import { measureAgreement, scorePairs } from './agreement.js';
import { compareAuc } from './auc.js';
import type { NamedScores } from './compare-at-point.js';
import { compareAtPoint } from './compare-at-point.js';
import { cutFor, FEWEST_ACCEPTED, interpolatedEfficiency } from './cut.js';
import type { OperatingPoint } from './operating-point.js';
import { DEFAULT_BUNCHES, defaultPoints, totalRate } from './operating-point.js';
import type { EvaluationResult, RocCurve, SignalResult, ThresholdScan } from './result.js';
import { countAbove, sortedScores } from './sorted-scores.js';

/** Scores of events, larger ones more signal-like; float and fixed lists of a sample have the same events. */
export interface ScoredSamples {
  readonly floatBackground: Float64Array;
  readonly fixedBackground: Float64Array;
  readonly floatSignals: ReadonlyMap<string, Float64Array>;
  readonly fixedSignals: ReadonlyMap<string, Float64Array>;
  /** Colliding bunches; 2340 where not given. */
  readonly bunches?: number;
  readonly points?: readonly OperatingPoint[];
}

/** Points of a curve to a factor of ten. */
const POINTS_A_DECADE = 12;

/**
 * What fixed point costs a score: agreement, ROC, efficiencies at rates and fractions, exchange (docs/evaluation.md).
 * Throws InvariantError for samples that are empty, differ in length, or hold NaN or infinities.
 */
export function evaluateScores(samples: ScoredSamples): EvaluationResult {
  const { bunches = DEFAULT_BUNCHES, points = defaultPoints } = samples;
  const background = paired(samples.floatBackground, samples.fixedBackground);
  const signals = [...samples.floatSignals].map(([name, float]): NamedScores => {
    const fixed = samples.fixedSignals.get(name);
    invariant(fixed !== undefined, `signal '${name}' has no fixed scores`);
    return { name, ...paired(float, fixed) };
  });
  return {
    kind: 'score',
    bunches,
    totalKilohertz: totalRate(bunches),
    background: {
      agreement: measureAgreement(background),
      pairs: scorePairs(background.float, background.fixed),
    },
    signals: signals.map((signal) => evaluateSignal(background, signal)),
    points: points.map((point) => compareAtPoint(point, background, signals, bunches)),
    scan: scanThresholds(background),
  };
}

export function paired(float: Float64Array, fixed: Float64Array, sortedFloat = sortedFinite(float)): PairedScores {
  invariant(float.length > 0 && float.length === fixed.length, `${float.length} float, ${fixed.length} fixed scores`);
  return { float, fixed, sortedFloat, sortedFixed: sortedFinite(fixed) };
}

/** In rising order; throws InvariantError where a score is NaN or infinite. */
export function sortedFinite(scores: Float64Array): Float64Array {
  const sorted = sortedScores(scores);
  // NaN sorts last, infinities to the ends.
  const finite = scores.length === 0 || (Number.isFinite(sorted[0]) && Number.isFinite(sorted.at(-1)));
  invariant(finite, 'a score is no finite number');
  return sorted;
}

function evaluateSignal(background: PairedScores, signal: NamedScores): SignalResult {
  const { float, fixed, loss } = compareAuc(background, signal);
  return {
    name: signal.name,
    agreement: measureAgreement(signal),
    pairs: scorePairs(signal.float, signal.fixed),
    aucFloat: float,
    aucFixed: fixed,
    aucLoss: loss,
    roc: rocCurve(background, signal),
  };
}

/** Fractions from the smallest that the sample resolves to 1, evenly in the logarithm. */
function curveFractions(events: number): readonly number[] {
  const decades = Math.log10(Math.max(1, events / FEWEST_ACCEPTED));
  const steps = Math.ceil(decades * POINTS_A_DECADE);
  const falling = Array.from({ length: steps + 1 }, (_, step) => 10 ** (-step / POINTS_A_DECADE));
  return falling.filter((fraction) => fraction * events >= FEWEST_ACCEPTED).reverse();
}

function rocCurve(background: PairedScores, signal: PairedScores): RocCurve {
  const events = background.float.length;
  const fractions = curveFractions(events);
  const efficiencies = (sortedBackground: Float64Array, sortedSignal: Float64Array): readonly number[] =>
    fractions.map((fraction) => interpolatedEfficiency(sortedBackground, sortedSignal, fraction * events));
  return {
    fractions,
    float: efficiencies(background.sortedFloat, signal.sortedFloat),
    fixed: efficiencies(background.sortedFixed, signal.sortedFixed),
  };
}

function scanThresholds({ sortedFloat, sortedFixed }: PairedScores): ThresholdScan {
  const events = sortedFloat.length;
  const cuts = curveFractions(events).map((fraction) => cutFor(sortedFloat, Math.floor(fraction * events)));
  const thresholds = [...new Set(cuts.filter(Number.isFinite))].reverse();
  return {
    thresholds,
    float: thresholds.map((threshold) => countAbove(sortedFloat, threshold) / events),
    fixed: thresholds.map((threshold) => countAbove(sortedFixed, threshold) / events),
  };
}
