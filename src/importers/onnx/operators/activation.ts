import { importCodes } from '../../../diagnostics/codes/import.js';
import { compare, select } from '../choices.js';
import { exactOf, integerTensor, numbersOf } from '../constant-tensor.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';
import { scalarOf } from '../tensors.js';

const LARGEST_FLOAT = 3.4028234663852886e38;

/** x for x ≥ 0, slope × x below: a maximum for slopes up to 1, a minimum above. */
function leaky(context: NodeContext, slope: Value, slopes: ArrayLike<number>): Value {
  const { tensors } = context;
  const operand = context.input(0);
  const values = Array.from(slopes);
  if (values.every((value) => value <= 1)) return bent('maximum');
  if (values.every((value) => value >= 1)) return bent('minimum');
  const negative = tensors.unary('negate', tensors.unary('relu', tensors.unary('negate', operand)));
  return tensors.binary('add', tensors.unary('relu', operand), tensors.binary('multiply', negative, slope));

  function bent(operation: 'minimum' | 'maximum'): Value {
    return tensors.binary(operation, operand, tensors.binary('multiply', operand, slope));
  }
}

function leakyRelu(context: NodeContext): Value {
  const alpha = context.float('alpha', 0.01);
  if (!Number.isFinite(alpha)) context.fail(importCodes.notFinite, `alpha is ${alpha}`);
  return leaky(context, context.tensors.constant(scalarOf(alpha)), [alpha]);
}

function parametricRelu(context: NodeContext): Value {
  const slope = context.input(1);
  if (slope.kind === 'constant') return leaky(context, slope, numbersOf(slope.tensor));
  const { tensors } = context;
  const operand = context.input(0);
  const negative = compare(tensors, 'lessThan', operand, tensors.constant(exactOf([], [{ code: 0n, lsb: 0 }])));
  return select(tensors, negative, tensors.binary('multiply', operand, slope), operand);
}

function clip(context: NodeContext): Value {
  const bounds =
    context.opset < 11
      ? [context.float('min', -LARGEST_FLOAT), context.float('max', LARGEST_FLOAT)]
      : [
          context.has(1) ? context.scalarInput(1, 'lower bound') : -LARGEST_FLOAT,
          context.has(2) ? context.scalarInput(2, 'upper bound') : LARGEST_FLOAT,
        ];
  const [low = -LARGEST_FLOAT, high = LARGEST_FLOAT] = bounds;
  if (Number.isNaN(low) || Number.isNaN(high)) context.fail(importCodes.notFinite, 'a bound is not a number');
  const operand = context.input(0);
  let value = operand;
  // A bound that no float32 exceeds does nothing. With crossed bounds the upper one wins, as ONNX defines.
  if (low > -LARGEST_FLOAT) value = low === 0 ? context.tensors.unary('relu', value) : bounded('maximum', low);
  if (high < LARGEST_FLOAT) value = bounded('minimum', high);
  return value;

  function bounded(operation: 'minimum' | 'maximum', bound: number): Value {
    const { integer } = operand.kind === 'computed' ? operand : {};
    const tensor =
      integer === undefined ? scalarOf(bound) : integerTensor([], BigInt64Array.of(BigInt(bound)), integer);
    return context.tensors.binary(operation, value, context.tensors.constant(tensor));
  }
}

export const activationOperators: readonly OperatorEntry[] = [
  operator('Relu', 1, [], (context) => context.tensors.unary('relu', context.input(0))),
  operator('LeakyRelu', 1, ['alpha'], leakyRelu),
  operator('PRelu', 2, [], parametricRelu),
  operator('Clip', [1, 3], ['min', 'max'], clip),
];
