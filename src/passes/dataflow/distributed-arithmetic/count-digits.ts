import { canonicalSignedDigits } from './csd.js';
import type { Problem } from './problem.js';

/** Signed digits of a matrix: what the time of the search grows with. */
export function countDigits(problem: Problem): number {
  let digits = 0;
  for (const { terms } of problem.columns) {
    for (const { coefficient } of terms) digits += canonicalSignedDigits(coefficient).length;
  }
  return digits;
}
