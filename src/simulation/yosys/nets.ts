import { limbCount } from '../limbs.js';
import type { NetlistBit } from './netlist.js';

/**
 * Nets as bits of words. A word is what one driver produces: an input port, a cell's output, the state of a
 * flip-flop. Net numbers 0 and 1 are the constants (Yosys' own numbers start at 2).
 */
export interface Word {
  readonly index: number;
  readonly width: number;
  readonly limbs: number;
  /** First limb in the simulation memory. */
  readonly base: number;
}

export const CONSTANT_ZERO = 0;
export const CONSTANT_ONE = 1;

/** The word and bit that carry a net. */
export interface NetLocation {
  readonly word: Word;
  readonly offset: number;
}

/** Where a limb of simulation memory starts out unknown. */
export interface UnknownBits {
  readonly address: number;
  readonly mask: number;
}

/** Allocates simulation memory and records which word drives which net. */
export class NetTable {
  readonly words: Word[] = [];
  /** Bits whose power-up value is unknown. */
  readonly unknownState: UnknownBits[] = [];
  /** Bits that stay unknown: x constants, undriven nets. */
  readonly unknownSources: UnknownBits[] = [];
  /** Known non-zero contents at power-up. */
  readonly preset: { readonly address: number; readonly value: number }[] = [];
  private readonly wordOfNet: (Word | undefined)[] = [];
  private readonly offsetOfNet: number[] = [];
  private nextNet: number;
  private size = 0;

  /** `firstFreeNet` is above every net number of the netlist. */
  constructor(firstFreeNet: number) {
    this.nextNet = firstFreeNet;
  }

  /** Limbs of memory allocated so far. */
  get memorySize(): number {
    return this.size;
  }

  allocate(limbs: number): number {
    const base = this.size;
    this.size += limbs;
    return base;
  }

  addWord(width: number): Word {
    return this.addWordAt(width, this.allocate(limbCount(width)));
  }

  addWordAt(width: number, base: number): Word {
    const word = { index: this.words.length, width, limbs: limbCount(width), base };
    this.words.push(word);
    return word;
  }

  /** Makes `word` the driver of `bits`. Returns the first net that has another driver already, or undefined. */
  drive(word: Word, bits: readonly NetlistBit[]): NetlistBit | undefined {
    for (const [offset, bit] of bits.entries()) {
      if (typeof bit !== 'number') return bit;
      if (this.wordOfNet[bit] !== undefined) return bit;
      this.wordOfNet[bit] = word;
      this.offsetOfNet[bit] = offset;
    }
    return undefined;
  }

  /** New nets for the bits of a word that has no number in the netlist. */
  nameBits(word: Word): readonly number[] {
    const nets: number[] = [];
    for (let offset = 0; offset < word.width; offset += 1) {
      this.wordOfNet[this.nextNet] = word;
      this.offsetOfNet[this.nextNet] = offset;
      nets.push(this.nextNet);
      this.nextNet += 1;
    }
    return nets;
  }

  locate(net: number): NetLocation | undefined {
    const word = this.wordOfNet[net];
    return word === undefined ? undefined : { word, offset: this.offsetOfNet[net] ?? 0 };
  }

  /** A word of bits that are never known. */
  addUnknownWord(width: number): Word {
    const word = this.addWord(width);
    this.unknownSources.push(...bitsOfWord(word));
    return word;
  }
}

/** All bits of a word as masks over its limbs. */
export function bitsOfWord(word: Word): readonly UnknownBits[] {
  return Array.from({ length: word.limbs }, (_, limb) => ({
    address: word.base + limb,
    mask: limbMask(word.width, limb),
  }));
}

/** The bits of limb number `limb` that a vector of `width` bits uses, as an int32. */
export function limbMask(width: number, limb: number): number {
  return lowMask(Math.max(0, width - 32 * limb));
}

/** An int32 with the low `bits` bits set; all 32 for more. */
export function lowMask(bits: number): number {
  // A shift would be wrong at 31 and 32: (1 << 31) - 1 is not an int32.
  return bits >= 32 ? -1 : 2 ** bits - 1;
}
