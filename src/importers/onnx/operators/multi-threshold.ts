import { importCodes } from '../../../diagnostics/codes/import.js';
import { at } from '../../../support/invariant.js';
import type { Dyadic } from '../../../numeric/dyadic.js';
import { dyadicFromNumber } from '../../../numeric/dyadic.js';
import { fixedPointType } from '../../../numeric/fixed-point.js';
import { compare } from '../choices.js';
import { exactOf, floatTensor, numbersOf } from '../constant-tensor.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';
import { powerOfTwoExponent, scalarOf } from '../tensors.js';

/** The thresholds of one channel are a row, sorted; `axis` is where the operand has its channels. */
interface Thresholds {
  readonly rows: readonly (readonly number[])[];
  readonly axis: number;
}

/**
 * out_scale × (number of thresholds that x reaches) + out_bias, with thresholds of their own for each channel or the same
 * for all. Thresholds at equal distances, a power of two, make a quantiser; any others are compared one by one.
 * Source: qonnx, custom_op/general/multithreshold.py.
 */
function multiThreshold(context: NodeContext): Value {
  const { tensors } = context;
  const operand = context.input(0);
  const thresholds = readThresholds(context, operand);
  const count = equidistant(context, operand, thresholds) ?? counted(context, operand, thresholds);
  const scale = context.float('out_scale', 1);
  const bias = context.float('out_bias', 0);
  if (!Number.isFinite(scale) || !Number.isFinite(bias)) {
    context.fail(importCodes.notFinite, `out_scale is ${scale}, out_bias ${bias}`);
  }
  const scaled = tensors.scale(count, scale);
  if (bias === 0) return scaled;
  const { code, lsb } = dyadicFromNumber(bias);
  // A bias on the grid of the scale needs no type of its own.
  const onGrid = powerOfTwoExponent(Math.abs(scale)) !== undefined && Number.isInteger((2 * bias) / scale);
  return tensors.binary('add', scaled, tensors.constant(onGrid ? exactOf([], [{ code, lsb }]) : scalarOf(bias)));
}

function readThresholds(context: NodeContext, operand: Value): Thresholds {
  const given = context.constant(1, 'thresholds');
  const layout = context.string('data_layout', 'NCHW');
  const rank = operand.shape.length;
  if (!/^N[HW]*C[HW]*$/u.test(layout)) return context.refuse(`data_layout '${layout}'`);
  const axis = Math.min(layout.endsWith('C') && layout !== 'NC' ? rank - 1 : 1, Math.max(rank - 1, 0));
  const channels = operand.shape[axis] ?? 1;
  const [rowCount = 0, length = 0] = given.shape;
  if (given.shape.length !== 2 || length === 0 || (rowCount !== 1 && rowCount !== channels)) {
    const shape = `[${given.shape.join(', ')}]`;
    return context.fail(importCodes.operandValue, `thresholds of shape ${shape} for ${channels} channels`);
  }
  const values = Array.from(numbersOf(given.tensor));
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) context.fail(importCodes.notFinite, `threshold ${bad} is ${at(values, bad)}`);
  const rows = Array.from({ length: rowCount }, (_, row) =>
    // Their number counts, not their order.
    values.slice(row * length, (row + 1) * length).sort((a, b) => a - b),
  );
  return { rows, axis };
}

/** One entry for each channel, in a shape that broadcasts with the operand. */
function perChannel(operand: Value, { rows, axis }: Thresholds): readonly number[] {
  return operand.shape.slice(axis).map((_, index) => (index === 0 ? rows.length : 1));
}

/** A floor and a clamp where all thresholds lie 2^k apart; else undefined. */
function equidistant(context: NodeContext, operand: Value, thresholds: Thresholds): Value | undefined {
  const { tensors } = context;
  const { rows } = thresholds;
  const length = at(rows, 0).length;
  const [first = 0, second = first] = at(rows, 0);
  const exponent = powerOfTwoExponent(second - first);
  if (length < 3 || exponent === undefined || operand.kind === 'constant') return undefined;
  const step = 2 ** exponent;
  // Exact in doubles: thresholds are float32, and a difference that is not exact is not the step either.
  const even = rows.every((row) => row.every((value, index) => index === 0 || value - at(row, index - 1) === step));
  if (!even) return undefined;
  // floor((x - first) / step) + 1, from 0 to the number of thresholds.
  const start = rows.map((row): Dyadic => dyadicFromNumber(step - at(row, 0)));
  if (rows.some((row, index) => step - dyadicNumber(at(start, index)) !== at(row, 0))) return undefined;
  const offset = tensors.constant(exactOf(perChannel(operand, thresholds), start));
  const position = tensors.scale(tensors.binary('add', operand, offset), 1 / step);
  const bits = Math.ceil(Math.log2(length + 1));
  const floor = tensors.quantize(position, [fixedPointType(false, bits, bits)], 'TRN', 'SAT');
  if (length === 2 ** bits - 1) return floor;
  return tensors.binary('minimum', floor, tensors.constant(exactOf([], [{ code: BigInt(length), lsb: 0 }])));
}

function dyadicNumber({ code, lsb }: Dyadic): number {
  return Number(code) * 2 ** lsb;
}

/** One comparison for each threshold, along a new last axis. */
function counted(context: NodeContext, operand: Value, thresholds: Thresholds): Value {
  const { tensors } = context;
  const { rows } = thresholds;
  const length = at(rows, 0).length;
  const shape = [...perChannel(operand, thresholds), length];
  const bounds = tensors.constant(floatTensor(shape, Float64Array.from(rows.flat())));
  const wide = tensors.reshape(operand, [...operand.shape, 1]);
  const below = compare(tensors, 'lessThan', wide, bounds);
  const plain: Value = below.kind === 'constant' ? below : { kind: 'computed', node: below.node, shape: below.shape };
  const missed = tensors.reduce('sum', plain, [operand.shape.length], false);
  return tensors.binary('subtract', tensors.constant(exactOf([], [{ code: BigInt(length), lsb: 0 }])), missed);
}

export const multiThresholdOperators: readonly OperatorEntry[] = [
  operator('MultiThreshold', 2, ['out_dtype', 'out_scale', 'out_bias', 'data_layout'], multiThreshold, 1),
];
