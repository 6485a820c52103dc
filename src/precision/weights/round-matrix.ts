import { at, invariant } from '../../support/invariant.js';
import type { ColumnProblem } from './column-problem.js';
import { columnObjective, columnProblem } from './column-problem.js';
import { roundGreedily, roundInBeam, roundInOrder, roundNearest } from './compensated-rounding.js';
import { quadraticForm } from './curvature.js';
import { improveCodes } from './improve-codes.js';
import type { MatrixProblem, RoundedMatrix, RoundingOptions } from './matrix-problem.js';
import { LARGEST_CODE, lsbOf } from './matrix-problem.js';
import { countSignedDigits } from './signed-digits.js';

const DEFAULT_BEAM = 16;
/** rows² × columns × choices up to which the beam keeps its width: some seconds. */
const MOST_BEAM_WORK = 4e8;
/** rows² × columns up to which pairs are searched. */
const MOST_PAIR_WORK = 4e6;

/**
 * Integer codes for a matrix of weights: second-order compensation of what rounding does, then a descent on the exact
 * objective. For matrices of millions of weights the search is narrower (rows² × columns above 2.5 × 10^7), and without
 * pairs (above 4 × 10^6). The same problem gives the same codes. Throws InvariantError for arrays of wrong lengths and
 * ranges beyond 2^28.
 */
export function roundMatrix(problem: MatrixProblem, options: RoundingOptions = {}): RoundedMatrix {
  checkProblem(problem);
  const { rows, columns } = problem;
  const codes = new Int32Array(rows * columns);
  const size = rows * rows * columns;
  const { method = 'search', beam = DEFAULT_BEAM, pairs = true, start } = options;
  const effort = {
    beam: Math.max(1, Math.min(beam, Math.floor(MOST_BEAM_WORK / size))),
    pairs: pairs && size <= MOST_PAIR_WORK,
  };
  for (let column = 0; column < columns; column++) {
    const own = columnProblem(problem, column);
    const given = start?.filter((_, index) => index % columns === column);
    const chosen = method === 'search' ? searchCodes(own, given, effort) : simpleRoundings[method](own);
    for (let row = 0; row < rows; row++) codes[row * columns + column] = at(chosen, row);
  }
  return assessCodes(problem, codes);
}

const simpleRoundings = { nearest: roundNearest, fixed: roundInOrder, greedy: roundGreedily };

interface ColumnEffort {
  readonly beam: number;
  readonly pairs: boolean;
}

function searchCodes(problem: ColumnProblem, start: Int32Array | undefined, { beam, pairs }: ColumnEffort): Int32Array {
  const ends = [roundNearest(problem), roundInBeam(problem, beam), ...(start === undefined ? [] : [start])];
  let [best, least] = [at(ends, 0), Infinity];
  for (const codes of ends) {
    improveCodes(problem, codes, false);
    const objective = columnObjective(problem, codes);
    if (objective < least) [best, least] = [codes, objective];
  }
  if (pairs) improveCodes(problem, best, true);
  return best;
}

/** What a choice of codes costs and damages. */
export function assessCodes(problem: MatrixProblem, codes: Int32Array): RoundedMatrix {
  const { rows, columns, curvature, digitCosts, importance, lambda = 0 } = problem;
  const weights = new Float64Array(rows * columns);
  const damage = new Float64Array(columns);
  const difference = new Float64Array(rows);
  let [digits, cost, objective] = [0, 0, 0];
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      const index = row * columns + column;
      const weight = at(codes, index) * 2 ** lsbOf(problem, row, column);
      weights[index] = weight;
      difference[row] = weight - at(problem.weights, index);
      const count = countSignedDigits(at(codes, index));
      digits += count;
      cost += count * (digitCosts === undefined ? 1 : at(digitCosts, row));
    }
    damage[column] = quadraticForm(curvature.gram, difference);
    objective += (importance === undefined ? 1 : at(importance, column)) * quadraticForm(curvature.damped, difference);
  }
  return { codes, weights, damage, digits, cost, objective: objective + lambda * cost };
}

function checkProblem(problem: MatrixProblem): void {
  const { rows, columns, weights, curvature, lsb, range, digitCosts, importance, lambda = 0 } = problem;
  invariant(weights.length === rows * columns, `${weights.length} weights in a matrix of ${rows} × ${columns}`);
  invariant(curvature.size === rows, `a curvature of ${curvature.size} for ${rows} rows`);
  invariant([1, columns, rows * columns].includes(lsb.length), `${lsb.length} units for ${rows} × ${columns} weights`);
  invariant(digitCosts === undefined || digitCosts.length === rows, 'a cost of digits for each row');
  invariant(importance === undefined || importance.length === columns, 'an importance for each column');
  invariant(importance?.every((value) => value >= 0) !== false, 'importance is not negative');
  invariant(lambda >= 0 && Number.isFinite(lambda), 'a price of digits is not negative');
  const whole = Number.isInteger(range.low) && Number.isInteger(range.high) && range.low <= range.high;
  invariant(whole && range.low >= -LARGEST_CODE && range.high <= LARGEST_CODE, 'a range of codes within 2^28');
}
