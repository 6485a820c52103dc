import type { YosysEngine } from './run-yosys.js';

/**
 * Seconds of processor that Yosys takes: a fixed part and one for each estimated LUT. Fitted to single layers of
 * models/axol1tl-like in the flow `keep-adders`, family 7-series, which it meets within 10 %: 315, 354, 934 and 2,184
 * estimated LUT took Yosys 0.23 native 5.9, 6.3, 8.0 and 9.8 s, and 0.55 as WebAssembly 14.6, 16.1, 18.7 and 19.0 s.
 * Beyond that size it is an extrapolation, and tables and multiplications take longer than adders: the bounds that are
 * shown are half and three times.
 */
const models: Readonly<Record<YosysEngine, { readonly fixed: number; readonly perLut: number }>> = {
  native: { fixed: 5.4, perLut: 0.0021 },
  wasm: { fixed: 15, perLut: 0.002 },
};

/** Of one run, in seconds; on a machine with other work, more of them pass. */
export function expectedSeconds(
  engine: YosysEngine,
  lut: number,
): { readonly seconds: number; readonly low: number; readonly high: number } {
  const { fixed, perLut } = models[engine];
  const seconds = fixed + perLut * lut;
  return { seconds, low: seconds / 2, high: seconds * 3 };
}
