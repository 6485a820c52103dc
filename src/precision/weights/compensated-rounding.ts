import { at } from '../../support/invariant.js';
import type { CodeChoice, ColumnProblem } from './column-problem.js';
import { chooseCode } from './column-problem.js';
import { candidateCodes, countSignedDigits, MOST_CANDIDATES } from './signed-digits.js';

/** Each weight by itself. */
export function roundNearest(problem: ColumnProblem): Int32Array {
  const { size, weights, units, range } = problem;
  return Int32Array.from({ length: size }, (_, row) => {
    const code = Math.round(at(weights, row) / at(units, row));
    return Math.min(Math.max(code, range.low), range.high);
  });
}

/*
 * Weights are rounded one after the other, and those that are left move to where the damage done so far is least: when
 * weight i moves by e, the others move by e × [F]_ij / [F]_ii, with F the inverse of the curvature of the weights left,
 * and the damage is e² / [F]_ii. A code pays for its digits here, so that a weight may well round to nothing.
 */

/** In the order of falling curvature, which all columns share (GPTQ with its activation order, Frantar et al., 2022). */
export function roundInOrder(problem: ColumnProblem): Int32Array {
  const { size, curvature } = problem;
  const { order, eliminated } = curvature;
  const weights = problem.weights.slice();
  const codes = new Int32Array(size);
  const choice: CodeChoice = { code: 0, damage: 0 };
  for (const row of order) {
    const pivot = at(eliminated, row * size + row);
    chooseCode(problem, row, at(weights, row), 1 / pivot, choice);
    codes[row] = choice.code;
    const step = (choice.code * at(problem.units, row) - at(weights, row)) / pivot;
    // Weights that are rounded already have a zero here.
    for (let other = 0; other < size; other++) {
      weights[other] = (weights[other] ?? 0) + step * (eliminated[row * size + other] ?? 0);
    }
  }
  return codes;
}

/** A choice of codes for the first weights of the order. */
interface Partial {
  readonly codes: Int32Array;
  /** What is left to be rounded, moved to where the damage is least. */
  readonly weights: Float64Array;
  readonly objective: number;
}

/**
 * As `roundInOrder`, with the `width` best choices kept at each step (a K-best search of the closest lattice point,
 * with the digits of the codes as a second cost).
 */
export function roundInBeam(problem: ColumnProblem, width: number): Int32Array {
  const { size, curvature, units, penalties, range } = problem;
  const { order, eliminated } = curvature;
  const candidates = new Int32Array(MOST_CANDIDATES + 2);
  let beam: readonly Partial[] = [{ codes: new Int32Array(size), weights: problem.weights.slice(), objective: 0 }];
  for (const row of order) {
    const pivot = at(eliminated, row * size + row);
    const unit = at(units, row);
    const steps: { readonly from: Partial; readonly code: number; readonly objective: number }[] = [];
    for (const from of beam) {
      const ideal = at(from.weights, row) / unit;
      const seen = new Set<number>();
      let count = candidateCodes(ideal, range, candidates);
      // What later weights cannot make up for within their range may want a code farther away.
      const floor = Math.floor(Math.min(Math.max(ideal, range.low), range.high));
      if (floor > range.low) candidates[count++] = floor - 1;
      if (floor + 2 <= range.high) candidates[count++] = floor + 2;
      for (let index = 0; index < count; index++) {
        const code = at(candidates, index);
        if (seen.has(code)) continue;
        seen.add(code);
        const error = (code - ideal) * unit;
        const own = (error * error) / pivot + at(penalties, row) * countSignedDigits(code);
        steps.push({ from, code, objective: from.objective + own });
      }
    }
    steps.sort((a, b) => a.objective - b.objective);
    beam = steps.slice(0, width).map(({ from, code, objective }) => {
      const [codes, weights] = [from.codes.slice(), from.weights.slice()];
      codes[row] = code;
      const step = (code * unit - at(weights, row)) / pivot;
      for (let other = 0; other < size; other++) {
        weights[other] = (weights[other] ?? 0) + step * (eliminated[row * size + other] ?? 0);
      }
      return { codes, weights, objective };
    });
  }
  return at(beam, 0).codes;
}

/** Least damage first ("Optimal Brain Compression", Frantar and Alistarh, 2022); size³ operations. */
export function roundGreedily(problem: ColumnProblem): Int32Array {
  const { size } = problem;
  const free = problem.curvature.inverse.slice();
  const weights = problem.weights.slice();
  const codes = new Int32Array(size);
  const left = Array.from({ length: size }, (_, row) => row);
  const choice: CodeChoice = { code: 0, damage: 0 };
  while (left.length > 0) {
    const position = cheapest(problem, left, weights, free, choice);
    const row = at(left, position);
    left.splice(position, 1);
    const pivot = at(free, row * size + row);
    chooseCode(problem, row, at(weights, row), 1 / pivot, choice);
    codes[row] = choice.code;
    const step = (choice.code * at(problem.units, row) - at(weights, row)) / pivot;
    for (const other of left) {
      const link = at(free, other * size + row);
      if (link === 0) continue;
      weights[other] = at(weights, other) + step * link;
      const factor = link / pivot;
      for (const third of left) {
        const index = other * size + third;
        free[index] = (free[index] ?? 0) - factor * (free[row * size + third] ?? 0);
      }
    }
  }
  return codes;
}

function cheapest(
  problem: ColumnProblem,
  left: readonly number[],
  weights: Float64Array,
  free: Float64Array,
  choice: CodeChoice,
): number {
  let [best, least] = [0, Infinity];
  for (let position = 0; position < left.length; position++) {
    const row = at(left, position);
    chooseCode(problem, row, at(weights, row), 1 / at(free, row * problem.size + row), choice);
    if (choice.damage < least) [best, least] = [position, choice.damage];
  }
  return best;
}
