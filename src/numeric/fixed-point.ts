import type { Interval } from './interval.js';
import type { Overflow, Rounding } from './rounding.js';
import { overflowNames, roundingNames } from './rounding.js';

declare const brand: unique symbol;

/**
 * A fixed-point type in the convention of the vendor's `ap_fixed`: `width` bits in all, `integer` of them (sign
 * included) left of the binary point; `integer` may be negative or larger than `width`. value = code × 2^(integer - width).
 */
export type FixedPointType = {
  readonly signed: boolean;
  readonly width: number;
  readonly integer: number;
} & { readonly [brand]: 'FixedPointType' };

export interface Quantizer {
  readonly type: FixedPointType;
  readonly rounding: Rounding;
  readonly overflow: Overflow;
}

/** The widest word we accept: beyond it a declaration is a mistake rather than a design. */
export const MAXIMUM_WIDTH = 4096;
const MAXIMUM_EXPONENT = 16384;

/** Throws RangeError on a width outside 1..4096 or an exponent that no float format reaches. */
export function fixedPointType(signed: boolean, width: number, integer: number): FixedPointType {
  if (!Number.isInteger(width) || width < 1 || width > MAXIMUM_WIDTH) {
    throw new RangeError(`a width of ${width} bits is not between 1 and ${MAXIMUM_WIDTH}`);
  }
  if (!Number.isInteger(integer) || Math.abs(integer) > MAXIMUM_EXPONENT) {
    throw new RangeError(`${integer} integer bits are not between ±${MAXIMUM_EXPONENT}`);
  }
  // The brand exists in the type system only: this is the one place that makes such a value.
  return Object.freeze({ signed, width, integer }) as FixedPointType;
}

/** Exponent of the least significant bit: code × 2^lsbExponent is the value. */
export function lsbExponent(type: FixedPointType): number {
  return type.integer - type.width;
}

/** The codes that the type can hold. */
export function codeRange(type: FixedPointType): Interval {
  return type.signed
    ? { low: -(1n << BigInt(type.width - 1)), high: (1n << BigInt(type.width - 1)) - 1n }
    : { low: 0n, high: (1n << BigInt(type.width)) - 1n };
}

export function sameType(left: FixedPointType, right: FixedPointType): boolean {
  return left.signed === right.signed && left.width === right.width && left.integer === right.integer;
}

export function sameQuantizer(left: Quantizer, right: Quantizer): boolean {
  return sameType(left.type, right.type) && left.rounding === right.rounding && left.overflow === right.overflow;
}

/** `ap_fixed<16,6>` or `ap_ufixed<16,6>`. */
export function printType(type: FixedPointType): string {
  return `ap_${type.signed ? '' : 'u'}fixed<${type.width},${type.integer}>`;
}

/** `ap_fixed<16,6,AP_RND_CONV,AP_SAT>`: always with both modes, so that nothing depends on a default. */
export function printQuantizer(quantizer: Quantizer): string {
  return `${printType(quantizer.type).slice(0, -1)},AP_${quantizer.rounding},AP_${quantizer.overflow}>`;
}

/**
 * Parse `ap_fixed<W,I[,Q[,O]]>`, `ap_ufixed<…>`, `ap_int<W>` or `ap_uint<W>`. The modes default to AP_TRN and AP_WRAP
 * as in the vendor's headers (UG1399, "Arbitrary precision fixed-point data types").
 * Throws RangeError with a sentence for the user.
 */
export function parseQuantizer(text: string): Quantizer {
  const match = /^\s*(?:ap_)?(u)?(fixed|int)\s*<\s*([^<>]*?)\s*>\s*$/u.exec(text);
  if (match === null) throw new RangeError(`'${text}' is not of the form ap_fixed<W,I,Q,O>`);
  const [, unsigned, family, inner] = match;
  const parameters = (inner ?? '').split(',').map((parameter) => parameter.trim());
  const signed = unsigned === undefined;
  const width = integerOf(parameters[0], text);
  if (family === 'int') {
    if (parameters.length !== 1) throw new RangeError(`'${text}': an integer type takes its width only`);
    return { type: fixedPointType(signed, width, width), rounding: 'TRN', overflow: 'WRAP' };
  }
  if (parameters.length < 2) throw new RangeError(`'${text}' lacks the number of integer bits`);
  if (parameters.length > 4) {
    throw new RangeError(`'${text}': a number of saturation bits is not supported; leave the fifth parameter out`);
  }
  return {
    type: fixedPointType(signed, width, integerOf(parameters[1], text)),
    rounding: modeOf(parameters[2] ?? 'AP_TRN', roundingNames, 'rounding', text),
    overflow: modeOf(parameters[3] ?? 'AP_WRAP', overflowNames, 'overflow', text),
  };
}

function integerOf(parameter: string | undefined, text: string): number {
  if (parameter === undefined || !/^[+-]?\d{1,6}$/u.test(parameter)) {
    throw new RangeError(`'${text}': '${parameter ?? ''}' is not a whole number of bits`);
  }
  return Number(parameter);
}

function modeOf<T extends string>(parameter: string, names: readonly T[], what: string, text: string): T {
  const bare = parameter.replace(/^(?:AP|SC)_/u, '');
  if (bare === 'WRAP_SM') throw new RangeError(`'${text}': AP_WRAP_SM (sign-magnitude wrapping) is not supported`);
  const found = names.find((name) => name === bare);
  if (found === undefined) {
    throw new RangeError(
      `'${text}': '${parameter}' is not one of the ${what} modes (${names.map((n) => `AP_${n}`).join(', ')})`,
    );
  }
  return found;
}
