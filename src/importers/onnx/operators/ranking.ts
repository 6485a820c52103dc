import { importCodes } from '../../../diagnostics/codes/import.js';
import { compare, select } from '../choices.js';
import { exactOf } from '../constant-tensor.js';
import { int64 } from '../element-types.js';
import { castTensor } from '../fold.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';
import { best, firstOf, positions } from '../sort.js';
import type { Tensors } from '../tensors.js';

function argument(name: string, largest: boolean): OperatorEntry {
  return operator(name, 1, ['axis', 'keepdims', 'select_last_index'], (context) => {
    const operand = context.input(0);
    const axis = context.axis(context.integer('axis', 0), operand.shape.length);
    const lastOfEquals = context.integer('select_last_index', 0) !== 0;
    const { index } = best(context.tensors, operand, axis, { largest, lastOfEquals });
    const keep = context.integer('keepdims', 1) !== 0;
    const kept = operand.shape.map((dimension, each) => (each === axis ? 1 : dimension));
    const full = context.tensors.expand(index, kept);
    const shape = kept.filter((_, each) => keep || each !== axis);
    return asInt64(context.tensors, context.tensors.reshape(full, shape));
  });
}

/** Positions are exact while they are worked out; ONNX calls them int64. */
function asInt64(tensors: Tensors, value: Value): Value {
  if (value.kind === 'computed') return { ...value, integer: int64 };
  return tensors.constant(castTensor(value.tensor, 'integer', int64));
}

function topK(context: NodeContext): readonly Value[] {
  const { tensors } = context;
  const operand = context.input(0);
  const axis = context.axis(context.integer('axis', -1), operand.shape.length);
  const length = operand.shape[axis] ?? 1;
  const count = context.opset >= 10 ? context.scalarInput(1, 'K') : context.integer('k');
  if (!Number.isInteger(count) || count < 1 || count > length) {
    context.fail(importCodes.operandValue, `the first ${count} of ${length} elements`);
  }
  const largest = context.integer('largest', 1) !== 0;
  const [, second = ''] = context.node.outputs;
  const { value, index } = firstOf(tensors, operand, axis, count, largest, second !== '');
  return index === undefined ? [value] : [value, asInt64(tensors, index)];
}

/** 1 at the first of the largest elements, 0 elsewhere. Before opset 13 the axes from `axis` on count as one. */
function hardmax(context: NodeContext): Value {
  const { tensors } = context;
  const operand = context.input(0);
  const rank = operand.shape.length;
  if (context.opset >= 13) return marked(tensors, operand, context.axis(context.integer('axis', -1), rank));
  const axis = context.axis(context.integer('axis', 1), rank);
  const size = operand.shape.slice(axis).reduce((product, dimension) => product * dimension, 1);
  const flat = tensors.reshape(operand, [...operand.shape.slice(0, axis), size]);
  return tensors.reshape(marked(tensors, flat, axis), operand.shape);
}

function marked(tensors: Tensors, operand: Value, axis: number): Value {
  const { index } = best(tensors, operand, axis, { largest: true, lastOfEquals: false });
  const mark = compare(
    tensors,
    'equal',
    index,
    positions(tensors, operand.shape[axis] ?? 1, axis, operand.shape.length),
  );
  const numbers = select(tensors, mark, number(tensors, 1n), number(tensors, 0n));
  return tensors.expand(numbers, operand.shape);
}

function number(tensors: Tensors, code: bigint): Value {
  return tensors.constant(exactOf([], [{ code, lsb: 0 }]));
}

/** values[1] where the index says so along the new axis, values[0] elsewhere; negative indices count from the end. */
function oneHot(context: NodeContext): Value {
  const { tensors } = context;
  const indices = context.input(0);
  const depth = context.scalarInput(1, 'depth');
  if (!Number.isInteger(depth) || depth < 1) context.fail(importCodes.operandValue, `a depth of ${depth}`);
  const values = context.constant(2, 'values');
  const rank = indices.shape.length + 1;
  const axis = context.axis(context.integer('axis', -1), rank);
  const wide = tensors.reshape(indices, [...indices.shape.slice(0, axis), 1, ...indices.shape.slice(axis)]);
  const ascending = positions(tensors, depth, axis, rank);
  const fromEnd = tensors.binary('subtract', ascending, number(tensors, BigInt(depth)));
  const hot = tensors.binary(
    'maximum',
    compare(tensors, 'equal', wide, ascending),
    compare(tensors, 'equal', wide, fromEnd),
  );
  const scalar = (index: number): Value => tensors.reshape(tensors.gather(values, 0, [index]), []);
  return select(tensors, hot, scalar(1), scalar(0));
}

export const rankingOperators: readonly OperatorEntry[] = [
  argument('ArgMax', true),
  argument('ArgMin', false),
  {
    operator: 'TopK',
    since: 6,
    inputs: [1, 2],
    attributes: ['k', 'axis', 'largest', 'sorted'],
    handler: topK,
  },
  operator('Hardmax', 1, ['axis'], hardmax),
  operator('OneHot', 3, ['axis'], oneHot, 9),
];
