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
  declaredWrap: {
    code: 'TRG1329',
    severity: 'note',
    title: 'a declared type wraps values that can be reached',
    hint: 'the layer is declared to wrap: write AP_SAT in its declaration where that is not wanted',
  },
  unquantisedInputUse: {
    code: 'TRG1308',
    severity: 'note',
    title: 'an input is used both quantised and directly',
    hint: 'both uses see the value that the port holds, which has the quantiser’s type',
  },
  scaledPort: {
    code: 'TRG1310',
    severity: 'note',
    title: 'a port holds the integers of a quantiser',
    hint: 'declare a fixed-point type under inputs.<name>.type to hand over real values, which are then divided by the scale',
  },
  widthLimit: {
    code: 'TRG1309',
    severity: 'error',
    title: 'a tensor needs more bits than Trigc builds',
    hint: 'quantise the tensor, or give narrower types to its operands',
  },
  unknownLayer: {
    code: 'TRG1320',
    severity: 'error',
    title: 'layer that the model does not have',
    hint: 'trigc inspect shows the names of nodes; a node without a name is #index, counted from 0',
  },
  layerKeyUnused: {
    code: 'TRG1321',
    severity: 'error',
    title: 'declaration that a layer has no use for',
    hint: 'remove it, or give it to the node that it is meant for',
  },
  quantisedConstantChanged: {
    code: 'TRG1322',
    severity: 'warning',
    title: 'a declared type changes constants that are quantised already',
    hint: 'declare the type that the model was trained with',
  },
  productsCast: {
    code: 'TRG1323',
    severity: 'note',
    title: 'an accumulator loses bits of every product',
    hint: 'distributed arithmetic shares sums of products, and needs exact ones: a finer accumulator allows it',
  },
  sumInOrder: {
    code: 'TRG1324',
    severity: 'note',
    title: 'an accumulator can saturate on the way',
    hint: 'the sum is as long as the layer is wide: more integer bits, or AP_WRAP, allow a tree of additions',
  },
  functionTable: {
    code: 'TRG1315',
    severity: 'note',
    title: 'a function becomes a table',
    hint: 'quantise its operand to fewer bits for a smaller table; the error is the largest over all values of the operand',
  },
  functionDomain: {
    code: 'TRG1316',
    severity: 'warning',
    title: 'the operand of a function can leave its domain',
    hint: 'such values give what the nearest end of the domain gives: clip the operand, or declare the range of the input',
  },
  tableDeclaration: {
    code: 'TRG1317',
    severity: 'error',
    title: 'a declared table that cannot be made',
    hint: 'sizes and ranges are powers of two; without a declaration the table follows from its operand',
  },
  activationDropped: {
    code: 'TRG1318',
    severity: 'note',
    title: 'a final activation is left out',
    hint: 'the order of events is the same; declare the type of the output where its range matters',
  },
  noActivation: {
    code: 'TRG1319',
    severity: 'error',
    title: 'no final activation that could be left out',
    hint: 'drop_activation takes a sigmoid, tanh, softplus, exp or another function that rises everywhere, as the last operation',
  },
  decisionName: {
    code: 'TRG1325',
    severity: 'error',
    title: 'a decision with the name of another port',
    hint: 'every port of the design has a name of its own',
  },
  decisionOutput: {
    code: 'TRG1326',
    severity: 'error',
    title: 'a decision on an output or element that does not exist',
    hint: 'name the output with `output`, and with `element` which of its elements where it has several',
  },
  decisionThreshold: {
    code: 'TRG1327',
    severity: 'error',
    title: 'a threshold that the output cannot be compared with exactly',
    hint: 'a threshold is a value of the type of the output, or with `code` one of its integer codes',
  },
  constantDecision: {
    code: 'TRG1328',
    severity: 'warning',
    title: 'a decision that is always the same',
    hint: 'the threshold lies outside the scores that the network can give',
  },
} as const satisfies Record<string, DiagnosticKind>;
