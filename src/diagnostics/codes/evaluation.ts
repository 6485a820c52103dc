import type { DiagnosticKind } from '../diagnostic.js';

/** Measuring what fixed point costs (TRG1801 to TRG1899). */
export const evaluationCodes = {
  badScore: {
    code: 'TRG1801',
    severity: 'error',
    title: 'score that the outputs of the model do not define',
    hint: 'name an element of an output, or a formula of them: --score "y[0]", --score "out[1] / (out[0] + out[1])"',
  },
  notFinite: {
    code: 'TRG1802',
    severity: 'error',
    title: 'event for which the float model computes no finite score',
    hint: 'look at the inputs of that event, or choose a score that is defined for it',
  },
  classCount: {
    code: 'TRG1803',
    severity: 'error',
    title: 'another number of classes than outputs',
    hint: 'give one --class NAME=FILE for each element of the outputs, in their order',
  },
  sameFile: {
    code: 'TRG1804',
    severity: 'warning',
    title: 'two samples are the same events',
    hint: 'signal and background have to be different files for an efficiency to mean anything',
  },
  notResolved: {
    code: 'TRG1805',
    severity: 'note',
    title: 'operating point that the background does not resolve',
    hint: 'ten accepted background events are wanted before a threshold is derived: give more background',
  },
  notAttributed: {
    code: 'TRG1806',
    severity: 'warning',
    title: 'the loss cannot be told apart by layer',
    hint: 'all other figures hold; please report it with the model',
  },
  notFolder: {
    code: 'TRG1807',
    severity: 'error',
    title: 'a file where a compiled folder is wanted',
    hint: 'compile the model first, trigc compile MODEL -o DIR, then trigc evaluate DIR --background EVENTS',
  },
} as const satisfies Record<string, DiagnosticKind>;
