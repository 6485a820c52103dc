import { CONSTANT_ONE, CONSTANT_ZERO, lowMask, type NetTable, type Word } from './nets.js';

/** Gives the text that reads one limb of a word, as an int32 whose bits above the word's width are zero. */
export type LimbReader = (word: Word, limb: number) => string;

/**
 * JavaScript for the limbs of a bit vector assembled from slices of words.
 *
 * @param bits - net numbers, least significant first
 * @param count - limbs wanted; the vector is extended to 32 · `count` bits
 * @param signed - extend with the top bit rather than with zeros
 * @returns `count` int32 expressions, each safe to embed in any larger expression
 */
export function operandLimbs(
  nets: NetTable,
  read: LimbReader,
  bits: readonly number[],
  count: number,
  signed: boolean,
): string[] {
  const extension = signed ? (bits[bits.length - 1] ?? CONSTANT_ZERO) : CONSTANT_ZERO;
  return Array.from({ length: count }, (_, limb) => {
    const window: number[] = [];
    for (let bit = 32 * limb; bit < 32 * limb + 32; bit += 1) window.push(bits[bit] ?? extension);
    return assembleLimb(nets, read, window);
  });
}

/** The value of a vector of constants, or undefined if some bit is a net. */
export function constantValue(bits: readonly number[]): bigint | undefined {
  let value = 0n;
  for (const [offset, net] of bits.entries()) {
    if (net === CONSTANT_ONE) value |= 1n << BigInt(offset);
    else if (net !== CONSTANT_ZERO) return undefined;
  }
  return value;
}

/** One limb from its 32 nets: constants are merged, runs of neighbouring bits of one word become one shifted slice. */
function assembleLimb(nets: NetTable, read: LimbReader, window: readonly number[]): string {
  let constant = 0;
  const pieces: string[] = [];
  for (let start = 0; start < 32;) {
    const net = window[start] ?? CONSTANT_ZERO;
    if (net === CONSTANT_ZERO || net === CONSTANT_ONE) {
      if (net === CONSTANT_ONE) constant |= 1 << start;
      start += 1;
      continue;
    }
    const location = nets.locate(net);
    if (location === undefined) throw new Error(`net ${String(net)} has no driver`);
    const { word, offset } = location;
    const sourceLimb = offset >> 5;
    const sourceBit = offset & 31;
    let length = 1;
    while (start + length < 32 && sourceBit + length < 32) {
      const next = nets.locate(window[start + length] ?? CONSTANT_ZERO);
      if (next?.word !== word || next.offset !== offset + length) break;
      length += 1;
    }
    let repeats = 0;
    while (start + length + repeats < 32 && window[start + length + repeats] === window[start + length - 1]) {
      repeats += 1;
    }
    const source = read(word, sourceLimb);
    if (repeats > 0 && start + length + repeats === 32) {
      pieces.push(signedSlice(source, sourceBit, length, start));
      break;
    }
    pieces.push(unsignedSlice(source, sourceBit, length, start, word.width - 32 * sourceLimb));
    start += length;
    if (repeats > 0) {
      // A replicated bit in the middle: 0 or all ones, under a mask.
      const mask = lowMask(repeats) << start;
      const bit = sourceBit + length - 1;
      pieces.push(`(0-(${source}>>>${String(bit)}&1)&${String(mask)})`);
      start += repeats;
    }
  }
  if (constant !== 0 || pieces.length === 0) pieces.push(constant < 0 ? `(${String(constant)})` : String(constant));
  return pieces.length === 1 ? (pieces[0] ?? '0') : `(${pieces.join('|')})`;
}

/** `source[bit +: length]`, sign-extended to bit 31 and placed at bit `start`. */
function signedSlice(source: string, bit: number, length: number, start: number): string {
  const up = 32 - bit - length;
  let text = up === 0 ? source : `${source}<<${String(up)}`;
  text = `${text}>>${String(32 - length)}`;
  return start === 0 ? `(${text})` : `((${text})<<${String(start)})`;
}

/** `source[bit +: length]` placed at bit `start`; `available` is how many bits of the limb its word uses. */
function unsignedSlice(source: string, bit: number, length: number, start: number, available: number): string {
  // Bits above the slice vanish by themselves when the word ends there or the slice is pushed against bit 31.
  const endsWord = bit + length >= Math.min(32, available);
  const clipped = start + length === 32;
  const mask = lowMask(length);
  if (bit === start) {
    if (endsWord && bit === 0) return source;
    return `(${source}&${String(mask << start)})`;
  }
  const moved = bit === 0 ? source : `${source}>>>${String(bit)}`;
  const masked = endsWord || clipped ? moved : `${moved}&${String(mask)}`;
  if (start === 0) return `(${masked})`;
  return `((${masked})<<${String(start)})`;
}
