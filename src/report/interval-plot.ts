import type { Axis, Series } from './html/plot.js';
import { around, plotDrawing } from './html/plot.js';

/** What a design takes with an event every `interval` clocks; LUTs are estimated. */
export interface IntervalPoint {
  readonly interval: number;
  readonly lut: number;
}

const style =
  'svg{font:12px sans-serif;background:#fff}.grid{stroke:#ddd}.frame{fill:none;stroke:#333}.tick,.axis{fill:#333}' +
  '.fixed{stroke:#06c;fill:none}.dot.fixed{fill:#06c}';

/** Axes for those points, both logarithmic. */
export function intervalAxes(points: readonly IntervalPoint[]): readonly [Axis, Axis] {
  const axis = (label: string, values: readonly number[]): Axis => {
    const { low, high } = around(values.map((value) => Math.log10(value)));
    return { label, low: 10 ** low, high: 10 ** high, logarithmic: true };
  };
  return [
    axis(
      'initiation interval, clocks',
      points.map(({ interval }) => interval),
    ),
    axis('LUTs, estimated', points.map(lutOf)),
  ];
}

/** Nothing at all has no place on a logarithmic axis. */
function lutOf({ lut }: IntervalPoint): number {
  return Math.max(1, lut);
}

export function intervalSeries(points: readonly IntervalPoint[]): readonly Series[] {
  const drawn = points.map((point) => [point.interval, lutOf(point)] as const);
  return [
    { label: 'LUT', style: 'fixed', points: drawn, dots: true },
    { label: '', style: 'fixed', points: drawn },
  ];
}

/** LUTs against the initiation interval, as an SVG file of its own. */
export function intervalPlot(points: readonly IntervalPoint[]): string {
  const caption = 'LUTs against clocks from one event to the next';
  return `${plotDrawing(caption, ...intervalAxes(points), intervalSeries(points), { style })}\n`;
}
