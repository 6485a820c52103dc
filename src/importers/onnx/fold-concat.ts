import { elementCount } from '../../model/kinds.js';
import { ShapeError } from '../../model/shapes.js';
import { at } from '../../support/invariant.js';
import type { ConstantTensor } from './constant-tensor.js';
import { floatTensor, integerTensor, toFloat } from './constant-tensor.js';

/** Constants of one kind stay of that kind; a mixture becomes float. Throws ShapeError. */
export function foldConcat(tensors: readonly ConstantTensor[], axis: number): ConstantTensor {
  const shapes = tensors.map((tensor) => tensor.shape);
  const [first] = tensors;
  if (first === undefined) throw new ShapeError('nothing to concatenate');
  for (const shape of shapes) {
    if (shape.length !== first.shape.length || shape.some((d, a) => a !== axis && d !== first.shape[a])) {
      throw new ShapeError(`[${first.shape.join(', ')}] and [${shape.join(', ')}] do not fit along axis ${axis}`);
    }
  }
  const shape = first.shape.map((dimension, a) =>
    a === axis ? shapes.reduce((sum, other) => sum + (other[a] ?? 0), 0) : dimension,
  );
  const chunks = shapes.map((each) => elementCount(each.slice(axis)));
  const count = elementCount(shape);
  if (tensors.every((tensor) => tensor.kind === 'fixed')) {
    const lsb = tensors.reduce((least, tensor) => Math.min(least, tensor.lsb), Number.POSITIVE_INFINITY);
    const codes = new Array<bigint>(count);
    interleave(chunks, count, (which, from, to, length) => {
      const tensor = at(tensors, which);
      const shift = BigInt(tensor.lsb - lsb);
      for (let index = 0; index < length; index++) codes[to + index] = at(tensor.codes, from + index) << shift;
    });
    return { kind: 'fixed', shape, lsb, codes };
  }
  if (tensors.every((tensor) => tensor.kind === 'integer')) {
    const values = new BigInt64Array(count);
    interleave(chunks, count, (which, from, to, length) => {
      values.set(at(tensors, which).values.subarray(from, from + length), to);
    });
    return integerTensor(shape, values, at(tensors, 0).type);
  }
  const floats = tensors.map(toFloat);
  const values = new Float64Array(count);
  interleave(chunks, count, (which, from, to, length) => {
    values.set(at(floats, which).values.subarray(from, from + length), to);
  });
  return floatTensor(shape, values, at(floats, 0).type);
}

/** Calls `copy` for each run of elements: from which operand, from where, to where, how many. */
function interleave(
  chunks: readonly number[],
  count: number,
  copy: (which: number, from: number, to: number, length: number) => void,
): void {
  let to = 0;
  for (let outer = 0; to < count; outer++) {
    chunks.forEach((length, which) => {
      copy(which, outer * length, to, length);
      to += length;
    });
  }
}
