import type { DiagnosticKind } from '../diagnostics/diagnostic.js';

/** A budget that says nothing that could be checked; thrown with a sentence for the user. */
export class BudgetError extends Error {
  public override readonly name = 'BudgetError';
  public constructor(
    public readonly kind: DiagnosticKind,
    message: string,
    public readonly hint?: string,
  ) {
    super(message);
  }
}
