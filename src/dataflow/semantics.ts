import { clampTo } from '../numeric/interval.js';
import type { Interval } from '../numeric/interval.js';
import {
  addIntervals,
  clampInterval,
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
import { invariant } from '../support/invariant.js';
import type { DataflowFields, DataflowKind, NodeId, NodeOf } from './kinds.js';

/** What one operation means: every evaluator, printer and pass is checked against this table. */
export interface Semantics<K extends DataflowKind> {
  /** The sentence of the generated reference. */
  readonly summary: string;
  readonly operands: (node: DataflowFields[K]) => readonly NodeId[];
  readonly withOperands: (node: NodeOf<K>, map: (id: NodeId) => NodeId) => DataflowFields[K];
  /** Value from the values of the operands, in the order of `operands`. `input` has no value of its own. */
  readonly evaluate: (node: DataflowFields[K], operands: readonly bigint[]) => bigint;
  /** A sound interval from those of the operands. */
  readonly range: (node: DataflowFields[K], operands: readonly Interval[]) => Interval;
}

type Values = readonly bigint[];
type Ranges = readonly Interval[];
const v = (values: Values, index: number): bigint => {
  const value = values[index];
  invariant(value !== undefined, 'too few operands');
  return value;
};
const r = (ranges: Ranges, index: number): Interval => {
  const range = ranges[index];
  invariant(range !== undefined, 'too few operand ranges');
  return range;
};

interface Two {
  readonly left: NodeId;
  readonly right: NodeId;
}
interface One {
  readonly operand: NodeId;
}
const twoOperands = {
  operands: (node: Two) => [node.left, node.right],
  withOperands: (node: Two, map: (id: NodeId) => NodeId) => ({ left: map(node.left), right: map(node.right) }),
};
const oneOperand = { operands: (node: One) => [node.operand] };
const onlyOperand = {
  ...oneOperand,
  withOperands: (node: One, map: (id: NodeId) => NodeId) => ({ operand: map(node.operand) }),
};

const truth: Interval = { low: 0n, high: 1n };

/** Bounds of a bitwise result: both operands fit `width` bits of two's complement, hence the result does too. */
function bitwiseRange(operation: 'and' | 'or' | 'xor', left: Interval, right: Interval): Interval {
  const signed = (range: Interval): number => intervalWidth(range) + (range.low < 0n ? 0 : 1);
  const half = 1n << BigInt(Math.max(signed(left), signed(right)) - 1);
  const bothPositive = left.low >= 0n && right.low >= 0n;
  switch (operation) {
    case 'and':
      if (bothPositive) return { low: 0n, high: min(left.high, right.high) };
      if (left.low >= 0n) return { low: 0n, high: left.high };
      if (right.low >= 0n) return { low: 0n, high: right.high };
      return { low: -half, high: max(left.high, right.high) };
    case 'or':
      return bothPositive
        ? { low: max(left.low, right.low), high: half - 1n }
        : { low: min(left.low, right.low), high: half - 1n };
    case 'xor':
      return { low: bothPositive ? 0n : -half, high: half - 1n };
  }
}

function wrapRange(range: Interval, width: number, signed: boolean): Interval {
  const period = 1n << BigInt(width);
  const full = signed ? { low: -(period >> 1n), high: (period >> 1n) - 1n } : { low: 0n, high: period - 1n };
  const wrapped = signed ? BigInt.asIntN(width, range.low) : BigInt.asUintN(width, range.low);
  const moved = { low: wrapped, high: wrapped + (range.high - range.low) };
  return contains(full, moved) ? moved : full;
}

export const semantics: { readonly [K in DataflowKind]: Semantics<K> } = {
  input: {
    summary: 'operand number `index` of the kernel, promised to lie within `bounds`',
    operands: () => [],
    withOperands: ({ index, bounds }) => ({ index, bounds }),
    evaluate: () => {
      throw new Error('an input has no value of its own');
    },
    range: (node) => node.bounds,
  },
  constant: {
    summary: 'the integer `value`',
    operands: () => [],
    withOperands: ({ value }) => ({ value }),
    evaluate: (node) => node.value,
    range: (node) => point(node.value),
  },
  add: {
    summary: 'left + right',
    ...twoOperands,
    evaluate: (_, values) => v(values, 0) + v(values, 1),
    range: (_, ranges) => addIntervals(r(ranges, 0), r(ranges, 1)),
  },
  subtract: {
    summary: 'left - right',
    ...twoOperands,
    evaluate: (_, values) => v(values, 0) - v(values, 1),
    range: (_, ranges) => subtractIntervals(r(ranges, 0), r(ranges, 1)),
  },
  addThree: {
    summary: 'first + second + third, or first + second - third when `subtracts`',
    operands: (node) => [node.first, node.second, node.third],
    withOperands: (node, map) => ({
      first: map(node.first),
      second: map(node.second),
      third: map(node.third),
      subtracts: node.subtracts,
    }),
    evaluate: (node, values) => v(values, 0) + v(values, 1) + (node.subtracts ? -v(values, 2) : v(values, 2)),
    range: (node, ranges) =>
      (node.subtracts ? subtractIntervals : addIntervals)(addIntervals(r(ranges, 0), r(ranges, 1)), r(ranges, 2)),
  },
  negate: {
    summary: '-operand',
    ...onlyOperand,
    evaluate: (_, values) => -v(values, 0),
    range: (_, ranges) => negateInterval(r(ranges, 0)),
  },
  multiply: {
    summary: 'left × right',
    ...twoOperands,
    evaluate: (_, values) => v(values, 0) * v(values, 1),
    range: (_, ranges) => multiplyIntervals(r(ranges, 0), r(ranges, 1)),
  },
  square: {
    summary: 'operand × operand',
    ...onlyOperand,
    evaluate: (_, values) => v(values, 0) * v(values, 0),
    range: (_, ranges) => squareInterval(r(ranges, 0)),
  },
  shiftLeft: {
    summary: 'operand × 2^amount',
    ...oneOperand,
    withOperands: (node, map) => ({ operand: map(node.operand), amount: node.amount }),
    evaluate: (node, values) => v(values, 0) << BigInt(node.amount),
    range: (node, ranges) => shiftInterval(r(ranges, 0), node.amount),
  },
  floorShiftRight: {
    summary: 'floor(operand / 2^amount)',
    ...oneOperand,
    withOperands: (node, map) => ({ operand: map(node.operand), amount: node.amount }),
    evaluate: (node, values) => v(values, 0) >> BigInt(node.amount),
    range: (node, ranges) => shiftInterval(r(ranges, 0), -node.amount),
  },
  lessThan: {
    summary: '1 when left < right, else 0',
    ...twoOperands,
    evaluate: (_, values) => (v(values, 0) < v(values, 1) ? 1n : 0n),
    range: (_, ranges) => {
      const [left, right] = [r(ranges, 0), r(ranges, 1)];
      return left.high < right.low ? point(1n) : left.low >= right.high ? point(0n) : truth;
    },
  },
  equal: {
    summary: '1 when left = right, else 0',
    ...twoOperands,
    evaluate: (_, values) => (v(values, 0) === v(values, 1) ? 1n : 0n),
    range: (_, ranges) => {
      const [left, right] = [r(ranges, 0), r(ranges, 1)];
      if (intersect(left, right) === undefined) return point(0n);
      return isPoint(left) && isPoint(right) ? point(1n) : truth;
    },
  },
  select: {
    summary: 'whenTrue if condition ≠ 0, else whenFalse',
    operands: (node) => [node.condition, node.whenTrue, node.whenFalse],
    withOperands: (node, map) => ({
      condition: map(node.condition),
      whenTrue: map(node.whenTrue),
      whenFalse: map(node.whenFalse),
    }),
    evaluate: (_, values) => (v(values, 0) !== 0n ? v(values, 1) : v(values, 2)),
    range: (_, ranges) => {
      const condition = r(ranges, 0);
      if (condition.low > 0n || condition.high < 0n) return r(ranges, 1);
      if (condition.low === 0n && condition.high === 0n) return r(ranges, 2);
      return union(r(ranges, 1), r(ranges, 2));
    },
  },
  minimum: {
    summary: 'the smaller of left and right',
    ...twoOperands,
    evaluate: (_, values) => min(v(values, 0), v(values, 1)),
    range: (_, ranges) => ({
      low: min(r(ranges, 0).low, r(ranges, 1).low),
      high: min(r(ranges, 0).high, r(ranges, 1).high),
    }),
  },
  maximum: {
    summary: 'the larger of left and right',
    ...twoOperands,
    evaluate: (_, values) => max(v(values, 0), v(values, 1)),
    range: (_, ranges) => ({
      low: max(r(ranges, 0).low, r(ranges, 1).low),
      high: max(r(ranges, 0).high, r(ranges, 1).high),
    }),
  },
  clamp: {
    summary: 'operand, but not below bounds.low nor above bounds.high',
    ...oneOperand,
    withOperands: (node, map) => ({ operand: map(node.operand), bounds: node.bounds }),
    evaluate: (node, values) => clampTo(v(values, 0), node.bounds),
    range: (node, ranges) => clampInterval(r(ranges, 0), node.bounds),
  },
  wrap: {
    summary: 'the low `width` bits, read as two’s complement when `signed`',
    ...oneOperand,
    withOperands: (node, map) => ({ operand: map(node.operand), width: node.width, signed: node.signed }),
    evaluate: (node, values) =>
      node.signed ? BigInt.asIntN(node.width, v(values, 0)) : BigInt.asUintN(node.width, v(values, 0)),
    range: (node, ranges) => wrapRange(r(ranges, 0), node.width, node.signed),
  },
  table: {
    summary: 'values[operand - first], the end entries beyond the ends',
    ...oneOperand,
    withOperands: (node, map) => ({ operand: map(node.operand), first: node.first, values: node.values }),
    evaluate: (node, values) => v(node.values, Number(tableIndex(node, v(values, 0)))),
    range: (node, ranges) => {
      const from = Number(tableIndex(node, r(ranges, 0).low));
      const to = Number(tableIndex(node, r(ranges, 0).high));
      let [low, high] = [v(node.values, from), v(node.values, from)];
      for (let index = from + 1; index <= to; index++) {
        low = min(low, v(node.values, index));
        high = max(high, v(node.values, index));
      }
      return { low, high };
    },
  },
  and: {
    summary: 'bitwise and of the infinite two’s complement forms',
    ...twoOperands,
    evaluate: (_, values) => v(values, 0) & v(values, 1),
    range: (_, ranges) => bitwiseRange('and', r(ranges, 0), r(ranges, 1)),
  },
  or: {
    summary: 'bitwise or of the infinite two’s complement forms',
    ...twoOperands,
    evaluate: (_, values) => v(values, 0) | v(values, 1),
    range: (_, ranges) => bitwiseRange('or', r(ranges, 0), r(ranges, 1)),
  },
  xor: {
    summary: 'bitwise exclusive or of the infinite two’s complement forms',
    ...twoOperands,
    evaluate: (_, values) => v(values, 0) ^ v(values, 1),
    range: (_, ranges) => bitwiseRange('xor', r(ranges, 0), r(ranges, 1)),
  },
  not: {
    summary: 'bitwise complement: -operand - 1',
    ...onlyOperand,
    evaluate: (_, values) => ~v(values, 0),
    range: (_, ranges) => ({ low: ~r(ranges, 0).high, high: ~r(ranges, 0).low }),
  },
  slice: {
    summary: 'bits low … low+width-1, read as an unsigned number',
    ...oneOperand,
    withOperands: (node, map) => ({ operand: map(node.operand), low: node.low, width: node.width }),
    evaluate: (node, values) => BigInt.asUintN(node.width, v(values, 0) >> BigInt(node.low)),
    range: (node, ranges) => wrapRange(shiftInterval(r(ranges, 0), -node.low), node.width, false),
  },
  concat: {
    summary: 'high × 2^lowWidth + (low mod 2^lowWidth)',
    operands: (node) => [node.high, node.low],
    withOperands: (node, map) => ({ high: map(node.high), low: map(node.low), lowWidth: node.lowWidth }),
    evaluate: (node, values) => (v(values, 0) << BigInt(node.lowWidth)) + BigInt.asUintN(node.lowWidth, v(values, 1)),
    range: (node, ranges) =>
      addIntervals(shiftInterval(r(ranges, 0), node.lowWidth), wrapRange(r(ranges, 1), node.lowWidth, false)),
  },
  assume: {
    summary: 'the operand, promised to lie within bounds',
    ...oneOperand,
    withOperands: (node, map) => ({ operand: map(node.operand), bounds: node.bounds }),
    evaluate: (_, values) => v(values, 0),
    range: (node, ranges) => {
      const met = intersect(r(ranges, 0), node.bounds);
      invariant(met !== undefined, 'an assumption that no value meets');
      return met;
    },
  },
};

function tableIndex(node: DataflowFields['table'], operand: bigint): bigint {
  return clampTo(operand - node.first, { low: 0n, high: BigInt(node.values.length - 1) });
}

/** The semantics of a node's kind, with the types loosened so that generic code can use one function for all kinds. */
export function semanticsOf(kind: DataflowKind): Semantics<DataflowKind> {
  return semantics[kind] as unknown as Semantics<DataflowKind>;
}

export function operands(node: { readonly kind: DataflowKind } & DataflowFields[DataflowKind]): readonly NodeId[] {
  return semanticsOf(node.kind).operands(node);
}
