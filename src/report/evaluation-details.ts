import type { LossByLayer } from '../evaluation/quantiser-loss.js';
import type { ClassificationResult, EvaluationResult, Overlap } from '../evaluation/result.js';

/** Raised when a reader of the previous version would misread the details. */
export const EVALUATION_VERSION = 1;

/** One file of events. */
export interface EvaluatedSample {
  readonly role: 'background' | 'signal' | 'class';
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
  readonly events: number;
  /** Input values that the ports do not hold exactly, and among them those beyond the range of their port. */
  readonly rounded: number;
  readonly saturated: number;
}

/** A declared threshold on both scores of each sample. */
export interface EvaluatedDecision {
  readonly name: string;
  readonly output: string;
  readonly element: number;
  readonly comparison: '>' | '>=';
  readonly threshold: number;
  readonly samples: readonly ({ readonly sample: string } & Overlap)[];
}

/** What fixed point cost the physics: `details` of `figures/evaluate.json`. docs/evaluation.md defines everything. */
export interface EvaluationDetails {
  readonly schema: 'trigc-evaluation';
  readonly version: number;
  /** What was compared: `y[0]`, or a formula; of a classifier, its output. */
  readonly score: string;
  /** Whether events with a larger or with a smaller score are accepted; scores of the latter are negated in `result`. */
  readonly accepted: 'larger' | 'smaller';
  readonly samples: readonly EvaluatedSample[];
  readonly result: EvaluationResult | ClassificationResult;
  /** Empty where the folder has no decisions, or the scores of them are not compared. */
  readonly decisions: readonly EvaluatedDecision[];
  /** Absent where it was not asked for. */
  readonly layers?: LossByLayer;
}
