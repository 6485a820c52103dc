import type { DiagnosticKind } from '../diagnostic.js';

/** Figures, budgets and baselines: TRG5001 to TRG5099. */
export const budgetCodes = {
  staleFigures: {
    code: 'TRG5001',
    severity: 'error',
    title: 'a file of figures was measured on another compilation',
    hint: 'measure again, or delete the file',
  },
  damagedFigures: {
    code: 'TRG5002',
    severity: 'error',
    title: 'a file of figures cannot be read',
    hint: 'measure again, or delete the file',
  },
} as const satisfies Record<string, DiagnosticKind>;
