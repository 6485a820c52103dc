import { importCodes } from '../../../diagnostics/codes/import.js';
import type { ReduceOperation } from '../../../model/kinds.js';
import { floatTensor } from '../constant-tensor.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import type { Value } from '../session.js';
import { emitTrees } from '../trees/emit.js';
import type { Ensemble } from '../trees/ensemble.js';
import { numbers, readEnsemble } from '../trees/ensemble.js';
import { planTrees } from '../trees/plan.js';
import { transformed } from './post-transform.js';

const nodeAttributes = [
  'nodes_treeids',
  'nodes_nodeids',
  'nodes_featureids',
  'nodes_modes',
  'nodes_values',
  'nodes_values_as_tensor',
  'nodes_truenodeids',
  'nodes_falsenodeids',
  'nodes_missing_value_tracks_true',
  'nodes_hitrates',
  'nodes_hitrates_as_tensor',
  'base_values',
  'base_values_as_tensor',
  'post_transform',
];

const reductions: Readonly<Record<string, ReduceOperation>> = {
  SUM: 'sum',
  AVERAGE: 'sum',
  MIN: 'minimum',
  MAX: 'maximum',
};

/** The features of the one event, as a vector. */
function features(context: NodeContext): Value {
  const operand = context.input(0);
  const { shape } = operand;
  if (shape.length > 2 || (shape.length === 2 && shape[0] !== 1)) {
    context.refuse(`features of shape [${shape.join(', ')}]`, 'The first dimension must be the event.');
  }
  return context.tensors.reshape(operand, [shape.at(-1) ?? 1]);
}

/** Scores of `count` targets as a vector, base values not yet added. */
function scoresOf(context: NodeContext, ensemble: Ensemble, count: number, operation: ReduceOperation): Value {
  const operand = features(context);
  const [length = 1] = operand.shape;
  for (const node of ensemble.nodes) {
    if (node.kind === 'branch' && (node.feature < 0 || node.feature >= length)) {
      context.fail(importCodes.attribute, `feature ${node.feature} of ${length}`);
    }
    if (node.kind !== 'leaf') continue;
    for (const target of node.weights.keys()) {
      if (target < 0 || target >= count) context.fail(importCodes.attribute, `target ${target} of ${count}`);
    }
  }
  const plan = planTrees(ensemble);
  if (plan === undefined)
    return context.fail(importCodes.attribute, 'nodes of a tree form a cycle, or no root leads to them');
  if (operation !== 'sum' && [...plan.targets.values()].some((trees) => trees.length !== ensemble.roots.length)) {
    context.refuse('trees without a value for some target');
  }
  return emitTrees(context.tensors, plan, operand, count, operation);
}

function addBase(context: NodeContext, scores: Value, base: readonly number[]): Value {
  if (base.every((value) => value === 0)) return scores;
  const values = floatTensor([base.length], Float64Array.from(base, Math.fround));
  return context.tensors.binary('add', scores, context.tensors.constant(values));
}

function row(context: NodeContext, scores: Value): Value {
  return context.tensors.reshape(scores, [1, scores.shape[0] ?? 1]);
}

function treeRegressor(context: NodeContext): readonly Value[] {
  const count = context.integer('n_targets', 1);
  const aggregate = context.string('aggregate_function', 'SUM');
  const operation = reductions[aggregate];
  if (operation === undefined || count < 1) return context.refuse(`aggregate_function ${aggregate}`);
  const read = readEnsemble(context, 'target');
  const ensemble = aggregate === 'AVERAGE' ? scaled(read, 1 / read.roots.length) : read;
  const base = numbers(context, 'base_values');
  if (base.length > 1 && base.length !== count) {
    context.fail(importCodes.attribute, `${base.length} base values for ${count} targets`);
  }
  const scores = addBase(context, scoresOf(context, ensemble, count, operation), base);
  return [transformed(context, row(context, scores))];
}

/** A mean over the trees, taken at the leaves, where it costs nothing. */
function scaled(ensemble: Ensemble, factor: number): Ensemble {
  const nodes = ensemble.nodes.map((node) =>
    node.kind === 'branch'
      ? node
      : { ...node, weights: new Map([...node.weights].map(([target, weight]) => [target, weight * factor] as const)) },
  );
  return { ...ensemble, nodes };
}

/**
 * The scores only: the label is the position of the largest, and is dropped with a note. With two labels and leaves that
 * name one class alone, the score of the other follows from it. The standard leaves that open; this is what ONNX Runtime
 * gives.
 */
function treeClassifier(context: NodeContext): readonly (Value | undefined)[] {
  const labels = (context.integers('classlabels_int64s') ?? context.strings('classlabels_strings') ?? []).length;
  const ensemble = readEnsemble(context, 'class');
  const base = numbers(context, 'base_values');
  const classes = new Set<number>();
  let negative = false;
  for (const node of ensemble.nodes) {
    if (node.kind !== 'leaf') continue;
    for (const [target, weight] of node.weights) {
      classes.add(target);
      negative ||= weight < 0;
    }
  }
  if (labels < 2) return context.refuse(`${labels} class labels`);
  const scores = scoresOf(context, ensemble, labels, 'sum');
  if (labels === 2 && classes.size === 1 && classes.has(0) && base.length < 2) {
    return [undefined, binary(context, addBase(context, context.tensors.gather(scores, 0, [0]), base), negative)];
  }
  if (base.length > 0 && (labels === 2 || base.length !== labels)) {
    return context.refuse(`${base.length} base values for ${labels} labels`);
  }
  return [undefined, transformed(context, row(context, addBase(context, scores, base)))];
}

/** [1 - s, s] for probabilities, which no leaf makes negative; [-s, s] for margins. */
function binary(context: NodeContext, score: Value, negative: boolean): Value {
  const { tensors } = context;
  const margin = negative || context.string('post_transform', 'NONE') === 'LOGISTIC';
  const first = margin ? 0 : 1;
  const constant = tensors.constant(floatTensor([1], Float64Array.of(first)));
  const other = margin ? tensors.unary('negate', score) : tensors.binary('subtract', constant, score);
  const pair = row(context, tensors.concat([other, score], 0));
  const transform = context.string('post_transform', 'NONE');
  // ONNX Runtime leaves a pair that it has completed as it is under SOFTMAX.
  return transform === 'SOFTMAX' ? pair : transformed(context, pair);
}

/** The tensor that would have become a list of dictionaries. */
function zipMap(context: NodeContext): readonly Value[] {
  context.report(importCodes.zipMap, 'the port holds the tensor of scores, in the order of the labels');
  return [context.input(0)];
}

export const treeOperators: readonly OperatorEntry[] = [
  {
    operator: 'TreeEnsembleRegressor',
    since: 1,
    inputs: [1, 1],
    attributes: [
      ...nodeAttributes,
      ...['n_targets', 'aggregate_function', 'target_treeids', 'target_nodeids', 'target_ids', 'target_weights'],
      'target_weights_as_tensor',
    ],
    handler: treeRegressor,
  },
  {
    operator: 'TreeEnsembleClassifier',
    since: 1,
    inputs: [1, 1],
    attributes: [
      ...nodeAttributes,
      ...['class_treeids', 'class_nodeids', 'class_ids', 'class_weights', 'class_weights_as_tensor'],
      ...['classlabels_int64s', 'classlabels_strings'],
    ],
    labels: [0],
    handler: treeClassifier,
  },
  {
    operator: 'ZipMap',
    since: 1,
    inputs: [1, 1],
    attributes: ['classlabels_int64s', 'classlabels_strings'],
    handler: zipMap,
  },
];
