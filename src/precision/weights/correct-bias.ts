import { at, invariant } from '../../support/invariant.js';

/** A product y = x W + bias that has been rounded, its inputs x perhaps as well. */
export interface ShiftedProduct {
  readonly rows: number;
  readonly columns: number;
  /** One for each column. */
  readonly bias: Float64Array;
  /** Weights before and after, [rows, columns], row-major. */
  readonly before: Float64Array;
  readonly after: Float64Array;
  /** Mean of each input as the weights before saw it, and as those after see it. */
  readonly meanBefore: Float64Array;
  readonly meanAfter: Float64Array;
}

/**
 * The bias under which the mean of every output is what it was. No other bias has a smaller mean squared error, and
 * what is left of it is the variance of the error: weights behind a corrected bias are judged by the covariance of their
 * inputs.
 */
export function correctBias(product: ShiftedProduct): Float64Array {
  const { rows, columns, bias, before, after, meanBefore, meanAfter } = product;
  invariant(bias.length === columns, `${bias.length} biases of ${columns} columns`);
  invariant(before.length === rows * columns && after.length === rows * columns, 'weights of one shape');
  invariant(meanBefore.length === rows && meanAfter.length === rows, 'a mean for each input');
  const corrected = bias.slice();
  for (let row = 0; row < rows; row++) {
    const [was, is] = [at(meanBefore, row), at(meanAfter, row)];
    for (let column = 0; column < columns; column++) {
      const index = row * columns + column;
      corrected[column] = at(corrected, column) + was * at(before, index) - is * at(after, index);
    }
  }
  return corrected;
}
