import { importCodes } from '../../../diagnostics/codes/import.js';
import type { Shape } from '../../../model/kinds.js';
import { elementCount } from '../../../model/kinds.js';
import { ShapeError } from '../../../model/shapes.js';
import { divideByCounts } from '../averages.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';
import type { WindowAxis } from '../windows.js';
import { gatherTaps, OUTSIDE, tapIndices, windowAttributes, windowAxes, windowCoordinate } from '../windows.js';

function pictureOf(context: NodeContext): { readonly picture: Value; readonly size: Shape } {
  const picture = context.input(0);
  if (picture.shape.length < 3) {
    throw new ShapeError(`an operand of shape [${picture.shape.join(', ')}] has no axis to pool over`);
  }
  return { picture, size: picture.shape.slice(2) };
}

function poolAxes(context: NodeContext, size: Shape): readonly WindowAxis[] {
  const kernel = context.integers('kernel_shape');
  if (kernel === undefined) context.fail(importCodes.attribute, `${context.node.operator} lacks its kernel_shape`);
  if (kernel.length !== size.length || kernel.some((taps) => taps < 1)) {
    context.fail(importCodes.attribute, `kernel_shape [${kernel.join(', ')}] for a picture of ${size.length} axes`);
  }
  return windowAxes(context, size, kernel, context.integer('ceil_mode', 0) !== 0);
}

/** The windows [batch, channels, positions, taps] reduced over their taps, as the picture of the result. */
function reduceWindows(
  context: NodeContext,
  operation: 'sum' | 'maximum',
  picture: Value,
  indices: Int32Array,
  axes: readonly WindowAxis[],
): Value {
  const { tensors } = context;
  const [batch = 1, channels = 1] = picture.shape;
  const positions = axes.map((axis) => axis.positions);
  const count = elementCount(positions);
  const taps = gatherTaps(context, picture, indices);
  const windows = tensors.reshape(taps, [batch, channels, count, indices.length / count]);
  return tensors.reshape(tensors.reduce(operation, windows, [3], false), [batch, channels, ...positions]);
}

/** The padding of MaxPool is below every value: a tap outside repeats one inside, which changes no maximum. */
function maxPool(context: NodeContext): readonly (Value | undefined)[] {
  const { picture, size } = pictureOf(context);
  const axes = poolAxes(context, size);
  const indices = tapIndices(axes);
  const taps = axes.reduce((all, axis) => all * axis.taps, 1);
  for (let start = 0; start < indices.length; start += taps) {
    const inside = indices.subarray(start, start + taps).find((index) => index !== OUTSIDE);
    if (inside === undefined) return emptyWindow(context, start / taps);
    for (let tap = start; tap < start + taps; tap++) if (indices[tap] === OUTSIDE) indices[tap] = inside;
  }
  return [reduceWindows(context, 'maximum', picture, indices, axes), undefined];
}

function emptyWindow(context: NodeContext, position: number): never {
  return context.fail(importCodes.operandValue, `the window at position ${position} holds nothing but padding`);
}

function averagePool(context: NodeContext): Value {
  const { picture, size } = pictureOf(context);
  const axes = poolAxes(context, size);
  const counts = averageCounts(axes, context.integer('count_include_pad', 0) !== 0);
  const empty = counts.indexOf(0);
  if (empty >= 0) emptyWindow(context, empty);
  const sum = reduceWindows(context, 'sum', picture, tapIndices(axes), axes);
  return divideByCounts(
    context,
    sum,
    counts,
    axes.map((axis) => axis.positions),
  );
}

/**
 * By position, how many taps the average is over: those inside the picture, or inside picture and padding; what a last
 * window has beyond the padding (ceil_mode) is never counted.
 */
function averageCounts(axes: readonly WindowAxis[], padding: boolean): readonly number[] {
  let counts: readonly number[] = [1];
  for (const axis of axes) {
    const [low, high] = padding ? [-axis.before, axis.length + axis.after] : [0, axis.length];
    const along = Array.from({ length: axis.positions }, (_, position) => {
      let count = 0;
      for (let tap = 0; tap < axis.taps; tap++) {
        const from = windowCoordinate(axis, position, tap);
        if (from >= low && from < high) count++;
      }
      return count;
    });
    counts = counts.flatMap((outer) => along.map((inner) => outer * inner));
  }
  return counts;
}

function globalPool(operation: 'sum' | 'maximum') {
  return (context: NodeContext): Value => {
    const { picture, size } = pictureOf(context);
    const axes = size.map((_, axis) => axis + 2);
    const reduced = context.tensors.reduce(operation, picture, axes, true);
    return operation === 'maximum' ? reduced : divideByCounts(context, reduced, [elementCount(size)], []);
  };
}

export const poolingOperators: readonly OperatorEntry[] = [
  {
    operator: 'MaxPool',
    since: 6,
    inputs: [1, 1],
    attributes: [...windowAttributes, 'ceil_mode', 'storage_order'],
    handler: maxPool,
  },
  operator('AveragePool', 1, [...windowAttributes, 'ceil_mode', 'count_include_pad'], averagePool),
  operator('GlobalMaxPool', 1, [], globalPool('maximum')),
  operator('GlobalAveragePool', 1, [], globalPool('sum')),
];
