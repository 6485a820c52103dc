import type { DiagnosticKind } from '../diagnostic.js';

/** Giving every tensor a fixed-point type (TRG1301 to TRG1399). */
export const typingCodes = {
  inputQuantisersDisagree: {
    code: 'TRG1301',
    severity: 'error',
    title: 'the quantisers of an input disagree',
    hint: 'declare the type of the port under inputs.<name>.type in trigc.yaml',
  },
  promiseOutsideType: {
    code: 'TRG1304',
    severity: 'error',
    title: 'a promised range holds no value of the port’s type',
    hint: 'make the range overlap what the type can represent',
  },
  defaultType: {
    code: 'TRG1306',
    severity: 'note',
    title: 'a float tensor takes the default type',
    hint: 'declare it, export with quantisers, or set default: in trigc.yaml',
  },
  reachableWrap: {
    code: 'TRG1307',
    severity: 'warning',
    title: 'reachable values can wrap around',
    hint: 'a wrapping score loses the most anomalous events: use AP_SAT or more integer bits unless the wrap is wanted',
  },
  unquantisedInputUse: {
    code: 'TRG1308',
    severity: 'note',
    title: 'an input is used both quantised and directly',
    hint: 'both uses see the value that the port holds, which has the quantiser’s type',
  },
  widthLimit: {
    code: 'TRG1309',
    severity: 'error',
    title: 'a tensor needs more bits than Trigc builds',
    hint: 'quantise the tensor, or give narrower types to its operands',
  },
} as const satisfies Record<string, DiagnosticKind>;
