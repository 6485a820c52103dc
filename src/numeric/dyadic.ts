import { bitLength, shiftBy, trailingZeros } from '../support/bits.js';
import { roundShift } from './rounding.js';

/** An exact binary fraction: code × 2^lsb. Every finite float is one. */
export interface Dyadic {
  readonly code: bigint;
  readonly lsb: number;
}

const scratch = new DataView(new ArrayBuffer(8));

/** Exact value of a finite double, with an odd code (or zero). Throws RangeError on NaN and infinity. */
export function dyadicFromNumber(value: number): Dyadic {
  if (!Number.isFinite(value)) throw new RangeError(`${value} has no exact value`);
  if (value === 0) return { code: 0n, lsb: 0 };
  scratch.setFloat64(0, value);
  const bits = scratch.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = biased === 0 ? fraction : fraction | 0x10000000000000n;
  const lsb = Math.max(biased, 1) - 1075;
  const zeros = trailingZeros(magnitude);
  const code = magnitude >> BigInt(zeros);
  return { code: value < 0 ? -code : code, lsb: lsb + zeros };
}

/** Nearest double, ties to even, for any exact value; infinite beyond the largest. */
export function dyadicToNumber({ code, lsb }: Dyadic): number {
  // Keep 53 bits, or what is left above the last place of a subnormal number: then every step below is exact.
  const dropped = Math.max(0, bitLength(code) - 53, -1074 - lsb);
  let value = Number(roundShift(code, dropped, 'RND_CONV'));
  let exponent = value === 0 ? 0 : lsb + dropped;
  while (exponent > 1000 && Number.isFinite(value)) {
    value *= 2 ** 1000;
    exponent -= 1000;
  }
  return exponent > 1000 ? value : value * 2 ** exponent;
}

/** The codes of `values` on their common, coarsest exact LSB; all zero gives LSB 0. */
export function commonDyadic(values: readonly Dyadic[]): { readonly lsb: number; readonly codes: readonly bigint[] } {
  let lsb = Number.POSITIVE_INFINITY;
  for (const value of values) if (value.code !== 0n) lsb = Math.min(lsb, value.lsb + trailingZeros(value.code));
  if (!Number.isFinite(lsb)) lsb = 0;
  return { lsb, codes: values.map((value) => (value.code === 0n ? 0n : shiftBy(value.code, value.lsb - lsb))) };
}

/** Exact decimal text of code × 2^lsb: `-0.1875`, `42`. */
export function printDyadic({ code, lsb }: Dyadic): string {
  if (lsb >= 0) return (code << BigInt(lsb)).toString();
  const zeros = Math.min(trailingZeros(code), -lsb);
  const digits = -lsb - (code === 0n ? -lsb : zeros);
  const odd = code === 0n ? 0n : code >> BigInt(zeros);
  if (digits === 0) return odd.toString();
  // odd / 2^digits = odd × 5^digits / 10^digits
  const scaled = (odd < 0n ? -odd : odd) * 5n ** BigInt(digits);
  const text = scaled.toString().padStart(digits + 1, '0');
  return `${odd < 0n ? '-' : ''}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/**
 * Exact binary value of a decimal such as `-0.1875`, `1e-3`. Undefined when the decimal has no finite binary form;
 * throws RangeError when the text is not a decimal number at all.
 */
export function parseDecimal(text: string): Dyadic | undefined {
  const match = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?\s*$/u.exec(text);
  if (match === null || (match[2] ?? '') + (match[3] ?? '') === '') throw new RangeError(`'${text}' is not a number`);
  const [, sign, whole = '', fraction = '', exponentText] = match;
  let code = BigInt(whole + fraction);
  const ten = Number(exponentText ?? '0') - fraction.length;
  if (ten >= 0) return { code: (sign === '-' ? -code : code) * 10n ** BigInt(ten), lsb: 0 };
  const fives = 5n ** BigInt(-ten);
  if (code % fives !== 0n) return undefined;
  code /= fives;
  return { code: sign === '-' ? -code : code, lsb: ten };
}
