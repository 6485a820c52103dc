import { figureOrigins } from '../figure.js';
import type { HtmlReportData, HtmlSection, NamedFigure } from './data.js';
import { formatNumber } from './escape.js';
import type { Cell } from './table.js';
import { missing, shareBar, table } from './table.js';

const counted = ['lut', 'lut_sites', 'flip_flops', 'shift_registers', 'carry_bits', 'dsp', 'bram'];

/** Totals with a column for each origin, then LUTs and registers of each layer. */
export function resourcesSection({ manifest, figures, layers }: HtmlReportData): HtmlSection {
  const own = figures.filter(({ name }) => counted.includes(name));
  const origins = figureOrigins.filter((origin) => own.some(({ figure }) => figure.origin === origin));
  const totals = [...new Set(own.map(({ name }) => name))].map((name): Cell[] => [
    name,
    ...origins.map((origin): Cell => {
      const found = own.find((entry) => entry.name === name && entry.figure.origin === origin)?.figure;
      if (found === undefined) return '';
      const share = found.share === undefined ? '' : ` (${(100 * found.share).toPrecision(2)} %)`;
      return `${formatNumber(found.value, 6)}${share}`;
    }),
  ]);
  const part = manifest.target.part === 'generic' ? '' : `, with its share of ${manifest.target.part}`;
  const totalTable = table(
    `Resources by where the figure comes from${part}`,
    ['resource', ...origins],
    totals,
    new Set(origins.map((_, index) => index + 1)),
  );
  const measured = origins.some((origin) => origin !== 'estimate' && origin !== 'exact');
  const hint = measured ? '' : missing('Only estimated so far; Yosys counts them with', 'trigc synth DIR');
  return { id: 'resources', title: 'Resources', body: `${totalTable}${hint}${layerTable(layers)}` };
}

function layerTable(layers: HtmlReportData['layers']): string {
  const value = (figures: readonly NamedFigure[], name: string): NamedFigure | undefined =>
    figures.findLast((entry) => entry.name === name);
  const luts = layers.map(({ figures }) => value(figures, 'lut')?.figure.value ?? 0);
  const most = Math.max(1, ...luts);
  const rows = layers.map(({ layer, figures }, index): Cell[] => {
    const lut = value(figures, 'lut');
    const flipFlops = value(figures, 'flip_flops');
    const amount = luts[index] ?? 0;
    return [
      layer || '(no ONNX node)',
      shareBar(amount / most, formatNumber(amount, 6)),
      flipFlops === undefined ? '' : formatNumber(flipFlops.figure.value, 6),
      [...new Set([lut, flipFlops].map((entry) => entry?.figure.origin ?? ''))]
        .filter((text) => text !== '')
        .join(', '),
    ];
  });
  return table('Resources by layer (ONNX node)', ['layer', 'LUT', 'FF', 'origin'], rows, new Set([2]));
}
