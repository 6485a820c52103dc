import { importCodes } from '../../../diagnostics/codes/import.js';
import { printable } from '../../../diagnostics/diagnostic.js';
import type { ConstantTensor } from '../constant-tensor.js';
import { dyadicFrom, elementsOf, selectElements } from '../constant-tensor.js';
import { elementCount } from '../../../model/kinds.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';
import { scalarOf } from '../tensors.js';

const modes = ['constant', 'edge', 'reflect', 'wrap'] as const;
type Mode = (typeof modes)[number];

/** Constant padding concatenates constants; the other modes, and negative amounts, choose elements again. */
function pad(context: NodeContext): Value {
  const operand = context.input(0);
  const rank = operand.shape.length;
  const inputs = context.opset >= 11;
  const amounts = inputs ? context.wholeInput(1, 'pads') : context.integers('pads');
  if (amounts === undefined) return context.fail(importCodes.attribute, "Pad lacks its attribute 'pads'");
  const listed = context.opset >= 18 ? context.optionalWholeInput(3, 'axes') : undefined;
  const axes = listed === undefined ? operand.shape.map((_, axis) => axis) : context.axes(listed, rank);
  if (amounts.length !== 2 * axes.length) {
    context.fail(importCodes.operandValue, `${amounts.length} amounts for ${axes.length} axes`);
  }
  const name = context.string('mode', 'constant');
  const mode = modes.find((known) => known === name);
  if (mode === undefined) return context.refuse(`mode '${printable(name)}'`);
  const target = operand.shape.map((dimension, axis) => {
    const index = axes.indexOf(axis);
    return index < 0 ? dimension : dimension + (amounts[index] ?? 0) + (amounts[index + axes.length] ?? 0);
  });
  if (target.some((dimension) => dimension < 0))
    context.fail(importCodes.operandValue, 'more is cut off than there is');
  context.session.checkElements(target, context.provenance);
  const fill = mode === 'constant' ? fillValue(context, inputs) : undefined;
  let value = operand;
  axes.forEach((axis, index) => {
    value = padAxis(context, value, axis, amounts[index] ?? 0, amounts[index + axes.length] ?? 0, mode, fill);
  });
  return value;
}

function fillValue(context: NodeContext, inputs: boolean): ConstantTensor {
  const zero = dyadicFrom([], [{ code: 0n, lsb: 0 }]);
  if (!inputs) {
    const value = context.float('value', 0);
    return value === 0 ? zero : scalarOf(value);
  }
  const tensor = context.optionalTensor(2, 'fill value');
  if (tensor === undefined) return zero;
  if (elementsOf(tensor) !== 1)
    context.fail(importCodes.operandValue, `the fill value has ${elementsOf(tensor)} elements`);
  return tensor;
}

function padAxis(
  context: NodeContext,
  operand: Value,
  axis: number,
  before: number,
  after: number,
  mode: Mode,
  fill: ConstantTensor | undefined,
): Value {
  const length = operand.shape[axis] ?? 1;
  const first = Math.max(0, -before);
  const last = length - Math.max(0, -after);
  if (fill === undefined) {
    const indices: number[] = [];
    for (let position = -before; position < length + after; position++) {
      indices.push(sourceOf(context, position, length, mode));
    }
    return context.tensors.gather(operand, axis, indices);
  }
  const kept = context.tensors.gather(
    operand,
    axis,
    Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index),
  );
  const block = (amount: number): readonly Value[] => {
    if (amount <= 0) return [];
    const shape = operand.shape.map((dimension, a) => (a === axis ? amount : dimension));
    const count = elementCount(shape);
    context.session.claimFolded(count, context.provenance);
    return [context.tensors.constant(selectElements(fill, new Uint8Array(count), shape))];
  };
  return context.tensors.concat([...block(before), kept, ...block(after)], axis);
}

function sourceOf(context: NodeContext, position: number, length: number, mode: Mode): number {
  if (mode === 'edge') return Math.min(Math.max(position, 0), length - 1);
  if (mode === 'wrap') return ((position % length) + length) % length;
  const mirrored = position < 0 ? -position : position >= length ? 2 * (length - 1) - position : position;
  if (mirrored < 0 || mirrored >= length) {
    context.fail(importCodes.operandValue, `an axis of ${length} is too short to be reflected that far`);
  }
  return mirrored;
}

export const padOperators: readonly OperatorEntry[] = [operator('Pad', [1, 4], ['mode', 'pads', 'value'], pad)];
