import { describe, expect, it } from 'vitest';
import { at } from '../../../../src/support/invariant.js';
import { floatEvaluator } from '../../../../src/model/evaluate-float.js';
import { Random } from '../../../../src/support/random.js';
import type { Attributes } from '../../../support/onnx-builder.js';
import {
  floats,
  int,
  ints,
  OnnxBuilder,
  rawTensor,
  tensorValue,
  text,
  strings,
} from '../../../support/onnx-builder.js';
import { classifier, ML, randomTrees, regressor } from '../../../support/random-trees.js';
import { evaluate, imported, refusal } from './support.js';

/** Values that thresholds hit, and values beside them. */
function event(random: Random, features: number): readonly number[] {
  return Array.from({ length: features }, () => random.integer(-10, 10) / (random.integer(0, 1) === 0 ? 8 : 10));
}

const aggregates: ReadonlyMap<string, (values: readonly number[]) => number> = new Map(
  Object.entries({
    SUM: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0),
    AVERAGE: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length,
    MIN: (values: readonly number[]) => Math.min(...values),
    MAX: (values: readonly number[]) => Math.max(...values),
  }),
);

describe('TreeEnsembleRegressor', () => {
  it.each([...aggregates])('gives what a walk through the trees gives: %s', (aggregate, combine) => {
    const random = new Random(71);
    for (let round = 0; round < 8; round++) {
      const [features, targets] = [random.integer(1, 4), random.integer(1, 3)];
      // Powers of two, so that the mean is exact.
      const options = { trees: random.pick([1, 2, 4, 8]), depth: random.integer(0, 5), features, targets, all: true };
      const trees = randomTrees(random, options);
      const { graph } = imported(regressor(trees, features, { aggregate_function: text(aggregate) }));
      for (let count = 0; count < 12; count++) {
        const x = event(random, features);
        const leaves = trees.leaves(x);
        const expected = Array.from({ length: targets }, (_, target) =>
          combine(leaves.map((leaf) => leaf.get(target) ?? 0)),
        );
        expect(evaluate(graph, [x])).toEqual([{ shape: [1, targets], values: expected.map((value) => value + 0) }]);
      }
    }
  });

  it('adds base values, and sums the trees of each target', () => {
    const random = new Random(72);
    const trees = randomTrees(random, { trees: 6, depth: 3, features: 2, targets: 3 });
    const { graph } = imported(regressor(trees, 2, { base_values: floats([1, -2, 0.5]) }));
    const x = event(random, 2);
    const expected = [1, -2, 0.5];
    for (const leaf of trees.leaves(x))
      for (const [target, weight] of leaf) expected[target] = at(expected, target) + weight;
    expect(evaluate(graph, [x])[0]?.values).toEqual(expected);
  });

  it('makes equal comparisons and equal subtrees once, however many trees ask', () => {
    const stump = {
      nodes_treeids: ints([0, 0, 0, 1, 1, 1, 2, 2, 2]),
      nodes_nodeids: ints([0, 1, 2, 0, 1, 2, 0, 1, 2]),
      nodes_featureids: ints([1, 0, 0, 1, 0, 0, 1, 0, 0]),
      nodes_modes: strings(['BRANCH_LEQ', 'LEAF', 'LEAF', 'BRANCH_GT', 'LEAF', 'LEAF', 'BRANCH_LEQ', 'LEAF', 'LEAF']),
      nodes_values: floats([0.3, 0, 0, 0.3, 0, 0, 0.3, 0, 0]),
      nodes_truenodeids: ints([1, 0, 0, 1, 0, 0, 1, 0, 0]),
      nodes_falsenodeids: ints([2, 0, 0, 2, 0, 0, 2, 0, 0]),
      target_treeids: ints([0, 0, 1, 1, 2, 2]),
      target_nodeids: ints([1, 2, 1, 2, 1, 2]),
      target_ids: ints([0, 0, 0, 0, 0, 0]),
      target_weights: floats([1, 2, 2, 1, 5, 5]),
    };
    const builder = new OnnxBuilder(17)
      .importDomain('ai.onnx.ml', 1)
      .input('x', [1, 2])
      .node('TreeEnsembleRegressor', ['x'], ['y'], stump, ML)
      .output('y');
    const { graph } = imported(builder);
    const elements = (kind: string): readonly number[] =>
      graph.nodes.filter((node) => node.kind === kind).map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    expect(elements('lessThan')).toEqual([1]);
    expect(elements('select')).toEqual([1]);
    expect(evaluate(graph, [[0, 0.25]])[0]?.values).toEqual([7]);
    expect(evaluate(graph, [[0, 0.5]])[0]?.values).toEqual([9]);
    // As doubles, in tensors, from version 3 on: the threshold is not the float32 one.
    const { nodes_values: _values, target_weights: _weights, ...rest } = stump;
    const tensor = (values: readonly number[]) => tensorValue(rawTensor('', [values.length], values, 'float64'));
    const doubles = {
      ...rest,
      nodes_values_as_tensor: tensor([0.3, 0, 0, 0.3, 0, 0, 0.3, 0, 0]),
      target_weights_as_tensor: tensor([1, 2, 2, 1, 5, 5]),
    };
    const double = new OnnxBuilder(17)
      .importDomain('ai.onnx.ml', 3)
      .input('x', [1, 2], 'float64')
      .node('TreeEnsembleRegressor', ['x'], ['y'], doubles, ML)
      .output('y');
    const between = (0.3 + Math.fround(0.3)) / 2;
    expect(evaluate(imported(double).graph, [[0, between]])[0]?.values).toEqual([9]);
    expect(evaluate(graph, [[0, between]])[0]?.values).toEqual([7]);
  });
});

/** Two stumps on two features; the expected scores are those of ONNX Runtime 1.32, at four points. */
function stumps(ids: readonly number[], weights: readonly number[], more: Attributes = {}): OnnxBuilder {
  const attributes = {
    nodes_treeids: ints([0, 0, 0, 1, 1, 1]),
    nodes_nodeids: ints([0, 1, 2, 0, 1, 2]),
    nodes_featureids: ints([0, 0, 0, 1, 0, 0]),
    nodes_modes: strings(['BRANCH_LEQ', 'LEAF', 'LEAF', 'BRANCH_LEQ', 'LEAF', 'LEAF']),
    nodes_values: floats([0.5, 0, 0, -0.25, 0, 0]),
    nodes_truenodeids: ints([1, 0, 0, 1, 0, 0]),
    nodes_falsenodeids: ints([2, 0, 0, 2, 0, 0]),
    class_treeids: ints([0, 0, 1, 1]),
    class_nodeids: ints([1, 2, 1, 2]),
    class_ids: ints(ids),
    class_weights: floats(weights),
    classlabels_int64s: ints([0, 1]),
    ...more,
  };
  return new OnnxBuilder(17)
    .importDomain('ai.onnx.ml', 1)
    .input('x', ['N', 2])
    .node('TreeEnsembleClassifier', ['x'], ['label', 'scores'], attributes, ML)
    .output('label', ['N'], 'int64')
    .output('scores', ['N', 2]);
}
const points = [
  [0, -1],
  [1, -1],
  [0, 1],
  [1, 1],
] as const;

describe('TreeEnsembleClassifier', () => {
  const mixed = [0.25, -0.25, 1, -0.75];
  const positive = [0.25, 0.125, 0.5, 0];
  it.each([
    [
      'margins of one class',
      [0, 0, 0, 0],
      mixed,
      {},
      [
        [-1.25, 1.25],
        [-0.75, 0.75],
        [0.5, -0.5],
        [1, -1],
      ],
    ],
    [
      'margins of one class with a base value',
      [0, 0, 0, 0],
      mixed,
      { base_values: floats([0.5]) },
      [
        [-1.75, 1.75],
        [-1.25, 1.25],
        [0, 0],
        [0.5, -0.5],
      ],
    ],
    [
      'probabilities of one class',
      [0, 0, 0, 0],
      positive,
      {},
      [
        [0.25, 0.75],
        [0.375, 0.625],
        [0.75, 0.25],
        [0.875, 0.125],
      ],
    ],
    [
      'the second class alone',
      [1, 1, 1, 1],
      mixed,
      {},
      [
        [0, 1.25],
        [0, 0.75],
        [0, -0.5],
        [0, -1],
      ],
    ],
    [
      'both classes',
      [0, 0, 1, 1],
      mixed,
      {},
      [
        [0.25, 1],
        [-0.25, 1],
        [0.25, -0.75],
        [-0.25, -0.75],
      ],
    ],
  ] as const)('gives the scores of ONNX Runtime: %s', (_, ids, weights, more, expected) => {
    const { graph, codes } = imported(stumps(ids, weights, more));
    expect(codes).toContain('TRG1070');
    expect(graph.outputs.map(({ name }) => name)).toEqual(['scores']);
    points.forEach((x, index) => {
      expect(evaluate(graph, [x])[0]?.values).toEqual(expected[index]);
    });
  });

  it('applies LOGISTIC and SOFTMAX', () => {
    const scores = (ids: readonly number[], transform: string): readonly number[] => {
      const { graph } = imported(stumps(ids, mixed, { post_transform: text(transform) }));
      return Array.from(at(floatEvaluator(graph)([Float64Array.of(0, -1)]).outputs, 0));
    };
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
    const close = (found: readonly number[], expected: readonly number[]): void => {
      expected.forEach((value, index) => {
        expect(found[index]).toBeCloseTo(value, 9);
      });
    };
    close(scores([0, 0, 0, 0], 'LOGISTIC'), [sigmoid(-1.25), sigmoid(1.25)]);
    close(scores([0, 0, 0, 0], 'SOFTMAX'), [-1.25, 1.25]);
    close(scores([0, 0, 1, 1], 'LOGISTIC'), [sigmoid(0.25), sigmoid(1)]);
    close(scores([0, 0, 1, 1], 'SOFTMAX'), [sigmoid(-0.75), sigmoid(0.75)]);
  });

  it('sums the trees of many classes, leaves out labels and what reads them, and looks through ZipMap', () => {
    const random = new Random(73);
    const trees = randomTrees(random, { trees: 9, depth: 3, features: 3, targets: 3, all: true });
    const builder = classifier(trees, 3, 3, { base_values: floats([0.5, 0.25, -1]) });
    builder.graph.output.length = 0;
    builder
      .node('Cast', ['label'], ['name'], { to: int(7) })
      .node('ZipMap', ['scores'], ['probability'], { classlabels_int64s: ints([0, 1, 2]) }, { ...ML, name: 'zip' })
      .output('name', ['N'], 'int64')
      .output('probability');
    const { graph, codes } = imported(builder);
    expect(codes).toEqual(expect.arrayContaining(['TRG1070', 'TRG1071']));
    expect(graph.outputs.map(({ name }) => name)).toEqual(['probability']);
    const x = event(random, 3);
    const expected = [0.5, 0.25, -1];
    for (const leaf of trees.leaves(x))
      for (const [target, weight] of leaf) expected[target] = at(expected, target) + weight;
    expect(evaluate(graph, [x])).toEqual([{ shape: [1, 3], values: expected }]);
  });

  it('refuses a graph of labels alone, and base values that have no agreed meaning', () => {
    const labels = stumps([0, 0, 1, 1], mixed);
    labels.graph.output.pop();
    expect(refusal(labels)).toEqual(['TRG1013']);
    expect(refusal(stumps([0, 0, 1, 1], mixed, { base_values: floats([1, 2]) }))).toEqual(['TRG1044']);
    expect(refusal(stumps([0, 0, 1, 1], mixed, { post_transform: text('PROBIT') }))).toEqual(['TRG1044']);
  });
});

describe('trees that are no trees', () => {
  const broken = (change: Attributes): readonly string[] => refusal(stumps([0, 0, 1, 1], [1, 2, 3, 4], change));
  it.each([
    ['a node that is missing', { nodes_truenodeids: ints([7, 0, 0, 1, 0, 0]) }],
    ['a list that is too short', { nodes_values: floats([0.5]) }],
    ['two nodes of one number', { nodes_nodeids: ints([0, 1, 1, 0, 1, 2]) }],
    ['no root', { nodes_truenodeids: ints([0, 0, 0, 1, 0, 0]) }],
    ['a feature that does not exist', { nodes_featureids: ints([2, 0, 0, 1, 0, 0]) }],
    ['a class that does not exist', { class_ids: ints([0, 0, 1, 2]) }],
    ['two roots', { nodes_truenodeids: ints([2, 0, 0, 1, 0, 0]) }],
  ] as const)('%s', (_, change) => {
    expect(broken(change)).toEqual(['TRG1046']);
  });

  it('a cycle beside the root', () => {
    const attributes = {
      nodes_treeids: ints([0, 0, 0, 0]),
      nodes_nodeids: ints([0, 1, 2, 3]),
      nodes_featureids: ints([0, 0, 0, 0]),
      nodes_modes: strings(['BRANCH_LEQ', 'BRANCH_LEQ', 'BRANCH_LEQ', 'LEAF']),
      nodes_values: floats([0, 1, 2, 0]),
      nodes_truenodeids: ints([1, 2, 1, 0]),
      nodes_falsenodeids: ints([3, 3, 3, 0]),
      class_treeids: ints([0]),
      class_nodeids: ints([3]),
      class_ids: ints([0]),
      class_weights: floats([1]),
    };
    expect(broken(attributes)).toEqual(['TRG1046']);
  });

  it('a mode that is none', () => {
    expect(broken({ nodes_modes: strings(['BRANCH_MEMBER', 'LEAF', 'LEAF', 'BRANCH_LEQ', 'LEAF', 'LEAF']) })).toEqual([
      'TRG1044',
    ]);
  });
});

describe('simple operators of ai.onnx.ml', () => {
  const values = (
    operator: string,
    attributes: Attributes,
    constants: readonly (readonly [string, readonly number[]])[] = [],
  ): readonly number[] => {
    const builder = new OnnxBuilder(17).importDomain('ai.onnx.ml', 1).input('x', [1, 3]);
    for (const [name, list] of constants) builder.initializer(name, [list.length], list, 'int64');
    builder.node(operator, ['x', ...constants.map(([name]) => name)], ['y'], attributes, ML).output('y');
    return evaluate(imported(builder).graph, [[1, -2, 4]])[0]?.values ?? [];
  };

  it('Scaler, Binarizer, ArrayFeatureExtractor, FeatureVectorizer and LinearRegressor', () => {
    expect(values('Scaler', { offset: floats([1, 1, 2]), scale: floats([0.5]) })).toEqual([0, -1.5, 1]);
    expect(values('Binarizer', {})).toEqual([1, 0, 1]);
    expect(values('ArrayFeatureExtractor', {}, [['i', [2, 0]]])).toEqual([4, 1]);
    expect(values('FeatureVectorizer', { inputdimensions: ints([3]) })).toEqual([1, -2, 4]);
    const linear = { coefficients: floats([1, 2, 3, 0, 0, 1]), intercepts: floats([1, -1]), targets: int(2) };
    expect(values('LinearRegressor', linear)).toEqual([10, 3]);
  });

  /** The end of scikit-learn's classifiers: the label of the largest score. */
  const labelled = (labels: readonly number[], shape = [labels.length]): OnnxBuilder =>
    new OnnxBuilder(17)
      .importDomain('ai.onnx.ml', 1)
      .input('x', [1, 3])
      .initializer('labels', shape, labels, 'int64')
      .node('ArgMax', ['x'], ['best'], { axis: int(1) })
      .node('ArrayFeatureExtractor', ['labels', 'best'], ['label'], {}, ML)
      .node('Reshape', ['label', 'shape'], ['y'])
      .initializer('shape', [1], [-1], 'int64')
      .output('y');

  it('ArrayFeatureExtractor looks up constant labels at a computed position', () => {
    const { graph } = imported(labelled([7, -3, 40]));
    const inputs = [
      [1, -2, 0],
      [1, 2, 0],
      [-1, -2, 0],
    ];
    expect(inputs.map((event) => evaluate(graph, [event])[0]?.values)).toEqual([[7], [-3], [40]]);
    expect(refusal(labelled([1, 2, 3, 4, 5, 6], [2, 3]))).toEqual(['TRG1044']);
  });

  it('LinearClassifier gives its scores', () => {
    const attributes = { coefficients: floats([1, 0, 0, 0, 0, 1]), classlabels_ints: ints([0, 1]) };
    const builder = new OnnxBuilder(17)
      .importDomain('ai.onnx.ml', 1)
      .input('x', [1, 3])
      .node('LinearClassifier', ['x'], ['label', 'y'], attributes, ML)
      .output('label')
      .output('y');
    expect(evaluate(imported(builder).graph, [[1, -2, 4]])[0]?.values).toEqual([1, 4]);
  });
});
