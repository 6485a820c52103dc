import { makeCurvature } from './weights/curvature.js';
import { roundMatrix } from './weights/round-matrix.js';
import { countSignedDigits } from './weights/signed-digits.js';

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
/** Choices kept for a column: half the default, since a search of plans rounds every layer many times. */
const BEAM = 8;

/**
 * Codes that minimise importance × (error of the product)² + cost of their signed digits, column by column
 * (`roundMatrix`). A weight whose digits are not worth their price becomes 0.
 */
export function chooseCodes(problem: LayerProblem): Int32Array {
  const { rows, columns, weights, importance, digitCost } = problem;
  const matrix = {
    rows,
    columns,
    weights,
    curvature: makeCurvature(problem.gram, rows),
    lsb: Int32Array.from(problem.lsb),
    range: { low: -LARGEST_CODE, high: LARGEST_CODE },
    lambda: 1,
    digitCosts: digitCost,
    importance,
  };
  return roundMatrix(matrix, { beam: BEAM, pairs: false }).codes;
}

/** Number of signed digits of the shortest form: the ones of the non-adjacent form (Reitwiesner, 1960). */
export function digitCount(code: number): number {
  return countSignedDigits(code);
}
