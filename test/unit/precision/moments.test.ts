import { describe, expect, it } from 'vitest';
import { covariance, leastSquares } from '../../../src/precision/moments.js';
import { at } from '../../../src/support/invariant.js';
import { Random } from '../../../src/support/random.js';

const random = new Random(2);
const inputs = Float64Array.from({ length: 3 * 500 }, () => random.uniform() * 2 - 0.5);
const weights = Float64Array.of(1, -2, 0.5, 3, 0.25, -1);

describe('leastSquares', () => {
  it('gives the weights back where inputs are exact', () => {
    for (const centred of [false, true]) {
      const found = leastSquares(covariance(inputs, inputs, 3, centred), weights, 3, 2);
      found.forEach((value, index) => {
        expect(value).toBeCloseTo(at(weights, index), 9);
      });
    }
  });

  it('follows the exact product better than the old weights do where inputs were rounded', () => {
    const rounded = inputs.map((value, index) => (index % 3 === 1 ? 1.1 * Math.round(value * 2) * 0.5 : value));
    const found = leastSquares(covariance(rounded, inputs, 3, false), weights, 3, 2);
    const error = (own: Float64Array): number => {
      let sum = 0;
      for (let event = 0; event < 500; event++)
        for (let column = 0; column < 2; column++) {
          let difference = 0;
          for (let row = 0; row < 3; row++) {
            difference += at(rounded, event * 3 + row) * at(own, row * 2 + column);
            difference -= at(inputs, event * 3 + row) * at(weights, row * 2 + column);
          }
          sum += difference * difference;
        }
      return sum;
    };
    expect(error(found)).toBeLessThan(0.9 * error(weights));
  });

  it('keeps weights of inputs that never move', () => {
    const still = inputs.map((value, index) => (index % 3 === 0 ? 0 : value));
    const found = leastSquares(covariance(still, still, 3, true), weights, 3, 2);
    expect(at(found, 0)).toBeCloseTo(1, 6);
    expect(at(found, 1)).toBeCloseTo(-2, 6);
  });
});
