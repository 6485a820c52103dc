import { concatSources, ShapeError } from '../../model/shapes.js';
import type { ConstantTensor } from './constant-tensor.js';
import { floatTensor, integerTensor, toFloat } from './constant-tensor.js';
import { int64 } from './element-types.js';

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
  const { operand, element } = concatSources(shapes, axis);
  if (tensors.every((tensor) => tensor.kind === 'integer')) {
    const values = BigInt64Array.from({ length: operand.length }, (_, index) => {
      return tensors[operand[index] ?? 0]?.values[element[index] ?? 0] ?? 0n;
    });
    return integerTensor(shape, values, tensors[0]?.type ?? int64);
  }
  if (tensors.every((tensor) => tensor.kind === 'fixed')) {
    const lsb = Math.min(...tensors.map((tensor) => tensor.lsb));
    const aligned = tensors.map((tensor) => tensor.codes.map((code) => code << BigInt(tensor.lsb - lsb)));
    return {
      kind: 'fixed',
      shape,
      lsb,
      codes: Array.from(operand, (which, index) => aligned[which]?.[element[index] ?? 0] ?? 0n),
    };
  }
  const floats = tensors.map(toFloat);
  return floatTensor(
    shape,
    Float64Array.from(operand, (which, index) => floats[which]?.values[element[index] ?? 0] ?? 0),
    floats[0]?.type ?? 'float32',
  );
}
