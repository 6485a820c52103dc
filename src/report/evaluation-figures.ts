import type { GoalFigureName } from '../evaluation/goal-figure.js';
import { goalFigure, goalFigures, isGoalFigure, takesPoint } from '../evaluation/goal-figure.js';
import type { OperatingPoint } from '../evaluation/operating-point.js';
import { pointSuffix } from '../evaluation/operating-point.js';
import type { ClassificationResult, EvaluationResult } from '../evaluation/result.js';
import type { Figure } from './figure.js';
import type { Figures } from './figure-file.js';

/** The figures of an evaluation that budgets may name; what was not resolved is absent. */
export function evaluationFigures(
  result: EvaluationResult | ClassificationResult,
  points: readonly OperatingPoint[],
): Figures {
  const figures: Record<string, Figure> = {};
  const add = (name: string, value: number | undefined, unit = ''): void => {
    if (value !== undefined) figures[name] = { value, unit, origin: 'evaluation' };
  };
  for (const name of Object.keys(goalFigures).filter((key): key is GoalFigureName => isGoalFigure(key))) {
    if (!takesPoint(name)) add(name, goalFigure(result, name)?.value);
    else for (const point of points) add(`${name}_${pointSuffix(point)}`, goalFigure(result, name, point)?.value);
  }
  if (result.kind === 'classes') {
    add('macro_auc_float', result.macroAucFloat);
    add('macro_auc_fixed', result.macroAucFixed);
    add('accuracy_float', result.accuracyFloat.value);
    add('accuracy_fixed', result.accuracyFixed.value);
    add('evaluated_events', result.events, 'events');
    return figures;
  }
  const events = [result.background, ...result.signals].map(({ agreement }) => agreement.events);
  add(
    'evaluated_events',
    events.reduce((sum, count) => sum + count, 0),
    'events',
  );
  return figures;
}
