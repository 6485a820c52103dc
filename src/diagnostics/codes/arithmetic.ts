import type { DiagnosticKind } from '../diagnostic.js';

/** Turning products into adders (TRG1501 to TRG1599). */
export const arithmeticCodes = {
  threeOperandAssumed: {
    code: 'TRG1501',
    severity: 'note',
    title: 'three-operand adders assumed',
    hint: 'figures hold where synthesis maps a sum of three to one LUT per bit; Yosys does not',
  },
  tooManyOperations: {
    code: 'TRG1510',
    severity: 'error',
    title: 'the model is too large to be unrolled',
    hint: 'every operation becomes logic of its own: use smaller pictures, fewer filters, larger strides or a pool in front of the largest layer, or prune its weights to zero; --max-operations raises the limit',
  },
} as const satisfies Record<string, DiagnosticKind>;
