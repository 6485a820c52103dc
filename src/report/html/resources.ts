import { figureOrigins } from '../figure.js';
import type { HtmlReportData, HtmlSection, NamedFigure } from './data.js';
import { formatNumber } from './escape.js';
import type { LayerSpan } from './layer-spans.js';
import { layerTypes } from './network-layout.js';
import type { Cell } from './table.js';
import { missing, shareBar, table } from './table.js';

const counted = new Map([
  ['lut', 'LUT'],
  ['lut_sites', 'LUT sites'],
  ['flip_flops', 'FF'],
  ['shift_registers', 'shift registers'],
  ['carry_bits', 'carry bits'],
  ['dsp', 'DSP'],
  ['bram', 'BRAM'],
]);

/** Of a figure, for people. */
export function resourceName(figure: string): string {
  return counted.get(figure) ?? figure;
}

/** A share from 0 to 1 in two digits. */
export function sharePercent(share: number): string {
  return `${formatNumber(100 * share, 2)} %`;
}

/** Totals with a column for each origin, then a row for each layer. */
export function resourcesSection(data: HtmlReportData): HtmlSection {
  const { manifest, figures } = data;
  const own = figures.filter(({ name }) => counted.has(name));
  const origins = figureOrigins.filter((origin) => own.some(({ figure }) => figure.origin === origin));
  const totals = [...new Set(own.map(({ name }) => name))].map((name): Cell[] => [
    resourceName(name),
    ...origins.map((origin): Cell => {
      const found = own.find((entry) => entry.name === name && entry.figure.origin === origin)?.figure;
      if (found === undefined) return '';
      const share = found.share === undefined ? '' : ` (${sharePercent(found.share)})`;
      return `${formatNumber(found.value, 6)}${share}`;
    }),
  ]);
  const part = manifest.target.part === 'generic' ? '' : `, with its share of ${manifest.target.part}`;
  const numbers = new Set(origins.map((_, index) => index + 1));
  const totalTable = table(
    `Resources by where the figure comes from${part}`,
    ['resource', ...origins],
    totals,
    numbers,
  );
  const measured = origins.some((origin) => origin !== 'estimate' && origin !== 'exact');
  const hint = measured ? '' : missing('Only estimated so far; Yosys counts them with', 'trigc synth DIR');
  return { id: 'resources', title: 'Resources', body: `${totalTable}${hint}${layerTable(data)}` };
}

/** LUTs of the origin closest to the device, the type of the result, and when the layer is computed. */
function layerTable({ layers, spans, graph, manifest }: HtmlReportData): string {
  const value = (figures: readonly NamedFigure[], name: string): NamedFigure | undefined =>
    figures.findLast((entry) => entry.name === name);
  const text = (found: NamedFigure | undefined): string =>
    found === undefined ? '' : formatNumber(found.figure.value, 6);
  const most = Math.max(1, ...layers.map(({ figures }) => value(figures, 'lut')?.figure.value ?? 0));
  const types = layerTypes(graph);
  const spanOf = new Map(spans.map((span) => [span.name, span]));
  const rows = layers.map(({ layer, figures }): Cell[] => {
    const found = ['lut', 'flip_flops', 'dsp'].map((name) => value(figures, name));
    const [lut, flipFlops, dsp] = found;
    const origins = new Set(found.flatMap((entry) => (entry === undefined ? [] : [entry.figure.origin])));
    return [
      layer || '(no ONNX node)',
      types.get(layer) ?? '',
      lut === undefined ? '' : shareBar(lut.figure.value / most, text(lut)),
      text(flipFlops),
      text(dsp),
      spanText(spanOf.get(layer), manifest.clock.periodNanoseconds),
      [...origins].join(', '),
    ];
  });
  const columns = ['layer', 'type of the result', 'LUT', 'FF', 'DSP', 'computed at', 'origin'];
  return table('Layers (ONNX nodes)', columns, rows, new Set([3, 4]));
}

function spanText(span: LayerSpan | undefined, period: number): string {
  if (span === undefined) return '';
  return `${formatNumber(span.first * period)} … ${formatNumber((span.last + 1) * period)} ns`;
}
