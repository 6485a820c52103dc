import { printQuantity } from '../budget/print-outcome.js';
import { printable } from '../diagnostics/diagnostic.js';
import type { HtmlReportData } from '../report/html/data.js';
import { formatNumber } from '../report/html/escape.js';
import { bar } from './progress.js';

const NAME = 38;
const BAR = 20;

/** The report for those who stay in the terminal: latency, layers, losses, budgets, with bars. */
export function reportSummary(data: HtmlReportData): string {
  const { manifest, layers, evaluation, budgets, calibration } = data;
  const latency = manifest.latency * manifest.clock.periodNanoseconds;
  const lines = [
    `${printable(manifest.name)}, part ${manifest.target.part}`,
    `latency ${manifest.latency} clocks = ${formatNumber(latency)} ns = ${formatNumber(latency / 25)} BX`,
    '',
    'LUT by layer',
    ...bars(
      layers.map(({ layer, figures }) => {
        const found = figures.findLast(({ name }) => name === 'lut')?.figure;
        const text = found === undefined ? 'not known' : `${printQuantity(found.value, '')} (${found.origin})`;
        return { name: layer, value: found?.value ?? 0, text };
      }),
    ),
  ];
  const losses = evaluation?.layers;
  if (losses !== undefined) {
    const rows = losses.quantisers.map(({ name, alone }) => ({
      name,
      value: alone.rms,
      text: formatNumber(alone.rms, 3),
    }));
    lines.push('', 'RMS of the score that each quantiser costs alone', ...bars(rows));
  }
  const overflowing = (calibration?.quantizers ?? []).filter((q) => q.saturatedHigh + q.saturatedLow + q.wrapped > 0);
  if (overflowing.length > 0) {
    const rows = overflowing.map(({ tensor, saturatedHigh, saturatedLow, wrapped }) => {
      const value = saturatedHigh + saturatedLow + wrapped;
      return { name: tensor, value, text: formatNumber(value, 9) };
    });
    lines.push('', 'values beyond their type', ...bars(rows));
  }
  if (budgets.length > 0) {
    lines.push('', 'budgets', ...budgets.map(({ status, title }) => `  ${status.padEnd(12)} ${printable(title)}`));
  }
  return lines.join('\n');
}

function bars(
  rows: readonly { readonly name: string; readonly value: number; readonly text: string }[],
): readonly string[] {
  const most = Math.max(...rows.map(({ value }) => value), Number.MIN_VALUE);
  return rows.map(({ name, value, text }) => {
    const full = printable(name === '' ? '(no ONNX node)' : name);
    const shown = full.length > NAME ? `…${full.slice(1 - NAME)}` : full.padEnd(NAME);
    return `  ${shown} ${bar(value / most, BAR)} ${text}`;
  });
}
