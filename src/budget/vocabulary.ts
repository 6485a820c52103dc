import type { FigureOrigin } from '../report/figure.js';

/** What is known of a figure before it is measured. */
export interface KnownFigure {
  readonly unit: string;
  /** The command that measures it, with DIR for the compiled folder. */
  readonly command: string;
}

const compile = 'trigc compile MODEL -o DIR';
const verify = 'trigc verify DIR';
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
  ...of(verify, {
    mismatches: 'events',
    vectors: 'events',
    measured_latency: 'clocks',
    measured_ii: 'clocks',
    coverage_saturation: '%',
    coverage_rounding: '%',
  }),
  ...of(synth, { bram: 'BRAM', uram: 'URAM' }),
  ...of(evaluate, { auc_loss: '', rank_correlation: '', score_rms: '', score_max: '' }),
]);

/** Figures of a threshold, by what is written before the place: `efficiency_loss(1 kHz)`, `exchange(1e-4)`. */
export const figuresAt = ['efficiency_loss', 'exchange'] as const;
export type FigureAt = (typeof figuresAt)[number];

export function isFigureAt(name: string): name is FigureAt {
  return figuresAt.some((known) => known === name);
}

/** The figure of that name, with its place where it has one. */
export function knownFigure(name: string): KnownFigure | undefined {
  const at = /^(\w+)\(.+\)$/u.exec(name)?.[1];
  return at !== undefined && isFigureAt(at) ? { unit: '', command: evaluate } : knownFigures.get(name);
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
