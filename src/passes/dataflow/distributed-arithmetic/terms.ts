import { at } from '../../../support/invariant.js';
import { trailingZeros } from '../../../support/bits.js';
import type { AdderOperation, ProblemInput } from './problem.js';

/** One summand of a result: ± value × 2^shift. */
export interface Summand {
  readonly value: number;
  readonly shift: number;
  readonly negative: boolean;
}

/**
 * The values of an adder graph under construction, with what the search weighs: ranges as doubles, which only steer
 * choices and may be rounded.
 */
export class Terms {
  public readonly operations: AdderOperation[] = [];
  public readonly low: number[] = [];
  public readonly high: number[] = [];
  public readonly zeros: number[] = [];
  public readonly depth: number[] = [];
  private readonly constants = new Map<bigint, number>();

  private readonly inputs: number;

  public constructor(inputs: readonly ProblemInput[]) {
    this.inputs = inputs.length;
    for (const { range, depth } of inputs) this.append(bounded(range.low), bounded(range.high), 0, depth);
  }

  public constant(value: bigint): number {
    let known = this.constants.get(value);
    if (known === undefined) {
      this.operations.push({ kind: 'constant', value });
      known = this.append(bounded(value), bounded(value), trailingZeros(value), 0);
      this.constants.set(value, known);
    }
    return known;
  }

  /** What makes a value; undefined for an input. */
  public operationOf(value: number): AdderOperation | undefined {
    return this.operations[value - this.inputs];
  }

  /** left + right as a summand, its common shift and, where both are negative, its sign kept outside. */
  public combine(left: Summand, right: Summand): Summand {
    const shift = Math.min(left.shift, right.shift);
    const subtract = left.negative !== right.negative;
    const [first, second] = subtract && left.negative ? [right, left] : [left, right];
    const [leftShift, rightShift] = [first.shift - shift, second.shift - shift];
    this.operations.push({
      kind: subtract ? 'subtract' : 'add',
      left: first.value,
      leftShift,
      right: second.value,
      rightShift,
    });
    const value = this.append(
      this.scaled(this.low, first, leftShift) +
        (subtract ? -this.scaled(this.high, second, rightShift) : this.scaled(this.low, second, rightShift)),
      this.scaled(this.high, first, leftShift) +
        (subtract ? -this.scaled(this.low, second, rightShift) : this.scaled(this.high, second, rightShift)),
      Math.min(at(this.zeros, first.value) + leftShift, at(this.zeros, second.value) + rightShift),
      Math.max(at(this.depth, first.value), at(this.depth, second.value)) + 1,
    );
    return { value, shift, negative: left.negative && right.negative };
  }

  /** Position above the highest bit of what `combine` of the two would make. */
  public reachOf(left: Summand, right: Summand): number {
    const base = Math.min(left.shift, right.shift);
    const leftScale = 2 ** (left.shift - base);
    const rightScale = 2 ** (right.shift - base);
    const leftLow = at(this.low, left.value) * leftScale;
    const leftHigh = at(this.high, left.value) * leftScale;
    const rightLow = at(this.low, right.value) * rightScale;
    const rightHigh = at(this.high, right.value) * rightScale;
    const zeros = Math.min(
      at(this.zeros, left.value) + left.shift - base,
      at(this.zeros, right.value) + right.shift - base,
    );
    if (left.negative === right.negative) return base + width(leftLow + rightLow, leftHigh + rightHigh, zeros);
    return left.negative
      ? base + width(rightLow - leftHigh, rightHigh - leftLow, zeros)
      : base + width(leftLow - rightHigh, leftHigh - rightLow, zeros);
  }

  private scaled(bounds: readonly number[], summand: Summand, shift: number): number {
    return at(bounds, summand.value) * 2 ** shift;
  }

  private append(low: number, high: number, zeros: number, depth: number): number {
    this.low.push(bounded(low));
    this.high.push(bounded(high));
    this.zeros.push(zeros);
    this.depth.push(depth);
    return this.low.length - 1;
  }
}

/** Bits of a value from position 0 up to its sign. */
function width(low: number, high: number, zeros: number): number {
  const magnitude = Math.max(Math.abs(low), Math.abs(high + 2 ** zeros));
  return (magnitude < 1 ? 0 : Math.ceil(Math.log2(magnitude))) + (low < 0 ? 1 : 0);
}

/** A double that cannot overflow when it is added to its like; beyond it all widths count as equal. */
function bounded(value: bigint | number): number {
  return Math.max(-1e300, Math.min(1e300, Number(value)));
}
