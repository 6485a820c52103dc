import { describe, expect, it } from 'vitest';
import { quantileProbabilities, TensorStatistics } from '../../../../src/evaluation/calibration/tensor-statistics.js';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';

function summaryOf(values: readonly number[], elements = 1, block = values.length) {
  const statistics = new TensorStatistics(elements);
  for (let start = 0; start < values.length; start += block) {
    statistics.add(Float64Array.from(values.slice(start, start + block)));
  }
  return statistics.summary();
}

/** Values over many orders of magnitude, with zeros. */
function spread(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => {
    const sign = random.integer(0, 4);
    if (sign === 0) return 0;
    return (sign % 2 === 0 ? -1 : 1) * (1 + random.integer(0, 1 << 20) / (1 << 20)) * 2 ** random.integer(-20, 12);
  });
}

describe('the statistics of a tensor', () => {
  it('give each element its range and its grid', () => {
    const summary = summaryOf([3, 0.5, 0, -7, 0.25, 0, 12, -0.75, 0], 3);
    expect(summary.ranges).toEqual([
      { low: -7, high: 12 },
      { low: -0.75, high: 0.5 },
      { low: 0, high: 0 },
    ]);
    expect(summary.range).toEqual({ low: -7, high: 12 });
    expect(summary.lsbs).toEqual([0, -2, undefined]);
    expect(summary.zeros).toBeCloseTo(3 / 9, 12);
    expect(summary.values).toBe(9);
  });

  it('find grids coarser than one, and that of a value with all its bits', () => {
    expect(summaryOf([8, 0, -24, 16]).lsbs).toEqual([3]);
    expect(summaryOf([2 ** 100, 2 ** 101]).lsbs).toEqual([100]);
    expect(summaryOf([1, 0.1]).lsbs).toEqual([-55]);
    expect(summaryOf([2 ** -1060, -(2 ** 1023)]).lsbs).toEqual([-1023]);
  });

  it('count every value in its bin, in whatever order and blocks the values come', () => {
    for (let seed = 0; seed < 30; seed++) {
      const random = new Random(seed);
      const values = spread(random, 500);
      const expected = summaryOf(values);
      const { first, width, counts } = expected.histogram;
      expect(counts.length).toBeLessThanOrEqual(128);
      expect(counts.length).toBeGreaterThanOrEqual(32);
      counts.forEach((count, bin) => {
        const [low, high] = [(first + bin) * width, (first + bin + 1) * width];
        expect(count).toBe(values.filter((value) => value >= low && value < high).length);
      });
      expect(counts.reduce((sum, count) => sum + count)).toBe(values.length);
      const { first: exponent, counts: magnitudes } = expected.magnitudes;
      magnitudes.forEach((count, bin) => {
        const [low, high] = [2 ** (exponent + bin), 2 ** (exponent + bin + 1)];
        expect(count).toBe(values.filter((value) => Math.abs(value) >= low && Math.abs(value) < high).length);
      });
      expect(summaryOf(values, 1, 7)).toEqual(expected);
      expect(summaryOf([...values].reverse(), 1, 100)).toEqual(expected);
    }
  });

  it('have bins no narrower than the grid', () => {
    const { histogram } = summaryOf([0, 1, 2, 3, 20, 20]);
    expect(histogram).toEqual({ first: 0, width: 1, counts: [1, 1, 1, 1, ...new Array<number>(16).fill(0), 2] });
    expect(summaryOf([-3, -3, 5]).histogram).toEqual({ first: -3, width: 1, counts: [2, 0, 0, 0, 0, 0, 0, 0, 1] });
  });

  it('know the quantiles to a part in 128, and those of small integers exactly', () => {
    for (let seed = 0; seed < 20; seed++) {
      const values = spread(new Random(100 + seed), 3000);
      const sorted = [...values].sort((left, right) => left - right);
      const { quantiles } = summaryOf(values);
      expect(quantiles.map(({ probability }) => probability)).toEqual([...quantileProbabilities]);
      for (const { probability, value } of quantiles) {
        const exact = at(sorted, Math.max(0, Math.ceil(probability * sorted.length) - 1));
        expect(Math.abs(value - exact)).toBeLessThanOrEqual(Math.abs(exact) / 128);
      }
    }
    const random = new Random(5);
    const integers = Array.from({ length: 999 }, () => random.integer(-100, 100));
    const sorted = [...integers].sort((left, right) => left - right);
    for (const { probability, value } of summaryOf(integers).quantiles) {
      expect(value).toBe(at(sorted, Math.max(0, Math.ceil(probability * 999) - 1)));
    }
  });

  it('name the first event that has a NaN or an infinity', () => {
    const statistics = new TensorStatistics(2);
    statistics.add(Float64Array.of(1, 2, 3, 4));
    expect(statistics.notFinite).toBeUndefined();
    statistics.add(Float64Array.of(1, 2, 3, Infinity, NaN, 1));
    expect(statistics.notFinite).toEqual({ event: 3, element: 1 });
  });

  it('of one constant value are that value', () => {
    const summary = summaryOf([0.3, 0.3, 0.3]);
    expect(summary.range).toEqual({ low: 0.3, high: 0.3 });
    expect(summary.quantiles.every(({ value }) => value === 0.3)).toBe(true);
    expect(summary.histogram.counts).toEqual([3]);
    expect(summaryOf([0, 0]).histogram).toEqual({ first: 0, width: 1, counts: [2] });
  });
});
