import { bitLength } from '../../../support/bits.js';
import type { Interval } from '../../../numeric/interval.js';

/**
 * How codes are cut into steps, each with an address of its own.
 *
 * - `uniform`: 2^drop codes a step; the address is the code with its lowest bits dropped.
 * - `octaves`, for codes that are not negative: below 2^linearBits, 2^mantissaBits steps of one size, and as many in
 *   each octave from 2^k to 2^(k+1) above. The address is that of a floating-point number: octave, then mantissa.
 */
export type StepMap =
  | { readonly kind: 'uniform'; readonly drop: number }
  | { readonly kind: 'octaves'; readonly linearBits: number; readonly mantissaBits: number };

/** One step: the codes from `from` on, `size` of them. As numbers: places on a curve, not exact beyond 2^53. */
export interface Step {
  readonly from: number;
  readonly size: number;
}

export function addressOf(map: StepMap, code: bigint): bigint {
  if (map.kind === 'uniform') return code >> BigInt(map.drop);
  const { linearBits, mantissaBits } = map;
  const octave = Math.max(0, bitLength(code) - linearBits);
  // Within an octave the leading one is the first step's address already.
  const shift = linearBits - mantissaBits + Math.max(0, octave - 1);
  return (BigInt(Math.max(0, octave - 1)) << BigInt(mantissaBits)) + (code >> BigInt(shift));
}

export function stepAt(map: StepMap, address: bigint): Step {
  if (map.kind === 'uniform') return { from: Number(address << BigInt(map.drop)), size: 2 ** map.drop };
  const { linearBits, mantissaBits } = map;
  const steps = 1n << BigInt(mantissaBits);
  const linearSize = 2 ** (linearBits - mantissaBits);
  if (address < steps) return { from: Number(address) * linearSize, size: linearSize };
  const octave = Number(address / steps) - 1;
  const size = linearSize * 2 ** octave;
  return { from: Number(steps + (address % steps)) * size, size };
}

/** Addresses of the first and the last of some codes. */
export function addressesOf(map: StepMap, codes: Interval): Interval {
  return { low: addressOf(map, codes.low), high: addressOf(map, codes.high) };
}
