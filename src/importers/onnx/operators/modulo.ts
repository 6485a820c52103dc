import { importCodes } from '../../../diagnostics/codes/import.js';
import type { Rounding } from '../../../numeric/rounding.js';
import { broadcastIndices, broadcastShapes } from '../../../model/shapes.js';
import { round } from '../choices.js';
import { dyadicFrom, integerTensor, numbersOf } from '../constant-tensor.js';
import { quotient, wholeDivisors } from '../integer-quotients.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { ConstantValue, Value } from '../session.js';
import { powerOfTwoExponent } from '../tensors.js';
import { legacyOperands } from './arithmetic.js';

/** x - divisor × (x / divisor), rounded down as in Python, or towards zero as in C with fmod. */
function modulo(context: NodeContext): Value {
  const { tensors } = context;
  const [left, right] = legacyOperands(context);
  const rounding: Rounding = context.integer('fmod', 0) === 0 ? 'TRN' : 'TRN_ZERO';
  if (right.kind === 'computed') return context.refuse('a computed divisor', 'Only constants are divided by.');
  if (left.kind === 'constant') return foldModulo(context, left, right, rounding === 'TRN');
  if (left.integer !== undefined) {
    const divisors = wholeDivisors(context, left, right);
    const multiple = tensors.binary('multiply', quotient(context, left, divisors, rounding), right);
    return tensors.binary('subtract', left, multiple);
  }
  const numbers = numbersOf(right.tensor);
  const exponents = Array.from(numbers, (value) => powerOfTwoExponent(Math.abs(value)));
  if (exponents.some((exponent) => exponent === undefined)) {
    return context.refuse('fractions modulo a number that is not a power of two', 'Scale them to integers first.');
  }
  const factor = (sign: 1 | -1): Value =>
    tensors.constant(
      dyadicFrom(
        right.shape,
        exponents.map((exponent = 0, index) => ({ code: (numbers[index] ?? 0) < 0 ? -1n : 1n, lsb: sign * exponent })),
      ),
    );
  const whole = round(tensors, tensors.binary('multiply', left, factor(-1)), rounding);
  return tensors.binary('subtract', left, tensors.binary('multiply', whole, factor(1)));
}

function foldModulo(context: NodeContext, left: ConstantValue, right: ConstantValue, floor: boolean): Value {
  const { tensors } = context;
  if (left.tensor.kind !== 'integer' || right.tensor.kind !== 'integer') return context.refuse('constant fractions');
  const shape = broadcastShapes(left.shape, right.shape);
  tensors.claimFolded(shape);
  const [a, b] = [left.tensor.values, right.tensor.values];
  const rightIndex = broadcastIndices(right.shape, shape);
  const values = BigInt64Array.from(broadcastIndices(left.shape, shape), () => 0n);
  broadcastIndices(left.shape, shape).forEach((source, index) => {
    const [x, y] = [a[source] ?? 0n, b[rightIndex[index] ?? 0] ?? 0n];
    if (y === 0n) context.fail(importCodes.operandValue, 'a constant modulo zero');
    const rest = x % y;
    values[index] = floor && rest !== 0n && rest < 0n !== y < 0n ? rest + y : rest;
  });
  return tensors.constant(integerTensor(shape, values, left.tensor.type));
}

export const moduloOperators: readonly OperatorEntry[] = [operator('Mod', 2, ['fmod'], modulo, 10)];
