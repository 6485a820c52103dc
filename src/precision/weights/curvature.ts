import { at, invariant } from '../../support/invariant.js';
import { cholesky, inverseFactored } from '../linear-algebra.js';

/** The second moments of a product's inputs, ready for the rounding of any weights behind them. */
export interface Curvature {
  readonly size: number;
  /** E[x xᵀ], or the covariance where the bias takes up the mean: [size, size], row-major. */
  readonly gram: Float64Array;
  /** `gram` and its damping: what roundings are judged by. */
  readonly damped: Float64Array;
  /** Inverse of `damped`, with a damping of 1e-8 at least. */
  readonly inverse: Float64Array;
  /** Inputs by falling second moment. */
  readonly order: readonly number[];
  /**
   * For each input: its row of the inverse curvature of itself and of those after it in `order`, all else zero;
   * [size, size], row-major.
   */
  readonly eliminated: Float64Array;
}

export interface CurvatureOptions {
  /**
   * Part of each diagonal element that is added to it: the doubt that a small sample leaves about correlations. An
   * input that never moves gets that part of the smallest other one, so that its weights stay near their values.
   * 0.001 unless given.
   */
  readonly damping?: number;
}

const DEFAULT_DAMPING = 1e-3;
/** Of the inverse at least: well above the rounding errors of a Gram matrix, relative to its diagonal. */
const LEAST_FOR_INVERSE = 1e-8;

/** Damped second moments with their inverse; O(size³). Throws InvariantError for another size than the matrix's. */
export function makeCurvature(gram: Float64Array, size: number, options: CurvatureOptions = {}): Curvature {
  invariant(gram.length === size * size, `${gram.length} moments of ${size} inputs`);
  const damping = options.damping ?? DEFAULT_DAMPING;
  const diagonal = Float64Array.from({ length: size }, (_, row) => at(gram, row * size + row));
  const smallest = diagonal.reduce((least, value) => (value > 0 ? Math.min(least, value) : least), Infinity);
  const floor = smallest === Infinity ? 1 : smallest;
  const ridge = diagonal.map((value) => (value > 0 ? value : floor));
  const damped = withRidge(gram, size, ridge, damping);
  // Moments are not negative but for rounding errors, which the least ridge outweighs.
  const solid = damping < LEAST_FOR_INVERSE ? withRidge(damped, size, ridge, LEAST_FOR_INVERSE) : damped;
  const inverse = inverseFactored(cholesky(solid, size), size);
  const order = Array.from(diagonal.keys()).sort((a, b) => at(diagonal, b) - at(diagonal, a) || a - b);
  return { size, gram, damped, inverse, order, eliminated: eliminate(inverse, order) };
}

function withRidge(matrix: Float64Array, size: number, ridge: Float64Array, part: number): Float64Array {
  const result = matrix.slice();
  for (let row = 0; row < size; row++) result[row * size + row] = at(matrix, row * size + row) + part * at(ridge, row);
  return result;
}

function eliminate(inverse: Float64Array, order: readonly number[]): Float64Array {
  const size = order.length;
  const free = inverse.slice();
  const eliminated = new Float64Array(size * size);
  order.forEach((row, position) => {
    const left = order.slice(position);
    for (const other of left) eliminated[row * size + other] = at(free, row * size + other);
    const pivot = at(free, row * size + row);
    for (const other of left) {
      const factor = (free[other * size + row] ?? 0) / pivot;
      if (factor === 0 || other === row) continue;
      for (const third of left)
        free[other * size + third] = (free[other * size + third] ?? 0) - factor * (free[row * size + third] ?? 0);
    }
  });
  return eliminated;
}

/** dᵀ M d for one difference of weights. */
export function quadraticForm(matrix: Float64Array, difference: Float64Array): number {
  const size = difference.length;
  let total = 0;
  for (let row = 0; row < size; row++) {
    const left = at(difference, row);
    if (left === 0) continue;
    let sum = 0;
    for (let column = 0; column < size; column++) sum += at(matrix, row * size + column) * at(difference, column);
    total += left * sum;
  }
  return total;
}
