import { dyadicToNumber } from '../../numeric/dyadic.js';
import { lsbExponent } from '../../numeric/fixed-point.js';
import { quantizedRange } from '../../numeric/rounding.js';
import type { ModelGraph, ModelNode, ModelNodeId, ModelNodeOf, Shape } from '../../model/kinds.js';
import { elementCount, perElement } from '../../model/kinds.js';
import { evaluateReal, realFunction } from '../../model/real-functions.js';
import {
  broadcastIndices,
  concatSources,
  gatherIndices,
  planMatmul,
  reduceTargets,
  transposeIndices,
} from '../../model/shapes.js';
import { at, invariant } from '../../support/invariant.js';
import type { RealInterval } from './tensor-statistics.js';

/** By element, row-major. An end is infinite where nothing bounds the value. */
export type RealIntervals = readonly RealInterval[];

const everything: RealInterval = { low: -Infinity, high: Infinity };
const bit: RealInterval = { low: 0, high: 1 };

/**
 * What the elements of every node of a float graph can be, given what its inputs can be, by interval arithmetic in double
 * precision: operands are taken as independent, so that the intervals are wide rather than narrow.
 */
export function floatIntervals(
  graph: ModelGraph,
  inputs: (node: ModelNodeOf<'input'>) => RealIntervals,
): readonly RealIntervals[] {
  const intervals: RealIntervals[] = [];
  const shapeOf = (id: ModelNodeId): Shape => at(graph.nodes, id).shape;
  for (const node of graph.nodes) {
    const own = node.kind === 'input' ? inputs(node) : intervalsOf(node, (id) => at(intervals, id), shapeOf);
    invariant(own.length === elementCount(node.shape), `${own.length} intervals for [${node.shape.join(', ')}]`);
    intervals.push(own);
  }
  return intervals;
}

function intervalsOf(
  node: Exclude<ModelNode, { readonly kind: 'input' }>,
  of: (id: ModelNodeId) => RealIntervals,
  shapeOf: (id: ModelNodeId) => Shape,
): RealIntervals {
  const mapped = (id: ModelNodeId, map: (range: RealInterval, element: number) => RealInterval): RealIntervals =>
    of(id).map(map);
  const paired = (
    { left, right }: { readonly left: ModelNodeId; readonly right: ModelNodeId },
    combine: (left: RealInterval, right: RealInterval) => RealInterval,
  ): RealIntervals => {
    const [first, second] = [broadcastIndices(shapeOf(left), node.shape), broadcastIndices(shapeOf(right), node.shape)];
    return Array.from(first, (source, index) => combine(at(of(left), source), at(of(right), at(second, index))));
  };
  const picked = (id: ModelNodeId, indices: Int32Array): RealIntervals =>
    Array.from(indices, (index) => at(of(id), index));
  switch (node.kind) {
    case 'constant':
      return node.codes.map((code) => {
        const value = dyadicToNumber({ code, lsb: node.lsb });
        return { low: value, high: value };
      });
    case 'reshape':
    case 'quantizeDefault':
      return of(node.operand);
    case 'assume':
      return mapped(node.operand, (range, element) => {
        const { low, high } = perElement(node.ranges, element);
        const promised = [low, high].map((code) => dyadicToNumber({ code, lsb: node.lsb }));
        return { low: Math.max(range.low, at(promised, 0)), high: Math.min(range.high, at(promised, 1)) };
      });
    case 'quantize':
    case 'requantize':
    case 'bits':
      // What leaves the type saturates or wraps inside it; what does not leave it may be rounded to its ends.
      return mapped(node.operand, (range, element) => {
        const type = perElement(node.types, element);
        const codes = quantizedRange(type, node.kind === 'bits' ? 'WRAP' : node.overflow);
        const [low, high] = [codes.low, codes.high].map((code) => dyadicToNumber({ code, lsb: lsbExponent(type) }));
        const whole = { low: low ?? -Infinity, high: high ?? Infinity };
        if (node.kind !== 'quantize' || range.low < whole.low || range.high > whole.high) return whole;
        const unit = 2 ** lsbExponent(type);
        return { low: Math.max(whole.low, range.low - unit), high: Math.min(whole.high, range.high + unit) };
      });
    case 'add':
      return paired(node, (a, b) => ({ low: a.low + b.low, high: a.high + b.high }));
    case 'subtract':
      return paired(node, (a, b) => ({ low: a.low - b.high, high: a.high - b.low }));
    case 'multiply':
      if (node.left === node.right) return mapped(node.left, square);
      return paired(node, product);
    case 'minimum':
      return paired(node, (a, b) => ({ low: Math.min(a.low, b.low), high: Math.min(a.high, b.high) }));
    case 'maximum':
      return paired(node, (a, b) => ({ low: Math.max(a.low, b.low), high: Math.max(a.high, b.high) }));
    case 'lessThan':
    case 'equal':
      return Array.from({ length: elementCount(node.shape) }, () => bit);
    case 'select': {
      const [yes, no] = [node.whenTrue, node.whenFalse].map((id) =>
        picked(id, broadcastIndices(shapeOf(id), node.shape)),
      );
      return (yes ?? []).map((range, index) => union(range, at(no ?? [], index)));
    }
    case 'negate':
      return mapped(node.operand, ({ low, high }) => ({ low: 0 - high, high: 0 - low }));
    case 'absolute':
      return mapped(node.operand, ({ low, high }) => ({ low: Math.max(0, low, -high), high: Math.max(-low, high) }));
    case 'relu':
      return mapped(node.operand, ({ low, high }) => ({ low: Math.max(low, 0), high: Math.max(high, 0) }));
    case 'bipolar':
      return mapped(node.operand, ({ low, high }) => ({ low: low >= 0 ? 1 : -1, high: high >= 0 ? 1 : -1 }));
    case 'round':
      return mapped(node.operand, ({ low, high }) => ({ low: Math.floor(low), high: Math.ceil(high) }));
    case 'function':
      return mapped(node.operand, (range) => functionInterval(node, range));
    case 'table': {
      const values = node.codes.map((code) => dyadicToNumber({ code, lsb: lsbExponent(node.type) }));
      const range = values.map((value) => ({ low: value, high: value })).reduce(union);
      return mapped(node.operand, () => range);
    }
    case 'matmul':
      return matmul(node, of, shapeOf);
    case 'transpose':
      return picked(node.operand, transposeIndices(shapeOf(node.operand), node.permutation));
    case 'gather':
      return picked(node.operand, gatherIndices(shapeOf(node.operand), node.axis, node.indices));
    case 'concat': {
      const { operand, element } = concatSources(node.operands.map(shapeOf), node.axis);
      return Array.from(operand, (which, index) => at(of(at(node.operands, which)), at(element, index)));
    }
    case 'reduce':
      return reduce(node, of(node.operand), reduceTargets(shapeOf(node.operand), node.axes));
  }
}

/** Zero times a bound that is infinite is zero: the bound stands for numbers of any size, not for infinity. */
function times(left: number, right: number): number {
  return left === 0 || right === 0 ? 0 : left * right;
}

function product(a: RealInterval, b: RealInterval): RealInterval {
  const ends = [times(a.low, b.low), times(a.low, b.high), times(a.high, b.low), times(a.high, b.high)];
  return { low: Math.min(...ends), high: Math.max(...ends) };
}

function square({ low, high }: RealInterval): RealInterval {
  const least = low > 0 ? low : high < 0 ? high : 0;
  return { low: least * least, high: Math.max(low * low, high * high) };
}

function union(left: RealInterval, right: RealInterval): RealInterval {
  return { low: Math.min(left.low, right.low), high: Math.max(left.high, right.high) };
}

/** From the ends and the turning points between them; unbounded where the function is not defined, or has a pole. */
function functionInterval(node: ModelNodeOf<'function'>, range: RealInterval): RealInterval {
  if (!Number.isFinite(range.low) || !Number.isFinite(range.high)) {
    const [low, high] = [range.low, range.high].map((end) => evaluateReal(node, end));
    const known = ['sigmoid', 'tanh', 'softplus', 'exp', 'erf', 'atan', 'softsign'].includes(node.function);
    if (!known || low === undefined || high === undefined || Number.isNaN(low) || Number.isNaN(high)) return everything;
    return { low: Math.min(low, high), high: Math.max(low, high) };
  }
  const inner = [node.scale * range.low + node.offset, node.scale * range.high + node.offset];
  const [from, to] = [Math.min(...inner), Math.max(...inner)];
  const { domain, turns, evaluate } = realFunction(node.function);
  const { low, high } = domain?.(node.parameters) ?? everything;
  if (from < low || to > high) return everything;
  const values = [from, ...(turns?.(from, to, node.parameters) ?? []), to].map((x) => evaluate(x, node.parameters));
  if (!values.every(Number.isFinite)) return everything;
  return { low: Math.min(...values), high: Math.max(...values) };
}

function matmul(
  node: ModelNodeOf<'matmul'>,
  of: (id: ModelNodeId) => RealIntervals,
  shapeOf: (id: ModelNodeId) => Shape,
): RealIntervals {
  const plan = planMatmul(shapeOf(node.left), shapeOf(node.right));
  const [left, right] = [of(node.left), of(node.right)];
  const result: RealInterval[] = [];
  plan.leftOffsets.forEach((leftStart, batch) => {
    const rightStart = at(plan.rightOffsets, batch);
    for (let row = 0; row < plan.rows; row++) {
      for (let column = 0; column < plan.columns; column++) {
        let [low, high] = [0, 0];
        for (let k = 0; k < plan.inner; k++) {
          const term = product(
            at(left, leftStart + row * plan.inner + k),
            at(right, rightStart + column + k * plan.columns),
          );
          low += term.low;
          high += term.high;
        }
        result.push({ low, high });
      }
    }
  });
  return result;
}

function reduce(node: ModelNodeOf<'reduce'>, operand: RealIntervals, targets: Int32Array): RealIntervals {
  const result = new Array<RealInterval | undefined>(elementCount(node.shape)).fill(undefined);
  const combine = {
    sum: (a: RealInterval, b: RealInterval) => ({ low: a.low + b.low, high: a.high + b.high }),
    maximum: (a: RealInterval, b: RealInterval) => ({ low: Math.max(a.low, b.low), high: Math.max(a.high, b.high) }),
    minimum: (a: RealInterval, b: RealInterval) => ({ low: Math.min(a.low, b.low), high: Math.min(a.high, b.high) }),
  }[node.operation];
  operand.forEach((range, index) => {
    const target = at(targets, index);
    const known = result[target];
    result[target] = known === undefined ? range : combine(known, range);
  });
  return result.map((range) => range ?? { low: 0, high: 0 });
}
