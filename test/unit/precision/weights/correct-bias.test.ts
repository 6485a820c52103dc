import { describe, expect, it } from 'vitest';
import { correctBias } from '../../../../src/precision/weights/correct-bias.js';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';
import { correlatedActivations } from '../../../support/correlated-activations.js';

describe('correctBias', () => {
  it('brings the mean of each output back, which is the bias of least squared error', () => {
    const [events, rows, columns] = [300, 5, 2];
    const random = new Random(2);
    const exact = correlatedActivations(random, events, rows);
    const fixed = exact.map((value) => Math.floor(value * 4) / 4);
    const before = Float64Array.from({ length: rows * columns }, () => random.uniform() - 0.5);
    const after = before.map((value) => Math.round(value * 4) / 4);
    const mean = (data: Float64Array): Float64Array =>
      Float64Array.from({ length: rows }, (_, row) => {
        let total = 0;
        for (let index = row; index < data.length; index += rows) total += at(data, index);
        return total / events;
      });
    const bias = Float64Array.of(0.3, -0.1);
    const means = { meanBefore: mean(exact), meanAfter: mean(fixed) };
    const corrected = correctBias({ rows, columns, bias, before, after, ...means });
    const errors = (own: Float64Array, column: number): readonly number[] =>
      Array.from({ length: events }, (_, event) => {
        let error = at(own, column) - at(bias, column);
        for (let row = 0; row < rows; row++) {
          const index = row * columns + column;
          error += at(fixed, event * rows + row) * at(after, index) - at(exact, event * rows + row) * at(before, index);
        }
        return error;
      });
    const square = (own: Float64Array, column: number): number =>
      errors(own, column).reduce((total, error) => total + error ** 2, 0);
    for (const column of [0, 1]) {
      expect(errors(corrected, column).reduce((total, error) => total + error, 0) / events).toBeCloseTo(0, 12);
      expect(Math.abs(errors(bias, column).reduce((total, error) => total + error, 0) / events)).toBeGreaterThan(1e-3);
      for (const step of [-0.01, 0.01]) {
        expect(square(corrected, column)).toBeLessThan(
          square(
            corrected.map((value) => value + step),
            column,
          ),
        );
      }
    }
  });

  it('refuses lists of other lengths', () => {
    const [one, two] = [new Float64Array(1), new Float64Array(2)];
    const product = { rows: 2, columns: 1, bias: two, before: two, after: two, meanBefore: two, meanAfter: two };
    expect(() => correctBias(product)).toThrow('2 biases of 1 columns');
    expect(() => correctBias({ ...product, bias: one, meanAfter: one })).toThrow('a mean for each input');
  });
});
