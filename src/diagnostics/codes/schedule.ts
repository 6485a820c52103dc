import type { DiagnosticKind } from '../diagnostic.js';

/** Placing registers (TRG1401 to TRG1499). */
export const scheduleCodes = {
  latencyTooShort: {
    code: 'TRG1401',
    severity: 'error',
    title: 'the latency leaves no room for the registers of the ports',
    hint: 'a registered input and a registered output take one rank each: raise the latency or set interface.registers',
  },
  latencyTooLong: {
    code: 'TRG1402',
    severity: 'error',
    title: 'the latency is beyond any trigger',
    hint: 'give the latency in register ranks, that is clocks, not in ns',
  },
  segmentTooSlow: {
    code: 'TRG1403',
    severity: 'warning',
    title: 'an estimated combinational segment is longer than the clock',
    hint: 'allow more ranks (--latency), a slower clock, or narrower types; --strict makes this an error',
  },
  noTimeLeft: {
    code: 'TRG1404',
    severity: 'error',
    title: 'the clock period leaves no time for logic',
    hint: 'the clock period must exceed a flip-flop and the declared input or output delay',
  },
  pinnedTooShort: {
    code: 'TRG1405',
    severity: 'error',
    title: 'the pinned latency does not meet the clock',
    hint: 'pin the latency that the message names, or make the model smaller; without pin_latency this is a warning',
  },
  reuseTooSlow: {
    code: 'TRG1406',
    severity: 'error',
    title: 'the latency is shorter than the reuse of hardware allows',
    hint: 'allow the latency that the message names, or a smaller initiation interval (--ii), which needs fewer clocks',
  },
  reuseForm: {
    code: 'TRG1407',
    severity: 'error',
    title: 'a declared form of reuse that the layer cannot take',
    hint: 'declare a form that the message names, or leave it out: the compiler chooses by cost',
  },
  reuseFactor: {
    code: 'TRG1408',
    severity: 'error',
    title: 'a declared reuse factor that the layer cannot take',
    hint: 'declare a factor that the message names, another form, or a longer interval (--ii)',
  },
  reuseUnknownLayer: {
    code: 'TRG1409',
    severity: 'error',
    title: 'reuse declared of a layer without hardware of its own',
    hint: 'trigc compile prints the layers of the design where an event comes every few clocks',
  },
  beyondResources: {
    code: 'TRG1410',
    severity: 'error',
    title: 'a design that is estimated to be beyond the resources it may use',
    hint: 'let events come less often (--ii), declare narrower types, prune weights, or raise target.resources',
  },
  inputParts: {
    code: 'TRG1411',
    severity: 'error',
    title: 'an input that cannot come in so many clocks',
    hint: 'the clocks divide the elements of the input, and are no more than those from one event to the next',
  },
} as const satisfies Record<string, DiagnosticKind>;
