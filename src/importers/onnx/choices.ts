import { roundNumber } from '../../numeric/quantize-number.js';
import type { Rounding } from '../../numeric/rounding.js';
import { roundShift } from '../../numeric/rounding.js';
import { shiftBy } from '../../support/bits.js';
import { at } from '../../support/invariant.js';
import { broadcastIndices, broadcastShapes } from '../../model/shapes.js';
import type { ConstantTensor } from './constant-tensor.js';
import {
  dyadicAt,
  elementsOf,
  exactOf,
  floatTensor,
  integerTensor,
  numberAt,
  numbersOf,
  selectElements,
  toFloat,
} from './constant-tensor.js';
import { boolean } from './element-types.js';
import { foldFunction } from './fold.js';
import type { Value } from './session.js';
import type { Tensors } from './tensors.js';
import { commonInteger } from './tensors.js';

/** 1 where left < right, or where both are equal; else 0. ONNX calls the result bool. */
export function compare(tensors: Tensors, kind: 'lessThan' | 'equal', left: Value, right: Value): Value {
  if (left.kind === 'constant' && right.kind === 'constant') {
    const shape = broadcastShapes(left.shape, right.shape);
    tensors.claimFolded(shape);
    const rightIndex = broadcastIndices(right.shape, shape);
    const holds = broadcastIndices(left.shape, shape).map((source, index) =>
      relation(kind, left.tensor, source, right.tensor, at(rightIndex, index)),
    );
    return tensors.constant(integerTensor(shape, BigInt64Array.from(holds, BigInt), boolean));
  }
  const [a, b] = [tensors.withoutBatch(left, right), tensors.withoutBatch(right, left)];
  return { ...tensors.add(kind, { left: tensors.nodeOf(a), right: tensors.nodeOf(b) }), integer: boolean };
}

/** Doubles hold every float exactly; integers and quantised constants are compared as the exact numbers they are. */
function relation(
  kind: 'lessThan' | 'equal',
  left: ConstantTensor,
  leftIndex: number,
  right: ConstantTensor,
  rightIndex: number,
): 0 | 1 {
  const [first, second] = [numberAt(left, leftIndex), numberAt(right, rightIndex)];
  const floats = left.kind === 'float' && right.kind === 'float';
  if (floats || !Number.isFinite(first) || !Number.isFinite(second)) {
    return (kind === 'equal' ? first === second : first < second) ? 1 : 0;
  }
  const [a, b] = [dyadicAt(left, leftIndex), dyadicAt(right, rightIndex)];
  const lsb = Math.min(a.lsb, b.lsb);
  const [x, y] = [shiftBy(a.code, a.lsb - lsb), shiftBy(b.code, b.lsb - lsb)];
  return (kind === 'equal' ? x === y : x < y) ? 1 : 0;
}

/** 1 where the operand is zero, else 0: the negation of a bool. */
export function isZero(tensors: Tensors, operand: Value): Value {
  return compare(tensors, 'equal', operand, tensors.constant(exactOf([], [{ code: 0n, lsb: 0 }])));
}

/** whenTrue where the condition is not zero, else whenFalse. */
export function select(tensors: Tensors, condition: Value, whenTrue: Value, whenFalse: Value): Value {
  if (condition.kind === 'constant') {
    const chosen = numbersOf(condition.tensor);
    const same = chosen.every((value) => (value !== 0) === (chosen[0] !== 0));
    const [choice, other] = chosen[0] === 0 ? [whenFalse, whenTrue] : [whenTrue, whenFalse];
    if (same && chosen.length > 0) {
      return tensors.expand(choice, broadcastShapes(condition.shape, broadcastShapes(choice.shape, other.shape)));
    }
    if (whenTrue.kind === 'constant' && whenFalse.kind === 'constant') {
      return tensors.constant(foldSelect(tensors, condition.tensor, whenTrue.tensor, whenFalse.tensor));
    }
  }
  const example = [condition, whenTrue, whenFalse].find(({ kind }) => kind === 'computed') ?? condition;
  const node = (value: Value) => tensors.nodeOf(tensors.withoutBatch(value, example));
  const fields = { condition: node(condition), whenTrue: node(whenTrue), whenFalse: node(whenFalse) };
  const value = tensors.add('select', fields);
  const integer = commonInteger([whenTrue, whenFalse]);
  return integer === undefined ? value : { ...value, integer };
}

function foldSelect(tensors: Tensors, c: ConstantTensor, t: ConstantTensor, f: ConstantTensor): ConstantTensor {
  const shape = broadcastShapes(c.shape, broadcastShapes(t.shape, f.shape));
  tensors.claimFolded(shape);
  const spread = (tensor: ConstantTensor): ConstantTensor =>
    selectElements(tensor, broadcastIndices(tensor.shape, shape), shape);
  const chosen = numbersOf(spread(c));
  const [whenTrue, whenFalse] = [spread(t), spread(f)];
  const pick = <T>(left: ArrayLike<T>, right: ArrayLike<T>): T[] =>
    Array.from(chosen, (value, index) => at(value !== 0 ? left : right, index));
  if (whenTrue.kind === 'integer' && whenFalse.kind === 'integer') {
    return integerTensor(shape, BigInt64Array.from(pick(whenTrue.values, whenFalse.values)), whenTrue.type);
  }
  if (whenTrue.kind === 'fixed' && whenFalse.kind === 'fixed') {
    const lsb = Math.min(whenTrue.lsb, whenFalse.lsb);
    const codes = (tensor: typeof whenTrue): readonly bigint[] =>
      tensor.codes.map((code) => shiftBy(code, tensor.lsb - lsb));
    return { kind: 'fixed', shape, lsb, codes: pick(codes(whenTrue), codes(whenFalse)) };
  }
  const [a, b] = [toFloat(whenTrue), toFloat(whenFalse)];
  return floatTensor(shape, Float64Array.from(pick(a.values, b.values)), a.type);
}

/** The operand rounded to whole numbers. */
export function round(tensors: Tensors, operand: Value, rounding: Rounding): Value {
  if (operand.kind === 'computed') {
    if (operand.integer !== undefined) return operand;
    return tensors.add('round', { operand: operand.node, rounding });
  }
  const { tensor } = operand;
  if (tensor.kind === 'integer') return operand;
  tensors.claimFolded([elementsOf(tensor)]);
  if (tensor.kind === 'float') {
    return tensors.constant(foldFunction((value) => roundNumber(value, rounding), tensor));
  }
  const lsb = Math.max(0, tensor.lsb);
  const codes = tensor.codes.map((code) => roundShift(code, lsb - tensor.lsb, rounding));
  return tensors.constant({ ...tensor, lsb, codes });
}
