import { at } from '../../../support/invariant.js';
import type { ReduceOperation } from '../../../model/kinds.js';
import { compare, select } from '../choices.js';
import { floatTensor } from '../constant-tensor.js';
import type { Value } from '../session.js';
import type { Tensors } from '../tensors.js';
import type { Comparison, TreePlan } from './plan.js';

/**
 * The planned trees as nodes of the graph: all comparisons of a kind at once, then one choice for each level of the
 * trees, then the reduction over the trees of each target. `features` is a vector. The result is a vector of one element
 * for each target from 0 to `count` - 1.
 */
export function emitTrees(
  tensors: Tensors,
  plan: TreePlan,
  features: Value,
  count: number,
  operation: ReduceOperation,
): Value {
  const conditions = emitComparisons(tensors, plan.comparisons, features);
  let values: Value = vector(tensors, plan.constants);
  for (const level of plan.levels) {
    const pick = (from: Value, indices: readonly number[]): Value => tensors.gather(from, 0, indices);
    const chosen = select(
      tensors,
      pick(
        conditions,
        level.map((choice) => choice.comparison),
      ),
      pick(
        values,
        level.map((choice) => choice.whenTrue),
      ),
      pick(
        values,
        level.map((choice) => choice.whenFalse),
      ),
    );
    values = tensors.concat([values, chosen], 0);
  }
  const scores: Value[] = [];
  for (let target = 0; target < count; target++) {
    const trees = plan.targets.get(target);
    scores.push(
      trees === undefined
        ? vector(tensors, [0])
        : tensors.reduce(operation, tensors.gather(values, 0, trees), [0], true),
    );
  }
  return tensors.concat(scores, 0);
}

function emitComparisons(tensors: Tensors, comparisons: readonly Comparison[], features: Value): Value {
  const position = new Int32Array(comparisons.length);
  const parts: Value[] = [];
  let next = 0;
  for (const relation of ['featureBelow', 'featureAbove', 'featureEqual'] as const) {
    const members = comparisons.flatMap((comparison, index) => (comparison.relation === relation ? [index] : []));
    if (members.length === 0) continue;
    for (const index of members) position[index] = next++;
    const own = members.map((index) => at(comparisons, index));
    const operands = tensors.gather(
      features,
      0,
      own.map((comparison) => comparison.feature),
    );
    const thresholds = vector(
      tensors,
      own.map((comparison) => comparison.threshold),
    );
    if (relation === 'featureEqual') parts.push(compare(tensors, 'equal', operands, thresholds));
    else if (relation === 'featureBelow') parts.push(compare(tensors, 'lessThan', operands, thresholds));
    else parts.push(compare(tensors, 'lessThan', thresholds, operands));
  }
  if (parts.length === 0) return vector(tensors, [0]);
  return tensors.gather(tensors.concat(parts, 0), 0, Array.from(position));
}

function vector(tensors: Tensors, values: readonly number[]): Value {
  return tensors.constant(floatTensor([values.length], Float64Array.from(values)));
}
