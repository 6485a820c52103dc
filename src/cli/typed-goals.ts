import { BudgetError } from '../budget/budget-error.js';
import type { Budget, Reference } from '../budget/parse.js';
import { parseBudget, printReference, referencesOf } from '../budget/parse.js';
import { knownFigure, pointOfFigure } from '../budget/vocabulary.js';
import { budgetCodes } from '../diagnostics/codes/budget.js';
import { precisionCodes } from '../diagnostics/codes/precision.js';
import type { Diagnostic, DiagnosticKind, Location } from '../diagnostics/diagnostic.js';
import { diagnose, printable } from '../diagnostics/diagnostic.js';
import { DiagnosticError } from '../diagnostics/result.js';
import { goalFigures, isGoalFigure, takesPoint } from '../evaluation/goal-figure.js';
import { resourceFigures } from '../precision/goals.js';
import { didYouMean } from '../support/suggest.js';

/** A goal as text, and where it was typed. */
export interface TypedGoal {
  readonly text: string;
  readonly location: Location;
}

/** Goals as typed, or everything that is wrong with how they are written. */
export function parseGoals(goals: readonly TypedGoal[]): readonly Budget[] {
  const problems: Diagnostic[] = [];
  const parsed = goals.flatMap(({ text, location }) => {
    try {
      return [parseBudget(text)];
    } catch (error) {
      if (!(error instanceof BudgetError)) throw error;
      problems.push(diagnose(error.kind, `${printable(text)}: ${error.message}`, location, error.hint));
      return [];
    }
  });
  if (problems.length > 0) throw new DiagnosticError(problems);
  return parsed;
}

/** Goals that name only what a search measures of every candidate, or all that is wrong with them, each in its place. */
export function searchGoals(goals: readonly TypedGoal[]): readonly Budget[] {
  const parsed = parseGoals(goals);
  const problems = parsed.flatMap((goal, index) => {
    const { text, location } = goals[index] ?? { text: goal.text, location: {} };
    return referencesOf(goal).flatMap((reference) => {
      const problem = problemOf(reference);
      if (problem === undefined) return [];
      return [diagnose(problem.kind, `${printable(text)}: ${problem.message}`, location, problem.hint)];
    });
  });
  if (problems.length > 0) throw new DiagnosticError(problems);
  return parsed;
}

/** Where the first goal stands that names the figure; nowhere for goals that were added. */
export function locationOfFigure(name: string, goals: readonly TypedGoal[]): Location {
  const parsed = parseGoals(goals);
  const index = parsed.findIndex((goal) => referencesOf(goal).some((reference) => reference.name === name));
  return goals[index]?.location ?? {};
}

/** As goals write them. */
const names = [
  ...Object.keys(goalFigures).map((name) => (isGoalFigure(name) && takesPoint(name) ? `${name}(1e-3)` : name)),
  ...resourceFigures,
];

interface GoalProblem {
  readonly kind: DiagnosticKind;
  readonly message: string;
  readonly hint: string;
}

function problemOf(reference: Reference): GoalProblem | undefined {
  const { name } = reference;
  const written = printable(printReference(reference));
  if (reference.baseline || reference.layer !== undefined || reference.region !== undefined || reference.origin) {
    const message = `'${written}' is more than a figure of the candidate as a whole`;
    return {
      kind: precisionCodes.badSearch,
      message,
      hint: `write '${printable(name)}', and keep the rest for budgets`,
    };
  }
  if (resourceFigures.has(name) || pointOfFigure(name) !== undefined) return undefined;
  if (isGoalFigure(name)) {
    if (!takesPoint(name)) return undefined;
    const message = `'${name}' is taken at a share of the background or at a rate`;
    return { kind: budgetCodes.syntax, message, hint: `${name}(1e-3), ${name}(1%) or ${name}(1 kHz)` };
  }
  if (knownFigure(name) !== undefined) {
    const message = `a search does not measure '${name}' of its candidates`;
    return { kind: precisionCodes.badSearch, message, hint: `goals name one of ${names.join(', ')}` };
  }
  return { kind: budgetCodes.unknownFigure, message: `no figure '${written}'`, hint: didYouMean(name, names) };
}
