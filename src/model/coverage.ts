import { at } from '../support/invariant.js';
import { shiftBy } from '../support/bits.js';
import { lsbExponent } from '../numeric/fixed-point.js';
import type { Interval } from '../numeric/interval.js';
import { quantizedRange, roundShift } from '../numeric/rounding.js';
import type { Tensor } from './evaluate.js';
import type { TensorFormat } from './formats.js';
import { inferFormats } from './formats.js';
import type { ModelGraph, ModelNodeOf } from './kinds.js';
import { perElement } from './kinds.js';

/** What a quantiser, a maximum or a ReLU can do to an element. */
export const coverageBranches = [
  'above the type',
  'below the type',
  'rounded up',
  'rounded down',
  'left is larger',
  'right is larger',
  'passed',
  'cut to zero',
] as const;
export type CoverageBranch = (typeof coverageBranches)[number];

/** One branch of one node that reachable values can take, and how often they did. */
export interface BranchCount {
  /** ONNX name and operator of the node. */
  readonly node: string;
  readonly operator: string;
  readonly branch: CoverageBranch;
  /** Elements of events that took it. */
  readonly count: number;
}

type QuantizeNode = ModelNodeOf<'quantize'>;
type MaximumNode = ModelNodeOf<'maximum'>;
type ReluNode = ModelNodeOf<'relu'>;

/**
 * Counts, over events, the branches of quantisers and maxima: beyond the type on either side (where the type saturates or
 * wraps), rounded up, rounded down, either operand of a maximum, and a ReLU that is on, and off. Only branches that the
 * ranges of the operands leave open are counted at all: one that no value can take is not missing. Quantisers whose
 * scale is no power of two, and tables, are not looked into.
 */
export class CoverageCounter {
  private readonly counters: {
    readonly node: QuantizeNode | MaximumNode | ReluNode;
    readonly counts: Map<CoverageBranch, number>;
  }[];

  /** The graph must be typed. */
  public constructor(graph: ModelGraph) {
    const formats = inferFormats(graph);
    this.counters = graph.nodes.flatMap((node) => {
      if (node.kind !== 'quantize' && node.kind !== 'maximum' && node.kind !== 'relu') return [];
      const open = new Set<CoverageBranch>();
      if (node.kind === 'maximum') openOfMaximum(at(formats, node.left), at(formats, node.right), open);
      else {
        const { lsb, ranges } = at(formats, node.operand);
        ranges.forEach((range, element) => {
          if (node.kind === 'quantize') openOfQuantizer(node, element, range, lsb, open);
          else openOfRelu(range, open);
        });
      }
      return open.size === 0 ? [] : [{ node, counts: new Map([...open].map((branch) => [branch, 0])) }];
    });
  }

  /** Adds one event: the tensors of all its nodes. */
  public add(tensors: readonly Tensor[]): void {
    for (const { node, counts } of this.counters) {
      const count = (branch: CoverageBranch): void => {
        const known = counts.get(branch);
        if (known !== undefined) counts.set(branch, known + 1);
      };
      if (node.kind === 'quantize') countQuantizer(node, at(tensors, node.operand), count);
      else if (node.kind === 'maximum') countMaximum(at(tensors, node.left), at(tensors, node.right), count);
      else
        for (const code of at(tensors, node.operand).codes)
          if (code !== 0n) count(code > 0n ? 'passed' : 'cut to zero');
    }
  }

  /** In the order of the graph, then of `coverageBranches`. */
  public result(): readonly BranchCount[] {
    return this.counters.flatMap(({ node, counts }) =>
      coverageBranches.flatMap((branch) => {
        const count = counts.get(branch);
        const { name, operator } = node.provenance;
        return count === undefined ? [] : [{ node: name, operator, branch, count }];
      }),
    );
  }
}

function openOfQuantizer(
  node: QuantizeNode,
  element: number,
  range: Interval,
  lsb: number,
  open: Set<CoverageBranch>,
): void {
  const type = perElement(node.types, element);
  const shift = lsbExponent(type) - lsb;
  const codes = quantizedRange(type, node.overflow);
  if (node.overflow !== 'MODULO') {
    if (roundShift(range.high, shift, node.rounding) > codes.high) open.add('above the type');
    if (roundShift(range.low, shift, node.rounding) < codes.low) open.add('below the type');
  }
  // A range of one value says nothing about both directions; it is a constant that no event changes.
  if (shift <= 0 || range.low === range.high) return;
  const mayRise = node.rounding !== 'TRN' && !(node.rounding === 'TRN_ZERO' && range.low >= 0n);
  const mayFall = node.rounding !== 'CEIL' && !(node.rounding === 'AWAY' && range.low >= 0n);
  if (mayRise) open.add('rounded up');
  if (mayFall && !(node.rounding === 'TRN_ZERO' && range.high <= 0n)) open.add('rounded down');
}

/** Operands of different sizes are not looked into: which elements meet is the evaluator's business. */
function openOfMaximum(left: TensorFormat, right: TensorFormat, open: Set<CoverageBranch>): void {
  if (left.ranges.length !== right.ranges.length) return;
  const lsb = Math.min(left.lsb, right.lsb);
  const [l, r] = [left.lsb - lsb, right.lsb - lsb];
  left.ranges.forEach((range, element) => {
    const other = at(right.ranges, element);
    if (shiftBy(range.high, l) > shiftBy(other.low, r)) open.add('left is larger');
    if (shiftBy(other.high, r) > shiftBy(range.low, l)) open.add('right is larger');
  });
}

function openOfRelu(range: Interval, open: Set<CoverageBranch>): void {
  if (range.high > 0n) open.add('passed');
  if (range.low < 0n) open.add('cut to zero');
}

function countQuantizer(node: QuantizeNode, operand: Tensor, count: (branch: CoverageBranch) => void): void {
  operand.codes.forEach((code, element) => {
    const type = perElement(node.types, element);
    const shift = lsbExponent(type) - operand.lsb;
    const rounded = roundShift(code, shift, node.rounding);
    const { low, high } = quantizedRange(type, node.overflow);
    if (rounded > high) count('above the type');
    if (rounded < low) count('below the type');
    if (shift <= 0) return;
    const back = rounded << BigInt(shift);
    if (back > code) count('rounded up');
    else if (back < code) count('rounded down');
  });
}

function countMaximum(left: Tensor, right: Tensor, count: (branch: CoverageBranch) => void): void {
  if (left.codes.length !== right.codes.length) return;
  const lsb = Math.min(left.lsb, right.lsb);
  left.codes.forEach((code, element) => {
    const [l, r] = [shiftBy(code, left.lsb - lsb), shiftBy(at(right.codes, element), right.lsb - lsb)];
    if (l > r) count('left is larger');
    if (r > l) count('right is larger');
  });
}
