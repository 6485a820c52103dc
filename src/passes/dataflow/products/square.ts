import type { KernelBuilder } from '../../../dataflow/builder.js';
import type { NodeId } from '../../../dataflow/kinds.js';
import type { Interval } from '../../../numeric/interval.js';
import { squareInterval } from '../../../numeric/interval.js';
import { at } from '../../../support/invariant.js';
import { addWithCarry, digitAt, digitCount, digitValue } from './digits.js';

/** Digits squared by table: six bits are the operand of one look-up table. */
const tableDigits = 3;

/**
 * operand × operand as a table of its low bits and one row of additions for each further digit.
 *
 * With X the number that the digits below k make and d digit k,
 *     (X + d 4^k)² = X² + 2^(2k+1) (d X + d² 2^(2k-1)).
 * The bracket is never negative. Let H = 2^(2k-1) and X = L - b H, b the highest bit of X, which is the lowest of the
 * three bits that choose d; the bracket is then
 *     d = 0: 0      d = 1, b = 0: L + H     d = 1, b = 1: L     d = 2, b = 1: 2L + 2H
 *     d = -1, b = 0: H - L     d = -1, b = 1: 2H - L     d = -2, b = 0: 4H - 2L
 * and where d < 0, -L and -2L are the complements of L and 2L plus one. So each bit of a row depends on three bits that
 * choose and two bits of L: with the accumulated bit six, one look-up table of the carry chain. A square of 2m bits
 * takes about m² of them.
 *
 * Intervals cannot see that the row and the sum below it belong together; `prove` is told what is known.
 */
export function expandSquare(
  builder: KernelBuilder,
  operand: NodeId,
  prove: (id: NodeId, range: Interval) => void,
): NodeId {
  const exact = squareInterval(builder.rangeOf(operand));
  const digits = digitCount(builder, operand);
  if (digits <= tableDigits) {
    const { low, high } = builder.rangeOf(operand);
    const values: bigint[] = [];
    for (let value = low; value <= high; value++) values.push(value * value);
    return builder.table(operand, low, values);
  }
  let sum = lowSquare(builder, builder.wrap(operand, 2 * tableDigits, true));
  for (let k = tableDigits; k < digits; k++) {
    const place = 2 * k + 1;
    const half = 1n << BigInt(2 * k - 1);
    const accumulated = builder.floorShiftRight(sum, place);
    const low = builder.slice(operand, 0, 2 * k - 1);
    const digit = digitAt(builder, operand, k);
    const zero = builder.constant(0n);
    const multiple = builder.select(digit.two, builder.shiftLeft(low, 1), builder.select(digit.one, low, zero));
    const row = builder.xor(
      multiple,
      digit.table((bits) => rowPattern(bits, half)),
    );
    const upper = addWithCarry(builder, accumulated, row, digit.negative);
    sum = builder.concat(upper, builder.slice(sum, 0, place), place);
    // The square of the lowest 2k+2 bits, which reach from -2^(2k+1).
    const reached = 1n << BigInt(4 * k + 2);
    const high = reached < exact.high || k < digits - 1 ? reached : exact.high;
    prove(sum, { low: k < digits - 1 ? 0n : exact.low, high });
    prove(upper, { low: 0n, high: high >> BigInt(place) });
  }
  return sum;
}

/** Square of six bits of two's complement. */
function lowSquare(builder: KernelBuilder, low: NodeId): NodeId {
  const half = 1n << BigInt(2 * tableDigits - 1);
  const values = Array.from({ length: Number(2n * half) }, (_, index) => (BigInt(index) - half) ** 2n);
  return builder.table(low, -half, values);
}

/** What the row holds besides the multiple of L, whose bits it inverts where d < 0. By the three bits that choose d. */
function rowPattern(bits: number, half: bigint): bigint {
  const highest = (bits & 1) === 1;
  switch (digitValue(bits)) {
    case 1:
      return highest ? 0n : half;
    case 2:
      return 2n * half;
    case -1:
      return highest ? 2n * half - 1n : half - 1n;
    case -2:
      return 4n * half - 1n;
    default:
      return 0n;
  }
}

/** Exposed to the tests: the bracket of the formula above as the row gives it, carry included. */
export function bracket(bits: number, low: bigint, half: bigint): bigint {
  const digit = digitValue(bits);
  const multiple = at([0n, low, 2n * low], Math.abs(digit));
  return (multiple ^ rowPattern(bits, half)) + (digit < 0 ? 1n : 0n);
}
