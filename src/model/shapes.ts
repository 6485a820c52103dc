import { elementCount, type Shape } from './kinds.js';

/** Thrown by the shape rules with a sentence for the user; the importer adds the node. */
export class ShapeError extends Error {
  public override readonly name = 'ShapeError';
}

/** NumPy broadcasting of two shapes. */
export function broadcastShapes(left: Shape, right: Shape): Shape {
  const rank = Math.max(left.length, right.length);
  const result: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const a = left[left.length - rank + axis] ?? 1;
    const b = right[right.length - rank + axis] ?? 1;
    if (a !== b && a !== 1 && b !== 1) {
      throw new ShapeError(`shapes [${left.join(', ')}] and [${right.join(', ')}] cannot be broadcast together`);
    }
    result.push(a === 1 ? b : a);
  }
  return result;
}

/** For each element of `to` in row-major order, the flat index of the element of `from` that broadcasting puts there. */
export function broadcastIndices(from: Shape, to: Shape): Int32Array {
  const strides = rowMajorStrides(from);
  const offset = to.length - from.length;
  const perAxis = to.map((_, axis) => (axis < offset || from[axis - offset] === 1 ? 0 : (strides[axis - offset] ?? 0)));
  return walk(to, perAxis);
}

export function rowMajorStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--)
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  return strides;
}

/** Flat source index for each position of `shape` when moving along axis a steps the source by strides[a]. */
export function walk(shape: Shape, strides: readonly number[]): Int32Array {
  const total = elementCount(shape);
  const result = new Int32Array(total);
  const counter = new Array<number>(shape.length).fill(0);
  let source = 0;
  for (let flat = 0; flat < total; flat++) {
    result[flat] = source;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const position = (counter[axis] ?? 0) + 1;
      if (position < (shape[axis] ?? 0)) {
        counter[axis] = position;
        source += strides[axis] ?? 0;
        break;
      }
      source -= (position - 1) * (strides[axis] ?? 0);
      counter[axis] = 0;
    }
  }
  return result;
}

export interface MatmulPlan {
  /** Shape of the result as NumPy gives it. */
  readonly shape: Shape;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  /** For each batch entry, the flat offset of its matrix in the left and right operand. */
  readonly leftOffsets: Int32Array;
  readonly rightOffsets: Int32Array;
}

/** How NumPy's matmul reads its operands. Result element (b, r, c) has flat index (b × rows + r) × columns + c. */
export function planMatmul(left: Shape, right: Shape): MatmulPlan {
  if (left.length === 0 || right.length === 0) throw new ShapeError('matmul does not take scalars');
  const wideLeft = left.length === 1 ? [1, ...left] : left;
  const wideRight = right.length === 1 ? [...right, 1] : right;
  const rows = wideLeft.at(-2) ?? 1;
  const inner = wideLeft.at(-1) ?? 1;
  const columns = wideRight.at(-1) ?? 1;
  if (inner !== wideRight.at(-2)) {
    throw new ShapeError(`shapes [${left.join(', ')}] and [${right.join(', ')}] do not fit a matrix product`);
  }
  const leftBatch = wideLeft.slice(0, -2);
  const rightBatch = wideRight.slice(0, -2);
  const batch = broadcastShapes(leftBatch, rightBatch);
  const shape = [...batch, ...(left.length === 1 ? [] : [rows]), ...(right.length === 1 ? [] : [columns])];
  const scaled = (indices: Int32Array, size: number): Int32Array => indices.map((index) => index * size);
  return {
    shape,
    rows,
    inner,
    columns,
    leftOffsets: scaled(broadcastIndices(leftBatch, batch), rows * inner),
    rightOffsets: scaled(broadcastIndices(rightBatch, batch), inner * columns),
  };
}

/** Source flat index for each element of a transposed tensor. */
export function transposeIndices(shape: Shape, permutation: readonly number[]): Int32Array {
  const strides = rowMajorStrides(shape);
  return walk(
    permutation.map((axis) => shape[axis] ?? 1),
    permutation.map((axis) => strides[axis] ?? 0),
  );
}

/** Source flat index for each element of a gather along one axis. */
export function gatherIndices(shape: Shape, axis: number, indices: readonly number[]): Int32Array {
  const inner = elementCount(shape.slice(axis + 1));
  const length = shape[axis] ?? 1;
  const outer = elementCount(shape.slice(0, axis));
  const result = new Int32Array(outer * indices.length * inner);
  let next = 0;
  for (let o = 0; o < outer; o++) {
    for (const index of indices) {
      for (let i = 0; i < inner; i++) result[next++] = (o * length + index) * inner + i;
    }
  }
  return result;
}

/** For each element of a concatenation: which operand, and which of its elements. */
export function concatSources(shapes: readonly Shape[], axis: number): { operand: Int32Array; element: Int32Array } {
  const total = shapes.reduce((sum, shape) => sum + elementCount(shape), 0);
  const operand = new Int32Array(total);
  const element = new Int32Array(total);
  const outer = elementCount(shapes[0]?.slice(0, axis) ?? []);
  const chunks = shapes.map((shape) => elementCount(shape.slice(axis)));
  let next = 0;
  for (let o = 0; o < outer; o++) {
    chunks.forEach((chunk, which) => {
      for (let i = 0; i < chunk; i++) {
        operand[next] = which;
        element[next++] = o * chunk + i;
      }
    });
  }
  return { operand, element };
}

export function reduceShape(shape: Shape, axes: readonly number[], keepDimensions: boolean): Shape {
  return keepDimensions
    ? shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension))
    : shape.filter((_, axis) => !axes.includes(axis));
}

/** For each element of the operand, the flat index of the result it is reduced into. */
export function reduceTargets(shape: Shape, axes: readonly number[]): Int32Array {
  const kept = reduceShape(shape, axes, true);
  const strides = rowMajorStrides(kept);
  return walk(
    shape,
    kept.map((_, axis) => (axes.includes(axis) ? 0 : (strides[axis] ?? 0))),
  );
}
