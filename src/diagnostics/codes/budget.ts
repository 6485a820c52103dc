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
  syntax: {
    code: 'TRG5003',
    severity: 'error',
    title: 'the budget is not understood',
    hint: 'docs/budgets.md shows what a budget may say',
  },
  notComparison: {
    code: 'TRG5004',
    severity: 'error',
    title: 'the budget is not one comparison of a figure with a limit',
    hint: 'write figure, comparison, limit: latency <= 2 BX',
  },
  unknownFigure: {
    code: 'TRG5005',
    severity: 'error',
    title: 'the budget names a figure that does not exist',
    hint: 'docs/budgets.md lists the figures',
  },
  wrongUnit: {
    code: 'TRG5006',
    severity: 'error',
    title: 'the budget compares what does not compare',
    hint: 'docs/budgets.md lists the figures with their units',
  },
  originsDiffer: {
    code: 'TRG5007',
    severity: 'error',
    title: 'a figure and its baseline have different origins',
    hint: 'record the baseline again (--update-baseline), or name the origin of both: lut.yosys <= baseline.lut.yosys',
  },
} as const satisfies Record<string, DiagnosticKind>;
