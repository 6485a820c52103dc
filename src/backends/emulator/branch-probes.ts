import { at } from '../../support/invariant.js';
import type { AffineRatio } from '../../numeric/ratio.js';
import { floorDivide } from '../../numeric/ratio.js';
import type { Rounding } from '../../numeric/rounding.js';
import { quantizedRange } from '../../numeric/rounding.js';
import type { BranchCount, CoverageBranch, CoveredElements } from '../../model/coverage.js';
import { coverageBranches, coveredNodes, quantizerRatio, roundingThreshold } from '../../model/coverage.js';
import type { ModelGraph, ModelNodeId, ModelNodeOf } from '../../model/kinds.js';
import { perElement } from '../../model/kinds.js';
import { broadcastIndices } from '../../model/shapes.js';
import type { Expression } from './quantize-text.js';
import { convert, roundText } from './quantize-text.js';
import { wider } from './representation.js';
import type { Count, ProbeContext } from './probe-text.js';
import { adder, compare } from './probe-text.js';
import { countRoundings, remainderOf, roundingsOf } from './rounding-probes.js';

/** Counts the branches that one element takes, by looking at what goes into it; it changes nothing. */
export interface BranchProbe {
  readonly reads: readonly number[];
  readonly write: (context: ProbeContext) => void;
}

export interface BranchProbes {
  readonly probes: readonly BranchProbe[];
  /** Counters that a run needs. */
  readonly counters: number;
  /** Their values by node and branch: nodes in the order of the graph, branches in that of `coverageBranches`. */
  readonly result: (values: Float64Array) => readonly BranchCount[];
}

export const noBranchProbes: BranchProbes = { probes: [], counters: 0, result: () => [] };

/** The scalar of each element of a node's tensor, and the exponent of their LSB. */
export interface FlatTensor {
  readonly scalars: Int32Array;
  readonly lsb: number;
}

/** A probe for each element with an open branch. */
export function branchProbes(graph: ModelGraph, tensorOf: (id: ModelNodeId) => FlatTensor): BranchProbes {
  const covered = coveredNodes(graph);
  const probes: BranchProbe[] = [];
  const thresholds = new Thresholds();
  covered.forEach(({ node, open }, index) => {
    const counterOf = (branch: CoverageBranch): number =>
      index * coverageBranches.length + coverageBranches.indexOf(branch);
    if (node.kind === 'maximum') {
      probes.push(...maximumProbes({ node, open }, graph, tensorOf, counterOf));
      return;
    }
    const { scalars, lsb } = tensorOf(node.operand);
    open.forEach((branches, element) => {
      if (branches.size === 0) return;
      const scalar = at(scalars, element);
      const count = { branches, counterOf };
      if (node.kind === 'relu') probes.push(reluProbe(scalar, count));
      else if (node.kind === 'table') probes.push(tableProbe(scalar, node, lsb, count));
      else {
        const codes = quantizedRange(perElement(node.types, element), node.overflow);
        const { rounding } = node;
        const ratio = quantizerRatio(node, element, lsb);
        const above = thresholds.get(codes.high + 1n, ratio.denominator, rounding);
        const below = thresholds.get(codes.low, ratio.denominator, rounding);
        probes.push(quantizerProbe(scalar, ratio, rounding, { above, below }, count));
      }
    });
  });
  return { probes, counters: covered.length * coverageBranches.length, result: (values) => countsOf(covered, values) };
}

function countsOf(covered: readonly CoveredElements[], values: Float64Array): readonly BranchCount[] {
  return covered.flatMap(({ node, open }, index) => {
    const sum = (branch: CoverageBranch): number =>
      at(values, index * coverageBranches.length + coverageBranches.indexOf(branch));
    const roundings = 'rounding' in node ? roundingsOf(node.rounding, sum) : {};
    return coverageBranches
      .filter((branch) => open.some((branches) => branches.has(branch)))
      .map((branch) => {
        const { name, operator } = node.provenance;
        return { node: name, operator, branch, count: roundings[branch] ?? sum(branch) };
      });
  });
}

/** Elements share types: each threshold is looked for once. */
class Thresholds {
  private readonly known = new Map<string, bigint>();

  public get(code: bigint, unit: bigint, rounding: Rounding): bigint {
    const key = `${code} ${unit} ${rounding}`;
    const known = this.known.get(key) ?? roundingThreshold(code, unit, rounding);
    this.known.set(key, known);
    return known;
  }
}

function reluProbe(scalar: number, count: Count): BranchProbe {
  return {
    reads: [scalar],
    write: (context) => {
      const add = adder(count, context);
      const value = context.operand(scalar);
      add('passed', compare(value, '>=', 1n));
      add('cut to zero', compare(value, '<', 0n));
    },
  };
}

function tableProbe(
  scalar: number,
  { first, codes, lsb: step }: ModelNodeOf<'table'>,
  lsb: number,
  count: Count,
): BranchProbe {
  // Entry e is for operands from e × 2^(step - lsb) on.
  const start = (entry: bigint): bigint =>
    step >= lsb ? entry << BigInt(step - lsb) : -floorDivide(-entry, 1n << BigInt(lsb - step));
  const [second, last] = [start(first + 1n), start(first + BigInt(codes.length - 1))];
  return {
    reads: [scalar],
    write: (context) => {
      const add = adder(count, context);
      const value = context.operand(scalar);
      const [isFirst, isLast] = [compare(value, '<', second), compare(value, '>=', last)];
      add('first entry', isFirst);
      add('last entry', isLast);
      add('entry inside', `1 - ${isFirst} - ${isLast}`);
    },
  };
}

function maximumProbes(
  { node, open }: { readonly node: ModelNodeOf<'maximum'>; readonly open: CoveredElements['open'] },
  graph: ModelGraph,
  tensorOf: (id: ModelNodeId) => FlatTensor,
  counterOf: Count['counterOf'],
): readonly BranchProbe[] {
  const [left, right] = [tensorOf(node.left), tensorOf(node.right)];
  const lsb = Math.min(left.lsb, right.lsb);
  const indices = (id: ModelNodeId): Int32Array => broadcastIndices(at(graph.nodes, id).shape, node.shape);
  const [leftOf, rightOf] = [indices(node.left), indices(node.right)];
  return open.flatMap((branches, element) => {
    const one = at(left.scalars, at(leftOf, element));
    const other = at(right.scalars, at(rightOf, element));
    if (branches.size === 0 || one === other) return [];
    const write = (context: ProbeContext): void => {
      const add = adder({ branches, counterOf }, context);
      const onLsb = (id: number, own: number): Expression => roundText(context.operand(id), lsb - own, 'TRN');
      const [a, b] = [onLsb(one, left.lsb), onLsb(other, right.lsb)];
      const representation = wider(a.representation, b.representation);
      const [x, y] = [convert(a, representation).text, convert(b, representation).text];
      add('left is larger', `(${x} > ${y} ? 1 : 0)`);
      add('right is larger', `(${x} < ${y} ? 1 : 0)`);
    };
    return [{ reads: [one, other], write }];
  });
}

/** The dividends from which on the rounded code is above the type, and from which on it is not below it. */
interface TypeThresholds {
  readonly above: bigint;
  readonly below: bigint;
}

function quantizerProbe(
  scalar: number,
  ratio: AffineRatio,
  rounding: Rounding,
  thresholds: TypeThresholds,
  count: Count,
): BranchProbe {
  return {
    reads: [scalar],
    write: (context) => {
      const add = adder(count, context);
      const value = context.operand(scalar);
      // Thresholds of the dividend as ones of the operand, on the other side where the ratio is negative.
      const { numerator, offset } = ratio;
      const reach = (threshold: bigint, from: boolean): string => {
        const distance = threshold - offset;
        if (numerator > 0n) return compare(value, from ? '>=' : '<', -floorDivide(-distance, numerator));
        return compare(value, from ? '<' : '>=', floorDivide(-distance, -numerator) + 1n);
      };
      add('above the type', reach(thresholds.above, true));
      add('below the type', reach(thresholds.below, false));
      if (ratio.denominator > 1n) countRoundings(remainderOf(value, ratio, context), rounding, count, context);
    },
  };
}
