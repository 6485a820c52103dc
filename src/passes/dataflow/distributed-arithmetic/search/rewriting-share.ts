import type { StartColumn } from './start.js';

/** Share of the steps of the search that write part of a sum anew; the others dissolve values. */
export const REWRITING = 0.7;
/**
 * Of a dense matrix whose coefficients have few digits. There a sum can be written in few other ways, and which of the many
 * equal pairs are made is what remains to be chosen.
 */
const REWRITING_FEW_BITS = 0.5;
/** Part of the coefficients that are not zero in a dense matrix; digits of each, on average, below which they are few. */
const DENSE = 0.875;
const FEW_BITS = 2;

/** The share for a matrix of so many inputs. */
export function rewritingShare(columns: readonly StartColumn[], inputs: number): number {
  let [digits, coefficients] = [0, 0];
  for (const column of columns) {
    digits += column.digits.length;
    coefficients += new Set(column.digits.map(({ value }) => value)).size;
  }
  const dense = coefficients >= DENSE * inputs * columns.length;
  return dense && digits < FEW_BITS * coefficients ? REWRITING_FEW_BITS : REWRITING;
}
