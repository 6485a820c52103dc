import { invariant } from '../support/invariant.js';
import { bitLength } from '../support/bits.js';

/** A named vector of bits. */
export interface RtlSignal {
  readonly name: string;
  readonly width: number;
  readonly signed: boolean;
}

/**
 * Expressions of the netlist. Each has a width and a sign of its own, and every operand of an arithmetic operation has
 * been resized to the width of the result: no language's rules for mixed widths are relied on here.
 */
export type RtlExpression = { readonly width: number; readonly signed: boolean } & (
  | { readonly kind: 'signal'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: bigint }
  /** Bits high … low of a signal; `signed` tells how the pattern is read. */
  | { readonly kind: 'bits'; readonly name: string; readonly high: number; readonly low: number }
  /** Most significant part first. */
  | { readonly kind: 'concat'; readonly parts: readonly RtlExpression[] }
  | { readonly kind: 'repeat'; readonly count: number; readonly part: RtlExpression }
  /** Sign or zero extension by the operand's sign, or the low bits of it. */
  | { readonly kind: 'resize'; readonly operand: RtlExpression }
  | { readonly kind: 'shiftLeft'; readonly operand: RtlExpression; readonly amount: number }
  | { readonly kind: 'negate' | 'invert'; readonly operand: RtlExpression }
  | {
      readonly kind: 'binary';
      readonly operator: '+' | '-' | '*' | '&' | '|' | '^';
      readonly left: RtlExpression;
      readonly right: RtlExpression;
    }
  /** first + second + third or first + second - third, to be read by synthesis as one adder. */
  | {
      readonly kind: 'sum';
      readonly first: RtlExpression;
      readonly second: RtlExpression;
      readonly third: RtlExpression;
      readonly subtracts: boolean;
    }
  | {
      readonly kind: 'compare';
      readonly operator: '<' | '==';
      readonly left: RtlExpression;
      readonly right: RtlExpression;
    }
  /** One bit: or, and, nor, nand over the bits of the operand. */
  | { readonly kind: 'reduce'; readonly operator: '|' | '&' | '~|' | '~&'; readonly operand: RtlExpression }
  | { readonly kind: 'both'; readonly left: RtlExpression; readonly right: RtlExpression }
  | {
      readonly kind: 'choose';
      readonly condition: RtlExpression;
      readonly whenTrue: RtlExpression;
      readonly whenFalse: RtlExpression;
    }
);

export function signalOf(signal: RtlSignal): RtlExpression {
  return { kind: 'signal', ...signal };
}

/** The narrowest literal; negative values are signed. */
export function literal(value: bigint): RtlExpression {
  return value < 0n
    ? { kind: 'literal', value, width: bitLength(-value - 1n) + 1, signed: true }
    : { kind: 'literal', value, width: Math.max(1, bitLength(value)), signed: false };
}

export function resize(operand: RtlExpression, width: number): RtlExpression {
  return operand.width === width ? operand : { kind: 'resize', operand, width, signed: operand.signed };
}

/** `width` bits of a signal from bit `low` up, extended by its sign beyond its top; read as `signed`. */
export function bitsOf(signal: RtlSignal, low: number, width: number, signed: boolean): RtlExpression {
  invariant(low >= 0 && width > 0, 'a slice lies at non-negative positions');
  if (low === 0 && width === signal.width && signed === signal.signed) return signalOf(signal);
  const top = signal.width - 1;
  const part = (high: number, from: number, sign: boolean): RtlExpression => ({
    kind: 'bits',
    name: signal.name,
    high,
    low: from,
    width: high - from + 1,
    signed: sign,
  });
  if (low + width <= signal.width) return part(low + width - 1, low, signed);
  const kept = Math.max(0, signal.width - low);
  const missing = width - kept;
  const fill: RtlExpression = signal.signed
    ? { kind: 'repeat', count: missing, part: part(top, top, false), width: missing, signed: false }
    : { kind: 'literal', value: 0n, width: missing, signed: false };
  return { kind: 'concat', parts: kept > 0 ? [fill, part(top, low, false)] : [fill], width, signed };
}

export function binary(
  operator: '+' | '-' | '*' | '&' | '|' | '^',
  left: RtlExpression,
  right: RtlExpression,
  width: number,
  signed: boolean,
): RtlExpression {
  return { kind: 'binary', operator, left: resize(left, width), right: resize(right, width), width, signed };
}

export function compare(operator: '<' | '==', left: RtlExpression, right: RtlExpression): RtlExpression {
  // An unsigned operand needs a zero on top before it can be compared with a signed one.
  const mixed = left.signed !== right.signed;
  const need = (operand: RtlExpression): number => operand.width + (mixed && !operand.signed ? 1 : 0);
  const width = Math.max(need(left), need(right));
  return { kind: 'compare', operator, left: resize(left, width), right: resize(right, width), width: 1, signed: false };
}

export function choose(
  condition: RtlExpression,
  whenTrue: RtlExpression,
  whenFalse: RtlExpression,
  width: number,
  signed: boolean,
): RtlExpression {
  return {
    kind: 'choose',
    condition,
    whenTrue: resize(whenTrue, width),
    whenFalse: resize(whenFalse, width),
    width,
    signed,
  };
}
