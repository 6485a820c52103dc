import type { Dyadic } from '../numeric/dyadic.js';
import { dyadicFromNumber, printDyadic } from '../numeric/dyadic.js';
import { codeRange, lsbExponent, printType } from '../numeric/fixed-point.js';
import { roundShift, applyOverflow } from '../numeric/rounding.js';
import { dataCodes } from '../diagnostics/codes/data.js';
import type { DiagnosticKind } from '../diagnostics/diagnostic.js';
import { printable } from '../diagnostics/diagnostic.js';
import type { EventPort, InputPolicy } from './event-port.js';

/** numerator × 2^twos / 10^tens: covers decimals and doubles without loss. */
export interface ExactValue {
  readonly numerator: bigint;
  readonly twos: number;
  readonly tens: number;
}

export type Placed = { readonly code: bigint } | { readonly kind: DiagnosticKind; readonly message: string };

/** Longest field of a CSV file: an exact decimal of the widest type with the smallest LSB fits. */
export const MAXIMUM_FIELD = 24_000;

/** Read one field of text. */
export function parseField(text: string): ExactValue | { readonly kind: DiagnosticKind; readonly message: string } {
  const shown = `'${printable(text.length > 40 ? `${text.slice(0, 40)}…` : text)}'`;
  const bare = text
    .trim()
    .replace(/^"(.*)"$/u, '$1')
    .trim();
  if (/^[+-]?(?:nan|inf|infinity)$/iu.test(bare))
    return { kind: dataCodes.notFinite, message: `${shown} is not finite` };
  if (/^0x[\da-f]+$/iu.test(bare) && bare.length <= MAXIMUM_FIELD) {
    return { numerator: BigInt(bare), twos: 0, tens: 0 };
  }
  const match = bare.length > MAXIMUM_FIELD ? null : /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/u.exec(bare);
  const [, sign, whole = '', fraction = '', exponent = '0'] = match ?? [];
  if (match === null || whole + fraction === '') {
    return { kind: dataCodes.notNumber, message: bare === '' ? 'the field is empty' : `${shown} is not a number` };
  }
  const magnitude = BigInt(whole + fraction);
  const tens = fraction.length - Number(exponent);
  const numerator = sign === '-' ? -magnitude : magnitude;
  return tens >= 0 ? { numerator, twos: 0, tens } : { numerator: numerator * 10n ** BigInt(-tens), twos: 0, tens: 0 };
}

/** A finite double. */
export function exactFromNumber(value: number): ExactValue {
  const { code, lsb } = dyadicFromNumber(value);
  return { numerator: code, twos: lsb, tens: 0 };
}

/** An integer code of the port, as a value of its own. */
export function placeCode(code: bigint, port: EventPort): Placed {
  const range = codeRange(port.type);
  if (code < range.low || code > range.high) {
    return {
      kind: dataCodes.outOfRange,
      message: `code ${shownInteger(code)} is outside ${shownInteger(range.low)}…${shownInteger(range.high)}, the codes of ${printType(port.type)}`,
    };
  }
  return checkPromise(code, port);
}

/** Bring a value into the type of its port, or say why it does not fit. */
export function placeValue(value: ExactValue, port: EventPort, policy: InputPolicy, shown: string): Placed {
  const lsb = lsbExponent(port.type);
  // In units of half an LSB, with the floor, and a sticky bit below for what is cut off: every rounding mode decides
  // at whole and half LSBs only, so the sticky bit stands for any remainder.
  const shift = value.twos - lsb + 1;
  const divisor = 10n ** BigInt(value.tens) * (shift < 0 ? 1n << BigInt(-shift) : 1n);
  const dividend = shift < 0 ? value.numerator : value.numerator << BigInt(shift);
  let halves = dividend / divisor;
  const remainder = dividend - halves * divisor;
  if (remainder < 0n) halves -= 1n;
  const extended = (halves << 1n) | (remainder === 0n ? 0n : 1n);
  const exact = (extended & 3n) === 0n;
  const range = codeRange(port.type);
  if (policy === 'quantise') {
    return checkPromise(applyOverflow(roundShift(extended, 2, port.rounding), port.type, port.overflow), port);
  }
  const floor = extended >> 2n;
  if (floor < range.low || floor > range.high || (floor === range.high && !exact)) {
    return {
      kind: dataCodes.outOfRange,
      message: `${shown} is outside ${shownValue(range.low, lsb)}…${shownValue(range.high, lsb)}, the range of ${printType(port.type)}`,
    };
  }
  if (!exact) {
    return {
      kind: dataCodes.notRepresentable,
      message: `${shown} is not a multiple of ${shownStep(lsb)}, the step of ${printType(port.type)}`,
    };
  }
  return checkPromise(floor, port);
}

function checkPromise(code: bigint, port: EventPort): Placed {
  const { promised } = port;
  if (promised === undefined || (code >= promised.low && code <= promised.high)) return { code };
  const lsb = lsbExponent(port.type);
  const [low, high] = [shownValue(promised.low, lsb), shownValue(promised.high, lsb)];
  const promise = low === high ? `the constant ${low}` : `${low}…${high}`;
  return { kind: dataCodes.promiseBroken, message: `${shownValue(code, lsb)} is not within the promised ${promise}` };
}

function shownInteger(value: bigint): string {
  const text = value.toString();
  return text.length <= 40 ? text : `${text.slice(0, 20)}… (${text.length} digits)`;
}

/** 2^lsb, as a decimal where that is short. */
function shownStep(lsb: number): string {
  return lsb >= 0 || lsb < -20 ? `2^${lsb}` : shownValue(1n, lsb);
}

function shownValue(code: bigint, lsb: number): string {
  const value: Dyadic = { code, lsb };
  const text = printDyadic(value);
  return text.length <= 40 ? text : `${shownInteger(code)} × 2^${lsb}`;
}
