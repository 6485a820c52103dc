import { bitLength, trailingZeros } from '../../../../support/bits.js';
import { at } from '../../../../support/invariant.js';
import type { Column, Problem } from '../problem.js';

/** A value that costs nothing: an input, or an odd constant (the last coordinate of a form). */
export interface BaseValue {
  readonly form: Int32Array;
  readonly depth: number;
  /** Undefined for an input: the constant that it stands for. */
  readonly constant: bigint | undefined;
}

/** Where a column is found: ± form × 2^shift; the form is one of `targets` or of a base value, or zero. */
export interface WantedOutput {
  readonly form: Int32Array | undefined;
  readonly shift: number;
  readonly negative: boolean;
}

/**
 * A problem over canonical forms. Values are only wanted up to sign and shift, so a form is divided by its power of two
 * and its first coefficient is made positive (Voronenko and Püschel, "Multiplierless multiple constant
 * multiplication", 2007, for one input). Constants of columns are a coordinate of their own, after the inputs.
 */
export interface CanonicalProblem {
  readonly problem: Problem;
  readonly dimension: number;
  readonly bases: readonly BaseValue[];
  /** Distinct, none of them a base value. */
  readonly targets: readonly Int32Array[];
  readonly outputs: readonly WantedOutput[];
  /** No coefficient of any target reaches 2^bits. */
  readonly bits: number;
}

/** Forms are kept in 32-bit integers, with room for sums of two of them beyond the targets' bits. */
export const maximumBits = 24;

/** Undefined when a coefficient is too wide for the search. */
export function canonicalProblem(problem: Problem): CanonicalProblem | undefined {
  const constants = problem.columns.some(({ constant }) => constant !== 0n);
  const dimension = problem.inputs.length + (constants ? 1 : 0);
  const bases: BaseValue[] = problem.inputs.map(({ depth }, input) => {
    const form = new Int32Array(dimension);
    form[input] = 1;
    return { form, depth, constant: undefined };
  });
  const known = new Set(bases.map(({ form }) => form.join()));
  const targets: Int32Array[] = [];
  const outputs: WantedOutput[] = [];
  let bits = 1;
  for (const column of problem.columns) {
    const output = canonicalColumn(column, dimension);
    if (output === undefined) return undefined;
    outputs.push(output);
    if (output.form === undefined) continue;
    for (const coefficient of output.form) bits = Math.max(bits, 32 - Math.clz32(Math.abs(coefficient)));
    if (column.constant !== 0n) {
      const value = oddPart(column.constant);
      const form = new Int32Array(dimension);
      form[dimension - 1] = Number(value);
      if (!known.has(form.join())) bases.push({ form, depth: 0, constant: value });
      known.add(form.join());
    }
    const name = output.form.join();
    if (known.has(name)) continue;
    known.add(name);
    targets.push(output.form);
  }
  return { problem, dimension, bases, targets, outputs, bits };
}

export function oddPart(value: bigint): bigint {
  const magnitude = value < 0n ? -value : value;
  return magnitude >> BigInt(trailingZeros(magnitude));
}

/** Undefined when a coefficient is too wide. */
export function canonicalColumn(column: Column, dimension: number): WantedOutput | undefined {
  const coefficients = column.terms.map(({ coefficient }) => coefficient);
  if (column.constant !== 0n) coefficients.push(column.constant);
  if (coefficients.length === 0) return { form: undefined, shift: 0, negative: false };
  const shift = coefficients.reduce((least, each) => Math.min(least, trailingZeros(each)), Infinity);
  const negative = at(coefficients, 0) < 0n;
  const scaled = (value: bigint): number => Number((negative ? -value : value) >> BigInt(shift));
  if (coefficients.some((each) => bitLength(each) - shift > maximumBits)) return undefined;
  const form = new Int32Array(dimension);
  for (const { input, coefficient } of column.terms) form[input] = scaled(coefficient);
  if (column.constant !== 0n) form[dimension - 1] = scaled(column.constant);
  return { form, shift, negative };
}
