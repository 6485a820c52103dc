import type { ExploredInterval } from '../interval-file.js';
import { intervalAxes, intervalSeries } from '../interval-plot.js';
import type { ReuseRow } from '../reuse-table.js';
import { digitsText } from '../reuse-table.js';
import type { HtmlReportData, HtmlSection } from './data.js';
import { escapeHtml, formatNumber } from './escape.js';
import { BUNCH_CROSSING, everyClock } from './latency.js';
import { plot } from './plot.js';
import type { Cell } from './table.js';
import { missing, shareBar, table } from './table.js';

/** How hardware is reused between events; undefined where an event comes each clock and nothing else was explored. */
export function reuseSection(data: HtmlReportData): HtmlSection | undefined {
  const { reuse, intervals, manifest } = data;
  if (reuse === undefined && intervals === undefined) return undefined;
  const curve =
    intervals === undefined
      ? missing('What other intervals would take is estimated by', 'trigc explore MODEL --ii 1..54 -o DIR')
      : `<div class="plots">${plot(
          'LUTs against clocks from one event to the next, both estimated for this model',
          ...intervalAxes(intervals),
          intervalSeries(intervals),
        )}</div>${intervalTable(intervals, manifest.initiationInterval)}`;
  const units = reuse === undefined ? '' : facts(data, reuse) + unitTable(reuse, manifest.initiationInterval);
  return { id: 'reuse', title: 'Reuse of hardware', body: units + curve };
}

/** Clocks, ns and bunch crossings. */
function time(clocks: number, period: number): string {
  const nanoseconds = clocks * period;
  const shown = `${formatNumber(nanoseconds)} ns = ${formatNumber(nanoseconds / BUNCH_CROSSING)} BX`;
  return `${clocks} clocks = <strong>${shown}</strong>`;
}

function facts({ manifest }: HtmlReportData, rows: readonly ReuseRow[]): string {
  const { initiationInterval, latency, clock } = manifest;
  const sum = (value: (row: ReuseRow) => number): number => rows.reduce((total, row) => total + value(row), 0);
  const [luts, parallel] = [sum(({ lut }) => lut), sum(({ parallelLut }) => parallelLut)];
  const share = parallel === 0 ? '' : `, that is ${formatNumber((100 * luts) / parallel, 2)} %`;
  return (
    `<p>${escapeHtml(everyClock(initiationInterval).replace(/^a/u, 'A'))}: ${time(initiationInterval, clock.periodNanoseconds)}. ` +
    `Latency ${time(latency, clock.periodNanoseconds)}. With a kernel for each position these parts would take ` +
    `about ${formatNumber(parallel, 6)} LUT; they take ${formatNumber(luts, 6)}${share} (estimates).</p>`
  );
}

function unitTable(rows: readonly ReuseRow[], interval: number): string {
  const cells = rows.map((row): Cell[] => [
    row.name,
    row.form,
    `${row.lanes} × ${row.slots}`,
    digitsText(row) === '' ? '1' : digitsText(row),
    shareBar(row.occupancy, `${Math.round(row.occupancy * interval)} of ${interval}`),
    `${row.first} to ${row.last}`,
    formatNumber(Math.round(row.lut), 6),
    formatNumber(Math.round(row.parallelLut), 6),
    formatNumber(Math.round(row.flipFlops), 6),
    formatNumber(row.dsp, 6),
  ]);
  const columns = [
    'part of a layer',
    'form',
    'kernels × turns',
    'clocks of a word',
    'clocks at work',
    'clocks after the event',
    'LUT',
    'LUT if parallel',
    'FF',
    'DSP',
  ];
  return table('What each part of a layer became (estimates)', columns, cells, new Set([2, 3, 5, 6, 7, 8, 9]));
}

function intervalTable(points: readonly ExploredInterval[], interval: number): string {
  const [first] = points;
  const rows = points.map((point) => [
    `${point.interval}${point.interval === interval ? ' (this design)' : ''}`,
    formatNumber(Math.round(point.lut), 6),
    first === undefined || first.lut === 0 ? '' : (point.lut / first.lut).toFixed(2),
    formatNumber(Math.round(point.flipFlops), 6),
    formatNumber(point.dsp, 6),
    String(point.latency),
    formatNumber(point.latencyNanoseconds),
  ]);
  const columns = ['II (clocks)', 'LUT', `of II ${first?.interval ?? ''}`, 'FF', 'DSP', 'latency (clocks)', 'ns'];
  return table('Explored intervals (estimates)', columns, rows, new Set([1, 2, 3, 4, 5, 6]));
}
