import type { IntervalPoint } from './interval-plot.js';
import { count, finite, listOf, nullOr, objectOf, oneOf, positive, text } from './shape.js';

/** What a design takes and how long it is under way, with an event every `interval` clocks; LUTs, FFs and blocks are estimates. */
export interface ExploredInterval extends IntervalPoint {
  /** Clocks. */
  readonly latency: number;
  readonly latencyNanoseconds: number;
  readonly flipFlops: number;
  /** Multiplier blocks. */
  readonly dsp: number;
}

/** `intervals.json` of `trigc explore --ii`. */
export interface IntervalFile {
  readonly schema: 'trigc-intervals';
  readonly version: 1;
  readonly compiler: string;
  readonly model: { readonly file: string; readonly sha256: string };
  /** SHA-256 of trigc.yaml; null without one. */
  readonly config: string | null;
  /** In rising order of intervals. */
  readonly points: readonly ExploredInterval[];
}

const shape = objectOf<IntervalFile>({
  schema: oneOf('trigc-intervals'),
  version: oneOf(1),
  compiler: text,
  model: objectOf({ file: text, sha256: text }),
  config: nullOr(text),
  points: listOf(
    objectOf<ExploredInterval>({
      interval: positive,
      latency: count,
      latencyNanoseconds: finite,
      lut: finite,
      flipFlops: finite,
      dsp: count,
    }),
    1,
  ),
});

export function printIntervalFile(file: IntervalFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Throws RangeError or SyntaxError where the text is not such a file. */
export function parseIntervalFile(content: string): IntervalFile {
  const value: unknown = JSON.parse(content);
  shape.check(value, '');
  return value as IntervalFile;
}
