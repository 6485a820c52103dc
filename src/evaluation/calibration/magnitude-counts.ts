import { at } from '../../support/invariant.js';

/** Bits of the mantissa that tell bins apart: a bin is a part in 128 of its values wide, or less. */
const MANTISSA_BITS = 7;
const STEPS = 1 << MANTISSA_BITS;
/** Magnitudes from 2^LOWEST to 2^(LOWEST + EXPONENTS); what lies beyond counts in the bins at the ends. */
const LOWEST = -64;
const EXPONENTS = 128;
const BINS = EXPONENTS * STEPS;
/** Where the upper half of a double stands among two 32-bit words, by the byte order of the machine. */
const UPPER = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;
const BASE = (1023 + LOWEST) * STEPS;

/**
 * Counts of values by sign and magnitude, in bins of constant relative width: the upper bits of a double are its bin.
 * Quantiles and the distribution of log2 |x| follow from one pass, whatever the range turns out to be.
 */
export class MagnitudeCounts {
  private readonly positive = new Float64Array(BINS);
  private readonly negative = new Float64Array(BINS);
  private zeros = 0;
  private total = 0;

  public addAll(values: Float64Array): void {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
    const { positive, negative } = this;
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? 0;
      if (value === 0) {
        this.zeros++;
        continue;
      }
      const key = (((words[2 * index + UPPER] ?? 0) & 0x7fffffff) >>> (20 - MANTISSA_BITS)) - BASE;
      const bin = key < 0 ? 0 : key >= BINS ? BINS - 1 : key;
      const counts = value < 0 ? negative : positive;
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    this.total += values.length;
  }

  public get zeroShare(): number {
    return this.total === 0 ? 0 : this.zeros / this.total;
  }

  /** Bin i counts 2^(first + i) ≤ |x| < 2^(first + i + 1); zeros are in none. */
  public magnitudes(): { readonly first: number; readonly counts: readonly number[] } {
    const counts = Array.from({ length: EXPONENTS }, (_, exponent) => {
      let sum = 0;
      for (let bin = exponent * STEPS; bin < (exponent + 1) * STEPS; bin++) {
        sum += at(this.positive, bin) + at(this.negative, bin);
      }
      return sum;
    });
    const from = counts.findIndex((count) => count > 0);
    if (from < 0) return { first: 0, counts: [] };
    return { first: LOWEST + from, counts: counts.slice(from, counts.findLastIndex((count) => count > 0) + 1) };
  }

  /**
   * For each probability, rising, the smallest value that at least that share of the values does not exceed: the middle
   * of its bin, or its lower end where no other multiple of 2^lsb is in the bin.
   */
  public quantiles(probabilities: readonly number[], lsb: number | undefined): readonly number[] {
    const found: number[] = [];
    let seen = 0;
    const reach = (value: () => number, count: number): void => {
      seen += count;
      while (found.length < probabilities.length && seen >= at(probabilities, found.length) * this.total) {
        if (count === 0) return;
        found.push(value());
      }
    };
    for (let bin = BINS - 1; bin >= 0; bin--) reach(() => -magnitudeOf(bin, lsb), at(this.negative, bin));
    reach(() => 0, this.zeros);
    for (let bin = 0; bin < BINS; bin++) reach(() => magnitudeOf(bin, lsb), at(this.positive, bin));
    return found;
  }
}

function magnitudeOf(bin: number, lsb: number | undefined): number {
  const exponent = LOWEST + Math.floor(bin / STEPS);
  const low = 2 ** exponent * (1 + (bin % STEPS) / STEPS);
  const width = 2 ** (exponent - MANTISSA_BITS);
  return lsb !== undefined && width <= 2 ** lsb ? low : low + width / 2;
}
