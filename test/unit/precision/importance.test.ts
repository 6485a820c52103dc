import { describe, expect, it } from 'vitest';
import { scoreImportance } from '../../../src/precision/importance.js';
import { at } from '../../../src/support/invariant.js';
import { Random } from '../../../src/support/random.js';

const random = new Random(11);
const exponential = Float64Array.from({ length: 4000 }, () => -Math.log(1 - random.uniform()));

describe('scoreImportance', () => {
  it('is the squared slope of the logit: in an exponential tail that of the tail', () => {
    // logit(F) = log(e^x - 1), whose slope is 1 / (1 - e^-x).
    const importance = scoreImportance(exponential);
    for (const [low, high] of [
      [0.5, 1.5],
      [2, 4],
    ] as const) {
      const own = [...exponential.keys()].filter(
        (index) => at(exponential, index) > low && at(exponential, index) < high,
      );
      const mean = own.reduce((sum, index) => sum + Math.sqrt(at(importance, index)), 0) / own.length;
      const expected = own.reduce((sum, index) => sum + 1 / (1 - Math.exp(-at(exponential, index))), 0) / own.length;
      expect(mean / expected).toBeGreaterThan(0.8);
      expect(mean / expected).toBeLessThan(1.25);
    }
  });

  it('does not depend on the unit of the score but through its square', () => {
    const once = scoreImportance(exponential);
    const scaled = scoreImportance(exponential.map((score) => score * 8));
    scaled.forEach((value, index) => {
      expect(value * 64).toBeCloseTo(at(once, index), 9);
    });
  });

  it('is nothing where all scores are equal, and finite where many are', () => {
    expect([...scoreImportance(new Float64Array(50).fill(3))]).toEqual(new Array<number>(50).fill(0));
    const saturated = Float64Array.from({ length: 1000 }, (_, index) =>
      index % 3 === 0 ? 0 : Math.min(1, index / 300),
    );
    for (const value of scoreImportance(saturated)) expect(Number.isFinite(value)).toBe(true);
  });
});
