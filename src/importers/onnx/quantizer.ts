import { bitLength } from '../../support/bits.js';
import { at } from '../../support/invariant.js';
import { importCodes } from '../../diagnostics/codes/import.js';
import type { Dyadic } from '../../numeric/dyadic.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { fixedPointType, MAXIMUM_WIDTH, printQuantizer } from '../../numeric/fixed-point.js';
import type { Interval } from '../../numeric/interval.js';
import { max } from '../../numeric/interval.js';
import type { Overflow, Rounding } from '../../numeric/rounding.js';
import type { Shape } from '../../model/kinds.js';
import { perElement } from '../../model/kinds.js';
import { broadcastIndices, broadcastShapes, ShapeError } from '../../model/shapes.js';
import type { ConstantTensor } from './constant-tensor.js';
import { exactOf, numbersOf } from './constant-tensor.js';
import type { NodeContext } from './node-context.js';
import type { Value } from './session.js';
import { powerOfTwoExponent, sameShape } from './tensors.js';

/** k for each scale 2^k of the tensor. Any other scale is an error that names the node and the scale. */
export function scaleExponents(context: NodeContext, scale: ConstantTensor): readonly number[] {
  const scales = numbersOf(scale);
  return Array.from(scales, (value, index) => {
    const which = scales.length > 1 ? `scale ${index}` : 'the scale';
    if (!(value > 0) || !Number.isFinite(value)) context.fail(importCodes.scaleNotPositive, `${which} is ${value}`);
    const exponent = powerOfTwoExponent(value);
    return (
      exponent ?? context.fail(importCodes.scaleNotPowerOfTwo, `${which} is ${value}, which is not a power of two`)
    );
  });
}

/**
 * One value per element of `shape` from a parameter that broadcasts to it; a list of length 1 when all are equal. A
 * parameter of one element fits any shape, whatever its rank.
 * Throws ShapeError when the parameter does not fit.
 */
export function spread<T>(values: readonly T[], from: Shape, shape: Shape): readonly T[] {
  if (values.length === 1) return values;
  if (!sameShape(broadcastShapes(from, shape), shape)) {
    throw new ShapeError(`a parameter of shape [${from.join(', ')}] does not fit a tensor of [${shape.join(', ')}]`);
  }
  const [first] = values;
  if (values.length === 0) throw new ShapeError('a parameter without elements');
  if (first !== undefined && values.every((value) => value === first)) return [first];
  return Array.from(broadcastIndices(from, shape), (index) => at(values, index));
}

/** A list of length 1 or `count` as one of `length`, by repeating. */
function lengthen<T>(list: readonly T[], length: number): readonly T[] {
  return list.length === length ? list : Array.from({ length }, (_, index) => perElement(list, index));
}

/** Integer ranges of a quantiser in units of its scale: one, or one per element, like the exponents of the scales. */
export interface QuantizerRange {
  readonly exponents: readonly number[];
  readonly ranges: readonly Interval[];
  readonly rounding: Rounding;
}

/**
 * Round to a multiple of 2^exponent and saturate to the range. Ranges that no fixed-point type has exactly get the
 * next wider one and a minimum or maximum after it.
 */
export function quantizeToRange(
  context: NodeContext,
  operand: Value,
  { exponents, ranges, rounding }: QuantizerRange,
): Value {
  const length = Math.max(exponents.length, ranges.length);
  const scales = lengthen(exponents, length);
  const bounds = lengthen(ranges, length);
  const signed = bounds.some(({ low }) => low < 0n);
  const symmetric = signed && bounds.every(({ low, high }) => low === -high && isMersenne(high));
  const overflow: Overflow = symmetric ? 'SAT_SYM' : 'SAT';
  const types = bounds.map(({ low, high }, index) => {
    const width = signed ? bitLength(max(high, -low - 1n)) + 1 : Math.max(1, bitLength(high));
    return typeFor(context, signed, width, scales[index] ?? 0);
  });
  noteQuantizer(context, types, rounding, overflow);
  let value: Value = context.tensors.quantize(operand, types, rounding, overflow);
  const reach = types.map((type) => reachOf(type, overflow));
  if (bounds.some(({ low }, index) => low > at(reach, index).low)) {
    value = context.tensors.binary('maximum', value, bound(bounds.map(({ low }) => low)));
  }
  if (bounds.some(({ high }, index) => high < at(reach, index).high)) {
    value = context.tensors.binary('minimum', value, bound(bounds.map(({ high }) => high)));
  }
  return value;

  function bound(codes: readonly bigint[]): Value {
    const shape = length === 1 ? [] : operand.shape;
    return context.tensors.constant(
      exactOf(
        shape,
        codes.map((code, index) => ({ code, lsb: scales[index] ?? 0 })),
      ),
    );
  }
}

function reachOf(type: FixedPointType, overflow: Overflow): Interval {
  const high = (1n << BigInt(type.signed ? type.width - 1 : type.width)) - 1n;
  return { low: !type.signed ? 0n : overflow === 'SAT_SYM' ? -high : -high - 1n, high };
}

function isMersenne(value: bigint): boolean {
  return value > 0n && (value & (value + 1n)) === 0n;
}

export function typeFor(context: NodeContext, signed: boolean, width: number, exponent: number): FixedPointType {
  if (!Number.isInteger(width) || width < 1 || width > MAXIMUM_WIDTH) {
    return context.fail(importCodes.bitWidth, `a width of ${width} bits`);
  }
  return fixedPointType(signed, width, width + exponent);
}

/** Note the quantiser for the node table. */
export function noteQuantizer(
  context: NodeContext,
  types: readonly FixedPointType[],
  rounding: Rounding,
  overflow: Overflow,
): void {
  const texts = [...new Set(types.map((type) => printQuantizer({ type, rounding, overflow })))];
  const [first = ''] = texts;
  context.quantizer = texts.length === 1 ? first : `${first} and ${texts.length - 1} more`;
}

/** Constant of the given exact values: a scalar when the list has length 1. */
export function exactParameter(context: NodeContext, values: readonly Dyadic[], shape: Shape): Value {
  return context.tensors.constant(exactOf(values.length === 1 ? [] : shape, values));
}
