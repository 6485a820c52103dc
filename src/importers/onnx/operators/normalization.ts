import { importCodes } from '../../../diagnostics/codes/import.js';
import { ShapeError } from '../../../model/shapes.js';
import { elementsOf, floatTensor, numbersOf, numberAt } from '../constant-tensor.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { operator } from '../operator.js';
import type { Value } from '../session.js';

const parameterNames = ['scale', 'bias', 'mean', 'variance'] as const;

/**
 * Inference form: x × scale / sqrt(variance + epsilon) + (bias - mean × that factor), one of each per channel
 * (dimension 1). The two constants are computed in double and rounded once to float32.
 */
function batchNormalization(context: NodeContext): readonly (Value | undefined)[] {
  const outputs = context.node.outputs.filter((name) => name !== '').length;
  const training =
    context.opset >= 14
      ? context.integer('training_mode', 0) !== 0
      : context.opset < 7
        ? context.integer('is_test', 0) === 0 && outputs > 1
        : outputs > 1;
  if (training) {
    context.refuse(
      'batch normalisation in training mode',
      'Export the model in evaluation mode: model.eval() in PyTorch.',
    );
  }
  const operand = context.input(0);
  const channels = operand.shape[1] ?? operand.shape[0];
  if (operand.shape.length < 1 || channels === undefined) throw new ShapeError('batch normalisation of a scalar');
  const [gamma, beta, mean, variance] = parameterNames.map((name, index) => {
    const tensor = context.tensor(index + 1, name);
    if (elementsOf(tensor) !== channels) {
      if (context.opset < 9 && context.integer('spatial', 1) === 0) context.refuse('spatial = 0');
      throw new ShapeError(`the ${name} has ${elementsOf(tensor)} elements for ${channels} channels`);
    }
    return numbersOf(tensor);
  });
  const epsilon = context.float('epsilon', 1e-5);
  const factors = new Float64Array(channels);
  const shifts = new Float64Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const spread = (variance?.[channel] ?? 0) + epsilon;
    const factor = (gamma?.[channel] ?? 0) / Math.sqrt(spread);
    const shift = (beta?.[channel] ?? 0) - (mean?.[channel] ?? 0) * factor;
    if (!(spread > 0) || !Number.isFinite(factor) || !Number.isFinite(shift)) {
      context.fail(
        importCodes.notFinite,
        `channel ${channel} has variance ${variance?.[channel]}, mean ${mean?.[channel]}, scale ${gamma?.[channel]}, bias ${beta?.[channel]}`,
      );
    }
    factors[channel] = Math.fround(factor);
    shifts[channel] = Math.fround(shift);
  }
  const shape = operand.shape.length < 2 ? [channels] : [channels, ...operand.shape.slice(2).map(() => 1)];
  const { tensors } = context;
  const scaled = tensors.binary('multiply', operand, tensors.constant(floatTensor(shape, factors)));
  return [tensors.binary('add', scaled, tensors.constant(floatTensor(shape, shifts)))];
}

/** Nothing at inference; the mask output is not produced. */
function dropout(context: NodeContext): readonly (Value | undefined)[] {
  const training = context.opset >= 12 ? context.optional(2) : undefined;
  if (training !== undefined && (training.kind !== 'constant' || numberAt(training.tensor, 0) !== 0)) {
    context.refuse('dropout in training mode', 'Export the model in evaluation mode: model.eval() in PyTorch.');
  }
  return [context.input(0), undefined];
}

export const normalizationOperators: readonly OperatorEntry[] = [
  {
    operator: 'BatchNormalization',
    since: 6,
    inputs: [5, 5],
    attributes: ['epsilon', 'momentum', 'is_test', 'spatial', 'training_mode'],
    handler: batchNormalization,
  },
  {
    operator: 'Dropout',
    since: 6,
    inputs: [1, 3],
    attributes: ['ratio', 'is_test', 'seed'],
    handler: dropout,
  },
  operator('Identity', 1, [], (context) => context.input(0)),
];
