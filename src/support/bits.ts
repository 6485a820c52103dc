/** Number of bits of the magnitude: bitLength(0) = 0, bitLength(5) = 3. */
export function bitLength(magnitude: bigint): number {
  if (magnitude < 0n) magnitude = -magnitude;
  if (magnitude < 0x1_0000_0000n) return magnitude === 0n ? 0 : 32 - Math.clz32(Number(magnitude));
  // Hexadecimal length is linear in the size of the number; only the first digit needs a look.
  const text = magnitude.toString(16);
  return (text.length - 1) * 4 + (32 - Math.clz32(parseInt(text.charAt(0), 16)));
}

/** Number of zero bits below the lowest one bit; 0 for zero. */
export function trailingZeros(value: bigint): number {
  if (value === 0n) return 0;
  return bitLength(value & -value) - 1;
}

/** value × 2^amount for either sign of amount, rounding towards minus infinity. */
export function shiftBy(value: bigint, amount: number): bigint {
  return amount >= 0 ? value << BigInt(amount) : value >> BigInt(-amount);
}

/** The low `width` bits of the two's complement form, as an unsigned pattern. */
export function toPattern(value: bigint, width: number): bigint {
  return BigInt.asUintN(width, value);
}

/** The value that a `width`-bit pattern stands for. */
export function fromPattern(pattern: bigint, width: number, signed: boolean): bigint {
  return signed ? BigInt.asIntN(width, pattern) : BigInt.asUintN(width, pattern);
}
