import { parseQuantizer, codeRange, lsbExponent } from '../../numeric/fixed-point.js';
import type { CalibratedTensor, CalibrationDetails, ValueRange } from '../calibration-details.js';
import type { HtmlSection } from './data.js';
import { escapeHtml, formatNumber } from './escape.js';
import type { Cell } from './table.js';
import { missing, table } from './table.js';

/** What the data do within the types: a row for each tensor, overflows beside it. */
export function rangesSection(calibration: CalibrationDetails | undefined): HtmlSection {
  const head = { id: 'ranges', title: 'Range against type' };
  if (calibration === undefined) {
    const text = 'Not measured yet. Ranges, histograms and overflows of every tensor on a data set come with';
    return { ...head, body: missing(text, 'trigc compile MODEL --data EVENTS') };
  }
  const rows = calibration.tensors.map((tensor): Cell[] => {
    const own = calibration.quantizers.filter((quantizer) => quantizer.tensor === tensor.name);
    const overflows = own.reduce((sum, q) => sum + q.saturatedHigh + q.saturatedLow + q.wrapped, 0);
    const worst = own.find((quantizer) => quantizer.worst !== undefined)?.worst;
    return [
      tensor.name,
      tensor.types.length > 1
        ? `${tensor.types[0] ?? ''} and ${tensor.types.length - 1} more`
        : (tensor.types[0] ?? ''),
      { html: rangeBars(tensor) },
      `${formatNumber(tensor.range.low, 3)} … ${formatNumber(tensor.range.high, 3)}`,
      overflows === 0 ? '0' : { html: `<strong class="bad">${formatNumber(overflows, 9)}</strong>` },
      worst === undefined ? '' : `${formatNumber(worst.value)} in event ${worst.event}, element ${worst.element}`,
    ];
  });
  const { data } = calibration;
  const caption =
    `On ${formatNumber(data.events, 9)} events of ${data.file}: the outlined bar is the type, the thin line what the ` +
    'operands could make of it, the full bar what the data did. The axis is linear and symmetric about zero, and ends with type or data.';
  const columns = ['tensor', 'type', 'range', 'data', 'overflows', 'worst value'];
  return { ...head, body: table(caption, columns, rows, new Set([3, 4])) };
}

/** Range of the widest of the types; undefined where none is printed as a type. */
export function typeRange(types: readonly string[]): ValueRange | undefined {
  const ranges = types.flatMap((text) => {
    try {
      const { type } = parseQuantizer(text);
      const { low, high } = codeRange(type);
      const scale = 2 ** lsbExponent(type);
      return [{ low: Number(low) * scale, high: Number(high) * scale }];
    } catch (error) {
      if (error instanceof RangeError) return [];
      throw error;
    }
  });
  if (ranges.length === 0) return undefined;
  return { low: Math.min(...ranges.map(({ low }) => low)), high: Math.max(...ranges.map(({ high }) => high)) };
}

function rangeBars({ name, types, interval, range }: CalibratedTensor): string {
  const type = typeRange(types);
  const shown = type === undefined ? [range] : [type, range];
  const end = Math.max(...shown.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)])) || 1;
  const place = (value: number): number =>
    Number((120 + Math.max(-1.03, Math.min(1.03, value / end)) * 116).toFixed(2));
  const bar = (style: string, { low, high }: ValueRange, y: number, height: number): string =>
    `<rect class="${style}" x="${place(low)}" width="${Math.max(1, place(high) - place(low)).toFixed(2)}" y="${y}" height="${height}"/>`;
  const beyond = type !== undefined && (range.low < type.low || range.high > type.high);
  const title = escapeHtml(
    `${name}: data ${formatNumber(range.low)} to ${formatNumber(range.high)}` +
      (type === undefined ? '' : `, type ${formatNumber(type.low)} to ${formatNumber(type.high)}`) +
      (beyond ? ', beyond the type' : ''),
  );
  return (
    `<svg class="range" viewBox="0 0 240 20" role="img" aria-label="${title}"><title>${title}</title>` +
    `<line class="grid" x1="120" x2="120" y1="0" y2="20"/>${type === undefined ? '' : bar('outline', type, 2, 16)}` +
    `${interval === undefined ? '' : bar('thin', interval, 9, 2)}${bar(beyond ? 'bad' : 'fixed', range, 6, 8)}</svg>`
  );
}
