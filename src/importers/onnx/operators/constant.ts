import { fixedPointType } from '../../../numeric/fixed-point.js';
import { importCodes } from '../../../diagnostics/codes/import.js';
import { isZero, round } from '../choices.js';
import type { ConstantTensor } from '../constant-tensor.js';
import { elementsOf, floatTensor, integerTensor, selectElements } from '../constant-tensor.js';
import type { IntegerType } from '../element-types.js';
import { elementTypeName, elementTypeOf } from '../element-types.js';
import { castTensor } from '../fold.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { ComputedValue, Value } from '../session.js';
import { safeCount } from '../tensor-data.js';

function constant(context: NodeContext): Value {
  return context.tensors.constant(constantTensor(context));
}

function constantTensor(context: NodeContext): ConstantTensor {
  const { attributes } = context.node;
  if (attributes.has('sparse_value')) context.fail(importCodes.sparseTensor, 'the constant is sparse');
  if (attributes.has('value_float')) return floatTensor([], Float64Array.of(context.float('value_float')));
  if (attributes.has('value_int')) return integerTensor([], BigInt64Array.of(BigInt(context.integer('value_int'))));
  const floats = context.floats('value_floats');
  if (floats !== undefined) return floatTensor([floats.length], Float64Array.from(floats));
  const integers = context.integers('value_ints');
  if (integers !== undefined) return integerTensor([integers.length], BigInt64Array.from(integers, BigInt));
  if (attributes.has('value_string') || attributes.has('value_strings')) {
    context.fail(importCodes.elementType, 'the constant is a string');
  }
  return context.tensorAttribute('value') ?? context.fail(importCodes.attribute, 'Constant has no value');
}

function constantOfShape(context: NodeContext): Value {
  const shape = context.wholeInput(0, 'shape');
  if (shape.some((dimension) => dimension < 0)) {
    context.fail(importCodes.operandValue, `a negative dimension in [${shape.slice(0, 16).join(', ')}]`);
  }
  const value = context.tensorAttribute('value') ?? floatTensor([1], Float64Array.of(0));
  if (elementsOf(value) !== 1) context.fail(importCodes.operandValue, `the value has ${elementsOf(value)} elements`);
  context.session.claimFolded(shape, context.provenance);
  const count = safeCount(shape);
  return context.tensors.constant(selectElements(value, new Uint8Array(count), shape));
}

/** Between float types nothing changes: Trigc's values are exact. */
function cast(context: NodeContext): Value {
  const to = context.integer('to');
  const type = elementTypeOf(to);
  if (type === undefined) return context.refuse(`a cast to ${elementTypeName(to)}`);
  const operand = context.input(0);
  if (operand.kind === 'constant') {
    context.session.claimFolded(elementsOf(operand.tensor), context.provenance);
    const tensor =
      'float' in type
        ? castTensor(operand.tensor, 'float', type.float)
        : castTensor(operand.tensor, 'integer', type.integer);
    return { ...operand, tensor, shape: tensor.shape };
  }
  if ('float' in type) {
    if (type.float === 'float16' || type.float === 'bfloat16') {
      return context.refuse(
        `a cast of a computed tensor to ${type.float}, which rounds`,
        'Say the rounding with a Quant node, or export in float32.',
      );
    }
    if (operand.integer === undefined) return operand;
    return { kind: 'computed', node: context.tensors.nodeOf(operand), shape: operand.shape };
  }
  return castToInteger(context, operand, type.integer);
}

/**
 * Integers wrap and fractions lose their fraction, as in ONNX Runtime; what is beyond the integer type is undefined
 * there and saturates here. To bool: whether it is not zero.
 */
function castToInteger(context: NodeContext, operand: ComputedValue, target: IntegerType): Value {
  const { tensors } = context;
  if (target.name === 'bool') return isZero(tensors, isZero(tensors, operand));
  const from = operand.integer;
  const fits =
    from !== undefined &&
    (from.signed === target.signed ? from.bits <= target.bits : target.signed && from.bits < target.bits);
  if (fits) return { ...operand, integer: target };
  const whole = round(tensors, operand, 'TRN_ZERO');
  const types = [fixedPointType(target.signed, target.bits, target.bits)];
  // ONNX leaves open what becomes of a float beyond the type; its tests wrap where the type has less than a byte.
  const overflow = from === undefined && target.bits >= 8 ? 'SAT' : 'WRAP';
  const node = tensors.add('quantize', { operand: tensors.nodeOf(whole), types, rounding: 'TRN', overflow });
  return { ...node, integer: target };
}

export const constantOperators: readonly OperatorEntry[] = [
  operator(
    'Constant',
    0,
    [
      'value',
      'sparse_value',
      'value_float',
      'value_floats',
      'value_int',
      'value_ints',
      'value_string',
      'value_strings',
    ],
    constant,
  ),
  operator('ConstantOfShape', 1, ['value'], constantOfShape, 9),
  operator('Cast', 1, ['to', 'saturate', 'round_mode'], cast),
];
