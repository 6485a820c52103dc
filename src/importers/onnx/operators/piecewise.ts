import { importCodes } from '../../../diagnostics/codes/import.js';
import { compare, select } from '../choices.js';
import { exactOf, floatTensor } from '../constant-tensor.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';
import { scalarOf } from '../tensors.js';

/** A float attribute that must be a number. */
function finite(context: NodeContext, name: string, missing: number): number {
  const value = context.float(name, missing);
  if (!Number.isFinite(value)) context.fail(importCodes.notFinite, `${name} is ${value}`);
  return value;
}

function number(context: NodeContext, value: number): Value {
  return context.tensors.constant(scalarOf(value));
}

function whole(context: NodeContext, code: bigint): Value {
  return context.tensors.constant(exactOf([], [{ code, lsb: 0 }]));
}

/** A bound that is compared with, and therefore exact. */
function bound(context: NodeContext, value: number): Value {
  return context.tensors.constant(floatTensor([], Float64Array.of(value)));
}

/** x above alpha, else 0. */
function thresholdedRelu(context: NodeContext): Value {
  const { tensors } = context;
  const operand = context.input(0);
  const above = compare(tensors, 'lessThan', bound(context, finite(context, 'alpha', 1)), operand);
  return select(tensors, above, operand, whole(context, 0n));
}

/** x + bias below -lambd, x - bias above lambd, else 0. */
function shrink(context: NodeContext): Value {
  const { tensors } = context;
  const operand = context.input(0);
  const lambda = finite(context, 'lambd', 0.5);
  const bias = number(context, finite(context, 'bias', 0));
  const below = compare(tensors, 'lessThan', operand, bound(context, -lambda));
  const above = compare(tensors, 'lessThan', bound(context, lambda), operand);
  const raised = select(tensors, below, tensors.binary('add', operand, bias), whole(context, 0n));
  return select(tensors, above, tensors.binary('subtract', operand, bias), raised);
}

/** alpha × x + beta between 0 and 1. */
function ramp(context: NodeContext, alpha: number, beta: number): Value {
  const { tensors } = context;
  const line = tensors.binary('add', tensors.scale(context.input(0), alpha), number(context, beta));
  return tensors.binary('minimum', tensors.unary('relu', line), whole(context, 1n));
}

function hardSigmoid(context: NodeContext): Value {
  return ramp(context, finite(context, 'alpha', 0.2), finite(context, 'beta', 0.5));
}

function hardSwish(context: NodeContext): Value {
  return context.tensors.binary('multiply', context.input(0), ramp(context, 1 / 6, 0.5));
}

export const piecewiseOperators: readonly OperatorEntry[] = [
  operator('ThresholdedRelu', 1, ['alpha'], thresholdedRelu, 10),
  operator('Shrink', 1, ['lambd', 'bias'], shrink, 9),
  operator('HardSigmoid', 1, ['alpha', 'beta'], hardSigmoid),
  operator('HardSwish', 1, [], hardSwish, 14),
];
