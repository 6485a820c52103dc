import { importCodes } from '../../../diagnostics/codes/import.js';
import { broadcastIndices, broadcastShapes } from '../../../model/shapes.js';
import type { ConstantTensor } from '../constant-tensor.js';
import {
  floatTensor,
  integerTensor,
  numberAt,
  numbersOf,
  selectElements,
  toFloat,
  wholeNumbers,
} from '../constant-tensor.js';
import { boolean } from '../element-types.js';
import { foldFunction } from '../fold.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';
import { hintFor } from '../unsupported.js';

/** Operators that exporters use to compute shapes and parameters: folded on constants, refused on anything else. */
function constants(context: NodeContext): readonly ConstantTensor[] {
  return Array.from({ length: context.inputCount }, (_, index) => {
    const value = context.input(index);
    if (value.kind === 'constant') return value.tensor;
    const { operator: name } = context.node;
    return context.fail(
      importCodes.unsupportedOperator,
      `${name} of a computed tensor is not supported yet`,
      hintFor(name),
    );
  });
}

function pointwise(name: string, apply: (value: number) => number): OperatorEntry {
  return operator(name, 1, [], (context) => {
    const [tensor] = constants(context);
    if (tensor === undefined) return context.input(0);
    context.session.claimFolded(numbersOf(tensor).length, context.provenance);
    return context.tensors.constant(foldFunction(apply, tensor));
  });
}

function comparison(name: string, compare: (left: number, right: number) => boolean): OperatorEntry {
  return operator(name, 2, ['axis', 'broadcast'], (context) => {
    const [left, right] = constants(context);
    if (left === undefined || right === undefined) return context.input(0);
    const shape = broadcastShapes(left.shape, right.shape);
    const leftIndex = broadcastIndices(left.shape, shape);
    const rightIndex = broadcastIndices(right.shape, shape);
    const values = BigInt64Array.from({ length: leftIndex.length }, (_, index) =>
      compare(numberAt(left, leftIndex[index] ?? 0), numberAt(right, rightIndex[index] ?? 0)) ? 1n : 0n,
    );
    return context.tensors.constant(integerTensor(shape, values, boolean));
  });
}

function not(context: NodeContext): Value {
  const [tensor] = constants(context);
  if (tensor === undefined) return context.input(0);
  const values = BigInt64Array.from(numbersOf(tensor), (value) => (value === 0 ? 1n : 0n));
  return context.tensors.constant(integerTensor(tensor.shape, values, boolean));
}

function where(context: NodeContext): Value {
  const [condition, whenTrue, whenFalse] = constants(context);
  if (condition === undefined || whenTrue === undefined || whenFalse === undefined) return context.input(0);
  const shape = broadcastShapes(condition.shape, broadcastShapes(whenTrue.shape, whenFalse.shape));
  const [c, t, f] = [condition, whenTrue, whenFalse].map((tensor) =>
    selectElements(tensor, broadcastIndices(tensor.shape, shape), shape),
  );
  if (c === undefined || t === undefined || f === undefined) return context.input(0);
  const chooses = numbersOf(c);
  if (t.kind === 'integer' && f.kind === 'integer') {
    const values = t.values.map((value, index) => (chooses[index] !== 0 ? value : (f.values[index] ?? 0n)));
    return context.tensors.constant(integerTensor(shape, values, t.type));
  }
  const [a, b] = [toFloat(t), toFloat(f)];
  const values = a.values.map((value, index) => (chooses[index] !== 0 ? value : (b.values[index] ?? 0)));
  return context.tensors.constant(floatTensor(shape, values, a.type));
}

function range(context: NodeContext): Value {
  const [start, limit, delta] = constants(context);
  if (start === undefined || limit === undefined || delta === undefined) return context.input(0);
  const [first, end, step] = [numberAt(start, 0), numberAt(limit, 0), numberAt(delta, 0)];
  const count = Math.max(0, Math.ceil((end - first) / step));
  if (!Number.isFinite(count)) context.fail(importCodes.operandValue, `a range from ${first} to ${end} by ${step}`);
  context.session.claimFolded(count, context.provenance);
  const whole = start.kind === 'integer' && wholeNumbers(delta) !== undefined;
  const numbers = Array.from({ length: count }, (_, index) => first + index * step);
  return context.tensors.constant(
    whole
      ? integerTensor([count], BigInt64Array.from(numbers, BigInt), start.type)
      : floatTensor([count], Float64Array.from(numbers, Math.fround)),
  );
}

export const constantOnlyOperators: readonly OperatorEntry[] = [
  pointwise('Sqrt', Math.sqrt),
  pointwise('Reciprocal', (value) => 1 / value),
  pointwise('Floor', Math.floor),
  pointwise('Ceil', Math.ceil),
  pointwise('Exp', Math.exp),
  pointwise('Log', Math.log),
  comparison('Equal', (left, right) => left === right),
  comparison('Less', (left, right) => left < right),
  comparison('Greater', (left, right) => left > right),
  comparison('LessOrEqual', (left, right) => left <= right),
  comparison('GreaterOrEqual', (left, right) => left >= right),
  comparison('And', (left, right) => left !== 0 && right !== 0),
  comparison('Or', (left, right) => left !== 0 || right !== 0),
  operator('Not', 1, [], not),
  operator('Where', 3, [], where, 9),
  operator('Range', 3, [], range, 11),
];
