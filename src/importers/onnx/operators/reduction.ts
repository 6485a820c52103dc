import { importCodes } from '../../../diagnostics/codes/import.js';
import type { ReduceOperation } from '../../../model/kinds.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';
import { divideByCounts } from '../averages.js';
import { stableExponentials } from './softmax.js';

/** What is done to every element before they are reduced. */
type Before = (context: NodeContext, operand: Value) => Value;
const unchanged: Before = (_, operand) => operand;
/** What is done to a result that `count` elements were reduced to. */
type After = (context: NodeContext, reduced: Value, count: number) => Value;

/** `axesInput`: the opset from which the axes are an input instead of an attribute. */
function reduction(
  name: string,
  operation: ReduceOperation,
  axesInput: number,
  before: Before = unchanged,
  after: After = unchanged,
): OperatorEntry {
  return operator(name, [1, 2], ['axes', 'keepdims', 'noop_with_empty_axes'], (context) => {
    const operand = context.input(0);
    const axes = reducedAxes(context, operand, axesInput);
    if (axes === undefined) return after(context, before(context, operand), 1);
    const keep = context.integer('keepdims', 1) !== 0;
    const reduced = context.tensors.reduce(operation, before(context, operand), axes, keep);
    const count = axes.reduce((product, axis) => product * (operand.shape[axis] ?? 1), 1);
    return after(context, reduced, count);
  });
}

/** The axes that are reduced; undefined when the node changes nothing. */
function reducedAxes(context: NodeContext, operand: Value, axesInput: number): readonly number[] | undefined {
  const listed = context.opset >= axesInput ? context.optionalWholeInput(1, 'list of axes') : context.integers('axes');
  const none = listed === undefined || listed.length === 0;
  if (none && context.integer('noop_with_empty_axes', 0) !== 0) return undefined;
  const axes = none ? operand.shape.map((_, axis) => axis) : context.axes(listed, operand.shape.length);
  warnAcrossEvents(context, operand, axes);
  return axes;
}

/** Neighbours along each axis multiplied, until one is left: the depth is the logarithm of the length. */
function reduceProduct(context: NodeContext): Value {
  const { tensors } = context;
  const operand = context.input(0);
  const axes = reducedAxes(context, operand, 18);
  if (axes === undefined) return operand;
  let value = operand;
  for (const axis of axes) {
    for (let left = operand.shape[axis] ?? 1; left > 1; left = Math.ceil(left / 2)) {
      const every = (offset: number): Value => {
        const indices = Array.from({ length: Math.floor(left / 2) }, (_, pair) => 2 * pair + offset);
        return tensors.gather(value, axis, indices);
      };
      const products = tensors.binary('multiply', every(0), every(1));
      value = left % 2 === 0 ? products : tensors.concat([products, tensors.gather(value, axis, [left - 1])], axis);
    }
  }
  if (context.integer('keepdims', 1) !== 0) return value;
  return tensors.reshape(
    value,
    value.shape.filter((_, axis) => !axes.includes(axis)),
  );
}

/** Sums of all elements up to each one: a product with a triangle of ones, whose sums the optimiser shares. */
function cumulativeSum(context: NodeContext): Value {
  const { tensors } = context;
  const operand = context.input(0);
  const axis = context.axis(context.scalarInput(1, 'axis'), operand.shape.length);
  const length = operand.shape[axis] ?? 1;
  const exclusive = context.integer('exclusive', 0) !== 0;
  const reverse = context.integer('reverse', 0) !== 0;
  tensors.claimFolded([length, length]);
  const codes = Array.from({ length: length * length }, (_, index) => {
    const [from, to] = [Math.floor(index / length), index % length];
    const before = reverse ? from > to : from < to;
    return before || (from === to && !exclusive) ? 1n : 0n;
  });
  const ones = tensors.constant({ kind: 'fixed', shape: [length, length], lsb: 0, codes });
  const order = operand.shape.map((_, each) => each);
  const last = order.length - 1;
  [order[axis], order[last]] = [last, axis];
  return tensors.transpose(tensors.matmul(tensors.transpose(operand, order), ones), order);
}

function warnAcrossEvents(context: NodeContext, operand: Value, axes: readonly number[]): void {
  if (operand.kind === 'constant' || context.session.batch.declared === 1) return;
  if (operand.shape.length >= 2 && operand.shape[0] === 1 && axes.includes(0)) {
    context.report(importCodes.acrossEvents, `${context.node.operator} includes dimension 0`);
  }
}

/** log(Σ e^x) in its stable form: the greatest operand aside, no exponential exceeds 1. */
function logSumExp(context: NodeContext): Value {
  const { tensors } = context;
  const operand = context.input(0);
  const axes = reducedAxes(context, operand, 18);
  if (axes === undefined) return operand;
  const keep = context.integer('keepdims', 1) !== 0;
  const { greatest, sum } = stableExponentials(context, operand, axes);
  const result = tensors.binary('add', greatest, tensors.real('log', sum, { fitted: true }));
  if (keep) return result;
  return tensors.reshape(
    result,
    result.shape.filter((_, axis) => !axes.includes(axis)),
  );
}

const square: Before = (context, operand) => context.tensors.binary('multiply', operand, operand);
const absolute: Before = (context, operand) => context.tensors.unary('absolute', operand);

export const reductionOperators: readonly OperatorEntry[] = [
  reduction('ReduceSum', 'sum', 13),
  reduction('ReduceMean', 'sum', 18, unchanged, (context, sum, count) => divideByCounts(context, sum, [count], [])),
  reduction('ReduceMax', 'maximum', 18),
  reduction('ReduceMin', 'minimum', 18),
  reduction('ReduceSumSquare', 'sum', 18, square),
  reduction('ReduceL1', 'sum', 18, absolute),
  reduction('ReduceL2', 'sum', 18, square, (context, sum) => context.tensors.real('sqrt', sum, { fitted: true })),
  reduction('ReduceLogSum', 'sum', 18, unchanged, (context, sum) => context.tensors.real('log', sum, { fitted: true })),
  operator('ReduceLogSumExp', [1, 2], ['axes', 'keepdims', 'noop_with_empty_axes'], logSumExp),
  operator('ReduceProd', [1, 2], ['axes', 'keepdims', 'noop_with_empty_axes'], reduceProduct),
  operator('CumSum', 2, ['exclusive', 'reverse'], cumulativeSum, 11),
];
