import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { DeclaredBudget } from '../report/declared-budget.js';
import type { BaselineRow } from './baseline.js';
import type { BudgetResult } from './evaluate.js';

/** A declared budget and what became of it. */
export type CheckedBudget = {
  readonly declared: DeclaredBudget;
} & (
  | { readonly status: BudgetResult['status']; readonly result: BudgetResult }
  /** It says nothing that could be checked. */
  | { readonly status: 'refused'; readonly problem: Diagnostic }
);

/** All that one run of `trigc check` found. */
export interface CheckOutcome {
  readonly folder: string;
  /** Of the model. */
  readonly name: string;
  readonly part: string;
  readonly compiler: string;
  readonly budgets: readonly CheckedBudget[];
  readonly baseline?: { readonly path: string; readonly updated: boolean; readonly rows: readonly BaselineRow[] };
  /** What the compilation said, for those who show it where it belongs. */
  readonly diagnostics: readonly Diagnostic[];
}

export const statusNames = { ok: 'ok', failed: 'FAILED', 'not measured': 'NOT MEASURED', refused: 'REFUSED' } as const;

/** How many budgets came to each end. */
export function countStatus({
  budgets,
}: Pick<CheckOutcome, 'budgets'>): Readonly<Record<CheckedBudget['status'], number>> {
  const counts = { ok: 0, failed: 0, 'not measured': 0, refused: 0 };
  for (const { status } of budgets) counts[status]++;
  return counts;
}

/**
 * 2 where a budget cannot be understood; else 1 where one failed; else 2 where one could not be checked; 0 when all
 * hold.
 */
export function outcomeCode(outcome: Pick<CheckOutcome, 'budgets'>): 0 | 1 | 2 {
  const counts = countStatus(outcome);
  if (counts.refused > 0) return 2;
  if (counts.failed > 0) return 1;
  return counts['not measured'] > 0 ? 2 : 0;
}
