/**
 * Where a figure comes from. `exact`: follows from the design. `estimate`: our own, before synthesis. `simulation`:
 * measured on simulated RTL. `yosys`: counted in Yosys' netlist. `csynth`, `synth`, `impl`: a vendor's report of HLS, of
 * synthesis, of place and route. `evaluation`: measured on events, against the float model.
 */
export const figureOrigins = [
  'exact',
  'estimate',
  'simulation',
  'yosys',
  'csynth',
  'synth',
  'impl',
  'evaluation',
] as const;
export type FigureOrigin = (typeof figureOrigins)[number];

/** A figure and where it comes from; a figure that was not obtained is absent, never zero. */
export interface Figure {
  readonly value: number;
  readonly unit: string;
  readonly origin: FigureOrigin;
  /** Part of what the device has, from 0 to 1. */
  readonly share?: number;
  /** Where the measured value is expected, as parts of this one: 5 % and 95 % quantiles of what was seen. */
  readonly error?: { readonly low: number; readonly high: number };
}
