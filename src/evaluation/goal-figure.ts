import type { OperatingPoint } from './operating-point.js';
import { pointSuffix } from './operating-point.js';
import type { ClassificationResult, Difference, EvaluationResult, ResolvedPoint } from './result.js';

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
  result: EvaluationResult | ClassificationResult,
  name: GoalFigureName,
  point?: OperatingPoint,
): GoalFigure | undefined {
  return result.kind === 'score' ? scoreFigure(result, name, point) : classFigure(result, name);
}

function scoreFigure(
  result: EvaluationResult,
  name: GoalFigureName,
  point: OperatingPoint | undefined,
): GoalFigure | undefined {
  const samples = [result.background.agreement, ...result.signals.map((signal) => signal.agreement)];
  switch (name) {
    case 'auc_loss':
      return worst(result.signals.map((signal) => signal.aucLoss));
    case 'rank_correlation':
      return smallest(samples.map((sample) => sample.rankCorrelation));
    case 'score_rms':
      return { value: result.background.agreement.rms };
    case 'score_max':
      return { value: Math.max(...samples.map((sample) => sample.maximum)) };
    case 'efficiency_loss': {
      const losses = pointOf(result, point)?.signals.map((signal) => signal.loss) ?? [];
      // A signal of which the float model accepts nothing has nothing to lose.
      return worst(losses.filter((loss) => loss !== null));
    }
    case 'exchange': {
      const exchange = pointOf(result, point)?.exchange;
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

function pointOf(result: EvaluationResult, point: OperatingPoint | undefined): ResolvedPoint | undefined {
  if (point === undefined) return undefined;
  const wanted = pointSuffix(point);
  const found = result.points.find((each) => pointSuffix(each.point) === wanted);
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
