import { around, plotDrawing } from './html/plot.js';

/** What a design takes with an event every `interval` clocks; LUTs are estimated. */
export interface IntervalPoint {
  readonly interval: number;
  readonly lut: number;
}

const style =
  'svg{font:12px sans-serif;background:#fff}.grid{stroke:#ddd}.frame{fill:none;stroke:#333}.tick,.axis{fill:#333}' +
  '.fixed{stroke:#06c;fill:none}.dot.fixed{fill:#06c}';

/** LUTs against the initiation interval, both logarithmic, as an SVG file of its own. */
export function intervalPlot(points: readonly IntervalPoint[]): string {
  const drawn = points.map(({ interval, lut }) => [interval, Math.max(1, lut)] as const);
  const axis = (label: string, index: 0 | 1) => {
    const { low, high } = around(drawn.map((point) => Math.log10(point[index])));
    return { label, low: 10 ** low, high: 10 ** high, logarithmic: true };
  };
  const series = [
    { label: 'designs', style: 'fixed', points: drawn, dots: true },
    { label: 'designs', style: 'fixed', points: drawn },
  ];
  const caption = 'LUTs against clocks from one event to the next';
  return `${plotDrawing(caption, axis('initiation interval, clocks', 0), axis('LUTs, estimated', 1), series, { style })}\n`;
}
