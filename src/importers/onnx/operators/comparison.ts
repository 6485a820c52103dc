import { compare, isZero, round, select } from '../choices.js';
import { powerOfTwo } from '../constant-tensor.js';
import { castTensor } from '../fold.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';
import type { Tensors } from '../tensors.js';
import { legacyOperands } from './arithmetic.js';

type Combine = (tensors: Tensors, left: Value, right: Value) => Value;

function binary(name: string, combine: Combine, since = 6): OperatorEntry {
  return operator(
    name,
    2,
    ['axis', 'broadcast'],
    (context) => {
      const [left, right] = legacyOperands(context);
      return combine(context.tensors, left, right);
    },
    since,
  );
}

const less: Combine = (tensors, left, right) => compare(tensors, 'lessThan', left, right);
const equal: Combine = (tensors, left, right) => compare(tensors, 'equal', left, right);

/** Truth values are 0 and 1. */
const both: Combine = (tensors, left, right) => tensors.binary('minimum', left, right);
const either: Combine = (tensors, left, right) => tensors.binary('maximum', left, right);
const differ: Combine = (tensors, left, right) => isZero(tensors, compare(tensors, 'equal', left, right));

/** 1 above zero, -1 below, 0 at zero. */
function sign(context: NodeContext): Value {
  const { tensors } = context;
  const operand = context.input(0);
  const zero = tensors.constant({ ...powerOfTwo(0), codes: [0n] });
  const one = tensors.constant(powerOfTwo(0));
  const minusOne = tensors.constant({ ...powerOfTwo(0), codes: [-1n] });
  const below = select(tensors, less(tensors, operand, zero), minusOne, zero);
  const value = select(tensors, less(tensors, zero, operand), one, below);
  if (operand.kind === 'constant' && value.kind === 'constant' && operand.tensor.kind === 'integer') {
    return tensors.constant(castTensor(value.tensor, 'integer', operand.tensor.type));
  }
  const integer = operand.kind === 'computed' ? operand.integer : undefined;
  return value.kind === 'constant' || integer === undefined ? value : { ...value, integer };
}

export const comparisonOperators: readonly OperatorEntry[] = [
  binary('Equal', equal),
  binary('Less', less),
  binary('Greater', (tensors, left, right) => less(tensors, right, left)),
  binary('LessOrEqual', (tensors, left, right) => isZero(tensors, less(tensors, right, left)), 12),
  binary('GreaterOrEqual', (tensors, left, right) => isZero(tensors, less(tensors, left, right)), 12),
  binary('And', both),
  binary('Or', either),
  binary('Xor', differ),
  operator('Not', 1, [], (context) => isZero(context.tensors, context.input(0))),
  operator(
    'Where',
    3,
    [],
    (context) => select(context.tensors, context.input(0), context.input(1), context.input(2)),
    9,
  ),
  operator('Sign', 1, [], sign, 9),
  operator('Floor', 1, [], (context) => round(context.tensors, context.input(0), 'TRN')),
  operator('Ceil', 1, [], (context) => round(context.tensors, context.input(0), 'CEIL')),
  operator('Round', 1, [], (context) => round(context.tensors, context.input(0), 'RND_CONV'), 11),
];
