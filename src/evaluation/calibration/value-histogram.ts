import { at } from '../../support/invariant.js';

/** Bin i counts (first + i) × width ≤ x < (first + i + 1) × width. */
export interface Histogram {
  readonly first: number;
  readonly width: number;
  readonly counts: readonly number[];
}

/** Bins at most; at least half of them are used where the values fill their range. */
const BINS = 128;
/** Bins are never narrower than the largest magnitude times 2^-FINEST: indices stay exact. */
const FINEST = 40;
/** Its reciprocal is a double. */
const LOWEST = -1000;

/**
 * Counts in bins whose width is a power of two, doubled whenever the values outgrow them. Neighbouring bins are merged
 * whole, so that the counts are exact and do not depend on the order of the values.
 */
export class ValueHistogram {
  private readonly counts = new Float64Array(BINS);
  private exponent = 0;
  private first = 0;
  private low = Infinity;
  private high = -Infinity;

  /** Make room for values from `low` to `high`; before `addAll`. */
  public widen(low: number, high: number): void {
    if (low >= this.low && high <= this.high) return;
    const empty = this.high < this.low;
    [this.low, this.high] = [Math.min(this.low, low), Math.max(this.high, high)];
    const largest = Math.max(-this.low, this.high);
    const finest = largest === 0 ? 0 : Math.max(LOWEST, Math.floor(Math.log2(largest)) - FINEST);
    let exponent = empty ? finest : Math.max(this.exponent, finest);
    while (this.indexOf(this.high, exponent) - this.indexOf(this.low, exponent) >= BINS) exponent++;
    this.rebin(exponent);
  }

  /** Count values inside the range that was made room for. */
  public addAll(values: Float64Array): void {
    const { counts, first } = this;
    const scale = 2 ** -this.exponent;
    for (const value of values) {
      const bin = Math.floor(value * scale) - first;
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }

  /** Without empty bins at the ends; bins are no narrower than `narrowest`, a power of two. */
  public result(narrowest = 0): Histogram {
    let width = 2 ** this.exponent;
    let { first } = this;
    let counts: readonly number[] = [...this.counts];
    while (width < narrowest) {
      const merged = new Array<number>(Math.floor((first + BINS - 1) / 2) - Math.floor(first / 2) + 1).fill(0);
      counts.forEach((count, bin) => {
        const target = Math.floor((first + bin) / 2) - Math.floor(first / 2);
        merged[target] = at(merged, target) + count;
      });
      counts = merged;
      first = Math.floor(first / 2);
      width *= 2;
    }
    const from = counts.findIndex((count) => count > 0);
    if (from < 0) return { first: 0, width, counts: [] };
    const to = counts.findLastIndex((count) => count > 0);
    return { first: first + from, width, counts: counts.slice(from, to + 1) };
  }

  private indexOf(value: number, exponent: number): number {
    return Math.floor(value * 2 ** -exponent);
  }

  private rebin(exponent: number): void {
    const first = this.indexOf(this.low, exponent);
    const old = this.counts.slice();
    this.counts.fill(0);
    old.forEach((count, bin) => {
      if (count === 0) return;
      const target = Math.floor((this.first + bin) * 2 ** (this.exponent - exponent)) - first;
      this.counts[target] = at(this.counts, target) + count;
    });
    [this.exponent, this.first] = [exponent, first];
  }
}
