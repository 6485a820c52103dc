import { at } from '../support/invariant.js';
import { cholesky, inverseFactored } from './linear-algebra.js';

/** One matrix of weights, and what its errors and its digits cost. */
export interface LayerProblem {
  readonly rows: number;
  readonly columns: number;
  /** Real weights, rows × columns, row-major. */
  readonly weights: Float64Array;
  /** Mean of x xᵀ over events and positions, rows × rows: x are the values that will enter. */
  readonly gram: Float64Array;
  /** By column: exponent of the LSB of its codes. */
  readonly lsb: readonly number[];
  /** By column: damage per unit of squared error of the product. */
  readonly importance: Float64Array;
  /** By row: what one signed digit of a code costs, in units of damage. */
  readonly digitCost: Float64Array;
}

/** Largest magnitude of a code: far beyond what any price would buy. */
const LARGEST_CODE = 2 ** 20;
/** Added to the diagonal of the moments, as a share of their mean: keeps directions without data from running away. */
const DAMPING = 1e-4;
const SWEEPS = 8;

/**
 * Codes that minimise importance × (error of the product)² + cost of their signed digits, column by column: one weight
 * after the other takes its code, and what that does to the product is made up for by the weights that are still free
 * (Frantar and Alistarh, "Optimal Brain Compression", 2022, for the compensation; the price of digits is ours). Then
 * single codes are exchanged while that lowers the objective. A weight whose digits are not worth their price becomes 0.
 */
export function chooseCodes(problem: LayerProblem): Int32Array {
  const { rows, columns, lsb } = problem;
  const gram = damped(problem.gram, rows);
  const order = Uint32Array.from({ length: rows }, (_, row) => row).sort(
    (left, right) => at(gram, right * rows + right) - at(gram, left * rows + left) || left - right,
  );
  const codes = compensated(problem, gram, order);
  for (let column = 0; column < columns; column++) {
    const unit = 2 ** at(lsb, column);
    const target = Float64Array.from({ length: rows }, (_, row) => at(problem.weights, row * columns + column) / unit);
    const own = Int32Array.from({ length: rows }, (_, row) => at(codes, row * columns + column));
    const scale = at(problem.importance, column) * unit * unit;
    improve(own, target, gram, problem.digitCost, scale);
    own.forEach((code, row) => (codes[row * columns + column] = code));
  }
  return codes;
}

/** Number of signed digits of the shortest form: the ones of the non-adjacent form (Reitwiesner, 1960). */
export function digitCount(code: number): number {
  let bits = (Math.abs(code) * 3) ^ Math.abs(code);
  let count = 0;
  for (; bits !== 0; bits &= bits - 1) count++;
  return count;
}

function damped(gram: Float64Array, rows: number): Float64Array {
  const result = Float64Array.from(gram);
  let trace = 0;
  for (let row = 0; row < rows; row++) trace += at(gram, row * rows + row);
  const extra = (DAMPING * trace) / rows || 1;
  for (let row = 0; row < rows; row++) result[row * rows + row] = at(gram, row * rows + row) + extra;
  return result;
}

function compensated(problem: LayerProblem, gram: Float64Array, order: Uint32Array): Int32Array {
  const { rows, columns } = problem;
  const free = Float64Array.from(problem.weights);
  const codes = new Int32Array(rows * columns);
  // The inverse of the moments of the weights that are still free, in the order in which they are fixed.
  const permuted = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < rows; j++) permuted[i * rows + j] = at(gram, at(order, i) * rows + at(order, j));
  const inverse = inverseFactored(cholesky(permuted, rows), rows);
  for (let step = 0; step < rows; step++) {
    const row = at(order, step);
    const pivot = at(inverse, step * rows + step);
    for (let column = 0; column < columns; column++) {
      const unit = 2 ** at(problem.lsb, column);
      const weight = at(free, row * columns + column);
      // The damage that is left after the others have made up for the error.
      const scale = (at(problem.importance, column) * unit * unit) / pivot;
      const code = cheapest(weight / unit, 0, scale, at(problem.digitCost, row));
      codes[row * columns + column] = code;
      const error = (weight - code * unit) / pivot;
      for (let later = step + 1; later < rows; later++) {
        const index = at(order, later) * columns + column;
        free[index] = at(free, index) - error * at(inverse, later * rows + step);
      }
    }
    removeFirst(inverse, rows, step);
  }
  return codes;
}

/** The inverse without row and column `step`: one step of elimination. */
function removeFirst(inverse: Float64Array, n: number, step: number): void {
  const pivot = at(inverse, step * n + step);
  for (let i = step + 1; i < n; i++) {
    const factor = at(inverse, i * n + step) / pivot;
    if (factor === 0) continue;
    for (let j = step + 1; j < n; j++) inverse[i * n + j] = at(inverse, i * n + j) - factor * at(inverse, step * n + j);
  }
}

/**
 * The code with the least scale × ((code - ideal)² - (kept - ideal)²) + digit cost. The candidates are the ideal rounded
 * to ever fewer digits.
 */
function cheapest(ideal: number, kept: number, scale: number, digitCost: number): number {
  const limited = Math.max(-LARGEST_CODE, Math.min(LARGEST_CODE, ideal));
  let best = kept;
  let least = scale * (kept - ideal) ** 2 + digitCost * digitCount(kept);
  const consider = (code: number): void => {
    const cost = scale * (code - ideal) ** 2 + digitCost * digitCount(code);
    if (cost < least) [best, least] = [code, cost];
  };
  for (let step = 1; step <= 2 * Math.abs(limited) + 1; step *= 2) {
    const below = Math.floor(limited / step) * step;
    consider(below);
    consider(below + step);
  }
  consider(0);
  return best;
}

/** Exchange single codes while that lowers the objective. `scale`: damage per squared LSB of error. */
function improve(
  codes: Int32Array,
  target: Float64Array,
  gram: Float64Array,
  digitCost: Float64Array,
  scale: number,
): void {
  const rows = codes.length;
  // gram × (codes - target)
  const gradient = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let other = 0; other < rows; other++)
      sum += at(gram, row * rows + other) * (at(codes, other) - at(target, other));
    gradient[row] = sum;
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let changed = false;
    for (let row = 0; row < rows; row++) {
      const curvature = at(gram, row * rows + row);
      if (curvature <= 0) continue;
      const code = at(codes, row);
      const ideal = code - at(gradient, row) / curvature;
      const better = cheapest(ideal, code, scale * curvature, at(digitCost, row));
      if (better === code) continue;
      changed = true;
      codes[row] = better;
      for (let other = 0; other < rows; other++)
        gradient[other] = at(gradient, other) + (better - code) * at(gram, other * rows + row);
    }
    if (!changed) break;
  }
}
