import type { HtmlReportData, HtmlSection } from './data.js';
import { escapeHtml, formatNumber } from './escape.js';
import { table } from './table.js';

/** The interval between bunch crossings at the LHC by design, ns. */
export const BUNCH_CROSSING = 25;
const WIDTH = 900;
const ROW = 20;
const LABEL = 250;
const HEAD = 40;

/** When each layer is computed: clocks, bunch crossings and the estimated use of every clock. */
export function latencySection({ manifest, segments, spans }: HtmlReportData): HtmlSection {
  const period = manifest.clock.periodNanoseconds;
  const nanoseconds = manifest.latency * period;
  const end = segments.length * period;
  const place = (time: number): number => Number((LABEL + (time / end) * (WIDTH - LABEL - 20)).toFixed(2));
  const height = HEAD + (spans.length + 1) * ROW + 12;
  const crossings = Array.from({ length: Math.floor(end / BUNCH_CROSSING + 1e-9) + 1 }, (_, index) => index);
  const every = Math.max(1, Math.ceil(crossings.length / 12));
  const marks = crossings.map((index) => {
    const x = place(index * BUNCH_CROSSING);
    const text = `<text class="tick" x="${x}" y="14" text-anchor="middle">${index * BUNCH_CROSSING} ns</text><text class="tick" x="${x}" y="28" text-anchor="middle">${index} BX</text>`;
    return `<line class="crossing" x1="${x}" x2="${x}" y1="32" y2="${height - 6}"/>${index % every === 0 ? text : ''}`;
  });
  const use = segments.map((length, index) => {
    const [from, to] = [place(index * period), place((index + 1) * period)];
    const share = Math.min(1, length / period);
    const title = `segment ${index}: ${length.toFixed(2)} ns of ${formatNumber(period)} ns`;
    return (
      `<rect class="slot" x="${from}" y="${HEAD}" width="${(to - from).toFixed(2)}" height="${ROW - 6}"><title>${title}</title></rect>` +
      `<rect class="${length > period ? 'bad' : 'float'}" x="${from}" y="${HEAD}" width="${((to - from) * share).toFixed(2)}" height="${ROW - 6}"><title>${title}</title></rect>` +
      (to - from > 44
        ? `<text class="inside" x="${((from + to) / 2).toFixed(2)}" y="${HEAD + 11}" text-anchor="middle">${percentOf(length, period)}</text>`
        : '')
    );
  });
  const bars = spans.map(({ name, operator, first, last }, index) => {
    const y = HEAD + (index + 1) * ROW;
    const [from, to] = [place(first * period), place((last + 1) * period)];
    const shown = name.length > 36 ? `…${name.slice(-35)}` : name || operator;
    return (
      `<text class="tick" x="${LABEL - 8}" y="${y + 11}" text-anchor="end">${escapeHtml(shown)}<title>${escapeHtml(`${name} (${operator})`)}</title></text>` +
      `<rect class="fixed" rx="3" x="${from}" y="${y}" width="${(to - from).toFixed(2)}" height="${ROW - 6}"><title>${escapeHtml(`${name}: segments ${first} to ${last}`)}</title></rect>`
    );
  });
  const title = `Timeline of ${segments.length} combinational segments and ${spans.length} layers`;
  const svg =
    `<figure><div class="wide"><svg class="timeline" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}"><title>${title}</title>` +
    `${marks.join('')}<text class="tick" x="${LABEL - 8}" y="${HEAD + 11}" text-anchor="end">use of each clock</text>${use.join('')}${bars.join('')}</svg></div>` +
    '<figcaption>Layers stand over the combinational segments in which their values are computed; the first row shows the estimated length of each segment within its clock. The last segment lies behind the last register.</figcaption></figure>';
  const facts =
    `<p>${manifest.latency} register ranks at ${formatNumber(period)} ns: <strong>${formatNumber(nanoseconds)} ns</strong> = ` +
    `<strong>${formatNumber(nanoseconds / BUNCH_CROSSING)} BX</strong> of 25 ns; ${everyClock(manifest.initiationInterval)}.</p>`;
  const rows = segments.map((length, index) => [String(index), length.toFixed(2), percentOf(length, period)]);
  const lengths = table('Estimated length of the segments', ['segment', 'ns', 'of the clock'], rows, new Set([1, 2]));
  return { id: 'latency', title: 'Latency', body: `${facts}${svg}${lengths}` };
}

function percentOf(length: number, period: number): string {
  return `${((100 * length) / period).toFixed(0)} %`;
}

/** An initiation interval in words. */
export function everyClock(interval: number): string {
  return interval === 1 ? 'a new event every clock' : `a new event every ${interval} clocks`;
}
