import { importCodes } from '../../../diagnostics/codes/import.js';
import { at } from '../../../support/invariant.js';
import { elementsOf, numberAt } from '../constant-tensor.js';
import type { NodeContext } from '../node-context.js';

export const comparisonModes = ['LEQ', 'LT', 'GTE', 'GT', 'EQ', 'NEQ'] as const;
export type ComparisonMode = (typeof comparisonModes)[number];

/** A node of a decision tree: where the comparison holds it goes to `whenTrue`, else to `whenFalse`. */
export interface Branch {
  readonly kind: 'branch';
  readonly feature: number;
  readonly mode: ComparisonMode;
  readonly threshold: number;
  /** Indices into the list of nodes. */
  readonly whenTrue: number;
  readonly whenFalse: number;
}
export interface Leaf {
  readonly kind: 'leaf';
  /** What it adds to each target. */
  readonly weights: ReadonlyMap<number, number>;
}
export type TreeNode = Branch | Leaf;

/** All trees of an ensemble: one list of nodes, and the roots in it. */
export interface Ensemble {
  readonly nodes: readonly TreeNode[];
  readonly roots: readonly number[];
}

/**
 * The trees of TreeEnsembleRegressor and TreeEnsembleClassifier (ai.onnx.ml 1 and 3). `target` is the prefix of the
 * attributes that hold the weights of the leaves. Missing values do not occur: their attribute has no meaning here.
 */
export function readEnsemble(context: NodeContext, target: 'target' | 'class'): Ensemble {
  const trees = list(context, 'nodes_treeids');
  const count = trees.length;
  const ids = list(context, 'nodes_nodeids', count);
  const features = list(context, 'nodes_featureids', count);
  const whenTrue = list(context, 'nodes_truenodeids', count);
  const whenFalse = list(context, 'nodes_falsenodeids', count);
  const values = numbers(context, 'nodes_values', count);
  const modes = context.strings('nodes_modes') ?? [];
  if (modes.length !== count)
    context.fail(importCodes.attribute, `nodes_modes has ${modes.length} of ${count} entries`);
  const indexOf = new Map<string, number>();
  trees.forEach((tree, index) => {
    const key = `${tree},${at(ids, index)}`;
    if (indexOf.has(key)) context.fail(importCodes.attribute, `tree ${tree} has two nodes ${at(ids, index)}`);
    indexOf.set(key, index);
  });
  const find = (tree: number, node: number): number =>
    indexOf.get(`${tree},${node}`) ?? context.fail(importCodes.attribute, `tree ${tree} has no node ${node}`);
  const weights = readWeights(context, target, find);
  const isChild = new Uint8Array(count);
  const nodes = modes.map((mode, index): TreeNode => {
    if (mode === 'LEAF') return { kind: 'leaf', weights: weights.get(index) ?? new Map() };
    const tree = at(trees, index);
    const [onTrue, onFalse] = [find(tree, at(whenTrue, index)), find(tree, at(whenFalse, index))];
    isChild[onTrue] = 1;
    isChild[onFalse] = 1;
    const name = comparisonModes.find((known) => mode === `BRANCH_${known}`);
    if (name === undefined) return context.refuse(`nodes of mode '${mode}'`);
    return {
      kind: 'branch',
      feature: at(features, index),
      mode: name,
      threshold: at(values, index),
      whenTrue: onTrue,
      whenFalse: onFalse,
    };
  });
  const roots = nodes.flatMap((_, index) => (isChild[index] === 1 ? [] : [index]));
  return { nodes, roots: onePerTree(context, roots, trees) };
}

function onePerTree(context: NodeContext, roots: readonly number[], trees: readonly number[]): readonly number[] {
  const found = new Set(roots.map((root) => at(trees, root)));
  const all = new Set(trees);
  if (found.size !== roots.length || found.size !== all.size) {
    context.fail(importCodes.attribute, `${all.size} trees with ${roots.length} roots`);
  }
  return roots;
}

/** By index of the leaf: the weights of its targets, added up. */
function readWeights(
  context: NodeContext,
  target: 'target' | 'class',
  find: (tree: number, node: number) => number,
): ReadonlyMap<number, ReadonlyMap<number, number>> {
  const trees = list(context, `${target}_treeids`);
  const nodes = list(context, `${target}_nodeids`, trees.length);
  const targets = list(context, `${target}_ids`, trees.length);
  const weights = numbers(context, `${target}_weights`, trees.length);
  const result = new Map<number, Map<number, number>>();
  trees.forEach((tree, index) => {
    const leaf = find(tree, at(nodes, index));
    const own = result.get(leaf) ?? new Map<number, number>();
    own.set(at(targets, index), (own.get(at(targets, index)) ?? 0) + at(weights, index));
    result.set(leaf, own);
  });
  return result;
}

function list(context: NodeContext, name: string, count?: number): readonly number[] {
  const values = context.integers(name) ?? [];
  if (count !== undefined && values.length !== count) {
    context.fail(importCodes.attribute, `${name} has ${values.length} of ${count} entries`);
  }
  return values;
}

/** A list of floats, or from version 3 on a tensor of floats or doubles. */
export function numbers(context: NodeContext, name: string, count?: number): readonly number[] {
  const tensor = context.tensorAttribute(`${name}_as_tensor`);
  const values =
    tensor === undefined
      ? (context.floats(name) ?? [])
      : Array.from({ length: elementsOf(tensor) }, (_, index) => numberAt(tensor, index));
  if (count !== undefined && values.length !== count) {
    context.fail(importCodes.attribute, `${name} has ${values.length} of ${count} entries`);
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) context.fail(importCodes.notFinite, `element ${bad} of ${name} is ${at(values, bad)}`);
  return values;
}
