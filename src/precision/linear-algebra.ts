import { at, invariant } from '../support/invariant.js';

/** Symmetric positive definite matrices, row-major, as they come from moments of data. */

/**
 * Lower Cholesky factor of a symmetric matrix of n × n. What is not positive definite, as moments of fewer events than
 * columns are not, is made so by damping beforehand: a pivot that is not positive throws.
 */
export function cholesky(matrix: Float64Array, n: number): Float64Array {
  const factor = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = at(matrix, row * n + column);
      for (let k = 0; k < column; k++) sum -= at(factor, row * n + k) * at(factor, column * n + k);
      if (row === column) {
        invariant(sum > 0, 'the matrix is not positive definite');
        factor[row * n + row] = Math.sqrt(sum);
      } else factor[row * n + column] = sum / at(factor, column * n + column);
    }
  }
  return factor;
}

/** X of matrix × X = right, for `columns` right-hand sides (n × columns), given the factor of the matrix. */
export function solveFactored(factor: Float64Array, n: number, right: Float64Array, columns: number): Float64Array {
  const x = Float64Array.from(right);
  for (let row = 0; row < n; row++) {
    for (let k = 0; k < row; k++) subtractRow(x, columns, row, k, at(factor, row * n + k));
    scaleRow(x, columns, row, 1 / at(factor, row * n + row));
  }
  for (let row = n - 1; row >= 0; row--) {
    for (let k = row + 1; k < n; k++) subtractRow(x, columns, row, k, at(factor, k * n + row));
    scaleRow(x, columns, row, 1 / at(factor, row * n + row));
  }
  return x;
}

/** The inverse of a symmetric positive definite matrix, given its factor. */
export function inverseFactored(factor: Float64Array, n: number): Float64Array {
  const identity = new Float64Array(n * n);
  for (let index = 0; index < n; index++) identity[index * n + index] = 1;
  return solveFactored(factor, n, identity, n);
}

function subtractRow(x: Float64Array, columns: number, row: number, other: number, factor: number): void {
  if (factor === 0) return;
  for (let column = 0; column < columns; column++) {
    x[row * columns + column] = at(x, row * columns + column) - factor * at(x, other * columns + column);
  }
}

function scaleRow(x: Float64Array, columns: number, row: number, factor: number): void {
  for (let column = 0; column < columns; column++) x[row * columns + column] = at(x, row * columns + column) * factor;
}
