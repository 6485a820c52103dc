import type { PairedScores } from './agreement.js';
import { measureAgreement } from './agreement.js';
import { compareAuc } from './auc.js';
import type { NamedScores } from './compare-at-point.js';
import { compareAtPoint } from './compare-at-point.js';
import type { OperatingPoint } from './operating-point.js';
import type { Agreement, Difference, PointResult } from './result.js';

/** What figures of a score are taken from: of an evaluation that is there, or computed as it is asked for. */
export interface ScoreMeasures {
  readonly kind: 'measures';
  readonly background: () => Agreement;
  readonly signals: () => readonly Agreement[];
  readonly aucLosses: () => readonly Difference[];
  readonly points: () => readonly PointResult[];
}

/**
 * Measures that cost nothing before they are asked for: a search compares hundreds of candidates and wants one figure of
 * each. The same numbers as those of `evaluateScores`.
 */
export function scoreMeasures(
  background: PairedScores,
  signals: readonly NamedScores[],
  points: readonly OperatingPoint[],
  bunches: number,
): ScoreMeasures {
  return {
    kind: 'measures',
    background: once(() => measureAgreement(background)),
    signals: once(() => signals.map(measureAgreement)),
    aucLosses: once(() => signals.map((signal) => compareAuc(background, signal).loss)),
    points: once(() => points.map((point) => compareAtPoint(point, background, signals, bunches))),
  };
}

function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: compute() }).value;
}
