/** Bit vectors as little-endian 32-bit limbs, the form in which engines exchange and hold them. */

const LIMB_BITS = 32;
const PAIR_MASK = (1n << 64n) - 1n;

/** The limbs needed for `width` bits. */
export function limbCount(width: number): number {
  return Math.ceil(width / LIMB_BITS);
}

/** Writes the low `count` limbs of a non-negative `value` to `memory[offset…]`. */
export function writeLimbs(memory: Int32Array, offset: number, count: number, value: bigint): void {
  let rest = value;
  for (let limb = 0; limb < count; limb += 2) {
    // Two limbs a step: the low half of a 64-bit piece splits into exact doubles.
    const pair = count - limb > 2 ? rest & PAIR_MASK : rest;
    memory[offset + limb] = Number(pair & 0xffffffffn);
    if (limb + 1 < count) memory[offset + limb + 1] = Number((pair >> 32n) & 0xffffffffn);
    if (count - limb > 2) rest >>= 64n;
  }
}

/** The non-negative value of the `count` limbs at `memory[offset…]`. */
export function readLimbs(memory: Int32Array, offset: number, count: number): bigint {
  if (count <= 2) {
    const low = (memory[offset] ?? 0) >>> 0;
    if (count === 1) return BigInt(low);
    const high = (memory[offset + 1] ?? 0) >>> 0;
    // Below 2^53 a double is exact and a single conversion is the fastest way to a bigint.
    return high < 0x200000 ? BigInt(high * 4294967296 + low) : (BigInt(high) << 32n) | BigInt(low);
  }
  // Parsing hexadecimal is linear in the length; repeated shifts would be quadratic.
  let digits = '0x';
  for (let limb = count - 1; limb >= 0; limb -= 1) {
    digits += ((memory[offset + limb] ?? 0) >>> 0).toString(16).padStart(8, '0');
  }
  return BigInt(digits);
}
