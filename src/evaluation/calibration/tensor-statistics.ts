import { dyadicFromNumber } from '../../numeric/dyadic.js';
import { at, invariant } from '../../support/invariant.js';
import { MagnitudeCounts } from './magnitude-counts.js';
import type { Histogram } from './value-histogram.js';
import { ValueHistogram } from './value-histogram.js';

export interface RealInterval {
  readonly low: number;
  readonly high: number;
}

/** What one tensor held over all events. */
export interface TensorSummary {
  /** Elements × events. */
  readonly values: number;
  readonly range: RealInterval;
  /** By element, row-major. */
  readonly ranges: readonly RealInterval[];
  /** By element, the largest power of two that all its values are multiples of; undefined where all are zero. */
  readonly lsbs: readonly (number | undefined)[];
  /** Share of exact zeros. */
  readonly zeros: number;
  readonly quantiles: readonly { readonly probability: number; readonly value: number }[];
  readonly histogram: Histogram;
  readonly magnitudes: { readonly first: number; readonly counts: readonly number[] };
}

/** Probabilities of the recorded quantiles: the tails that decide integer bits, and the bulk. */
export const quantileProbabilities = [
  1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 0.9999, 0.99999,
] as const;

/** Finer grids are told as this one: 2^-lsb has to be a double. */
const FINEST_LSB = -1023;
/** Before the first value that is not zero. */
const UNKNOWN_GRID = 2 ** -1023;

/** Collects, over blocks of events, what `TensorSummary` says. */
export class TensorStatistics {
  private readonly lows: Float64Array;
  private readonly highs: Float64Array;
  /** 2^-lsb by element: a value times it is whole where the value is on the grid. */
  private readonly grids: Float64Array;
  private readonly histogram = new ValueHistogram();
  private readonly counts = new MagnitudeCounts();
  private values = 0;
  private firstNotFinite: { readonly event: number; readonly element: number } | undefined;

  public constructor(private readonly elements: number) {
    this.lows = new Float64Array(elements).fill(Infinity);
    this.highs = new Float64Array(elements).fill(-Infinity);
    this.grids = new Float64Array(elements).fill(UNKNOWN_GRID);
  }

  /** The first event with a NaN or an infinity; the statistics say nothing then. */
  public get notFinite(): { readonly event: number; readonly element: number } | undefined {
    return this.firstNotFinite;
  }

  /** Add events × elements values, one event after the other. */
  public add(block: Float64Array): void {
    const { elements, lows, highs } = this;
    invariant(block.length % elements === 0, `${block.length} values for tensors of ${elements}`);
    let [low, high] = [Infinity, -Infinity];
    for (let start = 0; start < block.length; start += elements) {
      for (let element = 0; element < elements; element++) {
        const value = block[start + element] ?? NaN;
        if (!Number.isFinite(value)) {
          this.firstNotFinite ??= { event: (this.values + start) / elements, element };
          return;
        }
        if (value < (lows[element] ?? 0)) lows[element] = value;
        if (value > (highs[element] ?? 0)) highs[element] = value;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    if (low > high || this.firstNotFinite !== undefined) return;
    this.histogram.widen(low, high);
    this.count(block);
    this.values += block.length;
  }

  public summary(): TensorSummary {
    const ranges = Array.from(this.lows, (low, element) => ({ low, high: at(this.highs, element) }));
    const lsbs = Array.from(this.grids, (grid) => (grid === UNKNOWN_GRID ? undefined : 0 - Math.log2(grid)));
    const lsb = commonLsb(lsbs);
    const range = joinRanges(ranges);
    const quantiles = this.counts.quantiles(quantileProbabilities, lsb);
    return {
      values: this.values,
      range,
      ranges,
      lsbs,
      zeros: this.counts.zeroShare,
      quantiles: quantiles.map((value, index) => ({
        probability: at(quantileProbabilities, index),
        value: Math.min(Math.max(value, range.low), range.high),
      })),
      histogram: this.histogram.result(lsb === undefined ? 0 : 2 ** lsb),
      magnitudes: this.counts.magnitudes(),
    };
  }

  // Shared element access would make every one of these loads generic.
  private count(block: Float64Array): void {
    const { elements, grids } = this;
    this.histogram.addAll(block);
    this.counts.addAll(block);
    for (let index = 0, element = 0; index < block.length; index++) {
      const value = block[index] ?? 0;
      const grid = grids[element] ?? 0;
      const scaled = value * grid;
      if (scaled !== Math.floor(scaled) || (grid === UNKNOWN_GRID && value !== 0)) {
        grids[element] = Math.max(grid, 2 ** -Math.max(FINEST_LSB, dyadicFromNumber(value).lsb));
      }
      element = element + 1 === elements ? 0 : element + 1;
    }
  }
}

/** The finest of the grids; undefined where all values are zero. */
export function commonLsb(lsbs: readonly (number | undefined)[]): number | undefined {
  const finest = lsbs.reduce<number>((least, lsb) => Math.min(least, lsb ?? Infinity), Infinity);
  return finest === Infinity ? undefined : finest;
}

export function joinRanges(ranges: readonly RealInterval[]): RealInterval {
  return {
    low: ranges.reduce((least, { low }) => Math.min(least, low), Infinity),
    high: ranges.reduce((largest, { high }) => Math.max(largest, high), -Infinity),
  };
}
