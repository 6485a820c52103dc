/** How far estimates lay from synthesis: the ratio of the two over designs that are whole networks. */
export interface ErrorBand {
  readonly designs: number;
  /** Geometric mean of estimate over synthesis. */
  readonly mean: number;
  /** Quantiles of 5 % and 95 %. */
  readonly low: number;
  readonly high: number;
}

export interface Calibration {
  /** Name and version. */
  readonly tool: string;
  readonly command: string;
  /** Of the designs; `scripts/calibrate-estimator.mjs` makes the same ones again. */
  readonly seed: number;
  readonly lut: ErrorBand;
  readonly carryBlocks: ErrorBand;
  readonly flipFlops: ErrorBand;
}

/** Where synthesis is to be expected, as parts of the estimate: -0.06 … 0.09. */
export function expectedError({ low, high }: ErrorBand): { readonly low: number; readonly high: number } {
  return { low: 1 / high - 1, high: 1 / low - 1 };
}

/** `-6 % … +9 % against Yosys 0.23 on 60 designs` */
export function printError(band: ErrorBand, { tool }: Calibration): string {
  const percent = (part: number): string => {
    const rounded = Math.round(part * 100);
    return `${rounded < 0 ? '-' : '+'}${Math.abs(rounded)} %`;
  };
  const { low, high } = expectedError(band);
  return `${percent(low)} … ${percent(high)} against ${tool} on ${band.designs} designs`;
}

// Everything below is written by scripts/calibrate-estimator.mjs --write.
export const calibration: Calibration = {
  tool: 'Yosys 0.23',
  command: 'synth_xilinx -family xc7 -flatten -noiopad -noclkbuf -nodsp',
  seed: 1,
  lut: { designs: 44, mean: 0.988, low: 0.86, high: 1.148 },
  carryBlocks: { designs: 44, mean: 0.996, low: 0.943, high: 1.127 },
  flipFlops: { designs: 29, mean: 0.999, low: 1.0, high: 1.0 },
};
