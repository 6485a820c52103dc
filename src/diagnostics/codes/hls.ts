import type { DiagnosticKind } from '../diagnostic.js';

/** Printing C++ for Vitis HLS and running its C simulation (TRG1901 to TRG1999). */
export const hlsCodes = {
  illegalReuse: {
    code: 'TRG1901',
    severity: 'error',
    title: 'reuse factor that does not cut the products of a layer into equal turns',
    hint: 'a legal factor divides the inputs, or is the inputs times a divisor of the outputs',
  },
  unrollLimit: {
    code: 'TRG1902',
    severity: 'error',
    title: 'more products in one unrolled loop than the HLS tool takes',
    hint: "declare 'strategy: resource' and a reuse factor for the layer, or use the flat form",
  },
  constantTooWide: {
    code: 'TRG1903',
    severity: 'error',
    title: 'constant or port of more than 64 bits in C++',
    hint: 'give the weights, constants and ports a narrower type',
  },
} as const satisfies Record<string, DiagnosticKind>;
