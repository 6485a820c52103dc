import type { DiagnosticKind } from '../diagnostic.js';

/** Reading formulas (TRG1601 to TRG1699). */
export const expressionCodes = {
  syntax: {
    code: 'TRG1601',
    severity: 'error',
    title: 'a formula that cannot be read',
    hint: 'one formula a line, as name = expression, in the notation of mathjs: ^ or ** for powers, # before comments',
  },
  unsupported: {
    code: 'TRG1602',
    severity: 'error',
    title: 'a part of a formula that Trigc does not build',
    hint: 'numbers, names, + - * / ^ and functions of real numbers such as sin, exp, log, sqrt, tanh, abs, min and max',
  },
  notFinite: {
    code: 'TRG1603',
    severity: 'error',
    title: 'a constant of a formula that is not a finite number',
    hint: 'look for a division by zero or a logarithm of zero among the constants',
  },
} as const satisfies Record<string, DiagnosticKind>;
