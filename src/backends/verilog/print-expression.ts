import { invariant } from '../../support/invariant.js';
import { toPattern } from '../../support/bits.js';
import type { RtlExpression } from '../../rtl/expression.js';

/**
 * Verilog-2005 text of an expression that is assigned to something of its own width.
 *
 * Verilog extends all operands of an expression to the widest of them and of the target, by sign only if every one of
 * them is signed. Nothing here leans on that: the text of every operand has the width that the netlist asks for, written
 * out as `{{2{x[7]}}, x}`, and then signs no longer matter. Two places keep what every reader expects instead: the sum
 * of two operands of one width and sign into one bit more, and products, whose operands keep their own widths because
 * synthesis sizes multipliers by them.
 */
export function printExpression(expression: RtlExpression): string {
  switch (expression.kind) {
    case 'signal':
      return expression.name;
    case 'literal':
      return printLiteral(expression.value, expression.width, false);
    case 'bits': {
      const { name, high, low } = expression;
      return high === low ? `${name}[${high}]` : `${name}[${high}:${low}]`;
    }
    case 'concat':
      return `{${expression.parts.map(printExpression).join(', ')}}`;
    case 'repeat':
      return `{${expression.count}{${printExpression(expression.part)}}}`;
    case 'resize':
      return printResized(expression.operand, expression.width);
    case 'shiftLeft':
      return printShift(expression.operand, expression.amount, expression.width);
    case 'negate':
      return `-${parenthesised(expression.operand)}`;
    case 'invert':
      return `~${parenthesised(expression.operand)}`;
    case 'binary':
      if (expression.operator === '*') return printProduct(expression);
      return (
        printWithCarry(expression) ??
        `${parenthesised(expression.left)} ${expression.operator} ${parenthesised(expression.right)}`
      );
    case 'sum': {
      // One expression of operands of one width, which synthesis maps to one carry chain where the part has such.
      const [first, second, third] = [expression.first, expression.second, expression.third].map(parenthesised);
      return `${first} + ${second} ${expression.subtracts ? '-' : '+'} ${third}`;
    }
    case 'compare': {
      const { left, right, operator } = expression;
      const signed = operator === '<' && (left.signed || right.signed);
      return `(${printOperand(left, signed)} ${operator} ${printOperand(right, signed)})`;
    }
    case 'reduce':
      return `(${expression.operator}${parenthesised(expression.operand)})`;
    case 'both':
      return `(${printExpression(expression.left)} && ${printExpression(expression.right)})`;
    case 'choose': {
      const { condition, whenTrue, whenFalse } = expression;
      const otherwise = whenFalse.kind === 'choose' ? printExpression(whenFalse) : parenthesised(whenFalse);
      return `${printExpression(condition)} ? ${parenthesised(whenTrue)} : ${otherwise}`;
    }
  }
}

function parenthesised(expression: RtlExpression): string {
  const text = printExpression(expression);
  const compound = expression.kind === 'binary' || expression.kind === 'sum' || expression.kind === 'choose';
  return compound ? `(${text})` : text;
}

/** The operand of something that reads its sign, in the operand's own width. */
function printOperand(expression: RtlExpression, signed: boolean): string {
  if (!signed) return parenthesised(expression);
  const literal = literalOf(expression);
  if (literal !== undefined) return printLiteral(literal, expression.width, true);
  return expression.kind === 'signal' && expression.signed
    ? expression.name
    : `$signed(${printExpression(expression)})`;
}

function literalOf(expression: RtlExpression): bigint | undefined {
  if (expression.kind === 'literal') return expression.value;
  return expression.kind === 'resize' && expression.operand.kind === 'literal' ? expression.operand.value : undefined;
}

/** The operand in `width` bits: extended by its own sign, or its low bits. */
function printResized(operand: RtlExpression, width: number): string {
  return braced(resizedParts(operand, width));
}

/** operand × 2^amount in `width` bits, whatever its exact width would be. */
function printShift(operand: RtlExpression, amount: number, width: number): string {
  return braced(shiftedParts(operand, amount, width));
}

function braced(parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] ?? '') : `{${parts.join(', ')}}`;
}

function shiftedParts(operand: RtlExpression, amount: number, width: number): readonly string[] {
  return width <= amount ? [`${width}'d0`] : [...resizedParts(operand, width - amount), `${amount}'d0`];
}

/** The parts, most significant first, that stand side by side in `width` bits. */
function resizedParts(operand: RtlExpression, width: number): readonly string[] {
  const extra = width - operand.width;
  if (operand.kind === 'literal') return [printLiteral(operand.value, width, false)];
  if (operand.kind === 'shiftLeft') return shiftedParts(operand.operand, operand.amount, width);
  if (operand.kind === 'resize' && width <= operand.width) return resizedParts(operand.operand, width);
  const text = printExpression(operand);
  if (extra === 0) return [text];
  if (extra > 0 && !operand.signed) return [`${extra}'d0`, text];
  invariant(operand.kind === 'signal' || operand.kind === 'bits', `a ${operand.kind} needs a signal to be resized`);
  const top = operand.kind === 'bits' ? operand.high : operand.width - 1;
  const sign = `${operand.name}[${top}]`;
  if (extra > 0) return [extra === 1 ? sign : `{${extra}{${sign}}}`, text];
  const low = operand.kind === 'bits' ? operand.low : 0;
  return [width === 1 ? `${operand.name}[${low}]` : `${operand.name}[${low + width - 1}:${low}]`];
}

/** Operands before they were resized to the width of the result. */
function original(expression: RtlExpression): RtlExpression {
  return expression.kind === 'resize' ? expression.operand : expression;
}

/** `a + b` where both operands have one sign and one bit less than the result; undefined for any other sum. */
function printWithCarry(expression: RtlExpression & { readonly kind: 'binary' }): string | undefined {
  if (expression.operator !== '+' && expression.operator !== '-') return undefined;
  const operands = [original(expression.left), original(expression.right)];
  const signal = operands.find((operand) => operand.kind === 'signal');
  if (signal?.width !== expression.width - 1) return undefined;
  const texts: string[] = [];
  for (const operand of operands) {
    if (operand.kind === 'signal' && operand.width === signal.width && operand.signed === signal.signed) {
      texts.push(operand.name);
    } else if (operand.kind === 'literal' && fits(operand, signal.width, signal.signed)) {
      texts.push(printLiteral(operand.value, signal.width, signal.signed));
    } else return undefined;
  }
  return texts.join(` ${expression.operator} `);
}

function fits(literal: RtlExpression & { readonly kind: 'literal' }, width: number, signed: boolean): boolean {
  return literal.value >= 0n && literal.width <= width - (signed ? 1 : 0);
}

function isMagnitude(value: bigint, width: number): boolean {
  return (value < 0n ? -value : value) >> BigInt(width) === 0n;
}

/** Operands in their own widths, both signed or both unsigned: Verilog extends them to the width of the product. */
function printProduct(expression: RtlExpression & { readonly kind: 'binary' }): string {
  const operands = [original(expression.left), original(expression.right)];
  const signed = operands.some((operand) => operand.signed);
  return operands.map((operand) => printFactor(operand, signed, expression.width)).join(' * ');
}

function printFactor(operand: RtlExpression, signed: boolean, widest: number): string {
  const wanted = operand.width + (signed && !operand.signed ? 1 : 0);
  const width = Math.min(wanted, widest);
  const factor: RtlExpression = width === operand.width ? operand : { kind: 'resize', operand, width, signed };
  const text = printOperand(factor, signed);
  // The minus of a literal would be carried out in the width of the product.
  return text.startsWith('-') ? `$signed(${text})` : text;
}

/** A literal of exactly `width` bits; as a signed operand its digits carry the sign. */
function printLiteral(value: bigint, width: number, signed: boolean): string {
  if (value >= 0n) return `${width}'${signed ? 's' : ''}d${toPattern(value, width)}`;
  if (isMagnitude(value, width - 1)) return `-${width}'sd${-value}`;
  return signed ? `${width}'sd${toPattern(value, width)}` : `${width}'d${toPattern(value, width)}`;
}
