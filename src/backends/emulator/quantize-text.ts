import type { Interval } from '../../numeric/interval.js';
import type { Overflow, Rounding } from '../../numeric/rounding.js';
import { quantizedRange, roundShift } from '../../numeric/rounding.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { unreachable } from '../../support/invariant.js';
import type { Representation } from './representation.js';
import { BIGINT, DOUBLE, INT32, literal, magnitudeOf, representationOf } from './representation.js';

/** A piece of generated text and how its value is held. */
export interface Expression {
  readonly text: string;
  readonly representation: Representation;
  readonly range: Interval;
}

/** The same value held otherwise; narrowing is for values known to fit. */
export function convert(expression: Expression, to: Representation): Expression {
  const { text, representation: from, range } = expression;
  if (from === to || (from === INT32 && to === DOUBLE)) return { text, representation: to, range };
  if (to === BIGINT) return { text: `BigInt(${text})`, representation: to, range };
  const number = from === BIGINT ? `Number(${text})` : text;
  return { text: to === INT32 ? `(${number} | 0)` : number, representation: to, range };
}

/**
 * operand × 2^-shift, rounded. The operand's text is repeated: it must be a name or a literal.
 * Every formula stays exact within the representation chosen for |operand| + 2^shift.
 */
export function roundText(operand: Expression, shift: number, rounding: Rounding): Expression {
  const { range } = operand;
  const rounded = {
    low: roundShift(range.low, shift, rounding),
    high: roundShift(range.high, shift, rounding),
  };
  const result = representationOf(rounded);
  if (shift === 0) return operand;
  if (shift < 0) return convert({ ...shiftLeftText(operand, -shift, result), range: rounded }, result);
  const step = rounding === 'TRN' ? 0n : 1n << BigInt(shift);
  const room = representationOf({ low: range.low - step, high: range.high + step });
  const representation = room > operand.representation ? room : operand.representation;
  const { text } = convert(operand, representation);
  const make = representation === INT32 ? roundInt32 : representation === DOUBLE ? roundDouble : roundBigint;
  return convert({ text: make(text, shift, rounding, rounded), representation, range: rounded }, result);
}

function shiftLeftText(operand: Expression, amount: number, result: Representation): Expression {
  const { text, representation } = convert(operand, result > operand.representation ? result : operand.representation);
  if (representation === INT32) return { ...operand, text: `(${text} << ${amount})`, representation };
  const factor = literal(1n << BigInt(amount), representation);
  return { ...operand, text: `(${text} * ${factor})`, representation };
}

function roundInt32(x: string, shift: number, rounding: Rounding): string {
  // Beyond 31 the hardware would take the amount modulo 32; only TRN comes here with so much.
  const s = Math.min(shift, 31);
  const half = 2 ** (s - 1);
  const mask = 2 ** s - 1;
  switch (rounding) {
    case 'TRN':
      return `(${x} >> ${s})`;
    case 'CEIL':
      return `(${x} + ${mask} >> ${s})`;
    case 'TRN_ZERO':
      return `(${x} + (${x} >> 31 & ${mask}) >> ${s})`;
    case 'AWAY':
      return `(${x} + (~(${x} >> 31) & ${mask}) >> ${s})`;
    case 'RND':
      return `(${x} + ${half} >> ${s})`;
    case 'RND_MIN_INF':
      return `(${x} + ${half - 1} >> ${s})`;
    case 'RND_ZERO':
      return `(${x} + ${half - 1} + (${x} >>> 31) >> ${s})`;
    case 'RND_INF':
      return `(${x} + ${half} + (${x} >> 31) >> ${s})`;
    case 'RND_CONV':
      return `(${x} + ${half - 1} + (${x} >> ${s} & 1) >> ${s})`;
    default:
      return unreachable(rounding);
  }
}

/** Adding this to a double below 2^51 and taking it away again rounds it to an integer, ties to even. */
const TO_INTEGER = 1.5 * 2 ** 52;

function roundDouble(x: string, shift: number, rounding: Rounding, rounded: Interval): string {
  // From 53 on only TRN comes here, whose result (0 or -1) no longer depends on the amount; 2^-shift must not underflow.
  const scaled = `${x} * ${2 ** -Math.min(shift, 60)}`;
  switch (rounding) {
    case 'TRN':
      return `Math.floor(${scaled})`;
    case 'CEIL':
      return `Math.ceil(${scaled})`;
    case 'TRN_ZERO':
      return `Math.trunc(${scaled})`;
    case 'AWAY':
      return `(${x} < 0 ? Math.floor(${scaled}) : Math.ceil(${scaled}))`;
    case 'RND':
      return `Math.floor(${scaled} + 0.5)`;
    case 'RND_MIN_INF':
      return `Math.ceil(${scaled} - 0.5)`;
    case 'RND_ZERO':
      return `(${x} < 0 ? Math.floor(${scaled} + 0.5) : Math.ceil(${scaled} - 0.5))`;
    case 'RND_INF':
      return `(${x} < 0 ? Math.ceil(${scaled} - 0.5) : Math.floor(${scaled} + 0.5))`;
    case 'RND_CONV':
      return magnitudeOf(rounded) < 1n << 51n
        ? `(${scaled} + ${TO_INTEGER} - ${TO_INTEGER})`
        : `Number(${roundBigint(`BigInt(${x})`, shift, rounding)})`;
    default:
      return unreachable(rounding);
  }
}

function roundBigint(x: string, shift: number, rounding: Rounding): string {
  const s = `${shift}n`;
  const half = `${1n << BigInt(shift - 1)}n`;
  const below = `${(1n << BigInt(shift - 1)) - 1n}n`;
  const mask = `${(1n << BigInt(shift)) - 1n}n`;
  switch (rounding) {
    case 'TRN':
      return `(${x} >> ${s})`;
    case 'CEIL':
      return `(${x} + ${mask} >> ${s})`;
    case 'TRN_ZERO':
      return `(${x} + (${x} < 0n ? ${mask} : 0n) >> ${s})`;
    case 'AWAY':
      return `(${x} + (${x} < 0n ? 0n : ${mask}) >> ${s})`;
    case 'RND':
      return `(${x} + ${half} >> ${s})`;
    case 'RND_MIN_INF':
      return `(${x} + ${below} >> ${s})`;
    case 'RND_ZERO':
      return `(${x} + (${x} < 0n ? ${half} : ${below}) >> ${s})`;
    case 'RND_INF':
      return `(${x} + (${x} < 0n ? ${below} : ${half}) >> ${s})`;
    case 'RND_CONV':
      return `(${x} + ${below} + (${x} >> ${s} & 1n) >> ${s})`;
    default:
      return unreachable(rounding);
  }
}

/** Bring a code into its type. The operand's text is repeated: it must be a name or a literal. */
export function overflowText(operand: Expression, type: FixedPointType, overflow: Overflow): Expression {
  const { text: x, representation, range } = operand;
  const codes = quantizedRange(type, overflow);
  const [below, above] = [range.low < codes.low, range.high > codes.high];
  if (!below && !above) return operand;
  if (overflow === 'WRAP' || overflow === 'MODULO') return wrapText(operand, type);
  const low = overflow === 'SAT_ZERO' ? 0n : codes.low;
  const high = overflow === 'SAT_ZERO' ? 0n : codes.high;
  let text = x;
  if (above) text = `(${x} > ${literal(codes.high, representation)} ? ${literal(high, representation)} : ${text})`;
  if (below) text = `(${x} < ${literal(codes.low, representation)} ? ${literal(low, representation)} : ${text})`;
  return { text, representation, range: codes };
}

function wrapText({ text: x, representation, range }: Expression, type: FixedPointType): Expression {
  const { width, signed } = type;
  const codes = quantizedRange(type, 'WRAP');
  const result = representationOf(codes);
  const wrapped = (text: string): Expression => ({ text, representation: result, range: codes });
  if (representation === BIGINT) {
    const text = `BigInt.as${signed ? 'Int' : 'Uint'}N(${width}, ${x})`;
    return convert({ text, representation, range: codes }, result);
  }
  // The bit operators take a double modulo 2^32, exactly.
  const spare = 32 - width;
  if (width <= 31) return wrapped(signed ? `(${x} << ${spare} >> ${spare})` : `(${x} & ${2 ** width - 1})`);
  if (width === 32) return wrapped(signed ? `(${x} | 0)` : `(${x} >>> 0)`);
  const period = 1n << BigInt(width);
  if (magnitudeOf(range) + period >= 1n << 53n) {
    const text = `BigInt.as${signed ? 'Int' : 'Uint'}N(${width}, BigInt(${x}))`;
    return convert({ text, representation: BIGINT, range: codes }, result);
  }
  const offset = signed ? ` + ${period >> 1n}` : '';
  return wrapped(`(${x} - Math.floor((${x}${offset}) * ${2 ** -width}) * ${period})`);
}
