import { at, unreachable } from '../../support/invariant.js';
import { trailingZeros } from '../../support/bits.js';
import { max, min, point } from '../../numeric/interval.js';
import type { Expression } from './quantize-text.js';
import { convert, overflowText, roundText } from './quantize-text.js';
import { ratioText } from './ratio-text.js';
import type { Representation } from './representation.js';
import { BIGINT, DOUBLE, INT32, literal, magnitudeOf, representationOf, wider } from './representation.js';
import type { Scalar } from './scalars.js';

/** What the statements of one chunk need from the chunk around them. */
export interface StatementContext {
  /** A name or literal for the value of a scalar, in its own representation. */
  readonly operand: (id: number) => Expression;
  /** The same, held in a representation at least as wide as its own. */
  readonly operandAs: (id: number, representation: Representation) => Expression;
  /** Text that reads a column of the input matrix, in the representation of that scalar. */
  readonly readInput: (column: number, scalar: Scalar) => Expression;
  readonly emit: (statement: string) => void;
  /** A name that nothing else uses. */
  readonly temporary: () => string;
  /** Told of the rounded code of a quantiser, a name or a literal, before it is brought into the type. */
  readonly rounded: (code: Expression) => void;
}

type LinearScalar = Extract<Scalar, { readonly kind: 'linear' }>;

/**
 * Terms in one statement; longer sums go on in the next. That bounds the depth of the expression, and the optimising
 * compiler sees that no partial sum of so few 32-bit terms leaves ±2^52: it keeps them in 32-bit registers.
 */
const TERMS_PER_STATEMENT = 16;
/** Emit what the scalar needs; the result is its value in the representation of its range. */
export function scalarText(scalar: Scalar, context: StatementContext): Expression {
  const target = representationOf(scalar.range);
  const result = (expression: Expression): Expression => convert({ ...expression, range: scalar.range }, target);
  switch (scalar.kind) {
    case 'input':
      return context.readInput(scalar.column, scalar);
    case 'constant':
      return { text: literal(scalar.value, target), representation: target, range: scalar.range };
    case 'linear':
      return result(linearText(scalar, target, context));
    case 'product': {
      const [left, right] = [context.operand(scalar.left), context.operand(scalar.right)];
      const representation = wider(target, wider(left.representation, right.representation));
      const [a, b] = operandTexts(scalar, representation, context);
      return result({
        text: representation === INT32 ? `Math.imul(${a}, ${b})` : `(${a} * ${b})`,
        representation,
        range: scalar.range,
      });
    }
    case 'minimum':
    case 'maximum': {
      const [left, right] = [context.operand(scalar.left), context.operand(scalar.right)];
      const representation = wider(left.representation, right.representation);
      const [a, b] = operandTexts(scalar, representation, context);
      const comparison = scalar.kind === 'minimum' ? '<' : '>';
      return result({ text: `(${a} ${comparison} ${b} ? ${a} : ${b})`, representation, range: scalar.range });
    }
    case 'lessThan':
    case 'equal': {
      const [left, right] = [context.operand(scalar.left), context.operand(scalar.right)];
      const [a, b] = operandTexts(scalar, wider(left.representation, right.representation), context);
      const comparison = scalar.kind === 'lessThan' ? '<' : '===';
      return { text: `(${a} ${comparison} ${b} ? 1 : 0)`, representation: INT32, range: scalar.range };
    }
    case 'select': {
      const [whenTrue, whenFalse] = [context.operand(scalar.whenTrue), context.operand(scalar.whenFalse)];
      const representation = wider(whenTrue.representation, whenFalse.representation);
      const [a, b] = operandTexts({ left: scalar.whenTrue, right: scalar.whenFalse }, representation, context);
      const { text } = context.operand(scalar.condition);
      return result({ text: `(${text} ? ${a} : ${b})`, representation, range: scalar.range });
    }
    case 'absolute': {
      const operand = context.operand(scalar.operand);
      // -(-2^31) is not an int32: the range of the result says so.
      const representation = wider(operand.representation, target);
      const x = context.operandAs(scalar.operand, representation).text;
      return result({ text: `(${x} < 0 ? -${x} : ${x})`, representation, range: scalar.range });
    }
    case 'bipolar':
      return {
        text: `(${context.operand(scalar.operand).text} >= 0 ? 1 : -1)`,
        representation: INT32,
        range: scalar.range,
      };
    case 'round':
      return result(roundText(context.operand(scalar.operand), scalar.shift, scalar.rounding));
    case 'table': {
      const shifted = roundText(context.operand(scalar.operand), scalar.shift, 'TRN');
      const { representation } = shifted;
      const code = named(shifted, context);
      const last = scalar.first + BigInt(scalar.codes.length - 1);
      const [from, to] = [literal(scalar.first, representation), literal(last, representation)];
      const offset = convert({ ...shifted, text: `(${code} - ${from})` }, representation === BIGINT ? DOUBLE : INT32);
      const index = `${code} < ${from} ? 0 : ${code} > ${to} ? ${scalar.codes.length - 1} : ${offset.text}`;
      const text = `T[${scalar.table}][${index}]`;
      return result({ text, representation: tableRepresentation(scalar.codes), range: scalar.range });
    }
    case 'quantize': {
      const rounded = roundText(context.operand(scalar.operand), scalar.shift, scalar.rounding);
      const code = { ...rounded, text: named(rounded, context) };
      context.rounded(code);
      return result(overflowText(code, scalar.type, scalar.overflow));
    }
    case 'requantize': {
      const rounded = ratioText(context.operand(scalar.operand), scalar.ratio, scalar.rounding, (expression) =>
        named(expression, context),
      );
      const code = { ...rounded, text: named(rounded, context) };
      context.rounded(code);
      return result(overflowText(code, scalar.type, scalar.overflow));
    }
    default:
      return unreachable(scalar);
  }
}

/** How the entries of a table are held: as the widest of them needs. */
export function tableRepresentation(codes: readonly bigint[]): Representation {
  return representationOf({ low: codes.reduce(min), high: codes.reduce(max) });
}

function operandTexts(
  scalar: { readonly left: number; readonly right: number },
  representation: Representation,
  context: StatementContext,
): readonly [string, string] {
  return [context.operandAs(scalar.left, representation).text, context.operandAs(scalar.right, representation).text];
}

/** Texts that an expression repeats must be names or literals. */
function named(expression: Expression, context: StatementContext): string {
  if (/^\w+$/u.test(expression.text) || /^\(-\d+n?\)$/u.test(expression.text)) return expression.text;
  const name = context.temporary();
  context.emit(`const ${name} = ${expression.text};`);
  return name;
}

/**
 * Modulo 2^32 where everything is int32 (partial sums may leave the range: the end is right), else in doubles as long
 * as no partial sum can reach 2^53, else in big integers.
 */
function linearText(scalar: LinearScalar, target: Representation, context: StatementContext): Expression {
  const operands = scalar.terms.map((term) => context.operand(term));
  const highest = operands.reduce<Representation>((worst, operand) => wider(worst, operand.representation), INT32);
  let representation: Representation = INT32;
  if (highest !== INT32 || target !== INT32) {
    let bound = scalar.constant < 0n ? -scalar.constant : scalar.constant;
    operands.forEach((operand, index) => {
      bound += magnitudeOf(operand.range) * magnitudeOf(point(at(scalar.weights, index)));
    });
    representation = wider(highest, representationOf({ low: -bound, high: bound }) === BIGINT ? BIGINT : DOUBLE);
  }
  const constant = representation === INT32 ? BigInt.asIntN(32, scalar.constant) : scalar.constant;
  const terms: string[] = constant === 0n ? [] : [literal(constant, representation)];
  scalar.terms.forEach((term, index) => {
    const x = context.operandAs(term, representation).text;
    terms.push(termText(x, at(scalar.weights, index), representation));
  });
  const close = representation === INT32 ? ' | 0' : '';
  if (terms.length <= TERMS_PER_STATEMENT) {
    return { text: `(${terms.join(' + ')}${close})`, representation, range: scalar.range };
  }
  const name = context.temporary();
  for (let start = 0; start < terms.length; start += TERMS_PER_STATEMENT) {
    const sum = terms.slice(start, start + TERMS_PER_STATEMENT).join(' + ');
    context.emit(start === 0 ? `let ${name} = (${sum}${close});` : `${name} = (${name} + ${sum}${close});`);
  }
  return { text: name, representation, range: scalar.range };
}

/** weight × operand; modulo 2^32 for int32. */
function termText(x: string, weight: bigint, representation: Representation): string {
  if (weight === 1n) return x;
  if (weight === -1n) return `-${x}`;
  if (representation !== INT32) return `${x} * ${literal(weight, representation)}`;
  const modular = BigInt.asIntN(32, weight);
  const powerOfTwo = modular > 0n && (modular & (modular - 1n)) === 0n;
  return powerOfTwo ? `(${x} << ${trailingZeros(modular)})` : `Math.imul(${x}, ${literal(modular, INT32)})`;
}
