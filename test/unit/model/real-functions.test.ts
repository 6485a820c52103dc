import { describe, expect, it } from 'vitest';
import { errorFunction } from '../../../src/numeric/error-function.js';
import { realFunction, realFunctionNames, seluDefaults } from '../../../src/model/real-functions.js';
import type { RealFunctionName } from '../../../src/model/real-functions.js';

const parameters: Partial<Record<RealFunctionName, readonly number[]>> = {
  elu: [0.7],
  celu: [2],
  selu: seluDefaults,
  swish: [1.5],
  power: [3],
};

describe('the error function', () => {
  it('equals published values to the last places', () => {
    // Abramowitz and Stegun, table 7.1, and its complement at 4.
    expect(errorFunction(0)).toBe(0);
    expect(errorFunction(0.5)).toBeCloseTo(0.5204998778130465, 15);
    expect(errorFunction(1)).toBeCloseTo(0.8427007929497149, 15);
    expect(errorFunction(2)).toBeCloseTo(0.9953222650189527, 15);
    expect(errorFunction(-3)).toBeCloseTo(-0.9999779095030014, 15);
    expect(errorFunction(4)).toBeCloseTo(0.9999999845827421, 15);
    expect(errorFunction(40)).toBe(1);
    expect(errorFunction(Number.NEGATIVE_INFINITY)).toBe(-1);
  });

  it('has no seam where its two forms meet', () => {
    const below = errorFunction(3 - 1e-9);
    expect(errorFunction(3 + 1e-9) - below).toBeLessThan(1e-12);
    expect(errorFunction(3)).toBeGreaterThanOrEqual(below);
  });
});

describe.each(realFunctionNames)('%s', (name) => {
  const { evaluate, turns, domain } = realFunction(name);
  const q = parameters[name] ?? [];

  it('is monotone between the places where it says it turns', () => {
    const defined = domain?.(q) ?? { low: -20, high: 20 };
    const [low, high] = [Math.max(defined.low, -20), Math.min(defined.high, 20)];
    const places = [low, ...(turns?.(low, high, q) ?? []), high];
    let checked = 0;
    for (let piece = 0; piece + 1 < Math.min(places.length, 5); piece++) {
      const [from = 0, to = 0] = [places[piece], places[piece + 1]];
      const step = (to - from) / 400;
      const values = Array.from({ length: 399 }, (_, index) => evaluate(from + (index + 1) * step, q));
      const rises = values.some((value, index) => value > (values[index - 1] ?? value) + 1e-12);
      const falls = values.some((value, index) => value < (values[index - 1] ?? value) - 1e-12);
      expect(rises && falls, `between ${from} and ${to}`).toBe(false);
      expect(rises || falls).toBe(true);
      checked++;
    }
    expect(checked).toBeGreaterThan(0);
  });
});

it('of a periodic function, the first turns of any interval show both extremes', () => {
  const { turns, evaluate } = realFunction('sin');
  const places = turns?.(-1000.3, 5000, []) ?? [];
  expect(places).toHaveLength(4);
  const values = places.map((place) => evaluate(place, []));
  expect(Math.max(...values)).toBeCloseTo(1, 12);
  expect(Math.min(...values)).toBeCloseTo(-1, 12);
  expect(turns?.(0, 1, [])).toEqual([]);
});
