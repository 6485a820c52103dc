import { escapeHtml, formatNumber } from './escape.js';

/** An axis of a plot; on a logarithmic one only values above zero are drawn. */
export interface Axis {
  readonly label: string;
  readonly low: number;
  readonly high: number;
  readonly logarithmic?: boolean;
}

export interface Series {
  readonly label: string;
  /** Class of the style sheet that gives its colour: `float`, `fixed`. */
  readonly style: string;
  readonly points: readonly (readonly [number, number])[];
  readonly dots?: boolean;
}

export const PLOT_WIDTH = 460;
export const PLOT_HEIGHT = 320;
const left = 64;
const right = 16;
const top = 14;
const bottom = 46;

/** Whether a logarithmic axis has so few whole decades that ticks at those would tell nothing. */
function fewDecades({ low, high, logarithmic = false }: Axis): boolean {
  return logarithmic && Math.floor(Math.log10(high) + 1e-9) - Math.ceil(Math.log10(low) - 1e-9) < 2;
}

/** Round numbers inside an axis: 1, 2 or 5 times a power of ten, or whole decades where there are several. */
export function ticks(axis: Axis): readonly number[] {
  const { low, high, logarithmic = false } = axis;
  if (fewDecades(axis)) {
    return range(Math.floor(Math.log10(low)), Math.floor(Math.log10(high)), 1)
      .flatMap((exponent) => [1, 2, 5].map((factor) => Number(`${factor}e${exponent}`)))
      .filter((value) => value >= low && value <= high);
  }
  if (logarithmic) {
    const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
    const step = Math.max(1, Math.ceil((last - first) / 7));
    return range(first, last, step).map((exponent) => Number(`1e${exponent}`));
  }
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  return range(Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9), 1).map((count) => count * step);
}

function range(first: number, last: number, step: number): readonly number[] {
  return Array.from({ length: Math.max(0, Math.floor((last - first) / step) + 1) }, (_, index) => first + index * step);
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** `10⁻³` on a logarithmic axis of several decades, plain numbers on others. */
export function tickLabel(value: number, axis: Axis): string {
  if (axis.logarithmic !== true) return formatNumber(Number(value.toPrecision(10)), 3);
  if (fewDecades(axis)) return formatNumber(value);
  const exponent = Math.round(Math.log10(value));
  const digits = String(Math.abs(exponent)).replace(/\d/gu, (digit) => superscripts[Number(digit)] ?? '');
  return `10${exponent < 0 ? '⁻' : ''}${digits}`;
}

/** Smallest interval around the values, a little wider; around nothing, from 0 to 1. */
export function around(values: readonly number[]): { readonly low: number; readonly high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return { low: 0, high: 1 };
  const margin = (high - low) * 0.03 || Math.abs(high) * 0.03 || 0.5;
  return { low: low - margin, high: high + margin };
}

/** Lines or dots over two axes, as a figure with its caption and a legend. */
export function plot(caption: string, x: Axis, y: Axis, series: readonly Series[], diagonal = false): string {
  const named = series.filter(({ label }) => label !== '');
  const legend = named.map(({ label, style }) => `<span class="key ${style}">${escapeHtml(label)}</span>`).join(' ');
  return (
    `<figure>${plotDrawing(caption, x, y, series, { diagonal })}` +
    `<figcaption>${escapeHtml(caption)} <span class="legend">${legend}</span></figcaption></figure>`
  );
}

/** The drawing alone. `style`: a style sheet of its own, for a file that stands by itself. */
export function plotDrawing(
  caption: string,
  x: Axis,
  y: Axis,
  series: readonly Series[],
  { diagonal = false, style }: { readonly diagonal?: boolean; readonly style?: string } = {},
): string {
  const placeX = place(x, left, PLOT_WIDTH - right);
  const placeY = place(y, PLOT_HEIGHT - bottom, top);
  const grid = [
    ...ticks(x).map(
      (value) =>
        `<line class="grid" x1="${placeX(value)}" x2="${placeX(value)}" y1="${top}" y2="${PLOT_HEIGHT - bottom}"/>` +
        `<text class="tick" x="${placeX(value)}" y="${PLOT_HEIGHT - bottom + 16}" text-anchor="middle">${tickLabel(value, x)}</text>`,
    ),
    ...ticks(y).map(
      (value) =>
        `<line class="grid" y1="${placeY(value)}" y2="${placeY(value)}" x1="${left}" x2="${PLOT_WIDTH - right}"/>` +
        `<text class="tick" x="${left - 6}" y="${placeY(value) + 4}" text-anchor="end">${tickLabel(value, y)}</text>`,
    ),
  ].join('');
  const inside = (axis: Axis, value: number): boolean => value >= axis.low && value <= axis.high;
  const drawn = series.map(({ style, points, dots = false }) => {
    const shown = points.filter(([a, b]) => inside(x, a) && inside(y, b));
    if (dots) {
      return shown.map(([a, b]) => `<circle class="dot ${style}" cx="${placeX(a)}" cy="${placeY(b)}" r="2"/>`).join('');
    }
    return `<polyline class="line ${style}" points="${shown.map(([a, b]) => `${placeX(a)},${placeY(b)}`).join(' ')}"/>`;
  });
  const [from, to] = [Math.max(x.low, y.low), Math.min(x.high, y.high)];
  const guide =
    diagonal && from < to
      ? `<line class="guide" x1="${placeX(from)}" y1="${placeY(from)}" x2="${placeX(to)}" y2="${placeY(to)}"/>`
      : '';
  const own = style === undefined ? ['', ''] : [' xmlns="http://www.w3.org/2000/svg"', `<style>${style}</style>`];
  return (
    `<svg${own[0] ?? ''} viewBox="0 0 ${PLOT_WIDTH} ${PLOT_HEIGHT}" role="img" aria-label="${escapeHtml(caption)}">` +
    `<title>${escapeHtml(caption)}</title>${own[1] ?? ''}${grid}${guide}${drawn.join('')}` +
    `<rect class="frame" x="${left}" y="${top}" width="${PLOT_WIDTH - left - right}" height="${PLOT_HEIGHT - top - bottom}"/>` +
    `<text class="axis" x="${(left + PLOT_WIDTH - right) / 2}" y="${PLOT_HEIGHT - 8}" text-anchor="middle">${escapeHtml(x.label)}</text>` +
    `<text class="axis" transform="translate(14 ${(top + PLOT_HEIGHT - bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(y.label)}</text>` +
    `</svg>`
  );
}

function place({ low, high, logarithmic = false }: Axis, start: number, end: number): (value: number) => number {
  const map = logarithmic ? Math.log10 : (value: number): number => value;
  const [first, last] = [map(low), map(high)];
  return (value) => Number((start + ((map(value) - first) / (last - first)) * (end - start)).toFixed(2));
}
