import type { CodeRange } from './matrix-problem.js';

/** Non-zero digits of the canonical signed-digit form of an integer below 2^28: those of 3m xor m, one place up. */
export function countSignedDigits(code: number): number {
  const magnitude = code < 0 ? -code : code;
  let bits = magnitude ^ (3 * magnitude);
  bits -= (bits >>> 1) & 0x55555555;
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** Most entries that `candidateCodes` writes. */
export const MOST_CANDIDATES = 20;

/**
 * Codes that may be the best for a weight whose ideal code is `ideal`, written to `into`; their number is returned.
 * For each number of signed digits it is the nearest code with so many: the sum of signed powers of two that come
 * nearest to what is left, one after the other.
 */
export function candidateCodes(ideal: number, { low, high }: CodeRange, into: Int32Array): number {
  const target = Math.min(Math.max(ideal, low), high);
  let count = 0;
  if (low <= 0 && high >= 0) into[count++] = 0;
  let code = 0;
  while (count < MOST_CANDIDATES - 2) {
    const left = target - code;
    const size = Math.abs(left);
    if (size <= 0.5) break;
    let power = size < 1 ? 1 : 2 ** (31 - Math.clz32(size));
    if (size >= 1.5 * power) power *= 2;
    let next = left < 0 ? code - power : code + power;
    // Beyond the end of the range the smaller power is what fits.
    if ((next < low || next > high) && power > 1) next = left < 0 ? code - power / 2 : code + power / 2;
    if (next < low || next > high) break;
    code = next;
    into[count++] = code;
  }
  const floor = Math.floor(target);
  if (floor >= low) into[count++] = floor;
  if (floor + 1 <= high) into[count++] = floor + 1;
  return count;
}
