import { LUT_INPUTS } from '../../targets/delay-model.js';
import type { Word } from './arithmetic-bits.js';
import { bitAt } from './arithmetic-bits.js';
import type { Bit, LogicNetwork } from './logic-network.js';
import { FALSE, inverse, TRUE } from './logic-network.js';

/**
 * A table of constants: the address picks one of the entries, listed from the address `first` up. Other addresses do not
 * occur. Each output bit is a tree of multiplexers over tables of six address bits; equal parts are one.
 */
export function tableBits(
  network: LogicNetwork,
  address: Word,
  first: bigint,
  values: readonly bigint[],
  width: number,
): Word {
  const entries = 2 ** address.length;
  const patterns = Array.from({ length: entries }, (): bigint | undefined => undefined);
  values.forEach((value, index) => {
    patterns[Number(BigInt.asUintN(address.length, first + BigInt(index)))] = value;
  });
  const fallback = values.at(-1) ?? 0n;
  const known = new Map<string, Bit>();
  return Array.from({ length: width }, (_, bit) => {
    const text = patterns.map((value) => (((value ?? fallback) >> BigInt(bit)) & 1n ? '1' : '0')).join('');
    return functionBit(network, address, text, known);
  });
}

/** The function of the low address bits whose truth table is written out, address 0 first. */
function functionBit(network: LogicNetwork, address: Word, truth: string, known: Map<string, Bit>): Bit {
  if (!truth.includes('1')) return FALSE;
  if (!truth.includes('0')) return TRUE;
  const found = known.get(truth);
  if (found !== undefined) return found;
  const inputs = Math.log2(truth.length);
  const half = truth.length / 2;
  const [low, high] = [truth.slice(0, half), truth.slice(half)];
  let result: Bit;
  if (low === high) result = functionBit(network, address, low, known);
  else if (inputs <= LUT_INPUTS) {
    const support = supportOf(address.slice(0, inputs), truth);
    const [wire = FALSE] = support;
    if (support.length > 1) result = network.table(support);
    else result = truth.startsWith('0') ? wire : inverse(wire);
  } else {
    const whenTrue = functionBit(network, address, high, known);
    result = network.choose(bitAt(address, inputs - 1), whenTrue, functionBit(network, address, low, known));
  }
  known.set(truth, result);
  return result;
}

/** The address bits that the function depends on. */
function supportOf(address: Word, truth: string): Word {
  return address.filter((_, bit) => {
    for (let index = 0; index < truth.length; index++) {
      if (truth.charAt(index) !== truth.charAt(index ^ (1 << bit))) return true;
    }
    return false;
  });
}
