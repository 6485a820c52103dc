import { invariant, InvariantError } from '../support/invariant.js';
import { shiftBy, trailingZeros } from '../support/bits.js';
import type { FixedPointType } from '../numeric/fixed-point.js';
import { codeRange, fixedPointType, lsbExponent } from '../numeric/fixed-point.js';
import type { Interval } from '../numeric/interval.js';
import {
  addIntervals,
  clampTo,
  contains,
  intersect,
  intervalWidth,
  isPoint,
  max,
  min,
  multiplyIntervals,
  negateInterval,
  point,
  shiftInterval,
  squareInterval,
  subtractIntervals,
  union,
} from '../numeric/interval.js';
import { ratioOnCodes, roundRatioInterval } from '../numeric/ratio.js';
import type { Overflow, Rounding } from '../numeric/rounding.js';
import { quantizedRange, roundShift } from '../numeric/rounding.js';
import { comparisonFormat, selectFormat } from './comparison-formats.js';
import type { ModelFields, ModelGraph, ModelNode, ModelNodeId, ModelNodeOf } from './kinds.js';
import { elementCount, perElement, ratioOf } from './kinds.js';
import {
  broadcastIndices,
  concatSources,
  gatherIndices,
  planMatmul,
  reduceTargets,
  transposeIndices,
} from './shapes.js';

/**
 * What is known of a tensor of a typed graph: its values are codes × 2^lsb, and element i's code lies in ranges[i].
 * The LSB follows from the declared LSBs of the operands; it is never narrowed from the values of constants.
 */
export interface TensorFormat {
  readonly lsb: number;
  /** One interval per element, row-major. */
  readonly ranges: readonly Interval[];
}

/** Formats of all nodes, by node id. The graph must be typed. */
export function inferFormats(graph: ModelGraph): readonly TensorFormat[] {
  const formats: TensorFormat[] = [];
  for (const node of graph.nodes) formats.push(formatOf(node, graph, formats));
  return formats;
}

/** The format of one node, given those of all earlier nodes. */
export function formatOf(node: ModelNode, graph: ModelGraph, formats: readonly TensorFormat[]): TensorFormat {
  const of = (id: ModelNodeId): TensorFormat => {
    const format = formats[id];
    invariant(format !== undefined, `the format of node ${id} is needed before it is known`);
    return format;
  };
  const shapeOf = (id: ModelNodeId): readonly number[] => {
    const operand = graph.nodes[id];
    invariant(operand !== undefined, `no node ${id}`);
    return operand.shape;
  };
  const size = elementCount(node.shape);
  switch (node.kind) {
    case 'input': {
      invariant(node.types.length > 0, `input '${node.name}' has no type`);
      const lsb = Math.min(...node.types.map(lsbExponent));
      const ranges = spread(node.types, size, (type) => shiftInterval(codeRange(type), lsbExponent(type) - lsb));
      return { lsb, ranges };
    }
    case 'constant':
      return { lsb: node.lsb, ranges: node.codes.map(point) };
    case 'assume': {
      const operand = of(node.operand);
      return {
        lsb: operand.lsb,
        ranges: operand.ranges.map((range, index) => assumed(range, operand.lsb, node, index)),
      };
    }
    case 'quantize': {
      const operand = of(node.operand);
      const lsb = Math.min(...node.types.map(lsbExponent));
      const ranges = operand.ranges.map((range, index) => {
        const type = perElement(node.types, index);
        return shiftInterval(
          quantizeInterval(range, operand.lsb, type, node.rounding, node.overflow),
          lsbExponent(type) - lsb,
        );
      });
      return { lsb, ranges };
    }
    case 'requantize': {
      const operand = of(node.operand);
      const lsb = Math.min(...node.types.map(lsbExponent));
      const ranges = operand.ranges.map((range, index) =>
        shiftInterval(
          requantizeInterval(range, operand.lsb, node, index),
          lsbExponent(perElement(node.types, index)) - lsb,
        ),
      );
      return { lsb, ranges };
    }
    case 'bits': {
      const operand = of(node.operand);
      const lsb = Math.min(...node.types.map(lsbExponent));
      const ranges = operand.ranges.map((range, index) => {
        const type = perElement(node.types, index);
        const own = bitsInterval(range, operand.lsb, perElement(node.lows, index), type);
        return shiftInterval(own, lsbExponent(type) - lsb);
      });
      return { lsb, ranges };
    }
    case 'add':
    case 'subtract':
    case 'minimum':
    case 'maximum':
    case 'multiply':
      return binaryFormat(node, of(node.left), of(node.right), shapeOf(node.left), shapeOf(node.right));
    case 'lessThan':
    case 'equal':
      return comparisonFormat(node, of, shapeOf);
    case 'select':
      return selectFormat(node, of, shapeOf);
    case 'negate': {
      const operand = of(node.operand);
      return { lsb: operand.lsb, ranges: operand.ranges.map(negateInterval) };
    }
    case 'absolute': {
      const operand = of(node.operand);
      return { lsb: operand.lsb, ranges: operand.ranges.map(absoluteInterval) };
    }
    case 'relu': {
      const operand = of(node.operand);
      return { lsb: operand.lsb, ranges: operand.ranges.map((r) => ({ low: max(r.low, 0n), high: max(r.high, 0n) })) };
    }
    case 'bipolar': {
      const operand = of(node.operand);
      return {
        lsb: 0,
        ranges: operand.ranges.map((r) =>
          r.low >= 0n ? point(1n) : r.high < 0n ? point(-1n) : { low: -1n, high: 1n },
        ),
      };
    }
    case 'round': {
      const operand = of(node.operand);
      if (operand.lsb >= 0) return operand;
      const round = (code: bigint): bigint => roundShift(code, -operand.lsb, node.rounding);
      return { lsb: 0, ranges: operand.ranges.map((r) => ({ low: round(r.low), high: round(r.high) })) };
    }
    case 'function':
    case 'quantizeDefault':
      throw new InvariantError(`the ${node.kind} %${node.id} has no format before typing`);
    case 'table': {
      const operand = of(node.operand);
      const range = tableRange(node, operand.lsb);
      return { lsb: lsbExponent(node.type), ranges: operand.ranges.map(range) };
    }
    case 'matmul':
      return matmulFormat(of(node.left), of(node.right), shapeOf(node.left), shapeOf(node.right));
    case 'reshape':
      return of(node.operand);
    case 'transpose':
      return permuted(of(node.operand), transposeIndices(shapeOf(node.operand), node.permutation));
    case 'gather':
      return permuted(of(node.operand), gatherIndices(shapeOf(node.operand), node.axis, node.indices));
    case 'concat': {
      const operands = node.operands.map(of);
      const lsb = Math.min(...operands.map((operand) => operand.lsb));
      const sources = concatSources(node.operands.map(shapeOf), node.axis);
      const ranges = Array.from({ length: size }, (_, index) => {
        const operand = operands[sources.operand[index] ?? 0];
        invariant(operand !== undefined, 'concat source');
        return shiftInterval(rangeAt(operand, sources.element[index] ?? 0), operand.lsb - lsb);
      });
      return { lsb, ranges };
    }
    case 'reduce': {
      const operand = of(node.operand);
      const targets = reduceTargets(shapeOf(node.operand), node.axes);
      const ranges = new Array<Interval | undefined>(size).fill(undefined);
      operand.ranges.forEach((range, index) => {
        const target = targets[index] ?? 0;
        const previous = ranges[target];
        ranges[target] = previous === undefined ? range : combine(node.operation, previous, range);
      });
      return { lsb: operand.lsb, ranges: ranges.map((range) => range ?? point(0n)) };
    }
  }
}

function spread<T>(list: readonly T[], size: number, make: (element: T) => Interval): readonly Interval[] {
  if (list.length === 1) return new Array<Interval>(size).fill(make(perElement(list, 0)));
  return list.map(make);
}

function rangeAt(format: TensorFormat, index: number): Interval {
  const range = format.ranges[index];
  invariant(range !== undefined, `no element ${index}`);
  return range;
}

function permuted(format: TensorFormat, indices: Int32Array): TensorFormat {
  return { lsb: format.lsb, ranges: Array.from(indices, (index) => rangeAt(format, index)) };
}

function assumed(
  range: Interval,
  lsb: number,
  node: { readonly lsb: number; readonly ranges: readonly Interval[] },
  index: number,
): Interval {
  const promise = perElement(node.ranges, index);
  // Only codes on the operand's grid count: round the promise inwards.
  const inner =
    node.lsb >= lsb
      ? shiftInterval(promise, node.lsb - lsb)
      : {
          low: roundShift(promise.low, lsb - node.lsb, 'CEIL'),
          high: roundShift(promise.high, lsb - node.lsb, 'TRN'),
        };
  const met = inner.low <= inner.high ? intersect(range, inner) : undefined;
  invariant(met !== undefined, 'an assumption that no value meets must be refused where it is declared');
  return met;
}

/** Codes a quantiser can give for operand codes in `range` (LSB 2^lsb), in the type's own LSB. */
export function quantizeInterval(
  range: Interval,
  lsb: number,
  type: FixedPointType,
  rounding: Rounding,
  overflow: Overflow,
): Interval {
  const shift = lsbExponent(type) - lsb;
  const rounded = { low: roundShift(range.low, shift, rounding), high: roundShift(range.high, shift, rounding) };
  return overflowInterval(rounded, type, overflow);
}

/** Codes that the bits from `low` upwards can have for operand codes in `range` (LSB 2^lsb), in the type's own LSB. */
export function bitsInterval(range: Interval, lsb: number, low: number, type: FixedPointType): Interval {
  return quantizeInterval(range, lsb, fieldType(low, type), 'TRN', 'WRAP');
}

/** The bits from `low` upwards as a quantiser has them: TRN and WRAP to this type give the code of the field. */
export function fieldType(low: number, type: FixedPointType): FixedPointType {
  return fixedPointType(type.signed, type.width, type.width + low);
}

/** Codes that one element of a `requantize` node can give for operand codes in `range` (LSB 2^lsb), in the type's own LSB. */
export function requantizeInterval(
  range: Interval,
  lsb: number,
  node: ModelFields['requantize'],
  element: number,
): Interval {
  const type = perElement(node.types, element);
  const ratio = ratioOnCodes(ratioOf(node, element), lsb, lsbExponent(type));
  return overflowInterval(roundRatioInterval(ratio, range, node.rounding), type, node.overflow);
}

/** What an interval of integers becomes when each is brought into the type. */
function overflowInterval(rounded: Interval, type: FixedPointType, overflow: Overflow): Interval {
  const codes = quantizedRange(type, overflow);
  if (contains(codes, rounded)) return rounded;
  if (overflow === 'SAT' || overflow === 'SAT_SYM') {
    const clampLow = max(codes.low, min(codes.high, rounded.low));
    return { low: clampLow, high: max(codes.low, min(codes.high, rounded.high)) };
  }
  if (overflow === 'SAT_ZERO') {
    const inside = intersect(rounded, codes);
    return inside === undefined ? point(0n) : union(inside, point(0n));
  }
  // Wrapping: an interval that stays within one period moves as a whole.
  const period = 1n << BigInt(type.width);
  const offset =
    rounded.low - (type.signed ? BigInt.asIntN(type.width, rounded.low) : BigInt.asUintN(type.width, rounded.low));
  const moved = { low: rounded.low - offset, high: rounded.high - offset };
  return rounded.high - rounded.low < period && contains(codes, moved) ? moved : codeRange(type);
}

function absoluteInterval(range: Interval): Interval {
  if (range.low >= 0n) return range;
  if (range.high <= 0n) return negateInterval(range);
  return { low: 0n, high: max(-range.low, range.high) };
}

/** The codes a table gives for operand codes of one LSB in an interval; equal intervals are looked up once. */
function tableRange(node: ModelNodeOf<'table'>, operandLsb: number): (range: Interval) => Interval {
  const known = new Map<string, Interval>();
  return (range) => {
    const key = `${range.low},${range.high}`;
    let result = known.get(key);
    if (result === undefined) {
      const [from, to] = [range.low, range.high].map((code) => tableIndex(node, code, operandLsb));
      const codes = node.codes.slice(from, (to ?? 0) + 1);
      result = { low: codes.reduce(min), high: codes.reduce(max) };
      known.set(key, result);
    }
    return result;
  };
}

/** The entry for an operand of the value code × 2^lsb. */
export function tableIndex(
  node: { readonly lsb: number; readonly first: bigint; readonly codes: readonly unknown[] },
  code: bigint,
  lsb: number,
): number {
  return Number(clampTo(shiftBy(code, lsb - node.lsb) - node.first, { low: 0n, high: BigInt(node.codes.length - 1) }));
}

function combine(operation: 'sum' | 'maximum' | 'minimum', left: Interval, right: Interval): Interval {
  if (operation === 'sum') return addIntervals(left, right);
  const pick = operation === 'maximum' ? max : min;
  return { low: pick(left.low, right.low), high: pick(left.high, right.high) };
}

function binaryFormat(
  node: ModelNode & {
    readonly kind: 'add' | 'subtract' | 'multiply' | 'minimum' | 'maximum';
    left: ModelNodeId;
    right: ModelNodeId;
  },
  left: TensorFormat,
  right: TensorFormat,
  leftShape: readonly number[],
  rightShape: readonly number[],
): TensorFormat {
  const leftIndex = broadcastIndices(leftShape, node.shape);
  const rightIndex = broadcastIndices(rightShape, node.shape);
  if (node.kind === 'multiply') {
    const ranges = Array.from(leftIndex, (l, index) => {
      const r = rightIndex[index] ?? 0;
      // The same element times itself is a square, which is never negative.
      return node.left === node.right && l === r
        ? squareInterval(rangeAt(left, l))
        : multiplyIntervals(rangeAt(left, l), rangeAt(right, r));
    });
    return { lsb: left.lsb + right.lsb, ranges };
  }
  const lsb = Math.min(left.lsb, right.lsb);
  const ranges = Array.from(leftIndex, (l, index) => {
    const a = shiftInterval(rangeAt(left, l), left.lsb - lsb);
    const b = shiftInterval(rangeAt(right, rightIndex[index] ?? 0), right.lsb - lsb);
    if (node.kind === 'add') return addIntervals(a, b);
    if (node.kind === 'subtract') return subtractIntervals(a, b);
    return combine(node.kind, a, b);
  });
  return { lsb, ranges };
}

function matmulFormat(
  left: TensorFormat,
  right: TensorFormat,
  leftShape: readonly number[],
  rightShape: readonly number[],
): TensorFormat {
  const plan = planMatmul(leftShape, rightShape);
  const ranges: Interval[] = [];
  plan.leftOffsets.forEach((leftOffset, batch) => {
    const rightOffset = plan.rightOffsets[batch] ?? 0;
    for (let row = 0; row < plan.rows; row++) {
      for (let column = 0; column < plan.columns; column++) {
        let low = 0n;
        let high = 0n;
        for (let k = 0; k < plan.inner; k++) {
          const b = rangeAt(right, rightOffset + k * plan.columns + column);
          if (isPoint(b) && b.low === 0n) continue;
          const product = multiplyIntervals(rangeAt(left, leftOffset + row * plan.inner + k), b);
          low += product.low;
          high += product.high;
        }
        ranges.push({ low, high });
      }
    }
  });
  return { lsb: left.lsb + right.lsb, ranges };
}

/**
 * The port type of a tensor that no quantiser types: its exact LSB, and the integer bits that the union of its ranges
 * needs.
 */
export function exactType(format: TensorFormat): FixedPointType {
  const all = format.ranges.reduce(union, format.ranges[0] ?? point(0n));
  const width = intervalWidth(all);
  return fixedPointType(all.low < 0n, width, width + format.lsb);
}

/** The coarsest LSB exponent on which all constant codes are exact; the given one when all are zero. */
export function coarsestLsb(lsb: number, codes: readonly bigint[]): number {
  const nonzero = codes.filter((code) => code !== 0n);
  return nonzero.length === 0 ? lsb : lsb + Math.min(...nonzero.map(trailingZeros));
}
