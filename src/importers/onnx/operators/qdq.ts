import { importCodes } from '../../../diagnostics/codes/import.js';
import { printable } from '../../../diagnostics/diagnostic.js';
import type { Dyadic } from '../../../numeric/dyadic.js';
import { dyadicFromNumber, dyadicToNumber } from '../../../numeric/dyadic.js';
import type { Interval } from '../../../numeric/interval.js';
import { clampTo } from '../../../numeric/interval.js';
import { roundShift } from '../../../numeric/rounding.js';
import type { Shape } from '../../../model/kinds.js';
import { perElement } from '../../../model/kinds.js';
import { ShapeError } from '../../../model/shapes.js';
import type { ConstantTensor } from '../constant-tensor.js';
import { elementsOf, exactOf, firstNotFinite, integerTensor, numberAt } from '../constant-tensor.js';
import type { IntegerType } from '../element-types.js';
import { elementTypeName, elementTypeOf } from '../element-types.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import { exactParameter, exactScales, quantizeToRange, sameDyadic, spread, timesOddPart } from '../quantizer.js';
import type { Scaling, Value } from '../session.js';

const uint8: IntegerType = { name: 'uint8', signed: false, bits: 8 };

/** Scale and zero point: per tensor, or one per position along `axis`. */
function scalingOf(context: NodeContext, shape: Shape): Scaling {
  if (context.integer('block_size', 0) !== 0)
    context.refuse('blocked quantisation', 'Quantise per tensor or per channel.');
  const scale = context.tensor(1, 'scale');
  const zero = context.optionalTensor(2, 'zero point');
  if (zero !== undefined && zero.kind !== 'integer') {
    context.fail(importCodes.zeroPoint, 'the zero point is not an integer');
  }
  const zeros = zero === undefined ? [0n] : Array.from(zero.values);
  return {
    scales: perAxis(context, exactScales(context, scale), scale, shape, sameDyadic),
    zeros: zero === undefined ? zeros : perAxis(context, zeros, zero, shape),
  };
}

function perAxis<T>(
  context: NodeContext,
  values: readonly T[],
  parameter: ConstantTensor,
  shape: Shape,
  same?: (left: T, right: T) => boolean,
): readonly T[] {
  if (elementsOf(parameter) === 1) return values;
  if (parameter.shape.length !== 1) throw new ShapeError(`a scale or zero point of rank ${parameter.shape.length}`);
  const axis = context.axis(context.integer('axis', 1), shape.length);
  if (values.length !== shape[axis]) {
    throw new ShapeError(`${values.length} scales or zero points for axis ${axis} of [${shape.join(', ')}]`);
  }
  return spread(values, [values.length, ...shape.slice(axis + 1).map(() => 1)], shape, same);
}

function rangeOf(type: IntegerType): Interval {
  const bits = BigInt(type.bits);
  return type.signed
    ? { low: -(1n << (bits - 1n)), high: (1n << (bits - 1n)) - 1n }
    : { low: 0n, high: (1n << bits) - 1n };
}

/** The zero point gives the integer type, `output_dtype` does where there is none, and uint8 is the default. */
function targetType(context: NodeContext): IntegerType {
  const zero = context.optionalTensor(2, 'zero point');
  if (zero?.kind === 'integer') return zero.type;
  const number = context.integer('output_dtype', 0);
  if (number === 0) return uint8;
  const type = elementTypeOf(number);
  if (type === undefined || 'float' in type) return context.refuse(`quantisation to ${elementTypeName(number)}`);
  return type.integer;
}

/** saturate(round half to even(x / scale) + zero point): kept in real numbers until something needs the integers. */
function quantizeLinear(context: NodeContext): Value {
  const operand = context.input(0);
  const scaling = scalingOf(context, operand.shape);
  const type = targetType(context);
  const whole = rangeOf(type);
  if (scaling.zeros.some((zero) => zero < whole.low || zero > whole.high)) {
    context.fail(importCodes.zeroPoint, `a zero point is outside ${type.name}`);
  }
  if (operand.kind === 'constant') {
    const { tensor } = operand;
    const bad = firstNotFinite(tensor);
    if (bad >= 0) {
      context.fail(
        importCodes.notFinite,
        `element ${bad} of constant '${printable(operand.provenance.name)}' is ${numberAt(tensor, bad)}`,
      );
    }
    context.session.claimFolded(elementsOf(tensor), context.provenance);
    const values = BigInt64Array.from({ length: elementsOf(tensor) }, (_, index) => {
      const quotient = dyadicFromNumber(
        Math.fround(numberAt(tensor, index) / dyadicToNumber(perElement(scaling.scales, index))),
      );
      const rounded = roundShift(quotient.code, -quotient.lsb, 'RND_CONV');
      return clampTo(rounded + perElement(scaling.zeros, index), whole);
    });
    return context.tensors.constant(integerTensor(operand.shape, values, type));
  }
  const ranges = scaling.zeros.map((zero) => ({ low: whole.low - zero, high: whole.high - zero }));
  const real = quantizeToRange(context, operand, { scales: scaling.scales, ranges, rounding: 'RND_CONV' });
  return { kind: 'computed', node: context.tensors.nodeOf(real), shape: operand.shape, integer: type, scaling };
}

/** (q - zero point) × scale, exactly. */
function dequantizeLinear(context: NodeContext): Value {
  const operand = context.input(0);
  const scaling = scalingOf(context, operand.shape);
  const { scales, zeros } = scaling;
  if (operand.kind === 'constant') {
    const { tensor } = operand;
    if (tensor.kind !== 'integer')
      return context.fail(importCodes.operandValue, 'the quantised constant is not an integer tensor');
    context.session.claimFolded(elementsOf(tensor), context.provenance);
    const values = Array.from(tensor.values, (value, index): Dyadic => ({
      code: (value - perElement(zeros, index)) * perElement(scales, index).code,
      lsb: perElement(scales, index).lsb,
    }));
    return { ...context.tensors.constant(exactOf(operand.shape, values)), provenance: operand.provenance };
  }
  if (operand.integer === undefined) return context.refuse('dequantisation of a float tensor');
  if (operand.scaling !== undefined && sameScaling(operand.scaling, scaling)) {
    return timesOddPart(context, { kind: 'computed', node: operand.node, shape: operand.shape }, scales);
  }
  let value: Value = { kind: 'computed', node: context.tensors.nodeOf(operand), shape: operand.shape };
  if (zeros.some((zero) => zero !== 0n)) {
    const offsets = zeros.map((zero) => ({ code: zero, lsb: 0 }));
    value = context.tensors.binary('subtract', value, exactParameter(context, offsets, operand.shape));
  }
  if (scales.every(({ code, lsb }) => code === 1n && lsb === 0)) return value;
  return context.tensors.binary('multiply', value, exactParameter(context, scales, operand.shape));
}

function sameScaling(left: Scaling, right: Scaling): boolean {
  return (
    left.scales.length === right.scales.length &&
    left.zeros.length === right.zeros.length &&
    left.scales.every((scale, index) => sameDyadic(scale, perElement(right.scales, index))) &&
    left.zeros.every((zero, index) => zero === right.zeros[index])
  );
}

export const qdqOperators: readonly OperatorEntry[] = [
  operator(
    'QuantizeLinear',
    [2, 3],
    ['axis', 'saturate', 'block_size', 'output_dtype', 'precision'],
    quantizeLinear,
    10,
  ),
  operator('DequantizeLinear', [2, 3], ['axis', 'block_size', 'output_dtype'], dequantizeLinear, 10),
];
