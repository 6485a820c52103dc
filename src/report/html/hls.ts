import type { HtmlReportData, HtmlSection, NamedFigure } from './data.js';
import { escapeHtml, formatNumber } from './escape.js';
import { missing, table } from './table.js';

/** Figures of the looped C++, in the order of the columns. */
const columns = [
  ['hls_latency', 'latency (clocks)'],
  ['hls_ii', 'II (clocks)'],
  ['hls_multipliers', 'multipliers'],
  ['hls_dsp', 'DSP at most'],
] as const;

/** What the C++ for Vitis HLS should come to, by layer, and what its C simulation said; undefined where none was estimated. */
export function hlsSection({ figures, layers }: HtmlReportData): HtmlSection | undefined {
  const latency = find(figures, 'hls_latency');
  if (latency === undefined) return undefined;
  const nanoseconds = find(figures, 'hls_latency_ns');
  const time = nanoseconds === undefined ? '' : ` = <strong>${formatNumber(nanoseconds.figure.value)} ns</strong>`;
  const facts =
    `<p>Latency ${text(latency)} clocks${time}, an event every ${text(find(figures, 'hls_ii'))} clocks. ` +
    `Source: ${escapeHtml(latency.tool)}; origin ${escapeHtml(latency.figure.origin)}.</p>`;
  const rows = layers
    .filter((layer) => find(layer.figures, 'hls_multipliers') !== undefined)
    .map((layer) => [layer.layer, ...columns.map(([name]) => text(find(layer.figures, name)))]);
  const total = ['all layers', ...columns.map(([name]) => text(find(figures, name)))];
  const heads = ['layer', ...columns.map(([, head]) => head)];
  const estimates = table('The looped C++ by layer', heads, [...rows, total], new Set([1, 2, 3, 4]));
  return { id: 'hls', title: 'C++ for Vitis HLS', body: facts + estimates + simulation(figures) };
}

function simulation(figures: readonly NamedFigure[]): string {
  const mismatches = find(figures, 'hls_mismatches');
  if (mismatches === undefined) return missing('Its C simulation is compared by', 'trigc verify DIR --engine hls');
  const vectors = text(find(figures, 'hls_vectors'));
  return `<p>C simulation: ${text(mismatches)} mismatches with the emulator on ${vectors} vectors.</p>`;
}

function find(figures: readonly NamedFigure[], wanted: string): NamedFigure | undefined {
  return figures.findLast(({ name }) => name === wanted);
}

function text(found: NamedFigure | undefined): string {
  return found === undefined ? '' : formatNumber(found.figure.value, 6);
}
