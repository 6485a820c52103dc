import type { Interval } from '../../../numeric/interval.js';
import { addIntervals, point, shiftInterval, subtractIntervals } from '../../../numeric/interval.js';
import { bitLength, trailingZeros } from '../../../support/bits.js';
import { at } from '../../../support/invariant.js';
import { formRange, valueForms } from './check.js';
import type { AdderGraph, Problem } from './problem.js';

/** What is known of one value of an adder graph. */
export interface ValueFacts {
  readonly range: Interval;
  /** Low bits known to be zero. */
  readonly zeros: number;
  /** Levels of adders, those before the inputs included. */
  readonly depth: number;
}

export interface AdderStatistics {
  /** Two-operand additions, negated results included. */
  readonly adders: number;
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
    const [left, right] = [at(facts, operation.left), at(facts, operation.right)];
    const combine = operation.kind === 'add' ? addIntervals : subtractIntervals;
    const form = forms[facts.length];
    facts.push({
      range:
        form === undefined
          ? combine(shiftInterval(left.range, operation.leftShift), shiftInterval(right.range, operation.rightShift))
          : formRange(problem, form),
      zeros: Math.min(left.zeros + operation.leftShift, right.zeros + operation.rightShift),
      depth: Math.max(left.depth, right.depth) + 1,
    });
  }
  return facts;
}

/**
 * LUTs of one addition on a carry chain, as da4ml estimates them: the bits of the result from the higher of the two
 * operands' lowest bits upwards. Below it one operand passes through.
 */
export function additionCost(result: ValueFacts, higherZeros: number): number {
  const { low, high } = result.range;
  // ceil(log2(max(|low|, |high + step|))), with the step of the result
  const above = high + (1n << BigInt(result.zeros));
  const magnitude = maximum(low < 0n ? -low : low, above < 0n ? -above : above);
  const bits = magnitude === 0n ? 0 : bitLength(magnitude - 1n);
  return Math.max(0, bits + (low < 0n ? 1 : 0) - higherZeros);
}

export function adderStatistics(
  problem: Problem,
  graph: AdderGraph,
  analysis: RangeAnalysis = 'exact',
): AdderStatistics {
  const facts = valueFacts(problem, graph, analysis);
  let [adders, cost, depth] = [0, 0, 0];
  graph.operations.forEach((operation, index) => {
    if (operation.kind === 'constant') return;
    adders++;
    cost += additionCost(
      at(facts, graph.inputs + index),
      Math.max(
        at(facts, operation.left).zeros + operation.leftShift,
        at(facts, operation.right).zeros + operation.rightShift,
      ),
    );
  });
  for (const output of graph.outputs) {
    const value = at(facts, output.value);
    depth = Math.max(depth, value.depth + (output.negated ? 1 : 0));
    if (!output.negated) continue;
    adders++;
    cost += additionCost({ ...value, range: { low: -value.range.high, high: -value.range.low } }, value.zeros);
  }
  return { adders, cost, depth };
}

function maximum(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
