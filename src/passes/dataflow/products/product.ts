import type { KernelBuilder } from '../../../dataflow/builder.js';
import type { NodeId } from '../../../dataflow/kinds.js';
import type { Interval } from '../../../numeric/interval.js';
import { contains, intersect, intervalWidth, multiplyIntervals } from '../../../numeric/interval.js';
import { invariant } from '../../../support/invariant.js';
import { addWithCarry, digitAt, digitCount } from './digits.js';

/**
 * left × right as one row of additions for each digit of radix four of one of them: a row's bit depends on the three
 * bits that choose the digit and on two bits of the other operand, and with the accumulated bit on six, one look-up
 * table of the carry chain (Booth 1951; on such tables Walters 2016). The digits are those of the operand that makes
 * fewer bits of rows.
 */
export function expandProduct(
  builder: KernelBuilder,
  left: NodeId,
  right: NodeId,
  prove: (id: NodeId, range: Interval) => void,
): NodeId {
  const rowBits = (digits: NodeId, other: NodeId): number =>
    digitCount(builder, digits) * (intervalWidth(builder.rangeOf(other)) + 1);
  const [multiplier, multiplicand] = rowBits(left, right) <= rowBits(right, left) ? [left, right] : [right, left];
  const truth = { low: 0n, high: 1n };
  const zero = builder.constant(0n);
  for (const [bit, other] of [[left, right] as const, [right, left] as const]) {
    if (contains(truth, builder.rangeOf(bit))) return builder.select(bit, other, zero);
  }
  const digits = digitCount(builder, multiplier);
  const reach = builder.rangeOf(multiplier);
  let sum = zero;
  for (let k = 0; k < digits; k++) {
    const digit = digitAt(builder, multiplier, k);
    const twice = builder.shiftLeft(multiplicand, 1);
    const multiple = builder.select(digit.two, twice, builder.select(digit.one, multiplicand, zero));
    const row = builder.select(digit.negative, builder.not(multiple), multiple);
    const upper = addWithCarry(builder, builder.floorShiftRight(sum, 2 * k), row, digit.negative);
    sum = k === 0 ? upper : builder.concat(upper, builder.slice(sum, 0, 2 * k), 2 * k);
    // What the digits so far make, times the other operand.
    const half = 1n << BigInt(2 * k + 1);
    const low = { low: -half, high: half - 1n };
    const partial = k === digits - 1 ? intersect(low, reach) : low;
    invariant(partial !== undefined, 'the digits reach the operand');
    const range = multiplyIntervals(partial, builder.rangeOf(multiplicand));
    prove(sum, range);
    prove(upper, { low: range.low >> BigInt(2 * k), high: range.high >> BigInt(2 * k) });
  }
  return sum;
}
