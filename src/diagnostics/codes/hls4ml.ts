import type { DiagnosticKind } from '../diagnostic.js';

/** Reading written hls4ml projects (TRG1951 to TRG1999). */
export const hls4mlCodes = {
  notProject: {
    code: 'TRG1951',
    severity: 'error',
    title: 'folder that hls4ml has not written, or not whole',
    hint: 'give the output folder of hls4ml, with firmware/defines.h and firmware/parameters.h in it',
  },
  otherBackend: {
    code: 'TRG1952',
    severity: 'error',
    title: "project of a back end whose arithmetic is not the vendor's ap_fixed",
    hint: 'projects of the back ends Vivado and Vitis are read, and those of the accelerators that are made of them',
  },
  noCounterpart: {
    code: 'TRG1953',
    severity: 'error',
    title: 'layer of hls4ml that Trigc has nothing equal for',
    hint: '--until LAYER ends the model before it, at the output of an earlier layer',
  },
  malformed: {
    code: 'TRG1954',
    severity: 'error',
    title: 'text in an hls4ml project that does not say what it has to',
    hint: 'write the project again with hls4ml; files that were edited by hand may not be readable',
  },
  wrongWeights: {
    code: 'TRG1955',
    severity: 'error',
    title: 'weights that do not belong to their layer',
    hint: 'write the project again with hls4ml',
  },
  otherOrder: {
    code: 'TRG1956',
    severity: 'error',
    title: 'saturating accumulator that hls4ml fills in an order of its own',
    hint: 'give the layer strategy latency, reuse factor 1 or a wrapping accumulator in hls4ml: then the order of the sum does not matter',
  },
  noSuchLayer: {
    code: 'TRG1957',
    severity: 'error',
    title: 'layer to end at that the project does not have',
    hint: 'write the name of a layer as the comments of firmware/<project>.cpp give it',
  },
} as const satisfies Record<string, DiagnosticKind>;
