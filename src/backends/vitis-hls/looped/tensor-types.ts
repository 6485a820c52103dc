import type { FixedPointType } from '../../../numeric/fixed-point.js';
import { codeRange, fixedPointType, lsbExponent } from '../../../numeric/fixed-point.js';
import type { Interval } from '../../../numeric/interval.js';
import { contains, intervalWidth, isSigned, shiftInterval, union } from '../../../numeric/interval.js';
import type { TensorFormat } from '../../../model/formats.js';
import { formatOf } from '../../../model/formats.js';
import type { ModelNodeOf } from '../../../model/kinds.js';
import { perElement } from '../../../model/kinds.js';
import { at } from '../../../support/invariant.js';
import type { LoopedModel } from './source.js';

/**
 * Formats of all nodes, by node id: those of exact arithmetic, except that a sum with a declared accumulator holds
 * whatever the accumulator can.
 */
export function loopedFormats({ graph, accumulatorOf }: LoopedModel): readonly TensorFormat[] {
  const formats: TensorFormat[] = [];
  for (const node of graph.nodes) {
    const accumulator = accumulatorOf(node.id);
    const exact = formatOf(node, graph, formats);
    formats.push(
      accumulator === undefined
        ? exact
        : { lsb: lsbExponent(accumulator.type), ranges: exact.ranges.map(() => codeRange(accumulator.type)) },
    );
  }
  return formats;
}

/** The narrowest type that holds every element of a tensor: the vendor's arithmetic has one type per array. */
export function commonType({ lsb, ranges }: TensorFormat): FixedPointType {
  return typeOfRange(ranges.reduce(union), lsb);
}

/** The narrowest type with this LSB that holds a range of codes; one bit at least. */
export function typeOfRange(range: Interval, lsb: number): FixedPointType {
  const width = Math.max(1, intervalWidth(range));
  return fixedPointType(isSigned(range), width, width + lsb);
}

/** The type of a port or of a quantiser with one type per element: the narrowest that holds them all. */
export function widestType(types: readonly FixedPointType[]): FixedPointType {
  const [first, ...others] = types;
  if (first !== undefined && others.length === 0) return first;
  const lsb = Math.min(...types.map(lsbExponent));
  return commonType({ lsb, ranges: types.map((type) => shiftInterval(codeRange(type), lsbExponent(type) - lsb)) });
}

/** Does the quantiser change no value of its operand, whatever it is? */
export function keepsAll(node: ModelNodeOf<'quantize'>, operand: TensorFormat): boolean {
  return operand.ranges.every((range, element) => {
    const type = perElement(node.types, element);
    const shift = operand.lsb - lsbExponent(type);
    if (shift < 0) return false;
    const symmetric = node.overflow === 'SAT_SYM' && type.signed ? 1n : 0n;
    const held = codeRange(type);
    return contains({ low: held.low + symmetric, high: held.high }, shiftInterval(range, shift));
  });
}

/** The format of one element. */
export function elementType(format: TensorFormat, element: number): FixedPointType {
  return typeOfRange(at(format.ranges, element), format.lsb);
}
