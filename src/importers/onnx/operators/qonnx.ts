import { importCodes } from '../../../diagnostics/codes/import.js';
import { printable } from '../../../diagnostics/diagnostic.js';
import type { Dyadic } from '../../../numeric/dyadic.js';
import { dyadicFromNumber, dyadicToNumber } from '../../../numeric/dyadic.js';
import type { Interval } from '../../../numeric/interval.js';
import { clampTo } from '../../../numeric/interval.js';
import { ratioOnCodes, roundRatio } from '../../../numeric/ratio.js';
import type { Rounding } from '../../../numeric/rounding.js';
import { roundShift } from '../../../numeric/rounding.js';
import { perElement } from '../../../model/kinds.js';
import { shiftBy } from '../../../support/bits.js';
import { dyadicAt, elementsOf, exactOf, firstNotFinite, numbersOf } from '../constant-tensor.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import {
  arePowersOfTwo,
  exactParameter,
  exactScales,
  noteQuantizer,
  quantizeToRange,
  sameDyadic,
  scaleRatio,
  spread,
  timesOddPart,
  typeFor,
} from '../quantizer.js';
import type { ConstantValue, Value } from '../session.js';

/** The rounding modes of QONNX, upper case; ties of ROUND go to even. */
const roundings: ReadonlyMap<string, Rounding> = new Map<string, Rounding>([
  ['ROUND', 'RND_CONV'],
  // An extension: ties to plus infinity, as HGQ2 and `ap_fixed` have it, for which QONNX has no word.
  ['RND', 'RND'],
  ['HALF_EVEN', 'RND_CONV'],
  ['FLOOR', 'TRN'],
  ['CEIL', 'CEIL'],
  ['ROUND_TO_ZERO', 'TRN_ZERO'],
  ['DOWN', 'TRN_ZERO'],
  ['UP', 'AWAY'],
  ['HALF_UP', 'RND_INF'],
  ['HALF_DOWN', 'RND_ZERO'],
]);

function roundingOf(context: NodeContext, missing: string): Rounding {
  const text = context.string('rounding_mode', missing);
  const rounding = roundings.get(text.toUpperCase());
  return rounding ?? context.fail(importCodes.roundingMode, `rounding mode '${printable(text)}'`);
}

/** Parameters of a quantiser: lists of length 1, or one value per element of the operand. */
interface Parameters {
  /** Odd codes. */
  readonly scales: readonly Dyadic[];
  /** The zero point in units of the scale. */
  readonly zeros: readonly number[];
  readonly widths: readonly number[];
}

function bitWidths(context: NodeContext, index: number, what: string, operand: Value): readonly number[] {
  const tensor = context.tensor(index, what);
  const numbers = Array.from(numbersOf(tensor));
  const bad = numbers.find((width) => !Number.isInteger(width) || width < 1 || width > 4096);
  if (bad !== undefined) context.fail(importCodes.bitWidth, `the ${what} is ${bad}`);
  return spread(numbers, tensor.shape, operand.shape);
}

function zeroPoints(context: NodeContext, index: number, operand: Value): readonly number[] {
  const tensor = context.tensor(index, 'zero point');
  const numbers = Array.from(numbersOf(tensor), (value) => (value === 0 ? 0 : value));
  const bad = numbers.find((value) => !Number.isFinite(value));
  if (bad !== undefined) context.fail(importCodes.zeroPoint, `the zero point is ${bad}`);
  return spread(numbers, tensor.shape, operand.shape);
}

function scalesOf(context: NodeContext, index: number, operand: Value): readonly Dyadic[] {
  const tensor = context.tensor(index, 'scale');
  return spread(exactScales(context, tensor), tensor.shape, operand.shape, sameDyadic);
}

/** The codes of a QONNX integer quantiser. */
export function integerRange(signed: boolean, narrow: boolean, width: number): Interval {
  const bits = BigInt(width);
  if (!signed) return { low: 0n, high: (1n << bits) - (narrow ? 2n : 1n) };
  const half = 1n << (bits - 1n);
  return { low: narrow ? 1n - half : -half, high: half - 1n };
}

function quant(context: NodeContext): Value {
  const operand = context.input(0);
  const parameters: Parameters = {
    scales: scalesOf(context, 1, operand),
    zeros: zeroPoints(context, 2, operand),
    widths: bitWidths(context, 3, 'bit width', operand),
  };
  const signed = context.integer('signed', 1) !== 0;
  const narrow = context.integer('narrow', 0) !== 0;
  const rounding = roundingOf(context, 'ROUND');
  if (signed && parameters.widths.includes(1)) {
    if (parameters.widths.length > 1) context.refuse('signed bit widths of one and more in one tensor');
    context.report(importCodes.oneBitSigned, 'a signed quantiser of one bit');
    return bipolarWith(context, operand, parameters);
  }
  const ranges = parameters.widths.map((width) => integerRange(signed, narrow, width));
  if (context.string('overflow_mode', 'SAT') !== 'SAT') return wrapping(context, operand, parameters, signed, rounding);
  if (operand.kind === 'constant') return quantizedConstant(context, operand, parameters, ranges, rounding, signed);
  return quantized(context, operand, parameters, ranges, rounding);
}

/** (clamp(round(x / s + z)) - z) × s */
function quantized(
  context: NodeContext,
  operand: Value,
  parameters: Parameters,
  ranges: readonly Interval[],
  rounding: Rounding,
): Value {
  const { scales, zeros } = parameters;
  if (arePowersOfTwo(scales)) {
    return shifted(context, operand, parameters, (value) =>
      quantizeToRange(context, value, { scales, ranges, rounding }),
    );
  }
  let value = quantizeToRange(context, operand, { scales, zeros, ranges, rounding });
  if (zeros.some((zero) => zero !== 0)) {
    const units = { scales: scales.map(({ lsb }) => ({ code: 1n, lsb })), zeros };
    value = context.tensors.binary('subtract', value, exactParameter(context, zeroOffsets(units), operand.shape));
  }
  return timesOddPart(context, value, scales);
}

/** body(x + z·s) - z·s, exactly; body(x) without a zero point. */
function shifted(context: NodeContext, operand: Value, parameters: Parameters, body: (value: Value) => Value): Value {
  const { zeros } = parameters;
  if (zeros.every((zero) => zero === 0)) return body(operand);
  const offset = exactParameter(context, zeroOffsets(parameters), operand.shape);
  return context.tensors.binary('subtract', body(context.tensors.binary('add', operand, offset)), offset);
}

/** z·s of each element. */
function zeroOffsets({ zeros, scales }: Omit<Parameters, 'widths'>): readonly Dyadic[] {
  return Array.from({ length: Math.max(zeros.length, scales.length) }, (_, index) => {
    const { code, lsb } = dyadicFromNumber(perElement(zeros, index));
    const scale = perElement(scales, index);
    return { code: code * scale.code, lsb: lsb + scale.lsb };
  });
}

/** Codes of a constant, divided by its scale and shifted by its zero point in float32, as exporters do. */
function quantizedConstant(
  context: NodeContext,
  operand: ConstantValue,
  parameters: Parameters,
  ranges: readonly Interval[],
  rounding: Rounding,
  signed: boolean,
): Value {
  checkFinite(context, operand);
  const { tensor } = operand;
  const { scales, zeros } = parameters;
  const offsets = zeroOffsets(parameters);
  let different = 0;
  const count = elementsOf(tensor);
  context.session.claimFolded(count, context.provenance);
  const values = Array.from({ length: count }, (_, index): Dyadic => {
    const scale = perElement(scales, index);
    const zero = perElement(zeros, index);
    const { code, lsb } = dyadicAt(tensor, index);
    const range = perElement(ranges, index);
    const exact = ratioOnCodes(scaleRatio(scale, zero), lsb, scale.lsb);
    let rounded = clampTo(roundRatio(exact, code, rounding), range);
    if (tensor.kind !== 'fixed') {
      const quotient = Math.fround(Math.fround(Math.fround(Number(code) * 2 ** lsb) / dyadicToNumber(scale)) + zero);
      const inFloat = floatCode(quotient, rounding, range);
      if (inFloat !== rounded) different++;
      rounded = inFloat;
    }
    const offset = perElement(offsets, index);
    return sum({ code: rounded * scale.code, lsb: scale.lsb }, { code: -offset.code, lsb: offset.lsb });
  });
  if (different > 0) context.report(importCodes.floatRounding, `${different} of ${count} elements`);
  const types = parameters.widths.map((width, index) => typeFor(context, signed, width, perElement(scales, index).lsb));
  noteQuantizer(context, types, rounding, ranges.some(({ low, high }) => signed && low === -high) ? 'SAT_SYM' : 'SAT');
  return context.tensors.constant(exactOf(operand.shape, values));
}

function floatCode(value: number, rounding: Rounding, range: Interval): bigint {
  if (!Number.isFinite(value)) return value > 0 ? range.high : range.low;
  const { code, lsb } = dyadicFromNumber(value);
  return clampTo(roundShift(code, -lsb, rounding), range);
}

/** On the finer of the two LSBs. */
function sum(left: Dyadic, right: Dyadic): Dyadic {
  if (right.code === 0n) return left;
  const lsb = Math.min(left.lsb, right.lsb);
  return { code: shiftBy(left.code, left.lsb - lsb) + shiftBy(right.code, right.lsb - lsb), lsb };
}

function checkFinite(context: NodeContext, operand: ConstantValue): void {
  const bad = firstNotFinite(operand.tensor);
  if (bad < 0 || operand.tensor.kind !== 'float') return;
  const name = printable(operand.provenance.name);
  context.fail(importCodes.notFinite, `element ${bad} of constant '${name}' is ${operand.tensor.values[bad]}`);
}

/** ±scale by the sign of x + z·s, then - z·s. */
function bipolarWith(context: NodeContext, operand: Value, parameters: Omit<Parameters, 'widths'>): Value {
  const { scales, zeros } = parameters;
  context.quantizer = 'bipolar';
  if (operand.kind === 'constant') {
    checkFinite(context, operand);
    const offsets = zeroOffsets(parameters);
    const values = Array.from({ length: elementsOf(operand.tensor) }, (_, index): Dyadic => {
      const offset = perElement(offsets, index);
      const { code } = sum(dyadicAt(operand.tensor, index), offset);
      return sum(scaledSign(code >= 0n, perElement(scales, index)), { code: -offset.code, lsb: offset.lsb });
    });
    context.session.claimFolded(values.length, context.provenance);
    return context.tensors.constant(exactOf(operand.shape, values));
  }
  return shifted(context, operand, { ...parameters, widths: [], zeros }, (value) => {
    const sign = value.kind === 'computed' ? context.tensors.bipolar(value) : value;
    if (scales.length === 1 && scales[0]?.code === 1n && scales[0].lsb === 0) return sign;
    return context.tensors.binary('multiply', sign, exactParameter(context, scales, operand.shape));
  });
}

function scaledSign(positive: boolean, { code, lsb }: Dyadic): Dyadic {
  return { code: positive ? code : -code, lsb };
}

function bipolarQuant(context: NodeContext): Value {
  const operand = context.input(0);
  return bipolarWith(context, operand, { scales: scalesOf(context, 1, operand), zeros: [0] });
}

/**
 * Drops low bits of a value that is already quantised with `scale` and `input bit width`.
 * Version 1 (five inputs) gives the truncated integer the input's scale again; version 2 (six inputs, or seven with an
 * output zero point that is not used) gives it the output scale and clamps to the output width.
 * Source: QONNX, docs/qonnx-custom-ops/trunc_v1.md and trunc_v2.md.
 */
function trunc(context: NodeContext): Value {
  const operand = context.input(0);
  const inputs = context.inputCount;
  const scales = scalesOf(context, 1, operand);
  const zeros = zeroPoints(context, 2, operand);
  const inputWidths = bitWidths(context, 3, 'input bit width', operand);
  const outputWidths = bitWidths(context, inputs === 5 ? 4 : inputs === 6 ? 5 : 6, 'output bit width', operand);
  if (inputWidths.length > 1 || outputWidths.length > 1)
    return context.refuse('bit widths that differ between elements');
  const [inputWidth = 1] = inputWidths;
  const [outputWidth = 1] = outputWidths;
  const rounding = roundingOf(context, 'FLOOR');
  const coarse =
    inputs === 5
      ? scales.map(({ code, lsb }) => ({ code, lsb: lsb + inputWidth - outputWidth }))
      : scalesOf(context, 4, operand);
  if (!sameOddParts(scales, coarse)) context.refuse('an output scale that is not a power of two times the input scale');
  // Version 1 does not clamp; two bits more than the input declares hold every sum with a zero point.
  const wide = integerRange(true, false, inputWidth + 2);
  const result =
    inputs === 5
      ? integerRange(true, false, outputWidth + 2)
      : integerRange(context.integer('signed', 1) !== 0, context.integer('narrow', 0) !== 0, outputWidth);
  const parameters = { scales, zeros, widths: inputWidths };
  const units = (list: readonly Dyadic[]): readonly Dyadic[] => list.map(({ lsb }) => ({ code: 1n, lsb }));
  const body = (value: Value): Value => {
    const onGrid = quantizeToRange(context, value, { scales, ranges: [wide], rounding: 'RND_CONV' });
    const reduced = quantizeToRange(context, onGrid, { scales: units(coarse), ranges: [result], rounding });
    const truncated = timesOddPart(context, reduced, coarse);
    return inputs === 5 ? context.tensors.scale(truncated, 2 ** (outputWidth - inputWidth)) : truncated;
  };
  return shifted(context, operand, parameters, body);
}

function sameOddParts(left: readonly Dyadic[], right: readonly Dyadic[]): boolean {
  const length = Math.max(left.length, right.length);
  return Array.from({ length }, (_, index) => perElement(left, index).code === perElement(right, index).code).every(
    Boolean,
  );
}

/**
 * Trigc's extension of Quant, `overflow_mode` = WRAP: codes beyond the range wrap, as they do in the quantisers of HGQ2
 * and in `ap_fixed` by default. Evaluators of QONNX that do not know the attribute saturate.
 */
function wrapping(
  context: NodeContext,
  operand: Value,
  { scales, zeros, widths }: Parameters,
  signed: boolean,
  rounding: Rounding,
): Value {
  const mode = context.string('overflow_mode', 'SAT');
  if (mode !== 'WRAP')
    context.refuse(`overflow_mode '${printable(mode)}'`, 'Quantisers saturate (SAT) or wrap (WRAP).');
  const plain = arePowersOfTwo(scales) && zeros.every((zero) => zero === 0) && context.integer('narrow', 0) === 0;
  if (operand.kind === 'constant' || !plain) {
    return context.refuse('a quantiser that wraps, of a constant, or with a zero point, narrow or another scale');
  }
  const length = Math.max(scales.length, widths.length);
  const types = Array.from({ length }, (_, index) =>
    typeFor(context, signed, perElement(widths, index), perElement(scales, index).lsb),
  );
  noteQuantizer(context, types, rounding, 'WRAP');
  return context.tensors.quantize(operand, types, rounding, 'WRAP');
}

export const qonnxOperators: readonly OperatorEntry[] = [
  operator('Quant', 4, ['signed', 'narrow', 'rounding_mode', 'overflow_mode'], quant, 1),
  operator('IntQuant', 4, ['signed', 'narrow', 'rounding_mode'], quant, 1),
  operator('BipolarQuant', 2, [], bipolarQuant, 1),
  operator('Trunc', [5, 7], ['rounding_mode', 'signed', 'narrow'], trunc, 1),
];
