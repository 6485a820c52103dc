import { at, invariant } from '../../support/invariant.js';
import type { MatrixProblem, RoundedMatrix } from './matrix-problem.js';
import { assessCodes, roundMatrix } from './round-matrix.js';
import { countSignedDigits } from './signed-digits.js';

/** A matrix whose codes are there already; `weights` are what its outputs are compared with. */
export interface PruningProblem extends Omit<MatrixProblem, 'lambda'> {
  readonly codes: Int32Array;
}

/**
 * When to stop: at so much damage (Σ importance × E[(x (w' − w))²], beyond what the codes do already), or at so few LUTs
 * (Σ digitCost × signed digits), over all matrices.
 */
export type PruningGoal = { readonly damage: number } | { readonly cost: number };

export interface PrunedMatrix extends RoundedMatrix {
  /** Weights that are zero now and were not. */
  readonly removedWeights: number;
  /** Signed digits fewer than before. */
  readonly removedDigits: number;
}

/** Halvings of the price: its logarithm is exact to a thousandth of the range in the end. */
const STEPS = 12;
/** Binary logarithms of the price, in units of what all weights are worth for each LUT. */
const CHEAPEST = -36;
const DEAREST = 6;
const EFFORT = { beam: 4, pairs: false };

/**
 * Removes weights and signed digits of weights, those first whose removal does least damage for each LUT that it saves,
 * when the other weights of their columns make up for it as far as their codes allow (second-order correction: Hassibi
 * and Stork, "Second order derivatives for network pruning", 1993; here on the grid of the codes). All matrices share
 * one price of damage, so that what is removed where follows from the price alone; the highest price that keeps to the
 * damage, or the lowest that reaches the cost, is found by halving, and columns are then mixed with those of the next
 * price as far as the goal allows. A goal that the codes meet already changes nothing.
 */
export function pruneMatrices(problems: readonly PruningProblem[], goal: PruningGoal): readonly PrunedMatrix[] {
  const before = problems.map((problem) => assessCodes(problem, problem.codes));
  const damageBefore = sum(before.map((rounded, index) => weightedDamage(at(problems, index), rounded)));
  const damageOf = (list: readonly RoundedMatrix[]): number =>
    sum(list.map((rounded, index) => weightedDamage(at(problems, index), rounded))) - damageBefore;
  const costOf = (list: readonly RoundedMatrix[]): number => sum(list.map(({ cost }) => cost));
  const within = (list: readonly RoundedMatrix[]): boolean =>
    'damage' in goal ? damageOf(list) <= goal.damage : costOf(list) <= goal.cost;
  const finish = (list: readonly RoundedMatrix[]): readonly PrunedMatrix[] =>
    list.map((rounded, index) => withCounts(rounded, at(before, index), at(problems, index).codes));
  if ('cost' in goal && costOf(before) <= goal.cost) return finish(before);

  const empty = problems.map((problem) => assessCodes(problem, new Int32Array(problem.codes.length)));
  const worth = damageOf(empty) / Math.max(costOf(before), Number.MIN_VALUE);
  if (!(worth > 0)) return finish('damage' in goal && !within(empty) ? before : empty);
  const priced = (exponent: number, start: readonly RoundedMatrix[]): readonly RoundedMatrix[] =>
    problems.map((problem, index) =>
      roundMatrix({ ...problem, lambda: worth * 2 ** exponent }, { ...EFFORT, start: at(start, index).codes }),
    );
  let [low, high] = [CHEAPEST, DEAREST];
  let [light, heavy]: [readonly RoundedMatrix[], readonly RoundedMatrix[]] = [before, empty];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    const found = priced(middle, light);
    // More is removed at a higher price: the damage is exceeded, or the cost is reached.
    const over = 'damage' in goal ? !within(found) : within(found);
    if (over) [high, heavy] = [middle, found];
    else [low, light] = [middle, found];
  }
  return finish(mixColumns(problems, light, heavy, within, 'damage' in goal));
}

/**
 * Columns of two solutions: those of `heavy` in place of `light`'s, least damage per saving first, as long as the damage
 * allows, or until the cost is reached.
 */
function mixColumns(
  problems: readonly PruningProblem[],
  light: readonly RoundedMatrix[],
  heavy: readonly RoundedMatrix[],
  within: (list: readonly RoundedMatrix[]) => boolean,
  limited: boolean,
): readonly RoundedMatrix[] {
  const swaps = problems.flatMap((problem, matrix) =>
    Array.from({ length: problem.columns }, (_, column) => {
      const [from, to] = [
        columnFacts(problem, at(light, matrix), column),
        columnFacts(problem, at(heavy, matrix), column),
      ];
      return { matrix, column, saving: from.cost - to.cost, damage: to.damage - from.damage };
    }),
  );
  const useful = swaps.filter(({ saving }) => saving > 0);
  useful.sort((a, b) => a.damage / a.saving - b.damage / b.saving || a.matrix - b.matrix || a.column - b.column);
  let current = light;
  for (const { matrix, column } of useful) {
    if (!limited && within(current)) break;
    const problem = at(problems, matrix);
    const codes = at(current, matrix).codes.slice();
    const other = at(heavy, matrix).codes;
    for (let index = column; index < codes.length; index += problem.columns) codes[index] = at(other, index);
    const next = current.map((rounded, index) => (index === matrix ? assessCodes(problem, codes) : rounded));
    if (!limited || within(next)) current = next;
  }
  return limited || within(current) ? current : heavy;
}

function columnFacts(
  problem: PruningProblem,
  { codes, damage }: RoundedMatrix,
  column: number,
): { readonly cost: number; readonly damage: number } {
  let cost = 0;
  for (let row = 0; row < problem.rows; row++) {
    const digit = problem.digitCosts === undefined ? 1 : at(problem.digitCosts, row);
    cost += digit * countSignedDigits(at(codes, row * problem.columns + column));
  }
  return { cost, damage: importanceOf(problem, column) * at(damage, column) };
}

function weightedDamage(problem: PruningProblem, { damage }: RoundedMatrix): number {
  return damage.reduce((total, value, column) => total + importanceOf(problem, column) * value, 0);
}

function importanceOf({ importance }: PruningProblem, column: number): number {
  return importance === undefined ? 1 : at(importance, column);
}

function withCounts(rounded: RoundedMatrix, before: RoundedMatrix, codes: Int32Array): PrunedMatrix {
  invariant(codes.length === rounded.codes.length, 'codes before and after are of one shape');
  const removedWeights = codes.reduce((count, code, index) => {
    return count + (code !== 0 && at(rounded.codes, index) === 0 ? 1 : 0);
  }, 0);
  return { ...rounded, removedWeights, removedDigits: before.digits - rounded.digits };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
