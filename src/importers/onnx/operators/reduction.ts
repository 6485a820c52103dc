import { importCodes } from '../../../diagnostics/codes/import.js';
import type { ReduceOperation } from '../../../model/kinds.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';
import { exactMean } from './arithmetic.js';

type Before = (context: NodeContext, operand: Value) => Value;
const unchanged: Before = (_, operand) => operand;

/** `axesInput`: the opset from which the axes are an input instead of an attribute. */
function reduction(
  name: string,
  operation: ReduceOperation,
  axesInput: number,
  before: Before = unchanged,
  mean = false,
): OperatorEntry {
  return operator(name, [1, 2], ['axes', 'keepdims', 'noop_with_empty_axes'], (context) => {
    const operand = context.input(0);
    const rank = operand.shape.length;
    const listed =
      context.opset >= axesInput ? context.optionalWholeInput(1, 'list of axes') : context.integers('axes');
    const none = listed === undefined || listed.length === 0;
    if (none && context.integer('noop_with_empty_axes', 0) !== 0) return before(context, operand);
    const axes = none ? operand.shape.map((_, axis) => axis) : context.axes(listed, rank);
    warnAcrossEvents(context, operand, axes);
    const keep = context.integer('keepdims', 1) !== 0;
    const reduced = context.tensors.reduce(operation, before(context, operand), axes, keep);
    const count = axes.reduce((product, axis) => product * (operand.shape[axis] ?? 1), 1);
    return mean ? exactMean(context, reduced, count) : reduced;
  });
}

function warnAcrossEvents(context: NodeContext, operand: Value, axes: readonly number[]): void {
  if (operand.kind === 'constant' || context.session.batch.declared === 1) return;
  if (operand.shape.length >= 2 && operand.shape[0] === 1 && axes.includes(0)) {
    context.report(importCodes.acrossEvents, `${context.node.operator} includes dimension 0`);
  }
}

const square: Before = (context, operand) => context.tensors.binary('multiply', operand, operand);
const absolute: Before = (context, operand) => context.tensors.unary('absolute', operand);

export const reductionOperators: readonly OperatorEntry[] = [
  reduction('ReduceSum', 'sum', 13),
  reduction('ReduceMean', 'sum', 18, unchanged, true),
  reduction('ReduceMax', 'maximum', 18),
  reduction('ReduceMin', 'minimum', 18),
  reduction('ReduceSumSquare', 'sum', 18, square),
  reduction('ReduceL1', 'sum', 18, absolute),
];
