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
  budgetFailed: {
    code: 'TRG5008',
    severity: 'error',
    title: 'a budget does not hold',
    hint: 'bring the figure within the limit, or change the budget and say why in its comment',
  },
  notMeasured: {
    code: 'TRG5009',
    severity: 'error',
    title: 'a budget names a figure that was not measured',
    hint: 'run the command that the message names before trigc check',
  },
  noBudgets: {
    code: 'TRG5010',
    severity: 'error',
    title: 'there is nothing to check',
    hint: 'give --budget budget.yaml with a list of budgets, or compile with a trigc.yaml that has some',
  },
  fileNotReadable: {
    code: 'TRG5011',
    severity: 'error',
    title: 'the file of budgets cannot be read',
    hint: 'check the path given with --budget',
  },
  badBaseline: {
    code: 'TRG5012',
    severity: 'error',
    title: 'the baseline cannot be read',
    hint: 'trigc check DIR --baseline FILE --update-baseline records a new one',
  },
  otherBaseline: {
    code: 'TRG5013',
    severity: 'warning',
    title: 'the baseline was recorded of another model or part',
    hint: 'give the baseline of this design, or record a new one (--update-baseline)',
  },
  otherTool: {
    code: 'TRG5014',
    severity: 'note',
    title: 'figures of the baseline were measured by another tool or version',
    hint: 'a difference may be due to the tool: record the baseline again (--update-baseline) after a change of tools',
  },
} as const satisfies Record<string, DiagnosticKind>;
