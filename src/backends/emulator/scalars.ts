import type { FixedPointType } from '../../numeric/fixed-point.js';
import type { Interval } from '../../numeric/interval.js';
import { addIntervals, isPoint, multiplyIntervals, point, squareInterval } from '../../numeric/interval.js';
import type { AffineRatio } from '../../numeric/ratio.js';
import type { Overflow, Rounding } from '../../numeric/rounding.js';
import { at } from '../../support/invariant.js';

/** One computed scalar: integers only; binary points have become weights and shifts. */
export type Scalar = { readonly range: Interval } & ScalarOperation;
export type ScalarOperation =
  /** Column of the input matrix. */
  | { readonly kind: 'input'; readonly column: number }
  | { readonly kind: 'constant'; readonly value: bigint }
  /** constant + Σ weight × term */
  | {
      readonly kind: 'linear';
      readonly terms: readonly number[];
      readonly weights: readonly bigint[];
      readonly constant: bigint;
    }
  | {
      readonly kind: 'product' | 'minimum' | 'maximum' | 'lessThan' | 'equal';
      readonly left: number;
      readonly right: number;
    }
  | { readonly kind: 'select'; readonly condition: number; readonly whenTrue: number; readonly whenFalse: number }
  | { readonly kind: 'absolute' | 'bipolar'; readonly operand: number }
  /** operand × 2^-shift, rounded. */
  | { readonly kind: 'round'; readonly operand: number; readonly shift: number; readonly rounding: Rounding }
  /** Entry floor(operand × 2^-shift) - first of a table of the program, the end entries beyond the ends. */
  | {
      readonly kind: 'table';
      readonly operand: number;
      readonly shift: number;
      readonly first: bigint;
      readonly table: number;
      readonly codes: readonly bigint[];
    }
  /** operand × 2^-shift, rounded, then brought into the type. */
  | {
      readonly kind: 'quantize';
      readonly operand: number;
      readonly shift: number;
      readonly type: FixedPointType;
      readonly rounding: Rounding;
      readonly overflow: Overflow;
    }
  /** The ratio of the operand, rounded, then brought into the type. */
  | {
      readonly kind: 'requantize';
      readonly operand: number;
      readonly ratio: AffineRatio;
      readonly type: FixedPointType;
      readonly rounding: Rounding;
      readonly overflow: Overflow;
    };

/** Longer sums are cut into partial sums, so that no statement outgrows a function. */
const LONGEST_SUM = 512;

/** A growing list of scalars; operands come before their users. Constants are folded as they appear. */
export class ScalarList {
  public readonly scalars: Scalar[] = [];
  private readonly constants = new Map<bigint, number>();

  public range(id: number): Interval {
    return at(this.scalars, id).range;
  }

  /** The value of a scalar that is the same for every event. */
  public constantValue(id: number): bigint | undefined {
    const scalar = at(this.scalars, id);
    return scalar.kind === 'constant' ? scalar.value : undefined;
  }

  public constant(value: bigint): number {
    let id = this.constants.get(value);
    if (id === undefined) {
      id = this.scalars.push({ kind: 'constant', value, range: point(value) }) - 1;
      this.constants.set(value, id);
    }
    return id;
  }

  /** An operation whose range is known to be within `range`. */
  public push(operation: ScalarOperation, range: Interval): number {
    return isPoint(range) ? this.constant(range.low) : this.scalars.push({ ...operation, range }) - 1;
  }

  /** The same for an operation that stays one, even where only one result is possible. */
  public pushVariable(operation: ScalarOperation, range: Interval): number {
    return this.scalars.push({ ...operation, range }) - 1;
  }

  /** operand × 2^amount */
  public shiftLeft(operand: number, amount: number): number {
    return amount === 0 ? operand : this.sum([operand], [1n << BigInt(amount)]);
  }

  public product(left: number, right: number): number {
    const [leftValue, rightValue] = [this.constantValue(left), this.constantValue(right)];
    if (leftValue !== undefined) return this.sum([right], [leftValue]);
    if (rightValue !== undefined) return this.sum([left], [rightValue]);
    const range =
      left === right ? squareInterval(this.range(left)) : multiplyIntervals(this.range(left), this.range(right));
    return this.push({ kind: 'product', left, right }, range);
  }

  /** Σ weight × operand, with zero weights dropped and constants gathered. */
  public sum(operands: readonly number[], operandWeights: readonly bigint[]): number {
    let constant = 0n;
    const terms: number[] = [];
    const weights: bigint[] = [];
    operands.forEach((operand, index) => {
      const weight = at(operandWeights, index);
      const value = this.constantValue(operand);
      if (value !== undefined) constant += weight * value;
      else if (weight !== 0n) {
        terms.push(operand);
        weights.push(weight);
      }
    });
    if (terms.length > LONGEST_SUM) return this.longSum(terms, weights, constant);
    const [only] = terms;
    if (terms.length === 1 && only !== undefined && weights[0] === 1n && constant === 0n) return only;
    let range = point(constant);
    terms.forEach((term, index) => {
      range = addIntervals(range, multiplyIntervals(this.range(term), point(at(weights, index))));
    });
    return this.push({ kind: 'linear', terms, weights, constant }, range);
  }

  private longSum(terms: readonly number[], weights: readonly bigint[], constant: bigint): number {
    const parts = [this.constant(constant)];
    for (let start = 0; start < terms.length; start += LONGEST_SUM) {
      parts.push(this.sum(terms.slice(start, start + LONGEST_SUM), weights.slice(start, start + LONGEST_SUM)));
    }
    return this.sum(
      parts,
      parts.map(() => 1n),
    );
  }

  /** The smaller or the larger of two, whose range is known to be within `range`. */
  public extremum(kind: 'minimum' | 'maximum', left: number, right: number, range: Interval): number {
    return left === right ? left : this.push({ kind, left, right }, range);
  }
}

/** The scalars that one reads. */
export function operandsOfScalar(scalar: Scalar): readonly number[] {
  switch (scalar.kind) {
    case 'input':
    case 'constant':
      return [];
    case 'linear':
      return scalar.terms;
    case 'product':
    case 'minimum':
    case 'maximum':
    case 'lessThan':
    case 'equal':
      return [scalar.left, scalar.right];
    case 'select':
      return [scalar.condition, scalar.whenTrue, scalar.whenFalse];
    case 'absolute':
    case 'bipolar':
    case 'round':
    case 'table':
    case 'quantize':
    case 'requantize':
      return [scalar.operand];
  }
}
