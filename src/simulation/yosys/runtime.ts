/**
 * What generated code calls for operations that are not worth inlining: all work on little-endian 32-bit limbs in the
 * simulation memory.
 */
export interface Runtime {
  multiplyInto(memory: Int32Array, left: number, right: number, result: number, limbs: number): void;
  divideInto(memory: Int32Array, left: number, right: number, result: number, limbs: number, remainder: boolean): void;
  shiftInto(
    memory: Int32Array,
    operand: number,
    operandLimbs: number,
    fill: number,
    amount: number,
    result: number,
    resultLimbs: number,
  ): void;
  parity(value: number): number;
}

export const runtime: Runtime = { multiplyInto, divideInto, shiftInto, parity };

/** `result = left * right` modulo 2^(32 · limbs); all three have `limbs` limbs. `result` overlaps neither operand. */
function multiplyInto(memory: Int32Array, left: number, right: number, result: number, limbs: number): void {
  memory.fill(0, result, result + limbs);
  for (let i = 0; i < limbs; i += 1) {
    const a = memory[left + i] ?? 0;
    if (a === 0) continue;
    const low = a & 0xffff;
    const high = a >>> 16;
    let carry = 0;
    for (let j = 0; i + j < limbs; j += 1) {
      const b = (memory[right + j] ?? 0) >>> 0;
      // low · b and high · b are below 2^48, so every double here is exact; the sum of the three stays below 2^50.
      const lowProduct = low * b;
      const highProduct = high * b;
      const sum = ((memory[result + i + j] ?? 0) >>> 0) + carry + lowProduct + (highProduct % 65536) * 65536;
      memory[result + i + j] = sum | 0;
      carry = Math.floor(sum / 4294967296) + Math.floor(highProduct / 65536);
    }
  }
}

/** Signed truncating division (or its remainder) of `limbs`-limb two's complement numbers; the divisor is not zero. */
function divideInto(
  memory: Int32Array,
  left: number,
  right: number,
  result: number,
  limbs: number,
  remainder: boolean,
): void {
  const dividend = readSigned(memory, left, limbs);
  const divisor = readSigned(memory, right, limbs);
  const value = remainder ? dividend % divisor : dividend / divisor;
  for (let limb = 0; limb < limbs; limb += 1) {
    memory[result + limb] = Number(BigInt.asIntN(32, value >> BigInt(32 * limb)));
  }
}

function readSigned(memory: Int32Array, address: number, limbs: number): bigint {
  let value = 0n;
  for (let limb = limbs - 1; limb >= 0; limb -= 1) {
    const word = memory[address + limb] ?? 0;
    value = limb === limbs - 1 ? BigInt(word) : (value << 32n) | BigInt(word >>> 0);
  }
  return value;
}

/**
 * Bit i of `result` is bit i + `amount` of `operand`: `fill` (a limb) above the operand and 0 below it. A negative
 * amount shifts left.
 */
function shiftInto(
  memory: Int32Array,
  operand: number,
  operandLimbs: number,
  fill: number,
  amount: number,
  result: number,
  resultLimbs: number,
): void {
  const limbShift = Math.floor(amount / 32);
  const bitShift = amount - 32 * limbShift;
  for (let limb = 0; limb < resultLimbs; limb += 1) {
    const from = limb + limbShift;
    const low = from < 0 ? 0 : from < operandLimbs ? (memory[operand + from] ?? 0) : fill;
    if (bitShift === 0) {
      memory[result + limb] = low;
      continue;
    }
    const above = from + 1;
    const high = above < 0 ? 0 : above < operandLimbs ? (memory[operand + above] ?? 0) : fill;
    memory[result + limb] = (low >>> bitShift) | (high << (32 - bitShift));
  }
}

/** 1 when an odd number of bits is set. */
function parity(value: number): number {
  let folded = value ^ (value >>> 16);
  folded ^= folded >>> 8;
  folded ^= folded >>> 4;
  return (0x6996 >>> (folded & 15)) & 1;
}
