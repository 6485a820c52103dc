import { at } from '../support/invariant.js';
import { cholesky, solveFactored } from './linear-algebra.js';

/** First and second moments of what enters a product: exact, and as rounded values. */
export interface Moments {
  /** Mean of the product of two rounded inputs, about their means where these were asked to be removed: n × n. */
  readonly fixed: Float64Array;
  /** The same of a rounded and an exact input: row the rounded one. */
  readonly mixed: Float64Array;
  /** Zeros where means were not removed. */
  readonly fixedMean: Float64Array;
  readonly exactMean: Float64Array;
  /** Of `fixed`. */
  readonly trace: number;
}

/** Damping of the fit, as a share of the mean square of the inputs. */
const DAMPING = 1e-4;

/** `fixedInput`, `exactInput`: any number of rows of n values. */
export function covariance(fixedInput: Float64Array, exactInput: Float64Array, n: number, centred: boolean): Moments {
  const count = fixedInput.length / n;
  const meanOf = (values: Float64Array): Float64Array => {
    const mean = new Float64Array(n);
    if (centred) values.forEach((value, index) => (mean[index % n] = at(mean, index % n) + value / count));
    return mean;
  };
  const [fixedMean, exactMean] = [meanOf(fixedInput), meanOf(exactInput)];
  const fixed = new Float64Array(n * n);
  const mixed = new Float64Array(n * n);
  const [a, b] = [new Float64Array(n), new Float64Array(n)];
  for (let event = 0; event < count; event++) {
    for (let index = 0; index < n; index++) {
      a[index] = at(fixedInput, event * n + index) - at(fixedMean, index);
      b[index] = at(exactInput, event * n + index) - at(exactMean, index);
    }
    for (let row = 0; row < n; row++) {
      const value = at(a, row);
      if (value === 0) continue;
      for (let column = 0; column < n; column++) {
        fixed[row * n + column] = at(fixed, row * n + column) + value * at(a, column);
        mixed[row * n + column] = at(mixed, row * n + column) + value * at(b, column);
      }
    }
  }
  let trace = 0;
  for (let index = 0; index < n * n; index++) {
    fixed[index] = at(fixed, index) / count;
    mixed[index] = at(mixed, index) / count;
  }
  for (let index = 0; index < n; index++) trace += at(fixed, index * n + index);
  return { fixed, mixed, fixedMean, exactMean, trace };
}

/**
 * Weights that make the product of the rounded inputs follow the product of the exact ones with the original weights,
 * n × columns, in the least-squares sense; pulled towards the original weights where the data say nothing.
 */
export function leastSquares(moments: Moments, original: Float64Array, n: number, columns: number): Float64Array {
  const extra = (DAMPING * moments.trace) / n || 1;
  const left = Float64Array.from(moments.fixed);
  const right = new Float64Array(n * columns);
  for (let row = 0; row < n; row++) {
    left[row * n + row] = at(left, row * n + row) + extra;
    for (let column = 0; column < columns; column++) {
      let sum = extra * at(original, row * columns + column);
      for (let k = 0; k < n; k++) sum += at(moments.mixed, row * n + k) * at(original, k * columns + column);
      right[row * columns + column] = sum;
    }
  }
  return solveFactored(cholesky(left, n), n, right, columns);
}
