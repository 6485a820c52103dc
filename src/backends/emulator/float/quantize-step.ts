import { unreachable } from '../../../support/invariant.js';
import type { FixedPointType } from '../../../numeric/fixed-point.js';
import { lsbExponent } from '../../../numeric/fixed-point.js';
import { quantizeNumber } from '../../../numeric/quantize-number.js';
import type { Rounding } from '../../../numeric/rounding.js';
import { quantizedRange } from '../../../numeric/rounding.js';
import type { ModelNodeOf } from '../../../model/kinds.js';
import { perElement, ratioOf } from '../../../model/kinds.js';
import type { Step } from './step.js';
import { generated, scaled } from './step.js';

/** Text of `roundNumber` on a name, with the same sign of zero. */
export function roundingText(x: string, rounding: Rounding): string {
  const floor = `Math.floor(${x})`;
  const rest = `(${x} - ${floor})`;
  const up = (condition: string): string => `(${condition} ? ${floor} + 1 : ${floor})`;
  switch (rounding) {
    case 'TRN':
      return floor;
    case 'TRN_ZERO':
      return `Math.trunc(${x})`;
    case 'CEIL':
      return up(`${rest} > 0`);
    case 'AWAY':
      return up(`${rest} > 0 && ${x} >= 0`);
    case 'RND':
      return up(`${rest} >= 0.5`);
    case 'RND_MIN_INF':
      return up(`${rest} > 0.5`);
    case 'RND_ZERO':
      return up(`${rest} > 0.5 || (${rest} === 0.5 && ${x} < 0)`);
    case 'RND_INF':
      return up(`${rest} > 0.5 || (${rest} === 0.5 && ${x} > 0)`);
    case 'RND_CONV':
      return up(`${rest} > 0.5 || (${rest} === 0.5 && ${floor} % 2 !== 0)`);
    default:
      return unreachable(rounding);
  }
}

export function quantizeStep(
  node: ModelNodeOf<'quantize'>,
  operand: Int32Array,
  own: Int32Array,
): (block: number) => Step {
  return quantization(node, operand, own, 'v', {});
}

export function requantizeStep(
  node: ModelNodeOf<'requantize'>,
  operand: Int32Array,
  own: Int32Array,
): (block: number) => Step {
  const ratios = Array.from(own, (_, element) => ratioOf(node, element));
  return quantization(node, operand, own, '(v * N[i] + F[i]) / Q[i]', {
    N: Float64Array.from(ratios, ({ numerator }) => Number(numerator)),
    F: Float64Array.from(ratios, ({ offset }) => Number(offset)),
    Q: Float64Array.from(ratios, ({ denominator }) => Number(denominator)),
  });
}

/**
 * Values inside the type are rounded in place; what overflows, and NaN, goes through `quantizeNumber`. Powers of two
 * are multiplied in two halves as it does, so that neither leaves the doubles where the other does not.
 */
function quantization(
  node: ModelNodeOf<'quantize' | 'requantize'>,
  operand: Int32Array,
  own: Int32Array,
  value: string,
  tables: Readonly<Record<string, Float64Array>>,
): (block: number) => Step {
  const { rounding, overflow } = node;
  const types = Array.from(own, (_, element) => perElement(node.types, element));
  const table = (entry: (type: FixedPointType) => number): Float64Array => Float64Array.from(types, entry);
  const half = (exponent: number): number => Math.trunc(exponent / 2);
  const lsb = lsbExponent;
  const all = {
    ...tables,
    D: table((type) => 2 ** half(-lsb(type))),
    E: table((type) => 2 ** (-lsb(type) - half(-lsb(type)))),
    U: table((type) => 2 ** half(lsb(type))),
    V: table((type) => 2 ** (lsb(type) - half(lsb(type)))),
    L: table((type) => Number(quantizedRange(type, overflow).low)),
    H: table((type) => Number(quantizedRange(type, overflow).high)),
    outside: (outer: number, element: number) =>
      quantizeNumber(outer, perElement(node.types, element), rounding, overflow),
  };
  const body = [
    `for (let i = 0; i < ${own.length}; i++) {`,
    'const x = X[i], y = Y[i], d = D[i], f = E[i], u = U[i], v2 = V[i], low = L[i], high = H[i];',
    'for (let e = 0; e < count; e++) {',
    'const v = M[x + e];',
    `const z = ${value};`,
    'const t = z * d * f;',
    `const r = ${roundingText('t', rounding)};`,
    'M[y + e] = r >= low && r <= high ? r * u * v2 : outside(z, i);',
    '}}',
  ].join('\n');
  return (block) =>
    generated(
      ['Y', 'X', ...Object.keys(all)],
      [scaled(own, block), scaled(operand, block), ...Object.values(all)],
      body,
    );
}
