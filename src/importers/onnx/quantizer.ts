import { bitLength, shiftBy } from '../../support/bits.js';
import { at } from '../../support/invariant.js';
import { importCodes } from '../../diagnostics/codes/import.js';
import type { Dyadic } from '../../numeric/dyadic.js';
import { dyadicFromNumber } from '../../numeric/dyadic.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { fixedPointType, MAXIMUM_WIDTH, printQuantizer } from '../../numeric/fixed-point.js';
import type { Interval } from '../../numeric/interval.js';
import { max } from '../../numeric/interval.js';
import type { AffineRatio } from '../../numeric/ratio.js';
import type { Overflow, Rounding } from '../../numeric/rounding.js';
import type { Shape } from '../../model/kinds.js';
import { perElement } from '../../model/kinds.js';
import { broadcastIndices, broadcastShapes, ShapeError } from '../../model/shapes.js';
import type { ConstantTensor } from './constant-tensor.js';
import { exactOf, numbersOf } from './constant-tensor.js';
import type { NodeContext } from './node-context.js';
import type { Value } from './session.js';
import { sameShape } from './tensors.js';

/** The exact value of each scale, with an odd code. A scale that is not positive is an error that names it. */
export function exactScales(context: NodeContext, scale: ConstantTensor): readonly Dyadic[] {
  const scales = numbersOf(scale);
  return Array.from(scales, (value, index) => {
    const which = scales.length > 1 ? `scale ${index}` : 'the scale';
    if (!(value > 0) || !Number.isFinite(value)) context.fail(importCodes.scaleNotPositive, `${which} is ${value}`);
    return dyadicFromNumber(value);
  });
}

/**
 * One value per element of `shape` from a parameter that broadcasts to it; a list of length 1 when all are equal. A
 * parameter of one element fits any shape, whatever its rank.
 * Throws ShapeError when the parameter does not fit.
 */
export function spread<T>(
  values: readonly T[],
  from: Shape,
  shape: Shape,
  same: (left: T, right: T) => boolean = (left, right) => left === right,
): readonly T[] {
  if (values.length === 1) return values;
  if (!sameShape(broadcastShapes(from, shape), shape)) {
    throw new ShapeError(`a parameter of shape [${from.join(', ')}] does not fit a tensor of [${shape.join(', ')}]`);
  }
  const [first] = values;
  if (values.length === 0) throw new ShapeError('a parameter without elements');
  if (first !== undefined && values.every((value) => same(value, first))) return [first];
  return Array.from(broadcastIndices(from, shape), (index) => at(values, index));
}

export function sameDyadic(left: Dyadic, right: Dyadic): boolean {
  return left.code === right.code && left.lsb === right.lsb;
}

/** A list of length 1 or `count` as one of `length`, by repeating. */
function lengthen<T>(list: readonly T[], length: number): readonly T[] {
  return list.length === length ? list : Array.from({ length }, (_, index) => perElement(list, index));
}

/** Integer ranges of a quantiser in units of its scale: one, or one per element, like the scales and zero points. */
export interface QuantizerRange {
  /** Odd codes. */
  readonly scales: readonly Dyadic[];
  /** Added to operand / scale before rounding; the ranges are those of the sum. None where absent. */
  readonly zeros?: readonly number[];
  readonly ranges: readonly Interval[];
  readonly rounding: Rounding;
}

/** x → x / scale + zero, in units of the power of two in the scale. */
export function scaleRatio(scale: Dyadic, zero = 0): AffineRatio {
  const offset = dyadicFromNumber(zero);
  // (x + zero × scale) / odd part; whole numbers all over by a power of two.
  const lsb = offset.code === 0n ? 0 : Math.min(0, offset.lsb + scale.lsb);
  return {
    numerator: 1n << BigInt(-lsb),
    offset: offset.code === 0n ? 0n : shiftBy(offset.code * scale.code, offset.lsb + scale.lsb - lsb),
    denominator: scale.code << BigInt(-lsb),
  };
}

/** Is every scale a power of two? */
export function arePowersOfTwo(scales: readonly Dyadic[]): boolean {
  return scales.every(({ code }) => code === 1n);
}

/**
 * Divide by the scale, add the zero point, round and saturate to the range. The result is in units of the power of two
 * in the scale: it lacks the odd part of the scale as a factor (`timesOddPart` gives it back). Ranges that no
 * fixed-point type has exactly get the next wider one and a minimum or maximum after it.
 */
export function quantizeToRange(
  context: NodeContext,
  operand: Value,
  { scales, zeros = [0], ranges, rounding }: QuantizerRange,
): Value {
  const length = Math.max(scales.length, ranges.length, zeros.length);
  const units = lengthen(scales, length).map(({ lsb }) => lsb);
  const bounds = lengthen(ranges, length);
  const signed = bounds.some(({ low }) => low < 0n);
  const symmetric = signed && bounds.every(({ low, high }) => low === -high && isMersenne(high));
  const overflow: Overflow = symmetric ? 'SAT_SYM' : 'SAT';
  const types = bounds.map(({ low, high }, index) => {
    const width = signed ? bitLength(max(high, -low - 1n)) + 1 : Math.max(1, bitLength(high));
    return typeFor(context, signed, width, units[index] ?? 0);
  });
  noteQuantizer(context, types, rounding, overflow);
  let value: Value;
  if (arePowersOfTwo(scales) && zeros.every((zero) => zero === 0)) {
    value = context.tensors.quantize(operand, types, rounding, overflow);
  } else {
    noteScales(context, scales);
    const zeroList = lengthen(zeros, length);
    const ratios = lengthen(scales, length).map((scale, index) => scaleRatio(scale, perElement(zeroList, index)));
    value = context.tensors.requantize(operand, ratios, types, rounding, overflow);
  }
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
        codes.map((code, index) => ({ code, lsb: units[index] ?? 0 })),
      ),
    );
  }
}

/** A value in units of the powers of two in the scales, times their odd parts. */
export function timesOddPart(context: NodeContext, value: Value, scales: readonly Dyadic[]): Value {
  if (arePowersOfTwo(scales)) return value;
  const factors = scales.map(({ code }): Dyadic => ({ code, lsb: 0 }));
  return context.tensors.binary('multiply', value, exactParameter(context, factors, value.shape));
}

function noteScales(context: NodeContext, scales: readonly Dyadic[]): void {
  const [first] = scales;
  if (first === undefined || context.quantizer === undefined || arePowersOfTwo(scales)) return;
  const more = scales.some(({ code }) => code !== first.code) ? ' and others' : '';
  context.quantizer = `${context.quantizer} × ${first.code}${more}`;
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
