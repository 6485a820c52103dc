import { unreachable } from '../../../support/invariant.js';
import type { Code, Locals } from '../../../support/web-assembly.js';
import { doubles, get, set } from '../../../support/web-assembly.js';
import type { FixedPointType } from '../../../numeric/fixed-point.js';
import { lsbExponent } from '../../../numeric/fixed-point.js';
import { quantizeNumber } from '../../../numeric/quantize-number.js';
import type { Rounding } from '../../../numeric/rounding.js';
import { quantizedRange } from '../../../numeric/rounding.js';
import type { ModelNodeOf } from '../../../model/kinds.js';
import { perElement, ratioOf } from '../../../model/kinds.js';
import type { Assembly, Step } from './step.js';
import { forElements, mappedStep } from './step.js';

/** `roundNumber` on both values of a vector, with the same sign of zero: what rounds a value is written around it. */
export function roundingCode(locals: Locals, rounding: Rounding): (value: Code) => Code {
  if (rounding === 'TRN') return doubles.floor;
  if (rounding === 'TRN_ZERO') return doubles.truncate;
  const [value, floor, rest] = [locals.doubles(), locals.doubles(), locals.doubles()];
  const up = roundsUp(rounding, get(value), get(floor), get(rest));
  return (given) => [
    ...set(value, given),
    ...set(floor, doubles.floor(get(value))),
    // Of an infinity it is NaN, for which no comparison holds: the infinity stays.
    ...set(rest, doubles.subtract(get(value), get(floor))),
    ...doubles.select(up, doubles.add(get(floor), doubles.constant(1)), get(floor)),
  ];
}

/** Where a value goes to the integer above it: a mask. */
function roundsUp(rounding: Exclude<Rounding, 'TRN' | 'TRN_ZERO'>, value: Code, floor: Code, rest: Code): Code {
  const [zero, half] = [doubles.constant(0), doubles.constant(0.5)];
  const more = doubles.greater(rest, half);
  const tie = (condition: Code): Code => doubles.or(more, doubles.and(doubles.equal(rest, half), condition));
  switch (rounding) {
    case 'CEIL':
      return doubles.greater(rest, zero);
    case 'AWAY':
      return doubles.and(doubles.greater(rest, zero), doubles.greaterEqual(value, zero));
    case 'RND':
      return doubles.greaterEqual(rest, half);
    case 'RND_MIN_INF':
      return more;
    case 'RND_ZERO':
      return tie(doubles.less(value, zero));
    case 'RND_INF':
      return tie(doubles.greater(value, zero));
    case 'RND_CONV': {
      const halved = doubles.multiply(floor, half);
      return tie(doubles.notEqual(doubles.floor(halved), halved));
    }
    default:
      return unreachable(rounding);
  }
}

export function quantizeStep(
  node: ModelNodeOf<'quantize'>,
  operand: Int32Array,
  own: Int32Array,
): (assembly: Assembly) => Step {
  if (wraps(node)) return mappedStep(own, operand, (value, element) => quantized(node, value, element));
  return quantization(node, operand, own, undefined);
}

export function requantizeStep(
  node: ModelNodeOf<'requantize'>,
  operand: Int32Array,
  own: Int32Array,
): (assembly: Assembly) => Step {
  const ratios = Array.from(own, (_, element) => ratioOf(node, element));
  const tables = {
    numerators: Float64Array.from(ratios, ({ numerator }) => Number(numerator)),
    offsets: Float64Array.from(ratios, ({ offset }) => Number(offset)),
    denominators: Float64Array.from(ratios, ({ denominator }) => Number(denominator)),
  };
  if (!wraps(node)) return quantization(node, operand, own, tables);
  const { numerators, offsets, denominators } = tables;
  return mappedStep(own, operand, (value, element) => {
    const [numerator = 0, offset = 0, denominator = 1] = [numerators[element], offsets[element], denominators[element]];
    return quantized(node, (value * numerator + offset) / denominator, element);
  });
}

type Quantization = ModelNodeOf<'quantize' | 'requantize'>;

/** Integers beyond 53 bits may have to be wrapped: there is no vector instruction for that. */
function wraps({ overflow }: Quantization): boolean {
  return overflow === 'WRAP' || overflow === 'MODULO';
}

function quantized({ types, rounding, overflow }: Quantization, value: number, element: number): number {
  return quantizeNumber(value, perElement(types, element), rounding, overflow);
}

/**
 * `quantizeNumber` for everything that saturates. Powers of two are multiplied in two halves as it does, so that
 * neither leaves the doubles where the other does not.
 */
function quantization(
  node: Quantization,
  operand: Int32Array,
  own: Int32Array,
  ratios: Readonly<Record<'numerators' | 'offsets' | 'denominators', Float64Array>> | undefined,
): (assembly: Assembly) => Step {
  const { rounding, overflow } = node;
  const types = Array.from(own, (_, element) => perElement(node.types, element));
  const half = (exponent: number): number => Math.trunc(exponent / 2);
  return (assembly) => {
    const table = (entry: (type: FixedPointType) => number): number => assembly.table(Float64Array.from(types, entry));
    const down = table((type) => 2 ** half(-lsbExponent(type)));
    const downRest = table((type) => 2 ** (-lsbExponent(type) - half(-lsbExponent(type))));
    const up = table((type) => 2 ** half(lsbExponent(type)));
    const upRest = table((type) => 2 ** (lsbExponent(type) - half(lsbExponent(type))));
    const low = table((type) => Number(quantizedRange(type, overflow).low));
    const high = table((type) => Number(quantizedRange(type, overflow).high));
    const scaling =
      ratios === undefined
        ? undefined
        : {
            numerator: assembly.table(ratios.numerators),
            offset: assembly.table(ratios.offsets),
            denominator: assembly.table(ratios.denominators),
          };
    return assembly.step((locals, bytes) => {
      const write = roundingCode(locals, rounding);
      const rounded = locals.doubles();
      return forElements(assembly, locals, bytes, [own, operand], ({ load, store, constant }) => {
        const value =
          scaling === undefined
            ? load(1)
            : doubles.divide(
                doubles.add(doubles.multiply(load(1), constant(scaling.numerator)), constant(scaling.offset)),
                constant(scaling.denominator),
              );
        const above = doubles.greater(get(rounded), constant(high));
        const below = doubles.less(get(rounded), constant(low));
        const limited =
          overflow === 'SAT_ZERO'
            ? doubles.select(doubles.or(above, below), doubles.constant(0), get(rounded))
            : doubles.select(above, constant(high), doubles.select(below, constant(low), get(rounded)));
        return [
          ...set(rounded, write(doubles.multiply(doubles.multiply(value, constant(down)), constant(downRest)))),
          ...store(0, doubles.multiply(doubles.multiply(limited, constant(up)), constant(upRest))),
        ];
      });
    });
  };
}
