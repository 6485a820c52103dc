import { budgetCodes } from '../diagnostics/codes/budget.js';
import { invariant } from '../support/invariant.js';
import type { Budget, Comparison, Reference, Term } from './parse.js';
import { asksForRegion, printReference, referencesOf, termReferences } from './parse.js';
import type { Quantity, UnitContext } from './quantity.js';
import { alike, normalised, product, quotient, shareUnits, sum, writtenUnit } from './quantity.js';
import type { FigureSources, MissingFigure, ResolvedFigure } from './resolve.js';
import { BudgetError } from './budget-error.js';
import { resolveReferences } from './resolve.js';

/** What a budget is checked with. */
export interface BudgetContext extends UnitContext, FigureSources {}

export interface BudgetResult {
  /** What is not measured is never ok. */
  readonly status: 'ok' | 'failed' | 'not measured';
  /** The side of the comparison with the figure, and the other, in one unit; absent when not measured. */
  readonly value?: number;
  readonly limit?: number;
  readonly unit: string;
  /** What is left below (or above) the limit, as a part of it: negative when it is broken; absent where there is none. */
  readonly headroom?: number;
  readonly figures: readonly ResolvedFigure[];
  readonly missing: readonly MissingFigure[];
  /** What was taken for granted, for people. */
  readonly notes: readonly string[];
}

/** Doubles that differ by less are the same limit: 1.15 * 100 is 114.99999999999999. */
const RELATIVE_TOLERANCE = 1e-9;

/**
 * Check one budget. At the limit `<=` holds and `<` does not. Throws BudgetError when it names a figure that nobody
 * knows, or compares what does not compare.
 */
export function evaluateBudget(budget: Budget, context: BudgetContext): BudgetResult {
  if (!asksForRegion(budget.left) && !asksForRegion(budget.right)) return evaluateIn(budget, context, undefined);
  if (context.now.regions.size === 0) {
    const result = evaluateIn(budget, context, undefined);
    const note = 'figures by region were not measured: the whole design is held against one region';
    return { ...result, notes: [...result.notes, note] };
  }
  // Every region has to keep the limit: the worst one is told.
  const results = [...context.now.regions.keys()].map((region) => {
    const result = evaluateIn(budget, context, region);
    return { ...result, notes: [...result.notes, `region ${region} is the fullest of ${context.now.regions.size}`] };
  });
  const rank = { failed: 0, 'not measured': 1, ok: 2 };
  results.sort((left, right) => rank[left.status] - rank[right.status] || (left.headroom ?? 0) - (right.headroom ?? 0));
  const [worst] = results;
  invariant(worst !== undefined, 'there is a region');
  return worst;
}

function evaluateIn(budget: Budget, context: BudgetContext, region: number | undefined): BudgetResult {
  const references = referencesOf(budget);
  if (references.length === 0) {
    throw new BudgetError(budgetCodes.notComparison, `'${budget.text}' names no figure`);
  }
  const { resolved, missing } = resolveReferences(references, context, region);
  const valueOf = (reference: Reference): Quantity => {
    const found = resolved.get(printReference(reference));
    invariant(found !== undefined, 'every reference was resolved');
    return found.quantity;
  };
  // A figure that is missing has a unit all the same, so that a wrong unit is told at once.
  const left = evaluateTerm(budget.left, valueOf, context);
  const right = evaluateTerm(budget.right, valueOf, context);
  const both = alike(left, right, context);
  const figures = [...resolved.values()].flatMap(({ figure }) => (figure === undefined ? [] : [figure]));
  const shared = { unit: both.unit, figures, missing, notes: [] };
  if (missing.length > 0) return { ...shared, status: 'not measured' };
  if (!Number.isFinite(both.left) || !Number.isFinite(both.right)) {
    throw new BudgetError(budgetCodes.syntax, `'${budget.text}' divides by zero`);
  }
  const status = holds(both.left, budget.comparison, both.right) ? 'ok' : 'failed';
  // `5000 >= lut` limits what stands on the right.
  const limitFirst = isLimit(budget.left) && !isLimit(budget.right);
  const [value, limit] = limitFirst ? [both.right, both.left] : [both.left, both.right];
  const headroom = headroomOf(value, limit, limitFirst ? mirrored[budget.comparison] : budget.comparison);
  return { ...shared, status, value, limit, ...(headroom === undefined ? {} : { headroom }) };
}

function isLimit(of: Term): boolean {
  return termReferences(of).every(({ baseline }) => baseline);
}

const mirrored: Readonly<Record<Comparison, Comparison>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '==': '==',
  '!=': '!=',
};

function headroomOf(value: number, limit: number, comparison: Comparison): number | undefined {
  if (limit === 0 || comparison === '==' || comparison === '!=') return undefined;
  const left = comparison === '<' || comparison === '<=' ? limit - value : value - limit;
  return near(value, limit) ? 0 : left / Math.abs(limit);
}

function near(left: number, right: number): boolean {
  return Math.abs(left - right) <= RELATIVE_TOLERANCE * Math.max(Math.abs(left), Math.abs(right));
}

function holds(left: number, comparison: Comparison, right: number): boolean {
  const same = near(left, right);
  switch (comparison) {
    case '<':
      return !same && left < right;
    case '<=':
      return same || left < right;
    case '>':
      return !same && left > right;
    case '>=':
      return same || left > right;
    case '==':
      return same;
    case '!=':
      return !same;
  }
}

function evaluateTerm(term: Term, valueOf: (reference: Reference) => Quantity, context: UnitContext): Quantity {
  const inner = (of: Term): Quantity => evaluateTerm(of, valueOf, context);
  switch (term.kind) {
    case 'number':
      return { value: term.value, unit: '' };
    case 'unit': {
      const unit = writtenUnit(term.name);
      invariant(unit !== undefined, 'the parser knows the units');
      return unit;
    }
    case 'share':
      return { value: term.value, unit: shareUnits[term.of] };
    case 'figure':
      return normalised(valueOf(term.reference));
    case 'negate': {
      const { value, unit } = inner(term.operand);
      return { value: -value, unit };
    }
    case 'absolute': {
      const { value, unit } = inner(term.operand);
      return { value: Math.abs(value), unit };
    }
    case 'add':
      return sum(inner(term.left), inner(term.right), 1, context);
    case 'subtract':
      return sum(inner(term.left), inner(term.right), -1, context);
    case 'multiply':
      return product(inner(term.left), inner(term.right));
    case 'divide':
      return quotient(inner(term.left), inner(term.right));
    case 'minimum':
    case 'maximum':
      return term.operands.map(inner).reduce((best, next) => {
        const both = alike(best, next, context);
        const pick = term.kind === 'minimum' ? Math.min : Math.max;
        return { value: pick(both.left, both.right), unit: both.unit };
      });
  }
}
