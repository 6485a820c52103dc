import type { VendorReport } from './vendor-report.js';
import { headValue, VendorReportError, vivadoOrigin, vivadoTool } from './vendor-report.js';

const NUMBER = /^-?\d+(?:\.\d+)?$/u;

/**
 * Reads the text of `report_timing_summary -file`: worst and total negative slack of setup, worst slack of hold, and the
 * clock's period. Where the report has several clocks there is no single period, which is refused. Throws
 * VendorReportError, also for a slack of `NA`: a design without constrained paths has no figure of timing.
 */
export function parseVivadoTiming(text: string): VendorReport {
  if (!/^\|\s*Command\s*:\s*report_timing_summary\b/mu.test(text)) {
    throw new VendorReportError('unreadable', 'its head does not name the command report_timing_summary');
  }
  const summary = tableAfter(text, '| Design Timing Summary', 'WNS(ns)');
  const clocks = tableAfter(text, '| Clock Summary', 'Clock');
  const [slacks, secondSlacks] = summary.lines;
  if (slacks === undefined || secondSlacks !== undefined) {
    throw new VendorReportError('unreadable', 'its table of slacks has not one line');
  }
  const slack = (title: string): number => {
    const cell = slacks[summary.columns.indexOf(title)] ?? '';
    if (NUMBER.test(cell)) return Number(cell);
    throw new VendorReportError('lacks', `it has no number for ${title}`);
  };
  const [clock, secondClock] = clocks.lines;
  const period = clock?.[clock.length - 2] ?? '';
  if (!NUMBER.test(period)) throw new VendorReportError('lacks', 'it has no period of a clock');
  if (secondClock !== undefined) throw new VendorReportError('unreadable', 'it has several clocks');
  const [wns, tns, whs] = [slack('WNS(ns)'), slack('TNS(ns)'), slack('WHS(ns)')];
  return {
    tool: vivadoTool(text),
    top: headValue(text, 'Design'),
    origin: vivadoOrigin(text),
    figures: (origin) => ({
      wns: { value: wns, unit: 'ns', origin },
      tns: { value: tns, unit: 'ns', origin },
      whs: { value: whs, unit: 'ns', origin },
      clock_period: { value: Number(period), unit: 'ns', origin },
      minimum_period: { value: Number((Number(period) - wns).toFixed(3)), unit: 'ns', origin },
    }),
  };
}

/** The columns and lines of a table of words, which ends at an empty line, below a title. */
function tableAfter(
  text: string,
  title: string,
  first: string,
): { readonly columns: readonly string[]; readonly lines: readonly (readonly string[])[] } {
  const lines = text.split(/\r?\n/u);
  const start = lines.indexOf(title);
  // Between title and table are rulers and an empty line only.
  const head = start < 0 ? -1 : lines.findIndex((line, index) => index > start && line.trim().startsWith(first));
  if (head < 0 || head > start + 6) throw new VendorReportError('unreadable', `it has no table '${title.slice(2)}'`);
  const body: (readonly string[])[] = [];
  for (const line of lines.slice(head + 2)) {
    if (line.trim() === '') break;
    // Waveforms are `{0.000 2.500}`: braces make two words of one cell.
    body.push(
      line
        .replace(/\{[^}]*\}/u, '{}')
        .trim()
        .split(/\s+/u),
    );
  }
  return { columns: (lines[head] ?? '').trim().split(/\s{2,}/u), lines: body };
}
