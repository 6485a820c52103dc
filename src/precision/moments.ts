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
  const fixedMean = centred ? columnMeans(fixedInput, n) : new Float64Array(n);
  const exactMean = centred ? columnMeans(exactInput, n) : new Float64Array(n);
  const fixed = new Float64Array(n * n);
  const mixed = new Float64Array(n * n);
  const [a, b] = [new Float64Array(n), new Float64Array(n)];
  // The work of every candidate of a search: plain loops over typed arrays, which the engine compiles well.
  for (let event = 0; event < count; event++) {
    for (let index = 0; index < n; index++) {
      a[index] = (fixedInput[event * n + index] ?? 0) - (fixedMean[index] ?? 0);
      b[index] = (exactInput[event * n + index] ?? 0) - (exactMean[index] ?? 0);
    }
    for (let row = 0; row < n; row++) {
      const value = a[row] ?? 0;
      if (value === 0) continue;
      const start = row * n;
      for (let column = 0; column < n; column++) {
        fixed[start + column] = (fixed[start + column] ?? 0) + value * (a[column] ?? 0);
        mixed[start + column] = (mixed[start + column] ?? 0) + value * (b[column] ?? 0);
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

function columnMeans(values: Float64Array, n: number): Float64Array {
  const mean = new Float64Array(n);
  const count = values.length / n;
  for (let event = 0; event < count; event++) {
    for (let index = 0; index < n; index++) mean[index] = (mean[index] ?? 0) + (values[event * n + index] ?? 0) / count;
  }
  return mean;
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
