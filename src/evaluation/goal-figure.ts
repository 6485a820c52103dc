import type { OperatingPoint } from './operating-point.js';
import { pointSuffix } from './operating-point.js';
import type { Agreement, ClassificationResult, Difference, EvaluationResult, ResolvedPoint } from './result.js';
import type { ScoreMeasures } from './score-measures.js';

/** A figure that a goal or a budget may limit, with its standard error where there is one. */
export interface GoalFigure {
  readonly value: number;
  readonly error?: number;
}

/** Figures by name, and whether they take an operating point: `exchange(1e-4)`. */
export const goalFigures = {
  auc_loss: { point: false },
  rank_correlation: { point: false },
  score_rms: { point: false },
  score_max: { point: false },
  efficiency_loss: { point: true },
  exchange: { point: true },
  accuracy_loss: { point: false },
  argmax_disagreement: { point: false },
} as const satisfies Readonly<Record<string, { readonly point: boolean }>>;
export type GoalFigureName = keyof typeof goalFigures;

export function isGoalFigure(name: string): name is GoalFigureName {
  return Object.hasOwn(goalFigures, name);
}

/** Does the figure need an operating point? */
export function takesPoint(name: GoalFigureName): boolean {
  return goalFigures[name].point;
}

/**
 * The value of a figure; of several signals or classes the worst one's, and for `auc_loss` of a classifier that of the
 * macro average. Undefined where the result has no such figure: another kind of result, an operating point that was not
 * evaluated, or one that the background does not resolve. A point that is missing is not a bug: the caller decides.
 */
export function goalFigure(
  result: EvaluationResult | ClassificationResult | ScoreMeasures,
  name: GoalFigureName,
  point?: OperatingPoint,
): GoalFigure | undefined {
  if (result.kind === 'classes') return classFigure(result, name);
  return scoreFigure(result.kind === 'score' ? measuresOf(result) : result, name, point);
}

function measuresOf({ background, signals, points }: EvaluationResult): ScoreMeasures {
  return {
    kind: 'measures',
    background: () => background.agreement,
    signals: () => signals.map(({ agreement }) => agreement),
    aucLosses: () => signals.map(({ aucLoss }) => aucLoss),
    points: () => points,
  };
}

function scoreFigure(
  measures: ScoreMeasures,
  name: GoalFigureName,
  point: OperatingPoint | undefined,
): GoalFigure | undefined {
  const samples = (): readonly Agreement[] => [measures.background(), ...measures.signals()];
  switch (name) {
    case 'auc_loss':
      return worst(measures.aucLosses());
    case 'rank_correlation':
      return smallest(samples().map((sample) => sample.rankCorrelation));
    case 'score_rms':
      return { value: measures.background().rms };
    case 'score_max':
      return { value: Math.max(...samples().map((sample) => sample.maximum)) };
    case 'efficiency_loss': {
      const losses = pointOf(measures, point)?.signals.map((signal) => signal.loss) ?? [];
      // A signal of which the float model accepts nothing has nothing to lose.
      return worst(losses.filter((loss) => loss !== null));
    }
    case 'exchange': {
      const exchange = pointOf(measures, point)?.exchange;
      if (exchange === undefined || exchange === null) return undefined;
      return { value: exchange.value, error: (exchange.high - exchange.low) / 2 };
    }
    case 'accuracy_loss':
    case 'argmax_disagreement':
      return undefined;
  }
}

function classFigure(result: ClassificationResult, name: GoalFigureName): GoalFigure | undefined {
  const samples = result.classes.map((one) => one.agreement);
  switch (name) {
    case 'auc_loss':
      return result.macroAucLoss;
    case 'accuracy_loss':
      return result.accuracyLoss;
    case 'argmax_disagreement': {
      const { value, low, high } = result.argmaxAgreement;
      return { value: 1 - value, error: (high - low) / 2 };
    }
    case 'rank_correlation':
      return smallest(samples.map((sample) => sample.rankCorrelation));
    case 'score_rms':
      return { value: Math.max(...samples.map((sample) => sample.rms)) };
    case 'score_max':
      return { value: Math.max(...samples.map((sample) => sample.maximum)) };
    case 'efficiency_loss':
    case 'exchange':
      return undefined;
  }
}

function pointOf(measures: ScoreMeasures, point: OperatingPoint | undefined): ResolvedPoint | undefined {
  if (point === undefined) return undefined;
  const wanted = pointSuffix(point);
  const found = measures.points().find((each) => pointSuffix(each.point) === wanted);
  return found?.resolvable === true ? found : undefined;
}

function worst(differences: readonly Difference[]): GoalFigure | undefined {
  const [first, ...rest] = differences;
  return first === undefined ? undefined : rest.reduce((most, next) => (next.value > most.value ? next : most), first);
}

function smallest(values: readonly (number | null)[]): GoalFigure | undefined {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? undefined : { value: Math.min(...known) };
}
