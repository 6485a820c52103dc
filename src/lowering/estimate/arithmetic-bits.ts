import { at } from '../../support/invariant.js';
import { LUT_INPUTS } from '../../targets/delay-model.js';
import type { Bit, LogicNetwork } from './logic-network.js';
import { FALSE, inverse, isConstantBit, TRUE } from './logic-network.js';

/** Bits of a word, least significant first. */
export type Word = readonly Bit[];

/** Shorter chains are built from tables (techlibs/xilinx/arith_map.v of Yosys; vendor tools do the same). */
const SHORTEST_CHAIN = 3;

export function bitAt(word: Word, index: number): Bit {
  return word[index] ?? FALSE;
}

/** left + right, or left - right, in as many bits as `left` has; both have the same width. */
export function addWords(network: LogicNetwork, left: Word, right: Word, subtract: boolean): Word {
  const width = left.length;
  // The constant goes where the chain takes no table for it.
  if (!subtract && left.every(isConstantBit)) return right.every(isConstantBit) ? plain(left, right) : addConstant();
  function addConstant(): Word {
    return addWords(network, right, left, false);
  }
  const sums: Bit[] = [];
  // Below the lowest bit of one operand the other passes through. Above the last bit of what a difference is taken of,
  // Yosys does not look for more.
  const passing = subtract ? left.findLastIndex((bit) => bit !== FALSE) + 1 : width;
  for (let index = 0; index < passing; index++) {
    if (at(right, index) === FALSE) sums.push(at(left, index));
    else if (!subtract && at(left, index) === FALSE) sums.push(at(right, index));
    else break;
  }
  const from = sums.length;
  const addend = right.slice(from).map((bit) => (subtract ? inverse(bit) : bit));
  const base = left.slice(from);
  const carryIn = subtract ? TRUE : FALSE;
  if (addend.length < SHORTEST_CHAIN) {
    let carry = carryIn;
    base.forEach((bit, index) => {
      const other = at(addend, index);
      sums.push(network.parity(bit, other, carry));
      carry = network.majority(bit, other, carry);
    });
    return sums;
  }
  const propagate = base.map((bit, index) => network.xor(bit, at(addend, index)));
  for (const bit of network.carryChain(propagate, base).sums) sums.push(bit);
  return sums;
}

/** The sum of two constants. */
function plain(left: Word, right: Word): Word {
  const value = (word: Word): bigint => word.reduceRight((sum, bit) => (sum << 1n) | BigInt(bit), 0n);
  const sum = value(left) + value(right);
  return left.map((_, index) => ((sum >> BigInt(index)) & 1n ? TRUE : FALSE));
}

/**
 * The sum of columns of bits of equal weight, modulo 2^width: compressed three to two until an adder can finish, as
 * synthesis does with products.
 */
export function sumColumns(network: LogicNetwork, columns: Bit[][], width: number): Word {
  const rows: [Bit[], Bit[]] = [[], []];
  for (let index = 0; index < width; index++) {
    // A queue: bits that come late are added late.
    const column = columns[index] ?? [];
    let next = 0;
    while (column.length - next > 2) {
      const [a, b, c] = [at(column, next), at(column, next + 1), at(column, next + 2)];
      next += 3;
      column.push(network.parity(a, b, c));
      const carry = network.majority(a, b, c);
      if (carry !== FALSE && index + 1 < width) (columns[index + 1] ??= []).push(carry);
    }
    const rest = column.slice(next).filter((bit) => bit !== FALSE);
    rows[0].push(rest[0] ?? FALSE);
    rows[1].push(rest[1] ?? FALSE);
  }
  return addWords(network, ...rows, false);
}

/** left × right modulo 2^width. The top bit of a signed operand counts negative. */
export function multiplyWords(
  network: LogicNetwork,
  left: Word,
  right: Word,
  width: number,
  signed: { readonly left: boolean; readonly right: boolean },
): Word {
  const columns: Bit[][] = Array.from({ length: width }, () => []);
  let constant = 0n;
  left.forEach((a, i) => {
    right.forEach((b, j) => {
      if (i + j >= width) return;
      const product = network.and(a, b);
      const negative = (signed.left && i === left.length - 1) !== (signed.right && j === right.length - 1);
      if (product === FALSE) return;
      // -p = (1 - p) - 1
      at(columns, i + j).push(negative ? inverse(product) : product);
      if (negative) constant -= 1n << BigInt(i + j);
    });
  });
  for (let index = 0; index < width; index++) if ((constant >> BigInt(index)) & 1n) at(columns, index).push(TRUE);
  return sumColumns(network, columns, width);
}

/** 1 where all bits are. */
export function allBits(network: LogicNetwork, word: Word): Bit {
  return word.reduce((all, bit) => network.and(all, bit), TRUE);
}

export function anyBit(network: LogicNetwork, word: Word): Bit {
  return inverse(allBits(network, word.map(inverse)));
}

export function equalWords(network: LogicNetwork, left: Word, right: Word): Bit {
  return allBits(
    network,
    left.map((bit, index) => inverse(network.xor(bit, at(right, index)))),
  );
}

/**
 * left < right for words of one width: groups of bits from the top, as many as fit a table, decide or pass on to a
 * short carry chain (techlibs/common/cmp2lcu.v of Yosys).
 */
export function lessThanWords(network: LogicNetwork, left: Word, right: Word, signed: boolean): Bit {
  const propagate: Bit[] = [];
  const generate: Bit[] = [];
  const constant = left.every(isConstantBit) || right.every(isConstantBit);
  const group = constant ? LUT_INPUTS : LUT_INPUTS / 2;
  for (let top = left.length; top > 0; top -= group) {
    let [same, greater]: [Bit, Bit] = [TRUE, FALSE];
    for (let index = top - 1; index >= Math.max(0, top - group); index--) {
      const [a, b] = [at(left, index), at(right, index)];
      const sign = signed && index === left.length - 1;
      const wins = sign ? network.and(a, inverse(b)) : network.and(inverse(a), b);
      greater = network.or(greater, network.and(same, wins));
      same = network.and(same, inverse(network.xor(a, b)));
    }
    propagate.unshift(same);
    generate.unshift(greater);
  }
  // The position of the constant below the lowest group is one of the chain's.
  if (propagate.length + 1 < SHORTEST_CHAIN) {
    return propagate.reduce((less, same, index) => network.or(at(generate, index), network.and(same, less)), FALSE);
  }
  return network.carryChain(propagate, generate).carry;
}
