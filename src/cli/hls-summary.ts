import type { MeasuredFigures } from '../report/figure-file.js';
import type { Figure } from '../report/figure.js';

/** Name of the file of what the C++ is estimated to come to. */
export const HLS_FIGURES = 'hls-estimate';
/** Name of the file of what C simulation counted. */
export const HLS_VERIFY_FIGURES = 'verify-hls';

/** One line for people. */
export function hlsSummary({ figures }: MeasuredFigures): string {
  const value = (name: string): string => (figures[name]?.value ?? 0).toLocaleString('en');
  return (
    `estimate of the C++, not seen by an HLS tool: latency ${value('hls_latency')} cycles, II ${value('hls_ii')}, ` +
    `${value('hls_multipliers')} multipliers, at most ${value('hls_dsp')} DSP`
  );
}

/** What C simulation counted, for budgets. */
export function simulatedFigures(compiler: string, vectors: number, mismatches: number): MeasuredFigures {
  const [name = compiler, number = ''] = compiler.split(' ');
  const count = (value: number): Figure => ({ value, unit: 'vectors', origin: 'simulation' });
  return {
    command: 'trigc verify DIR --engine hls',
    tool: { name: `C simulation by ${name}`, version: number === '' ? 'unknown' : number },
    figures: { hls_vectors: count(vectors), hls_mismatches: count(mismatches) },
  };
}
