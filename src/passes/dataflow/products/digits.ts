import type { KernelBuilder } from '../../../dataflow/builder.js';
import type { NodeId } from '../../../dataflow/kinds.js';
import { intervalWidth } from '../../../numeric/interval.js';

/**
 * Digits of radix four as MacSorley (1961) recodes them: digit k of a two's complement number is
 * x[2k] + x[2k-1] - 2 x[2k+1], in -2 … 2, with x[-1] = 0, and the number is the sum of digit k × 4^k. The lowest 2k bits,
 * read as two's complement, are the number that the digits below k make.
 */
export const digitCases = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/** Digits that a value takes: one more than its pairs of bits where its highest bit has no sign. */
export function digitCount(builder: KernelBuilder, operand: NodeId): number {
  const range = builder.rangeOf(operand);
  return Math.ceil((intervalWidth(range) + (range.low < 0n ? 0 : 1)) / 2);
}

/** Bits 2k+1, 2k and 2k-1 as a number of three bits, and what follows from it. */
export interface Digit {
  /** By the three bits: a constant for each, as one small table. */
  readonly table: (values: (bits: number) => bigint) => NodeId;
  /** 1 where the digit is 1 or -1. */
  readonly one: NodeId;
  /** 1 where the digit is 2 or -2. */
  readonly two: NodeId;
  /** 1 where the digit is below zero. */
  readonly negative: NodeId;
}

export function digitAt(builder: KernelBuilder, operand: NodeId, k: number): Digit {
  const bits = k === 0 ? builder.shiftLeft(builder.slice(operand, 0, 2), 1) : builder.slice(operand, 2 * k - 1, 3);
  const table = (values: (bits: number) => bigint): NodeId =>
    builder.table(
      bits,
      0n,
      digitCases.map((each) => values(each)),
    );
  return {
    table,
    one: table((each) => (isOne(each) ? 1n : 0n)),
    two: table((each) => (isTwo(each) ? 1n : 0n)),
    negative: table((each) => (digitValue(each) < 0 ? 1n : 0n)),
  };
}

export function digitValue(bits: number): number {
  return (bits & 1) + ((bits >> 1) & 1) - 2 * ((bits >> 2) & 1);
}

function isOne(bits: number): boolean {
  return Math.abs(digitValue(bits)) === 1;
}

function isTwo(bits: number): boolean {
  return Math.abs(digitValue(bits)) === 2;
}

/**
 * accumulator + row + carry as one addition: the carry stands below both operands, where its sum with itself moves it
 * into the chain and no look-up table is spent on it.
 */
export function addWithCarry(builder: KernelBuilder, accumulator: NodeId, row: NodeId, carry: NodeId): NodeId {
  const sum = builder.add(builder.concat(accumulator, carry, 1), builder.concat(row, carry, 1));
  return builder.floorShiftRight(sum, 1);
}
