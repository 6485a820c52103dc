import { shiftBy } from '../support/bits.js';
import { at } from '../support/invariant.js';
import { lsbExponent } from '../numeric/fixed-point.js';
import type { Interval } from '../numeric/interval.js';
import { multiplyIntervals, point } from '../numeric/interval.js';
import type { AffineRatio } from '../numeric/ratio.js';
import { ratioOnCodes, roundDivide } from '../numeric/ratio.js';
import type { Rounding } from '../numeric/rounding.js';
import { quantizedRange } from '../numeric/rounding.js';
import type { TensorFormat } from './formats.js';
import { inferFormats } from './formats.js';
import type { ModelGraph, ModelNode, ModelNodeOf } from './kinds.js';
import { perElement, ratioOf } from './kinds.js';
import { broadcastIndices } from './shapes.js';

/** What a quantiser, a maximum, a ReLU or a table can do to an element. */
export const coverageBranches = [
  'above the type',
  'below the type',
  'rounded up',
  'rounded down',
  'tie rounded up',
  'tie rounded down',
  'left is larger',
  'right is larger',
  'passed',
  'cut to zero',
  'first entry',
  'entry inside',
  'last entry',
] as const;
export type CoverageBranch = (typeof coverageBranches)[number];

/** One branch of one node that reachable values can take, and how often they did. */
export interface BranchCount {
  /** ONNX name and operator of the node. */
  readonly node: string;
  readonly operator: string;
  readonly branch: CoverageBranch;
  /** Elements of events that took it; a tie also counts as rounded up or down. */
  readonly count: number;
}

type QuantizingNode = ModelNodeOf<'quantize'> | ModelNodeOf<'requantize'>;
export type CoveredNode = QuantizingNode | ModelNodeOf<'maximum'> | ModelNodeOf<'relu'> | ModelNodeOf<'table'>;

/** A node whose branches are looked at. */
export interface CoveredElements {
  readonly node: CoveredNode;
  /** By element of the result, what the ranges of the operands leave open: a branch that no value can take is not missing. */
  readonly open: readonly ReadonlySet<CoverageBranch>[];
}

/**
 * The branches of a typed graph that depend on the event, in node order: beyond the type on either side (where the type
 * saturates or wraps), rounded up and down, ties of the roundings to nearest, either operand of a maximum, a ReLU that is
 * on or off, entries of tables. Nodes without an open branch are left out. Ranges are bounds: a branch that they leave
 * open may still be out of reach.
 */
export function coveredNodes(graph: ModelGraph): readonly CoveredElements[] {
  const formats = inferFormats(graph);
  return graph.nodes.flatMap((node) => {
    if (!isCovered(node)) return [];
    const open = openBranches(node, graph, formats);
    return open.some((branches) => branches.size > 0) ? [{ node, open }] : [];
  });
}

function isCovered(node: ModelNode): node is CoveredNode {
  return ['quantize', 'requantize', 'maximum', 'relu', 'table'].includes(node.kind);
}

function openBranches(
  node: CoveredNode,
  graph: ModelGraph,
  formats: readonly TensorFormat[],
): readonly ReadonlySet<CoverageBranch>[] {
  if (node.kind === 'maximum') return openOfMaximum(node, graph, formats);
  const { lsb, ranges } = at(formats, node.operand);
  return ranges.map((range, element) => {
    // A constant that no event changes.
    if (range.low === range.high) return new Set<CoverageBranch>();
    if (node.kind === 'relu') return openOfRelu(range);
    return node.kind === 'table' ? openOfTable(node, range, lsb) : openOfQuantizer(node, element, range, lsb);
  });
}

/** A quantiser of one element as a quotient that is rounded: ratio of its codes; the denominator is the unit. */
export function quantizerRatio(node: QuantizingNode, element: number, lsb: number): AffineRatio {
  const to = lsbExponent(perElement(node.types, element));
  const identity = { numerator: 1n, offset: 0n, denominator: 1n };
  return ratioOnCodes(node.kind === 'quantize' ? identity : ratioOf(node, element), lsb, to);
}

/** The smallest integer whose quotient by the unit rounds to `code` or more. */
export function roundingThreshold(code: bigint, unit: bigint, rounding: Rounding): bigint {
  // Multiples of the unit are exact, and rounding keeps order.
  let [below, reaches] = [(code - 1n) * unit, code * unit];
  while (reaches - below > 1n) {
    const middle = (below + reaches) >> 1n;
    if (roundDivide(middle, unit, rounding) >= code) reaches = middle;
    else below = middle;
  }
  return reaches;
}

export const roundsToNearest = (rounding: Rounding): boolean => rounding.startsWith('RND');

function openOfQuantizer(node: QuantizingNode, element: number, range: Interval, lsb: number): Set<CoverageBranch> {
  const { numerator, offset, denominator } = quantizerRatio(node, element, lsb);
  const product = multiplyIntervals(range, point(numerator));
  const dividend = { low: product.low + offset, high: product.high + offset };
  const { rounding } = node;
  const open = new Set<CoverageBranch>();
  if (dividend.low === dividend.high) return open;
  const codes = quantizedRange(perElement(node.types, element), node.overflow);
  if (node.overflow !== 'MODULO') {
    if (roundDivide(dividend.high, denominator, rounding) > codes.high) open.add('above the type');
    if (roundDivide(dividend.low, denominator, rounding) < codes.low) open.add('below the type');
  }
  if (denominator === 1n) return open;
  const [negative, positive] = [dividend.low < 0n, dividend.high > 0n];
  if (roundsToNearest(rounding)) {
    const reach = tiesReach(rounding, negative, positive);
    const ties = denominator % 2n === 0n;
    if (ties && reach.up) open.add('tie rounded up');
    if (ties && reach.down) open.add('tie rounded down');
    // Halves are ties, all of them.
    if (denominator > 2n || reach.up) open.add('rounded up');
    if (denominator > 2n || reach.down) open.add('rounded down');
    return open;
  }
  const up = { TRN: false, CEIL: true, TRN_ZERO: negative, AWAY: positive }[towards(rounding)];
  const down = { TRN: true, CEIL: false, TRN_ZERO: positive, AWAY: negative }[towards(rounding)];
  if (up) open.add('rounded up');
  if (down) open.add('rounded down');
  return open;
}

type Directed = 'TRN' | 'CEIL' | 'TRN_ZERO' | 'AWAY';

function towards(rounding: Rounding): Directed {
  return rounding === 'CEIL' || rounding === 'TRN_ZERO' || rounding === 'AWAY' ? rounding : 'TRN';
}

function tiesReach(
  rounding: Rounding,
  negative: boolean,
  positive: boolean,
): { readonly up: boolean; readonly down: boolean } {
  if (rounding === 'RND') return { up: true, down: false };
  if (rounding === 'RND_MIN_INF') return { up: false, down: true };
  if (rounding === 'RND_ZERO') return { up: negative, down: positive };
  if (rounding === 'RND_INF') return { up: positive, down: negative };
  return { up: true, down: true };
}

function openOfMaximum(
  node: ModelNodeOf<'maximum'>,
  graph: ModelGraph,
  formats: readonly TensorFormat[],
): readonly ReadonlySet<CoverageBranch>[] {
  const [left, right] = [at(formats, node.left), at(formats, node.right)];
  const lsb = Math.min(left.lsb, right.lsb);
  const [l, r] = [left.lsb - lsb, right.lsb - lsb];
  const rightOf = broadcastIndices(at(graph.nodes, node.right).shape, node.shape);
  return Array.from(broadcastIndices(at(graph.nodes, node.left).shape, node.shape), (index, element) => {
    const [one, other] = [at(left.ranges, index), at(right.ranges, at(rightOf, element))];
    const open = new Set<CoverageBranch>();
    if (one.low === one.high && other.low === other.high) return open;
    if (shiftBy(one.high, l) > shiftBy(other.low, r)) open.add('left is larger');
    if (shiftBy(other.high, r) > shiftBy(one.low, l)) open.add('right is larger');
    return open;
  });
}

function openOfRelu(range: Interval): Set<CoverageBranch> {
  const open = new Set<CoverageBranch>();
  if (range.high > 0n) open.add('passed');
  if (range.low < 0n) open.add('cut to zero');
  return open;
}

function openOfTable(
  { first, codes, lsb: step }: ModelNodeOf<'table'>,
  range: Interval,
  lsb: number,
): Set<CoverageBranch> {
  const last = first + BigInt(codes.length - 1);
  const [low, high] = [shiftBy(range.low, lsb - step), shiftBy(range.high, lsb - step)];
  const open = new Set<CoverageBranch>();
  if (first === last) return open;
  if (low <= first) open.add('first entry');
  if (high >= last) open.add('last entry');
  if (low < last && high > first && last - first > 1n) open.add('entry inside');
  return open;
}
