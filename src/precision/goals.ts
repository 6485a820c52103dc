import { evaluateBudget } from '../budget/evaluate.js';
import { FigureSetBuilder } from '../budget/figure-set.js';
import type { Budget } from '../budget/parse.js';
import { referencesOf } from '../budget/parse.js';
import type { UnitContext } from '../budget/quantity.js';
import { pointOfFigure } from '../budget/vocabulary.js';
import { goalFigure, isGoalFigure } from '../evaluation/goal-figure.js';
import type { OperatingPoint } from '../evaluation/operating-point.js';
import type { ClassificationResult } from '../evaluation/result.js';
import type { ScoreMeasures } from '../evaluation/score-measures.js';
import type { Figure } from '../report/figure.js';

/** Figures of one candidate by name: what a goal may name. */
export type GoalFigures = Readonly<Record<string, Figure>>;

/** How a candidate stands to the goals. */
export interface GoalOutcome {
  readonly holds: boolean;
  /** By goal: what is left to its limit, as a part of it; negative where it is broken, undefined where there is no measure. */
  readonly headroom: readonly (number | undefined)[];
}

/** Names of the figures in goals that are measured on scores, in order, each once. */
export function scoreFigureNames(goals: readonly Budget[]): readonly string[] {
  return [...new Set(goals.flatMap((goal) => referencesOf(goal).map(({ name }) => name)))].filter(
    (name) => !resourceFigures.has(name),
  );
}

/** Figures of the compiled candidate itself. */
export const resourceFigures: ReadonlySet<string> = new Set([
  'lut',
  'lut_sites',
  'flip_flops',
  'carry_bits',
  'dsp',
  'latency',
]);

/** Does anything in the goal get better with more precision? If not, it limits what precision may cost. */
export function limitsResources(goal: Budget): boolean {
  return referencesOf(goal).every(({ name }) => resourceFigures.has(name));
}

/** Operating points at which the goals name figures. */
export function pointsOf(goals: readonly Budget[]): readonly OperatingPoint[] {
  return scoreFigureNames(goals).flatMap((name) => pointOfFigure(name)?.point ?? []);
}

/** The figures of an evaluation that the goals name, and the names of those that it does not have. */
export function measuredFigures(
  goals: readonly Budget[],
  result: ClassificationResult | ScoreMeasures,
): { readonly figures: GoalFigures; readonly missing: readonly string[] } {
  const figures: Record<string, Figure> = {};
  const missing: string[] = [];
  for (const name of scoreFigureNames(goals)) {
    const { figure, point } = pointOfFigure(name) ?? { figure: name, point: undefined };
    const found = isGoalFigure(figure) ? goalFigure(result, figure, point) : undefined;
    if (found === undefined) missing.push(name);
    else figures[name] = { value: found.value, unit: '', origin: 'evaluation' };
  }
  return { figures, missing };
}

export function checkGoals(goals: readonly Budget[], figures: GoalFigures, units: UnitContext): GoalOutcome {
  const builder = new FigureSetBuilder();
  builder.addDesign(figures, 'trigc');
  const context = { ...units, now: builder.finish(), baseline: undefined, minimumOrigin: undefined };
  const results = goals.map((goal) => evaluateBudget(goal, context));
  return {
    holds: results.every(({ status }) => status === 'ok'),
    headroom: results.map(({ headroom }) => headroom),
  };
}
