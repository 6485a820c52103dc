import { at } from '../support/invariant.js';
import type { Interval } from '../numeric/interval.js';
import { intersect, isPoint, point, shiftInterval, union } from '../numeric/interval.js';
import type { TensorFormat } from './formats.js';
import type { ModelNodeId, ModelNodeOf, Shape } from './kinds.js';
import { broadcastIndices } from './shapes.js';

type FormatOf = (id: ModelNodeId) => TensorFormat;
type ShapeOf = (id: ModelNodeId) => Shape;

/** 0 or 1; one of the two where the intervals decide it. */
export function comparisonFormat(
  node: ModelNodeOf<'lessThan' | 'equal'>,
  of: FormatOf,
  shapeOf: ShapeOf,
): TensorFormat {
  const [left, right] = [of(node.left), of(node.right)];
  const lsb = Math.min(left.lsb, right.lsb);
  const leftIndex = broadcastIndices(shapeOf(node.left), node.shape);
  const rightIndex = broadcastIndices(shapeOf(node.right), node.shape);
  const decide = node.kind === 'lessThan' ? decideLess : decideEqual;
  const ranges = Array.from(leftIndex, (source, index) => {
    const decided = decide(
      shiftInterval(at(left.ranges, source), left.lsb - lsb),
      shiftInterval(at(right.ranges, at(rightIndex, index)), right.lsb - lsb),
    );
    return decided === undefined ? { low: 0n, high: 1n } : point(decided ? 1n : 0n);
  });
  return { lsb: 0, ranges };
}

function decideLess(left: Interval, right: Interval): boolean | undefined {
  if (left.high < right.low) return true;
  return left.low >= right.high ? false : undefined;
}

function decideEqual(left: Interval, right: Interval): boolean | undefined {
  const common = intersect(left, right);
  if (common === undefined) return false;
  return isPoint(left) && isPoint(right) ? true : undefined;
}

/** Either operand's range; one of them where the condition never changes. */
export function selectFormat(node: ModelNodeOf<'select'>, of: FormatOf, shapeOf: ShapeOf): TensorFormat {
  const [condition, whenTrue, whenFalse] = [of(node.condition), of(node.whenTrue), of(node.whenFalse)];
  const lsb = Math.min(whenTrue.lsb, whenFalse.lsb);
  const conditionIndex = broadcastIndices(shapeOf(node.condition), node.shape);
  const trueIndex = broadcastIndices(shapeOf(node.whenTrue), node.shape);
  const falseIndex = broadcastIndices(shapeOf(node.whenFalse), node.shape);
  const ranges = Array.from(conditionIndex, (source, index) => {
    const chooses = at(condition.ranges, source);
    const a = shiftInterval(at(whenTrue.ranges, at(trueIndex, index)), whenTrue.lsb - lsb);
    const b = shiftInterval(at(whenFalse.ranges, at(falseIndex, index)), whenFalse.lsb - lsb);
    if (chooses.low > 0n || chooses.high < 0n) return a;
    return isPoint(chooses) ? b : union(a, b);
  });
  return { lsb, ranges };
}
