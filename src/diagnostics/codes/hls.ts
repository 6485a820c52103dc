import type { DiagnosticKind } from '../diagnostic.js';

/** Printing C++ for Vitis HLS and running its C simulation (TRG1901 to TRG1949). */
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
  prunedAccumulator: {
    code: 'TRG1904',
    severity: 'error',
    title: 'pruned weights in a layer with a declared accumulator, as loops of C++',
    hint: 'prune without declared accumulators, or leave out --hls',
  },
  unknownLayer: {
    code: 'TRG1905',
    severity: 'error',
    title: 'strategy or reuse factor of something that is not a product with constant weights',
    hint: 'trigc inspect MODEL lists the nodes; write the name of a Gemm, MatMul or Conv',
  },
  headersMissing: {
    code: 'TRG1906',
    severity: 'error',
    title: 'no headers of ap_fixed for C simulation',
    hint: 'give --ap-types FOLDER, set XILINX_HLS, or install hls4ml, which carries them, for python3',
  },
  noCpp: {
    code: 'TRG1907',
    severity: 'error',
    title: 'compiled folder without C++',
    hint: 'trigc compile MODEL -o DIR --hls looped',
  },
  optionWithoutForm: {
    code: 'TRG1908',
    severity: 'error',
    title: 'option of the looped C++ where none is written',
    hint: 'add --hls looped, or hls: { form: looped } to trigc.yaml',
  },
  controlConflict: {
    code: 'TRG1909',
    severity: 'error',
    title: 'C++ without a handshake that does not take an event at every clock',
    hint: "leave 'hls.control' out or set it to ap_ctrl_hs, use streams, or build every layer with strategy latency and reuse factor 1",
  },
  wordLimit: {
    code: 'TRG1910',
    severity: 'error',
    title: 'array or row of a stream that becomes a wider word than the HLS tool makes',
    hint: 'declare narrower types, a higher reuse factor, or the other interface',
  },
  partitionLimit: {
    code: 'TRG1911',
    severity: 'error',
    title: 'tensor with more elements than the HLS tool keeps in registers',
    hint: 'the C++ holds whole tensors: use the Verilog, or a smaller network',
  },
  typeLimit: {
    code: 'TRG1913',
    severity: 'error',
    title: 'type of more bits than ap_fixed has',
    hint: 'declare a narrower type, or quantise the tensor',
  },
  lossyAccumulator: {
    code: 'TRG1912',
    severity: 'error',
    title: 'distributed arithmetic in a layer whose declared accumulator loses bits',
    hint: 'declare strategy latency or resource for the layer, or an accumulator that holds every sum exactly',
  },
} as const satisfies Record<string, DiagnosticKind>;
