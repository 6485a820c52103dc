import { importCodes } from '../../diagnostics/codes/import.js';
import { fixedPointType } from '../../numeric/fixed-point.js';
import type { Rounding } from '../../numeric/rounding.js';
import { broadcastIndices, broadcastShapes } from '../../model/shapes.js';
import type { IntegerTensor } from './constant-tensor.js';
import { selectElements } from './constant-tensor.js';
import type { NodeContext } from './node-context.js';
import type { ComputedValue, ConstantValue, Value } from './session.js';
import { sameShape } from './tensors.js';

/** Integers divided by constant integers; ONNX truncates, and the quotient -2^n / -1 wraps. */
export function divideIntegers(context: NodeContext, left: ComputedValue, right: ConstantValue): Value {
  const divisors = wholeDivisors(context, left, right);
  return quotient(context, left, divisors, 'TRN_ZERO');
}

export function wholeDivisors(context: NodeContext, left: ComputedValue, right: ConstantValue): IntegerTensor {
  const { tensor } = right;
  if (tensor.kind !== 'integer') return context.refuse('integers divided by another kind of number');
  const zero = tensor.values.indexOf(0n);
  if (zero >= 0) context.fail(importCodes.operandValue, `element ${zero} of the divisor is zero`);
  const shape = broadcastShapes(left.shape, right.shape);
  if (!sameShape(shape, left.shape)) return context.refuse('a divisor that broadcasts its dividend to a larger shape');
  const spread = selectElements(tensor, broadcastIndices(right.shape, shape), shape);
  return tensor.values.length === 1 || spread.kind !== 'integer' ? tensor : spread;
}

export function quotient(
  context: NodeContext,
  left: ComputedValue,
  divisors: IntegerTensor,
  rounding: Rounding,
): Value {
  const { tensors } = context;
  const integer = left.integer ?? divisors.type;
  const values = Array.from(divisors.values);
  const node = tensors.add('requantize', {
    operand: tensors.nodeOf(left),
    numerators: values.map((value) => (value < 0n ? -1n : 1n)),
    offsets: [0n],
    denominators: values.map((value) => (value < 0n ? -value : value)),
    types: [fixedPointType(integer.signed, integer.bits, integer.bits)],
    rounding,
    overflow: 'WRAP',
  });
  return { ...node, integer };
}
