import type { DiagnosticKind } from '../diagnostic.js';

/** Turning products into adders (TRG1501 to TRG1599). */
export const arithmeticCodes = {
  threeOperandAssumed: {
    code: 'TRG1501',
    severity: 'note',
    title: 'three-operand adders assumed',
    hint: 'figures hold where synthesis maps a sum of three to one LUT per bit; Yosys does not',
  },
} as const satisfies Record<string, DiagnosticKind>;
