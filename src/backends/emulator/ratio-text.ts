import type { AffineRatio } from '../../numeric/ratio.js';
import { roundRatioInterval } from '../../numeric/ratio.js';
import type { Rounding } from '../../numeric/rounding.js';
import { unreachable } from '../../support/invariant.js';
import type { Expression } from './quantize-text.js';
import { convert } from './quantize-text.js';
import type { Representation } from './representation.js';
import { BIGINT, DOUBLE, literal, magnitudeOf, representationOf } from './representation.js';

/**
 * (numerator × operand + offset) / denominator, rounded. `name` gives an expression a name, since texts are repeated.
 *
 * In doubles as long as twice the dividend and twice the divisor stay below 2^53: then the nearest double of a quotient
 * of integers cannot pass the integer above it, and its floor is exact.
 */
export function ratioText(
  operand: Expression,
  ratio: AffineRatio,
  rounding: Rounding,
  name: (expression: Expression) => string,
): Expression {
  const { numerator, offset, denominator } = ratio;
  const rounded = roundRatioInterval(ratio, operand.range, rounding);
  const reach = magnitudeOf(operand.range) * magnitudeOf({ low: numerator, high: numerator });
  const bound = 2n * (reach + magnitudeOf({ low: offset, high: offset }) + 2n * denominator);
  const exact = representationOf({ low: -bound, high: bound }) !== BIGINT && operand.representation !== BIGINT;
  const representation: Representation = exact ? DOUBLE : BIGINT;
  const one = literal(1n, representation);
  const zero = literal(0n, representation);
  const text = (value: bigint): string => literal(value, representation);
  const held = (body: string): string => name({ text: body, representation, range: rounded });

  const x = convert(operand, representation).text;
  const dividend = held(`(${x} * ${text(numerator)} + ${text(offset)})`);
  const divisor = text(denominator);
  const floor = held(
    exact
      ? `Math.floor(${dividend} / ${divisor})`
      : `(${dividend} / ${divisor} - (${dividend} % ${divisor} < ${zero} ? ${one} : ${zero}))`,
  );
  const remainder = (): string => held(`(${dividend} - ${floor} * ${divisor})`);
  const up = (condition: string): string => `(${floor} + (${condition} ? ${one} : ${zero}))`;
  const half = (comparison: '>' | '>=', rest: string): string => `${rest} * ${text(2n)} ${comparison} ${divisor}`;
  const tie = (rest: string): string => `${rest} * ${text(2n)} === ${divisor}`;
  const result = (): string => {
    switch (rounding) {
      case 'TRN':
        return floor;
      case 'CEIL':
        return up(`${remainder()} > ${zero}`);
      case 'TRN_ZERO':
        return up(`${dividend} < ${zero} && ${remainder()} > ${zero}`);
      case 'AWAY':
        return up(`${dividend} > ${zero} && ${remainder()} > ${zero}`);
      case 'RND':
        return up(half('>=', remainder()));
      case 'RND_MIN_INF':
        return up(half('>', remainder()));
      case 'RND_ZERO': {
        const rest = remainder();
        return up(`${half('>', rest)} || ${tie(rest)} && ${dividend} < ${zero}`);
      }
      case 'RND_INF': {
        const rest = remainder();
        return up(`${half('>', rest)} || ${tie(rest)} && ${dividend} > ${zero}`);
      }
      case 'RND_CONV': {
        const rest = remainder();
        return up(`${half('>', rest)} || ${tie(rest)} && ${floor} % ${text(2n)} !== ${zero}`);
      }
      default:
        return unreachable(rounding);
    }
  };
  return convert({ text: result(), representation, range: rounded }, representationOf(rounded));
}
