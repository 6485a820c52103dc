import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import type { Value } from '../session.js';
import { convolutionOperators } from './convolution.js';
import { normalizationOperators } from './normalization.js';
import { poolingOperators } from './pooling.js';
import { resizeOperators } from './resize.js';

/** Operands with channels last; the others of each operator are as in the standard. */
const moved: ReadonlyMap<string, readonly number[]> = new Map([
  ['Conv', [0, 1]],
  ['MaxPool', [0]],
  ['AveragePool', [0]],
  ['GlobalAveragePool', [0]],
  ['BatchNormalization', [0]],
  ['DepthToSpace', [0]],
]);

/**
 * The operators of QONNX's domain `qonnx.custom_op.channels_last`: those of the standard, with the channels as the last
 * axis of picture and result, and of the weights of Conv.
 */
export const channelsLastOperators: readonly OperatorEntry[] = [
  ...convolutionOperators,
  ...poolingOperators,
  ...normalizationOperators,
  ...resizeOperators,
].flatMap((entry) => {
  const operands = moved.get(entry.operator);
  return operands === undefined ? [] : [{ ...entry, since: 1, handler: channelsFirst(entry, operands) }];
});

function channelsFirst(entry: OperatorEntry, operands: readonly number[]): OperatorEntry['handler'] {
  return (context) => {
    const replaced = new Map(operands.map((index) => [index, toFirst(context, context.input(index))] as const));
    const [result] = entry.handler(context.replacing(replaced, standardOpset));
    return [result === undefined ? undefined : toLast(context, result)];
  };
}

/** The version of the domain means nothing; the forms are those of the standard from this operator set on. */
const standardOpset = 13;

function toFirst({ tensors }: NodeContext, value: Value): Value {
  const rank = value.shape.length;
  if (rank < 2) return value;
  return tensors.transpose(value, [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 1)]);
}

function toLast({ tensors }: NodeContext, value: Value): Value {
  const rank = value.shape.length;
  if (rank < 2) return value;
  return tensors.transpose(value, [0, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 2), 1]);
}
