import { at } from '../../support/invariant.js';
import type { Curvature } from './curvature.js';
import type { CodeRange, MatrixProblem } from './matrix-problem.js';
import { lsbOf } from './matrix-problem.js';
import { candidateCodes, countSignedDigits, MOST_CANDIDATES } from './signed-digits.js';

/** One column of a matrix: codes for the least dᵀ H d + Σ penalty × digits, with d = code × unit − weight. */
export interface ColumnProblem {
  readonly size: number;
  /** H, [size, size]. */
  readonly hessian: Float64Array;
  readonly curvature: Curvature;
  readonly weights: Float64Array;
  /** 2^lsb of each code. */
  readonly units: Float64Array;
  readonly range: CodeRange;
  /** Of one signed digit in each row, in the units of the damage. */
  readonly penalties: Float64Array;
}

/** Relative to it no price is beyond the range of doubles. */
const LEAST_IMPORTANCE = 1e-150;

export function columnProblem(problem: MatrixProblem, column: number): ColumnProblem {
  const { rows, columns, weights, curvature, lambda = 0, digitCosts, importance, range } = problem;
  // A column that does not count takes the cheapest codes.
  const worth = importance === undefined ? 1 : Math.max(at(importance, column), LEAST_IMPORTANCE);
  return {
    size: rows,
    hessian: curvature.damped,
    curvature,
    weights: Float64Array.from({ length: rows }, (_, row) => at(weights, row * columns + column)),
    units: Float64Array.from({ length: rows }, (_, row) => 2 ** lsbOf(problem, row, column)),
    range,
    penalties: Float64Array.from(
      { length: rows },
      (_, row) => (lambda / worth) * (digitCosts === undefined ? 1 : at(digitCosts, row)),
    ),
  };
}

/** The damage of the codes, by H, and the penalties of their digits. */
export function columnObjective(
  { size, hessian, weights, units, penalties }: ColumnProblem,
  codes: Int32Array,
): number {
  let total = 0;
  const difference = new Float64Array(size);
  for (let row = 0; row < size; row++) difference[row] = at(codes, row) * at(units, row) - at(weights, row);
  for (let row = 0; row < size; row++) {
    let sum = 0;
    for (let other = 0; other < size; other++) sum += at(hessian, row * size + other) * at(difference, other);
    total += at(difference, row) * sum + at(penalties, row) * countSignedDigits(at(codes, row));
  }
  return total;
}

/** The best code of a row by itself, where `steepness` × (weight − ideal)² is the damage; and what it adds. */
export interface CodeChoice {
  code: number;
  damage: number;
}

const candidates = new Int32Array(MOST_CANDIDATES);

/** Writes the best code for the ideal weight into `choice`. Equal damage takes fewer digits. */
export function chooseCode(
  { units, range, penalties }: ColumnProblem,
  row: number,
  ideal: number,
  steepness: number,
  choice: CodeChoice,
): void {
  const unit = units[row] ?? 1;
  const penalty = penalties[row] ?? 0;
  const target = ideal / unit;
  const scale = steepness * unit * unit;
  let best = Infinity;
  let fewest = Infinity;
  const count = candidateCodes(target, range, candidates);
  for (let index = 0; index < count; index++) {
    const code = candidates[index] ?? 0;
    const digits = countSignedDigits(code);
    const damage = scale * (code - target) * (code - target);
    const total = damage + penalty * digits;
    if (total > best || (total === best && digits >= fewest)) continue;
    [best, fewest] = [total, digits];
    choice.code = code;
    choice.damage = damage;
  }
}
