import { bitLength } from '../../support/bits.js';
import { invariant } from '../../support/invariant.js';
import type { RtlExpression } from '../../rtl/expression.js';

/**
 * Verilog-2005 text of an expression that is assigned to something of its own width.
 *
 * Verilog extends all operands of an expression to the widest of them and of the target, by sign only if every one of
 * them is signed. The netlist asks for explicit resizing by each operand's own sign, so within one expression an
 * unsigned operand that meets a signed one is written `$signed({1'b0, x})`; then the implicit rule does exactly what
 * the netlist says, and the text stays readable.
 */
export function printExpression(expression: RtlExpression): string {
  return print(expression, needsSign(expression));
}

/** Does any leaf that shares its context with the expression carry a sign? */
function needsSign(expression: RtlExpression): boolean {
  switch (expression.kind) {
    case 'binary':
      return needsSign(expression.left) || needsSign(expression.right);
    case 'choose':
      return needsSign(expression.whenTrue) || needsSign(expression.whenFalse);
    case 'resize':
    case 'shiftLeft':
    case 'negate':
    case 'invert':
      return needsSign(expression.operand);
    case 'compare':
    case 'reduce':
    case 'both':
      return false;
    case 'signal':
    case 'literal':
    case 'bits':
    case 'concat':
    case 'repeat':
      return expression.signed;
  }
}

function print(expression: RtlExpression, signed: boolean): string {
  switch (expression.kind) {
    case 'signal':
      return leaf(expression.name, expression.signed, expression.signed, signed);
    case 'literal':
      return printLiteral(expression.value, signed);
    case 'bits': {
      const { name, high, low } = expression;
      return leaf(high === low ? `${name}[${high}]` : `${name}[${high}:${low}]`, false, expression.signed, signed);
    }
    case 'concat':
    case 'repeat':
      return leaf(selfContained(expression), false, expression.signed, signed);
    case 'resize':
      return printResize(expression, signed);
    case 'shiftLeft':
      return `(${print(expression.operand, signed)} <<< ${expression.amount})`;
    case 'negate':
      return `-${parenthesised(expression.operand, signed)}`;
    case 'invert':
      return `~${parenthesised(expression.operand, signed)}`;
    case 'binary':
      return `${parenthesised(expression.left, signed)} ${expression.operator} ${parenthesised(expression.right, signed)}`;
    case 'compare': {
      const sign = needsSign(expression.left) || needsSign(expression.right);
      const text = `${parenthesised(expression.left, sign)} ${expression.operator} ${parenthesised(expression.right, sign)}`;
      return leaf(`(${text})`, false, false, signed);
    }
    case 'reduce':
      return leaf(`(${expression.operator}${parenthesised(expression.operand, false)})`, false, false, signed);
    case 'both':
      return leaf(`(${print(expression.left, false)} && ${print(expression.right, false)})`, false, false, signed);
    case 'choose': {
      const condition = print(expression.condition, needsSign(expression.condition));
      const otherwise =
        expression.whenFalse.kind === 'choose'
          ? print(expression.whenFalse, signed)
          : parenthesised(expression.whenFalse, signed);
      return `${condition} ? ${parenthesised(expression.whenTrue, signed)} : ${otherwise}`;
    }
  }
}

/** A leaf as it must be written in its context. `is`: the sign of the text; `means`: of the value; `wanted`: of the context. */
function leaf(text: string, is: boolean, means: boolean, wanted: boolean): string {
  if (is === wanted || !wanted) return text;
  return means ? `$signed(${text})` : `$signed({1'b0, ${text}})`;
}

function parenthesised(expression: RtlExpression, signed: boolean): string {
  const text = print(expression, signed);
  return expression.kind === 'binary' || expression.kind === 'choose' ? `(${text})` : text;
}

/** Widening is what the context does; narrowing is what the assignment does, which holds for modular operations only. */
function printResize(expression: RtlExpression & { readonly kind: 'resize' }, signed: boolean): string {
  return print(expression.operand, signed);
}

/** Parts of a concatenation stand alone: each must have exactly its own width. */
function selfContained(expression: RtlExpression): string {
  switch (expression.kind) {
    case 'concat':
      return `{${expression.parts.map(selfContained).join(', ')}}`;
    case 'repeat':
      return `{${expression.count}{${selfContained(expression.part)}}}`;
    case 'literal':
      return `${expression.width}'d${BigInt.asUintN(expression.width, expression.value)}`;
    case 'signal':
    case 'bits':
      return print(expression, expression.kind === 'signal' && expression.signed);
    case 'resize': {
      const { operand, width } = expression;
      invariant(
        operand.kind === 'signal' || operand.kind === 'literal',
        'only names and literals are resized inside braces',
      );
      if (operand.kind === 'literal') return `${width}'d${BigInt.asUintN(width, operand.value)}`;
      if (width <= operand.width) return `${operand.name}[${width - 1}:0]`;
      const missing = width - operand.width;
      const fill = operand.signed ? `{${missing}{${operand.name}[${operand.width - 1}]}}` : `${missing}'d0`;
      return `{${fill}, ${operand.name}}`;
    }
    default:
      invariant(false, `a ${expression.kind} inside braces has no width of its own in Verilog`);
  }
}

function printLiteral(value: bigint, signed: boolean): string {
  if (!signed) return `${Math.max(1, bitLength(value))}'d${value}`;
  // One bit more than the magnitude: the digits alone must not read as negative.
  const magnitude = value < 0n ? -value : value;
  return `${value < 0n ? '-' : ''}${bitLength(magnitude) + 1}'sd${magnitude}`;
}
