import type { OperatingPoint } from './operating-point.js';

/**
 * A measured value with the interval that holds 68.3 % of the probability (one standard deviation). docs/evaluation.md
 * has the formulas of this file.
 */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A difference between float and fixed on the same events, and its standard error: that of pairs. */
export interface Difference {
  readonly value: number;
  readonly error: number;
}

/** How well the scores of one sample agree; differences are fixed minus float. */
export interface Agreement {
  readonly events: number;
  /** Largest |difference|, and the event that has it, from 0. */
  readonly maximum: number;
  readonly worstEvent: number;
  readonly rms: number;
  readonly mean: number;
  /** Spearman's, ties by their mean rank; null where one of the scores is the same for all events. */
  readonly rankCorrelation: number | null;
}

/** Float and fixed score of some events of a sample, evenly spaced in it: for drawing. */
export interface ScorePairs {
  readonly float: readonly number[];
  readonly fixed: readonly number[];
}

/** True positive rates over background fractions, for drawing; between two scores, ties are split in proportion. */
export interface RocCurve {
  readonly fractions: readonly number[];
  readonly float: readonly number[];
  readonly fixed: readonly number[];
}

export interface SignalResult {
  readonly name: string;
  readonly agreement: Agreement;
  readonly pairs: ScorePairs;
  /** Area under the ROC curve against the background, ties at half weight; errors by DeLong. */
  readonly aucFloat: Estimate;
  readonly aucFixed: Estimate;
  /** aucFloat - aucFixed. */
  readonly aucLoss: Difference;
  readonly roc: RocCurve;
}

/** A cut: events with a score above it are accepted. */
export interface Cut {
  /** Accepted: score > above. */
  readonly above: number;
  /** Background events accepted: the most that do not exceed the target. */
  readonly accepted: number;
  /** Background events that have exactly the score `above`: accepting them too would exceed the target. */
  readonly ties: number;
  readonly fraction: Estimate;
  readonly kilohertz: Estimate;
}

/** Events that two selections of one sample accept. */
export interface Overlap {
  readonly events: number;
  readonly both: number;
  readonly floatOnly: number;
  readonly fixedOnly: number;
}

export interface SignalAtPoint {
  readonly name: string;
  /** Signal efficiencies at the two cuts: binomial errors (Wilson) of the signal sample. */
  readonly float: Estimate;
  readonly fixed: Estimate;
  /** Efficiencies at the cuts for one standard deviation fewer and more background events. */
  readonly floatThresholdRange: readonly [number, number];
  readonly fixedThresholdRange: readonly [number, number];
  /** Efficiencies where events at the cut are accepted in such a proportion that the target is met exactly. */
  readonly floatInterpolated: number;
  readonly fixedInterpolated: number;
  /** 1 - fixed / float; null where the float model accepts nothing. */
  readonly loss: Difference | null;
  readonly overlap: Overlap;
}

export interface ResolvedPoint {
  readonly resolvable: true;
  readonly point: OperatingPoint;
  /** Accepted background fraction that is aimed at, and what it means as a rate. */
  readonly target: number;
  readonly targetKilohertz: number;
  readonly float: Cut;
  readonly fixed: Cut;
  /** Background events of the two cuts. */
  readonly overlap: Overlap;
  /**
   * |A△B|/|A∪B| of the accepted background at equal rate: the float cut is lowered or raised until it accepts as many
   * events as the fixed one does; null where nothing is accepted.
   */
  readonly exchange: Estimate | null;
  /** Background decisions that change where the float cut is kept for the fixed score. */
  readonly sameCut: Overlap;
  readonly signals: readonly SignalAtPoint[];
}

export interface UnresolvedPoint {
  readonly resolvable: false;
  readonly point: OperatingPoint;
  readonly target: number;
  readonly targetKilohertz: number;
  /** Background events that would resolve it. */
  readonly needed: number;
}

export type PointResult = ResolvedPoint | UnresolvedPoint;

/** Accepted background fraction of both scores at the same cut, for drawing rates over thresholds. */
export interface ThresholdScan {
  readonly thresholds: readonly number[];
  readonly float: readonly number[];
  readonly fixed: readonly number[];
}

/** A score with a background and any number of signals. */
export interface EvaluationResult {
  readonly kind: 'score';
  /** Colliding bunches, and the rate of all events: 11.2455 kHz × bunches. */
  readonly bunches: number;
  readonly totalKilohertz: number;
  readonly background: { readonly agreement: Agreement; readonly pairs: ScorePairs };
  readonly signals: readonly SignalResult[];
  readonly points: readonly PointResult[];
  readonly scan: ThresholdScan;
}

export interface ClassResult {
  readonly name: string;
  readonly events: number;
  /** One against the rest. */
  readonly aucFloat: Estimate;
  readonly aucFixed: Estimate;
  readonly aucLoss: Difference;
  /** Agreement of this class's score over all events. */
  readonly agreement: Agreement;
}

/** Scores of several classes; the largest score decides, the first of equal ones. */
export interface ClassificationResult {
  readonly kind: 'classes';
  readonly events: number;
  readonly classes: readonly ClassResult[];
  /** Means over the classes. */
  readonly macroAucFloat: number;
  readonly macroAucFixed: number;
  readonly macroAucLoss: Difference;
  readonly accuracyFloat: Estimate;
  readonly accuracyFixed: Estimate;
  readonly accuracyLoss: Difference;
  /** Events for which both name the same class. */
  readonly argmaxAgreement: Estimate;
}
