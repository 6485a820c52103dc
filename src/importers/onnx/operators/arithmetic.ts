import { importCodes } from '../../../diagnostics/codes/import.js';
import { dyadicFrom, floatTensor, numbersOf } from '../constant-tensor.js';
import type { ConstantTensor } from '../constant-tensor.js';
import { broadcastShapes } from '../../../model/shapes.js';
import { divideByCounts } from '../averages.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { ANY_NUMBER, operator } from '../operator.js';
import type { Value } from '../session.js';
import { divideIntegers } from '../integer-quotients.js';
import { powerOfTwoExponent, sameShape } from '../tensors.js';

/** Before opset 7 the second operand is placed at `axis` of the first, when `broadcast` allows it. */
export function legacyOperands(context: NodeContext): readonly [Value, Value] {
  const left = context.input(0);
  const right = context.input(1);
  if (context.opset >= 7 || context.integer('broadcast', 0) === 0 || !context.hasAttribute('axis'))
    return [left, right];
  const axis = context.axis(context.integer('axis'), Math.max(left.shape.length, 1));
  const trailing = left.shape.length - axis - right.shape.length;
  if (trailing <= 0) return [left, right];
  return [left, context.tensors.reshape(right, [...right.shape, ...new Array<number>(trailing).fill(1)])];
}

function elementwise(name: string, operation: 'add' | 'subtract' | 'multiply'): OperatorEntry {
  return operator(name, 2, ['axis', 'broadcast'], (context) => {
    const [left, right] = legacyOperands(context);
    return context.tensors.binary(operation, left, right);
  });
}

function chain(name: string, operation: 'add' | 'minimum' | 'maximum'): OperatorEntry {
  return operator(name, [1, ANY_NUMBER], [], (context) => chained(context, operation));
}

function chained(context: NodeContext, operation: 'add' | 'minimum' | 'maximum'): Value {
  let value = context.input(0);
  for (let index = 1; index < context.inputCount; index++) {
    value = context.tensors.binary(operation, value, context.input(index));
  }
  return value;
}

function divide(context: NodeContext): Value {
  const [left, right] = legacyOperands(context);
  if (right.kind === 'computed') {
    return context.tensors.binary('multiply', left, context.tensors.real('reciprocal', right, { fitted: true }));
  }
  if (left.kind === 'constant') return context.tensors.foldedBinary('divide', left, right);
  if (left.integer !== undefined) return divideIntegers(context, left, right);
  return context.tensors.binary('multiply', left, context.tensors.constant(reciprocal(context, right.tensor)));
}

/** 1/c: exact when every element is ± a power of two, otherwise rounded to float32. */
function reciprocal(context: NodeContext, tensor: ConstantTensor): ConstantTensor {
  const numbers = numbersOf(tensor);
  const zero = numbers.indexOf(0);
  if (zero >= 0) context.fail(importCodes.operandValue, `element ${zero} of the divisor is zero`);
  if (numbers.every((value) => powerOfTwoExponent(Math.abs(value)) !== undefined)) {
    return dyadicFrom(
      tensor.shape,
      Array.from(numbers, (value) => ({
        code: value < 0 ? -1n : 1n,
        lsb: -(powerOfTwoExponent(Math.abs(value)) ?? 0),
      })),
    );
  }
  context.report(importCodes.reciprocalRounded, 'the divisor is not a power of two');
  return floatTensor(
    tensor.shape,
    numbers.map((value) => Math.fround(1 / value)),
  );
}

function power(context: NodeContext): Value {
  const [base, exponent] = legacyOperands(context);
  if (exponent.kind === 'computed') return context.refuse('a computed exponent');
  if (base.kind === 'constant') return context.tensors.foldedBinary('power', base, exponent);
  const numbers = numbersOf(exponent.tensor);
  const [first = 1] = numbers;
  if (!numbers.every((value) => value === first)) {
    return context.refuse('a list of exponents of a computed tensor', 'Split the tensor by exponent.');
  }
  if (!sameShape(broadcastShapes(base.shape, exponent.shape), base.shape)) {
    return context.refuse('an exponent that broadcasts its base to a larger shape');
  }
  if (first === 0) {
    return context.tensors.expand(context.tensors.constant(dyadicFrom([], [{ code: 1n, lsb: 0 }])), base.shape);
  }
  return constantPower(context.tensors, base, first);
}

/** Whole powers up to this are products: exact, or as wide as the default type between them. */
const MOST_FACTORS = 8;

/** base to a constant power: products, or a table. */
export function constantPower(tensors: NodeContext['tensors'], base: Value, exponent: number): Value {
  if (exponent === 1) return base;
  if (Number.isInteger(exponent) && exponent >= 2 && exponent <= MOST_FACTORS) {
    const half = constantPower(tensors, base, Math.floor(exponent / 2));
    const even = tensors.binary('multiply', half, half);
    return exponent % 2 === 0 ? even : tensors.binary('multiply', even, base);
  }
  if (exponent === 0.5) return tensors.real('sqrt', base);
  if (exponent === -0.5) return tensors.real('inverseSqrt', base);
  if (exponent === -1) return tensors.real('reciprocal', base);
  return tensors.real('power', base, { parameters: [exponent] });
}

function mean(context: NodeContext): Value {
  const sum = chained(context, 'add');
  return divideByCounts(context, sum, [context.inputCount], []);
}

export const arithmeticOperators: readonly OperatorEntry[] = [
  elementwise('Add', 'add'),
  elementwise('Sub', 'subtract'),
  elementwise('Mul', 'multiply'),
  operator('Div', 2, ['axis', 'broadcast'], divide),
  operator('Pow', 2, ['axis', 'broadcast'], power),
  operator('Neg', 1, [], (context) => context.tensors.unary('negate', context.input(0))),
  operator('Abs', 1, [], (context) => context.tensors.unary('absolute', context.input(0))),
  chain('Sum', 'add'),
  chain('Min', 'minimum'),
  chain('Max', 'maximum'),
  operator('Mean', [1, ANY_NUMBER], [], mean),
];
