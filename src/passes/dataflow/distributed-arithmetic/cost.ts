import type { Interval } from '../../../numeric/interval.js';
import { addIntervals, negateInterval, point, shiftInterval, subtractIntervals } from '../../../numeric/interval.js';
import { bitLength, trailingZeros } from '../../../support/bits.js';
import { at, invariant } from '../../../support/invariant.js';
import { formRange, valueForms } from './check.js';
import type { AdderGraph, AdderSummand, Problem } from './problem.js';
import { summandsOf } from './problem.js';

/** What is known of one value of an adder graph. */
export interface ValueFacts {
  readonly range: Interval;
  /** Low bits known to be zero. */
  readonly zeros: number;
  /** Levels of adders, those before the inputs included. */
  readonly depth: number;
}

export interface AdderStatistics {
  /** Additions of two or three operands, negated results included. */
  readonly adders: number;
  /** Those of three operands. */
  readonly threeOperand: number;
  /** LUTs by `additionCost`, summed. */
  readonly cost: number;
  /** Greatest depth of any result. */
  readonly depth: number;
}

/** `interval` follows intervals along the graph, as peers do; `exact` takes the linear form of each value. */
export type RangeAnalysis = 'interval' | 'exact';

export function valueFacts(problem: Problem, graph: AdderGraph, analysis: RangeAnalysis): readonly ValueFacts[] {
  const forms = analysis === 'exact' ? valueForms(problem, graph) : [];
  const facts: ValueFacts[] = problem.inputs.map(({ range, depth }) => ({ range, zeros: 0, depth }));
  for (const operation of graph.operations) {
    if (operation.kind === 'constant') {
      facts.push({ range: point(operation.value), zeros: trailingZeros(operation.value), depth: 0 });
      continue;
    }
    const summands = summandsOf(operation);
    const form = forms[facts.length];
    let [zeros, depth] = [Infinity, 0];
    let range: Interval | undefined;
    for (const { value, shift, negative } of summands) {
      const operand = at(facts, value);
      zeros = Math.min(zeros, operand.zeros + shift);
      depth = Math.max(depth, operand.depth);
      if (form !== undefined) continue;
      const shifted = shiftInterval(operand.range, shift);
      if (range === undefined) range = negative ? negateInterval(shifted) : shifted;
      else range = negative ? subtractIntervals(range, shifted) : addIntervals(range, shifted);
    }
    range = form === undefined ? range : formRange(problem, form);
    invariant(range !== undefined, 'an adder has operands');
    facts.push({ range, zeros, depth: depth + 1 });
  }
  return facts;
}

/**
 * LUTs of one addition on a carry chain, as da4ml estimates them: the bits of the result from `overlap` upwards, where
 * a second operand begins. Below it one operand passes through. A sum of three takes one LUT per bit as well (3:2
 * compressor and sum bit share the two outputs of a table, US patent 7,274,211), from where the second of the three
 * begins; its carries reach two bits beyond its operands, which the range of the result counts.
 */
export function additionCost(result: ValueFacts, overlap: number): number {
  const { low, high } = result.range;
  // ceil(log2(max(|low|, |high + step|))), with the step of the result
  const above = high + (1n << BigInt(result.zeros));
  const magnitude = maximum(low < 0n ? -low : low, above < 0n ? -above : above);
  const bits = magnitude === 0n ? 0 : bitLength(magnitude - 1n);
  return Math.max(0, bits + (low < 0n ? 1 : 0) - overlap);
}

/** Bit from which at least two of the summands overlap: the second lowest of their lowest bits. */
export function overlapZeros(facts: readonly ValueFacts[], summands: readonly AdderSummand[]): number {
  let [lowest, second] = [Infinity, Infinity];
  for (const { value, shift } of summands) {
    const zeros = at(facts, value).zeros + shift;
    if (zeros < lowest) [lowest, second] = [zeros, lowest];
    else second = Math.min(second, zeros);
  }
  return second;
}

export function adderStatistics(
  problem: Problem,
  graph: AdderGraph,
  analysis: RangeAnalysis = 'exact',
): AdderStatistics {
  const facts = valueFacts(problem, graph, analysis);
  let [adders, threeOperand, cost, depth] = [0, 0, 0, 0];
  graph.operations.forEach((operation, index) => {
    if (operation.kind === 'constant') return;
    adders++;
    if (operation.kind === 'sum') threeOperand++;
    cost += additionCost(at(facts, graph.inputs + index), overlapZeros(facts, summandsOf(operation)));
  });
  for (const output of graph.outputs) {
    const value = at(facts, output.value);
    depth = Math.max(depth, value.depth + (output.negated ? 1 : 0));
    if (!output.negated) continue;
    adders++;
    cost += additionCost({ ...value, range: { low: -value.range.high, high: -value.range.low } }, value.zeros);
  }
  return { adders, threeOperand, cost, depth };
}

function maximum(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
