import { importCodes } from '../../../diagnostics/codes/import.js';
import { fixedPointType } from '../../../numeric/fixed-point.js';
import { elementCount } from '../../../model/kinds.js';
import { compare } from '../choices.js';
import { floatTensor } from '../constant-tensor.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { ANY_NUMBER, operator } from '../operator.js';
import type { ComputedValue, ConstantValue, Value } from '../session.js';
import { transformed } from './post-transform.js';

/** A list with one entry for each of the last axis, or one for all. */
function perFeature(context: NodeContext, name: string, missing: number): Value {
  const values = context.floats(name) ?? [missing];
  const length = context.input(0).shape.at(-1) ?? 1;
  if (values.length !== 1 && values.length !== length) {
    context.fail(importCodes.attribute, `${name} has ${values.length} entries for ${length} features`);
  }
  return context.tensors.constant(floatTensor([values.length], Float64Array.from(values)));
}

/** (x - offset) × scale */
function scaler(context: NodeContext): Value {
  const { tensors } = context;
  const shifted = tensors.binary('subtract', context.input(0), perFeature(context, 'offset', 0));
  return tensors.binary('multiply', shifted, perFeature(context, 'scale', 1));
}

/** 1 above the threshold, else 0, as numbers. */
function binarizer(context: NodeContext): Value {
  const { tensors } = context;
  const threshold = tensors.constant(floatTensor([], Float64Array.of(context.float('threshold', 0))));
  const above = compare(tensors, 'lessThan', threshold, context.input(0));
  return above.kind === 'constant' ? above : { kind: 'computed', node: above.node, shape: above.shape };
}

function featureVectorizer(context: NodeContext): Value {
  const operands = Array.from({ length: context.inputCount }, (_, index) => context.input(index));
  return context.tensors.concat(operands, (operands[0]?.shape.length ?? 1) - 1);
}

/** Elements of the last axis by constant position, or constant elements by computed position. */
function arrayFeatureExtractor(context: NodeContext): Value {
  const operand = context.input(0);
  const positions = context.input(1);
  if (operand.kind === 'constant' && positions.kind === 'computed') return lookedUp(context, operand, positions);
  const length = operand.shape.at(-1) ?? 1;
  const indices = context.wholeInput(1, 'positions');
  const bad = indices.find((index) => index < 0 || index >= length);
  if (bad !== undefined) context.fail(importCodes.operandValue, `position ${bad} of ${length}`);
  return context.tensors.gather(operand, operand.shape.length - 1, indices);
}

/**
 * The label of a class by its position, as classifiers end: a table. A position beyond the list, which ONNX leaves open,
 * gives the nearest label.
 */
function lookedUp(context: NodeContext, labels: ConstantValue, positions: ComputedValue): Value {
  const { tensor } = labels;
  if (tensor.kind !== 'integer' || elementCount(labels.shape) !== (labels.shape.at(-1) ?? 1)) {
    return context.refuse('computed positions in anything but one row of integers');
  }
  const { tensors } = context;
  const codes = Array.from(tensor.values);
  const { signed, bits } = tensor.type;
  const type = fixedPointType(signed, bits, bits);
  const operand = tensors.reshape(positions, [1, elementCount(positions.shape)]);
  const table = tensors.add('table', { operand: tensors.nodeOf(operand), lsb: 0, first: 0n, type, codes });
  return { ...table, integer: tensor.type };
}

/** features × coefficients^T + intercepts, as a row. */
function linear(context: NodeContext, count: number): Value {
  const { tensors } = context;
  const operand = context.input(0);
  const length = operand.shape.at(-1) ?? 1;
  const coefficients = context.floats('coefficients') ?? [];
  const intercepts = context.floats('intercepts') ?? [];
  if (coefficients.length !== count * length || (intercepts.length !== 0 && intercepts.length !== count)) {
    const found = `${coefficients.length} coefficients and ${intercepts.length} intercepts`;
    context.fail(importCodes.attribute, `${found} for ${count} results of ${length} features`);
  }
  const weights = tensors.constant(floatTensor([count, length], Float64Array.from(coefficients)));
  const row = operand.shape.length === 1 ? tensors.reshape(operand, [1, length]) : operand;
  const product = tensors.matmul(row, tensors.transpose(weights, [1, 0]));
  if (intercepts.length === 0) return product;
  return tensors.binary('add', product, tensors.constant(floatTensor([count], Float64Array.from(intercepts))));
}

function linearRegressor(context: NodeContext): Value {
  return transformed(context, linear(context, context.integer('targets', 1)));
}

/** Scores of all labels; the label itself is dropped. */
function linearClassifier(context: NodeContext): readonly (Value | undefined)[] {
  const labels = (context.integers('classlabels_ints') ?? context.strings('classlabels_strings') ?? []).length;
  const length = context.input(0).shape.at(-1) ?? 1;
  const count = (context.floats('coefficients') ?? []).length / length;
  if (count !== labels) return context.refuse(`${count} rows of coefficients for ${labels} labels`);
  return [undefined, transformed(context, linear(context, count))];
}

export const scoreOperators: readonly OperatorEntry[] = [
  operator('Scaler', 1, ['offset', 'scale'], scaler, 1),
  operator('Binarizer', 1, ['threshold'], binarizer, 1),
  operator('FeatureVectorizer', [1, ANY_NUMBER], ['inputdimensions'], featureVectorizer, 1),
  operator('ArrayFeatureExtractor', 2, [], arrayFeatureExtractor, 1),
  operator('LinearRegressor', 1, ['coefficients', 'intercepts', 'post_transform', 'targets'], linearRegressor, 1),
  {
    operator: 'LinearClassifier',
    since: 1,
    inputs: [1, 1],
    attributes: [
      ...['classlabels_ints', 'classlabels_strings', 'coefficients', 'intercepts', 'multi_class', 'post_transform'],
    ],
    labels: [0],
    handler: linearClassifier,
  },
];
