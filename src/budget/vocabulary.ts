import type { GoalFigureName } from '../evaluation/goal-figure.js';
import { goalFigures, isGoalFigure, takesPoint } from '../evaluation/goal-figure.js';
import type { OperatingPoint } from '../evaluation/operating-point.js';
import { parsePointSuffix, pointSuffix } from '../evaluation/operating-point.js';
import type { FigureOrigin } from '../report/figure.js';

/** What is known of a figure before it is measured. */
export interface KnownFigure {
  readonly unit: string;
  /** The command that measures it, with DIR for the compiled folder. */
  readonly command: string;
}

const compile = 'trigc compile MODEL -o DIR';
const calibrate = 'trigc compile MODEL -o DIR --data EVENTS';
const verify = 'trigc verify DIR';
const looped = 'trigc compile MODEL -o DIR --hls looped';
const verifyCpp = 'trigc verify DIR --engine hls';
const synth = 'trigc synth DIR';
const vivado = 'trigc import-reports DIR --vivado-utilization FILE --vivado-timing FILE';
const vitis = 'trigc import-reports DIR --csynth FILE';
const evaluate = 'trigc evaluate DIR';

const of = (command: string, units: Readonly<Record<string, string>>): readonly (readonly [string, KnownFigure])[] =>
  Object.entries(units).map(([name, unit]) => [name, { unit, command }]);

/**
 * Figures by name: whether a budget misspelt one, or names one that nothing measured yet. Others are known where a file
 * of figures has them.
 */
export const knownFigures: ReadonlyMap<string, KnownFigure> = new Map([
  ...of(compile, {
    latency: 'clocks',
    latency_ns: 'ns',
    latency_bx: 'BX',
    ii: 'clocks',
    clock_period: 'ns',
    critical_segment: 'ns',
    segment_limit: 'ns',
    register_bits: 'bits',
    lut: 'LUT',
    lut_sites: 'LUT sites',
    flip_flops: 'FF',
    shift_registers: 'shift registers',
    carry_bits: 'carry bits',
    dsp: 'DSP',
  }),
  ...of(calibrate, {
    calibration_events: 'events',
    saturated_values: 'values',
    wrapped_values: 'values',
    overflowing_tensors: 'tensors',
  }),
  ...of(verify, {
    mismatches: 'events',
    vectors: 'events',
    measured_latency: 'clocks',
    measured_ii: 'clocks',
    coverage_saturation: '%',
    coverage_rounding: '%',
    coverage_ties: '%',
    coverage_tables: '%',
  }),
  ...of(looped, {
    hls_latency: 'clocks',
    hls_latency_ns: 'ns',
    hls_ii: 'clocks',
    hls_multipliers: 'multipliers',
    hls_dsp: 'DSP',
  }),
  ...of(verifyCpp, { hls_mismatches: 'events', hls_vectors: 'events' }),
  ...of(synth, { bram: 'BRAM', uram: 'URAM' }),
  ...Object.entries(goalFigures)
    .filter(([, { point }]) => !point)
    .map(([name]) => [name, { unit: '', command: evaluate }] as const),
]);

/** Name of a figure at an operating point, which budgets write as `exchange(1e-4)`: `exchange_1em4`. */
export function figureAtPoint(name: GoalFigureName, point: OperatingPoint): string {
  return `${name}_${pointSuffix(point)}`;
}

/** What `figureAtPoint` has made of it; undefined for other names. */
export function pointOfFigure(
  name: string,
): { readonly figure: GoalFigureName; readonly point: OperatingPoint } | undefined {
  for (const figure of Object.keys(goalFigures)) {
    if (!isGoalFigure(figure) || !takesPoint(figure) || !name.startsWith(`${figure}_`)) continue;
    const point = parsePointSuffix(name.slice(figure.length + 1));
    if (point !== undefined) return { figure, point };
  }
  return undefined;
}

/** What is known of the figure of that name, at an operating point or not. */
export function knownFigure(name: string): KnownFigure | undefined {
  return pointOfFigure(name) === undefined ? knownFigures.get(name) : { unit: '', command: evaluate };
}

/** The command that measures a figure of an origin. */
export function commandFor(name: string, origin: FigureOrigin | undefined): string {
  if (origin === 'yosys') return synth;
  if (origin === 'csynth') return vitis;
  if (origin === 'synth' || origin === 'impl') return vivado;
  if (origin === 'simulation') return verify;
  if (origin === 'evaluation') return evaluate;
  return knownFigure(name)?.command ?? compile;
}
