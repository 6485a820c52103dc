import type { Axis } from './html/plot.js';
import { around, plotDrawing } from './html/plot.js';

/** A point of an exploration: estimated LUTs, and the size of what is lost, or gained. */
export interface FrontPoint {
  readonly lut: number;
  readonly loss: number;
}

/** Smaller losses are drawn here: they are none. */
const SMALLEST_LOSS = 1e-4;
const style =
  'svg{font:12px sans-serif;background:#fff}.grid{stroke:#ddd}.frame{fill:none;stroke:#333}.tick,.axis{fill:#333}' +
  '.dot{fill:#999}.fixed{stroke:#06c;fill:none}.dot.fixed{fill:#06c}';

/** All points and the front through those that no other beats, as an SVG file of its own. `loss`: its name. */
export function frontPlot(loss: string, points: readonly FrontPoint[], front: readonly FrontPoint[]): string {
  const place = ({ lut, loss: value }: FrontPoint): readonly [number, number] => [lut, Math.max(SMALLEST_LOSS, value)];
  const drawn = points.filter(({ lut }) => lut > 0).map(place);
  const logarithmic = (label: string, axis: 0 | 1): Axis => {
    const { low, high } = around(drawn.map((point) => Math.log10(point[axis])));
    return { label, low: 10 ** low, high: 10 ** high, logarithmic: true };
  };
  const series = [
    { label: 'all', style: 'all', points: drawn, dots: true },
    { label: 'front', style: 'fixed', points: front.map(place), dots: true },
    { label: 'front', style: 'fixed', points: front.map(place) },
  ];
  const caption = `${loss} against LUTs`;
  const y = logarithmic(`${loss}, at least ${SMALLEST_LOSS}`, 1);
  return `${plotDrawing(caption, logarithmic('LUTs, estimated', 0), y, series, { style })}\n`;
}
