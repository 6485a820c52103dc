import type { DiagnosticKind } from '../diagnostic.js';

/** Choosing types from data and for goals (TRG1701 to TRG1799). */
export const precisionCodes = {
  unknownSite: {
    code: 'TRG1701',
    severity: 'error',
    title: 'precision for something that the model does not have',
    hint: 'a precision file belongs to one model: make it again with --goal, or correct the name',
  },
  wrongSize: {
    code: 'TRG1702',
    severity: 'error',
    title: 'precision with another number of elements than the tensor',
    hint: 'give one type, or one type or code for each element',
  },
  badFile: {
    code: 'TRG1703',
    severity: 'error',
    title: 'precision file that cannot be read',
    hint: 'trigc compile MODEL --data EVENTS --goal GOAL writes such a file: precision.json in the compiled folder',
  },
  otherModel: {
    code: 'TRG1704',
    severity: 'error',
    title: 'precision file that was made for another model',
    hint: 'make it again for this model with --goal',
  },
  dataOverflow: {
    code: 'TRG1721',
    severity: 'warning',
    title: 'events of the data set overflow a type',
    hint: 'give the tensor more integer bits: declare a wider type, or leave it to --data with a larger --margin',
  },
  notFiniteTensor: {
    code: 'TRG1722',
    severity: 'error',
    title: 'the float model computes NaN or infinity',
    hint: 'look at the event: the model divides by zero, or leaves the domain of a function there',
  },
  unboundedTensor: {
    code: 'TRG1723',
    severity: 'note',
    title: 'no interval bounds a tensor',
    hint: 'a function or a quotient has no finite interval: --integer-bits data takes all integer bits from the data',
  },
  noFittingType: {
    code: 'TRG1724',
    severity: 'note',
    title: 'data from which no type follows',
    hint: 'a tensor that is zero in all events says nothing about its type: add events, or declare it',
  },
  typesFromData: {
    code: 'TRG1725',
    severity: 'note',
    title: 'integer bits from a data set',
    hint: 'precision.json in the compiled folder holds the types; trigc compile --precision takes them without the data',
  },
  noEvents: {
    code: 'TRG1731',
    severity: 'error',
    title: 'a search of precisions without events',
    hint: 'give background events with --data, or one file for each class of a tagger with --class NAME=FILE, or what an earlier search has found with --precision',
  },
  goalNotMeasured: {
    code: 'TRG1732',
    severity: 'error',
    title: 'a goal that the given events cannot decide',
    hint: 'give more events, or a goal at a larger share of the background',
  },
  goalNotMet: {
    code: 'TRG1733',
    severity: 'error',
    title: 'no precision was found that meets all goals',
    hint: 'relax the goal, or search longer with --search high',
  },
  badSearch: {
    code: 'TRG1734',
    severity: 'error',
    title: 'a search that is asked for in a way that makes no sense',
    hint: 'trigc compile MODEL --data BACKGROUND --signal NAME=EVENTS --goal "efficiency_loss(1e-3) < 1%"',
  },
  guardedGoals: {
    code: 'TRG1735',
    severity: 'note',
    title: 'goals that a network which accepts other events could meet',
    hint: 'say yourself what must stay the same, with exchange(…), rank_correlation or argmax_disagreement, and nothing is added',
  },
  notRetrainable: {
    code: 'TRG1736',
    severity: 'error',
    title: 'a model that cannot be trained further',
    hint: 'leave --retrain out: a search works on it without',
  },
  nothingToPrune: {
    code: 'TRG1741',
    severity: 'error',
    title: 'a model without weights that could be pruned',
    hint: 'pruning works on products of a computed tensor and a matrix of constants: leave --prune out',
  },
  layerNotPruned: {
    code: 'TRG1742',
    severity: 'note',
    title: 'a layer that is left as it is, for the sake of an output port',
    hint: 'declare a wider type for the output to have the layer pruned',
  },
  pruned: {
    code: 'TRG1743',
    severity: 'note',
    title: 'weights and their digits removed',
    hint: 'trigc evaluate tells what that cost; the table is in report.md',
  },
  prunedLess: {
    code: 'TRG1744',
    severity: 'warning',
    title: 'fewer LUTs saved by pruning than asked for',
    hint: 'ask for less, or declare wider outputs where a layer was left as it is',
  },
  badPruning: {
    code: 'TRG1745',
    severity: 'error',
    title: 'pruning that is asked for in a way that makes no sense',
    hint: 'trigc compile MODEL --data EVENTS --prune 30%',
  },
} as const satisfies Record<string, DiagnosticKind>;
