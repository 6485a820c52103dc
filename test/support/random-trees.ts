import { at } from '../../src/support/invariant.js';
import type { Random } from '../../src/support/random.js';
import type { Attributes } from './onnx-builder.js';
import { floats, int, ints, OnnxBuilder, strings } from './onnx-builder.js';

export const ML = { domain: 'ai.onnx.ml', name: 'trees' } as const;

interface Row {
  readonly tree: number;
  readonly node: number;
  readonly mode: string;
  readonly feature: number;
  readonly value: number;
  readonly whenTrue: number;
  readonly whenFalse: number;
}
interface Weight {
  readonly tree: number;
  readonly node: number;
  readonly target: number;
  readonly weight: number;
}

/** An ensemble as the attributes of ai.onnx.ml, and what it gives, walked node by node. */
export interface RandomTrees {
  readonly attributes: (prefix: 'target' | 'class') => Attributes;
  /** The weights that each tree gives each target; undefined where it names none. */
  readonly leaves: (x: readonly number[]) => readonly ReadonlyMap<number, number>[];
  readonly targets: number;
}

export interface RandomTreesOptions {
  readonly trees: number;
  readonly depth: number;
  readonly features: number;
  readonly targets: number;
  /** Smallest weight of a leaf, in sixteenths. */
  readonly lowest?: number;
  /** Every leaf has a weight for every target, or for one. */
  readonly all?: boolean;
}

const modes = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT', 'BRANCH_EQ', 'BRANCH_NEQ'] as const;

const holds = (mode: string, x: number, value: number): boolean =>
  ({
    BRANCH_LEQ: x <= value,
    BRANCH_LT: x < value,
    BRANCH_GTE: x >= value,
    BRANCH_GT: x > value,
    BRANCH_EQ: x === value,
    BRANCH_NEQ: x !== value,
  })[mode] ?? false;

/** Thresholds lie on eighths, on float32 numbers between them, and now and then on the same place twice. */
export function randomTrees(random: Random, options: RandomTreesOptions): RandomTrees {
  const rows: Row[] = [];
  const weights: Weight[] = [];
  for (let tree = 0; tree < options.trees; tree++) {
    let next = 0;
    const grow = (depth: number): number => {
      const node = next++;
      const slot = rows.push({ tree, node, mode: 'LEAF', feature: 0, value: 0, whenTrue: 0, whenFalse: 0 }) - 1;
      if (depth === 0 || random.integer(0, 7) === 0) {
        for (let target = 0; target < options.targets; target++) {
          if (options.all !== true && target !== tree % options.targets) continue;
          weights.push({ tree, node, target, weight: random.integer(options.lowest ?? -64, 64) / 16 });
        }
        return node;
      }
      const feature = random.integer(0, options.features - 1);
      const value = random.integer(0, 1) === 0 ? random.integer(-8, 8) / 8 : Math.fround(random.uniform() * 2 - 1);
      const mode = random.integer(0, 1) === 0 ? 'BRANCH_LEQ' : random.pick(modes);
      const whenTrue = grow(depth - 1);
      const whenFalse = grow(depth - 1);
      rows[slot] = { tree, node, mode, feature, value, whenTrue, whenFalse };
      return node;
    };
    grow(options.depth);
  }
  const find = new Map(rows.map((row) => [`${row.tree},${row.node}`, row] as const));
  const leaves = (x: readonly number[]): readonly ReadonlyMap<number, number>[] =>
    Array.from({ length: options.trees }, (_, tree) => {
      let row = find.get(`${tree},0`);
      while (row !== undefined && row.mode !== 'LEAF') {
        const next = holds(row.mode, at(x, row.feature), row.value) ? row.whenTrue : row.whenFalse;
        row = find.get(`${tree},${next}`);
      }
      const node = row?.node;
      const own = weights.filter((weight) => weight.tree === tree && weight.node === node);
      return new Map(own.map(({ target, weight }) => [target, weight] as const));
    });
  const attributes = (prefix: 'target' | 'class'): Attributes => ({
    nodes_treeids: ints(rows.map(({ tree }) => tree)),
    nodes_nodeids: ints(rows.map(({ node }) => node)),
    nodes_featureids: ints(rows.map(({ feature }) => feature)),
    nodes_modes: strings(rows.map(({ mode }) => mode)),
    nodes_values: floats(rows.map(({ value }) => value)),
    nodes_truenodeids: ints(rows.map(({ whenTrue }) => whenTrue)),
    nodes_falsenodeids: ints(rows.map(({ whenFalse }) => whenFalse)),
    [`${prefix}_treeids`]: ints(weights.map(({ tree }) => tree)),
    [`${prefix}_nodeids`]: ints(weights.map(({ node }) => node)),
    [`${prefix}_ids`]: ints(weights.map(({ target }) => target)),
    [`${prefix}_weights`]: floats(weights.map(({ weight }) => weight)),
  });
  return { attributes, leaves, targets: options.targets };
}

/** A model of one TreeEnsembleRegressor on the input x. */
export function regressor(trees: RandomTrees, features: number, more: Attributes = {}): OnnxBuilder {
  const attributes = { ...trees.attributes('target'), n_targets: int(trees.targets), ...more };
  return new OnnxBuilder(17)
    .importDomain('ai.onnx.ml', 3)
    .input('x', ['N', features])
    .node('TreeEnsembleRegressor', ['x'], ['y'], attributes, ML)
    .output('y');
}

/** A TreeEnsembleClassifier with its label as a second graph output. */
export function classifier(trees: RandomTrees, features: number, labels: number, more: Attributes = {}): OnnxBuilder {
  const names = Array.from({ length: labels }, (_, index) => index);
  const attributes = { ...trees.attributes('class'), classlabels_int64s: ints(names), ...more };
  return new OnnxBuilder(17)
    .importDomain('ai.onnx.ml', 1)
    .input('x', ['N', features])
    .node('TreeEnsembleClassifier', ['x'], ['label', 'scores'], attributes, ML)
    .output('label', ['N'], 'int64')
    .output('scores', ['N', labels]);
}
