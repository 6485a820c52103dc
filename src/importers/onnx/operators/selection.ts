import { importCodes } from '../../../diagnostics/codes/import.js';
import { wholeNumbers } from '../constant-tensor.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { ANY_NUMBER, operator } from '../operator.js';
import type { Value } from '../session.js';

function concat(context: NodeContext): Value {
  const operands = Array.from({ length: context.inputCount }, (_, index) => context.input(index));
  const axis = context.axis(context.integer('axis'), operands[0]?.shape.length ?? 0);
  return context.tensors.concat(operands, axis);
}

function slice(context: NodeContext): Value {
  const operand = context.input(0);
  const inputs = context.opset >= 10;
  const starts = inputs ? context.wholeInput(1, 'starts') : required(context, 'starts');
  const ends = inputs ? context.wholeInput(2, 'ends') : required(context, 'ends');
  const listed = inputs ? context.optionalWholeInput(3, 'axes') : context.integers('axes');
  const steps = (inputs ? context.optionalWholeInput(4, 'steps') : undefined) ?? starts.map(() => 1);
  const axes = context.axes(listed ?? starts.map((_, axis) => axis), operand.shape.length);
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length) {
    context.fail(importCodes.operandValue, 'starts, ends, axes and steps differ in length');
  }
  let value = operand;
  axes.forEach((axis, index) => {
    const step = steps[index] ?? 1;
    if (step === 0) context.fail(importCodes.operandValue, 'a step of zero');
    const indices = sliceIndices(operand.shape[axis] ?? 1, starts[index] ?? 0, ends[index] ?? 0, step);
    value = context.tensors.gather(value, axis, indices);
  });
  return value;
}

function required(context: NodeContext, attribute: string): readonly number[] {
  return context.integers(attribute) ?? context.fail(importCodes.attribute, `Slice lacks its attribute '${attribute}'`);
}

/** The positions of NumPy's start:end:step on an axis of `length`. */
function sliceIndices(length: number, start: number, end: number, step: number): readonly number[] {
  const clamp = (position: number): number => {
    const absolute = position < 0 ? position + length : position;
    return step > 0 ? Math.min(Math.max(absolute, 0), length) : Math.min(Math.max(absolute, -1), length - 1);
  };
  const indices: number[] = [];
  const last = clamp(end);
  for (let index = clamp(start); step > 0 ? index < last : index > last; index += step) indices.push(index);
  return indices;
}

function split(context: NodeContext): readonly Value[] {
  const operand = context.input(0);
  const axis = context.axis(context.integer('axis', 0), operand.shape.length);
  const length = operand.shape[axis] ?? 1;
  const listed = context.opset >= 13 ? context.optionalWholeInput(1, 'split sizes') : context.integers('split');
  const count = context.node.outputs.length;
  const sizes =
    listed ?? equalParts(context, length, context.opset >= 18 ? context.integer('num_outputs', count) : count);
  if (sizes.length !== count) {
    context.fail(importCodes.operandCount, `${sizes.length} parts for ${count} outputs`);
  }
  if (sizes.some((part) => part < 0) || sizes.reduce((sum, part) => sum + part, 0) !== length) {
    context.fail(importCodes.operandValue, `parts of [${sizes.slice(0, 16).join(', ')}] do not make ${length}`);
  }
  let start = 0;
  return sizes.map((part) => {
    const indices = Array.from({ length: part }, (_, index) => start + index);
    start += part;
    return context.tensors.gather(operand, axis, indices);
  });
}

/** Equal parts; from opset 18 on the last one may be smaller. */
function equalParts(context: NodeContext, length: number, count: number): readonly number[] {
  const part = Math.ceil(length / count);
  const last = length - part * (count - 1);
  if (!(count > 0) || last <= 0 || (context.opset < 18 && last !== part)) {
    context.fail(importCodes.operandValue, `${length} elements cannot be split into ${count} parts`);
  }
  return Array.from({ length: count }, (_, index) => (index === count - 1 ? last : part));
}

function gather(context: NodeContext): Value {
  const operand = context.input(0);
  const axis = context.axis(context.integer('axis', 0), operand.shape.length);
  const length = operand.shape[axis] ?? 1;
  const chosen = context.constant(1, 'list of indices');
  const indices = (wholeNumbers(chosen.tensor) ?? []).map((index) => {
    if (index < -length || index >= length) {
      context.fail(importCodes.operandValue, `index ${index} is outside axis ${axis} of [${operand.shape.join(', ')}]`);
    }
    return index < 0 ? index + length : index;
  });
  const shape = [...operand.shape.slice(0, axis), ...chosen.shape, ...operand.shape.slice(axis + 1)];
  return context.tensors.reshape(context.tensors.gather(operand, axis, indices), shape);
}

function tile(context: NodeContext): Value {
  const operand = context.input(0);
  const repeats = context.wholeInput(1, 'repeats');
  if (repeats.length !== operand.shape.length || repeats.some((repeat) => repeat < 0)) {
    context.fail(
      importCodes.operandValue,
      `repeats of [${repeats.slice(0, 16).join(', ')}] for rank ${operand.shape.length}`,
    );
  }
  context.session.checkElements(
    operand.shape.map((dimension, axis) => dimension * (repeats[axis] ?? 1)),
    context.provenance,
  );
  let value = operand;
  repeats.forEach((repeat, axis) => {
    const length = operand.shape[axis] ?? 1;
    value = context.tensors.gather(
      value,
      axis,
      Array.from({ length: length * repeat }, (_, index) => index % length),
    );
  });
  return value;
}

export const selectionOperators: readonly OperatorEntry[] = [
  operator('Concat', [1, ANY_NUMBER], ['axis'], concat),
  operator('Slice', [1, 5], ['starts', 'ends', 'axes'], slice),
  { operator: 'Split', since: 6, inputs: [1, 2], attributes: ['axis', 'split', 'num_outputs'], handler: split },
  operator('Gather', 2, ['axis'], gather),
  operator('Tile', 2, [], tile),
];
