import type { DiagnosticKind } from '../diagnostic.js';

/** Giving every tensor a fixed-point type (TRG1301 to TRG1399). */
export const typingCodes = {
  inputQuantisersDisagree: {
    code: 'TRG1301',
    severity: 'error',
    title: 'the quantisers of an input disagree',
    hint: 'declare the type of the port under inputs.<name>.type in trigc.yaml',
  },
  inputTypeCount: {
    code: 'TRG1302',
    severity: 'error',
    title: 'the number of declared types does not match the input',
    hint: 'give one type, or one per element of the flattened input',
  },
  unknownPort: {
    code: 'TRG1303',
    severity: 'error',
    title: 'the configuration names a port that the model does not have',
    hint: 'run trigc inspect to see the names of the inputs and outputs',
  },
  promiseOutsideType: {
    code: 'TRG1304',
    severity: 'error',
    title: 'a promised range holds no value of the port’s type',
    hint: 'make the range overlap what the type can represent',
  },
  promiseElement: {
    code: 'TRG1305',
    severity: 'error',
    title: 'a promise names an element that the input does not have',
    hint: 'elements are numbered from 0 in row-major order, without the event dimension',
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
