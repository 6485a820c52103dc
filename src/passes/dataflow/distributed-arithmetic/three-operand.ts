import { at, invariant } from '../../../support/invariant.js';
import { Random } from '../../../support/random.js';
import { checkSolution } from './check.js';
import type { ValueFacts } from './cost.js';
import { valueFacts } from './cost.js';
import type { AdderGraph, AdderOperation, AdderSummand, Problem } from './problem.js';
import { additionsOf } from './three-operand/additions.js';
import { MergePlan } from './three-operand/merge-plan.js';
import { searchMerges } from './three-operand/merge-search.js';

export interface MergeOptions {
  /** Seed of the rounds: an integer, 0 to 2^32 - 1. */
  readonly seed: number;
  /** Attempts to get beyond descent, for each addition that several others read. */
  readonly rounds: number;
  /** Exact facts of the values, where the caller has them already. */
  readonly facts?: readonly ValueFacts[];
}

export const defaultMergeOptions: MergeOptions = { seed: 1, rounds: 4 };

/**
 * The same results with sums of three: additions become part of those that read them, one in each. Exact within trees
 * of additions that one other reads; an addition that several read is dissolved into all of them where that saves LUTs
 * by `additionCost`. The cost never rises, nor does the depth of any value.
 */
export function mergeThreeOperand(
  problem: Problem,
  graph: AdderGraph,
  options: MergeOptions = defaultMergeOptions,
): AdderGraph {
  const additions = additionsOf(graph, options.facts ?? valueFacts(problem, graph, 'exact'));
  const plan = new MergePlan(additions);
  searchMerges(plan, new Random(options.seed), options.rounds);
  const merged = build(graph, plan);
  checkSolution(problem, merged);
  return merged;
}

function build(graph: AdderGraph, plan: MergePlan): AdderGraph {
  const { values, arity, isConstant } = plan.additions;
  // Readers come after what they read: from the last value down, each one's choice says how its operands are made.
  const sign = new Int8Array(values).fill(-1);
  const chosen: (readonly AdderSummand[] | undefined)[] = new Array<undefined>(values).fill(undefined);
  for (let value = values - 1; value >= graph.inputs; value--) {
    if ((arity[value] ?? 0) === 0 || plan.dissolved[value] === 1) continue;
    if (!plan.isInner(value)) sign[value] = plan.negated[value] ?? 0;
    const made = sign[value] ?? -1;
    // Inside its reader.
    if (made < 0) continue;
    const { summands, signs } = plan.choose(value, made);
    chosen[value] = Array.from({ length: summands.count }, (_, index) => {
      const operand = summands.value[index] ?? 0;
      const own = signs[index] ?? 0;
      if (plan.isInner(operand)) sign[operand] = own;
      const negative = (summands.negative[index] ?? 0) ^ made ^ own;
      return { value: operand, shift: summands.shift[index] ?? 0, negative: negative === 1 };
    });
  }

  const operations: AdderOperation[] = [];
  const moved = new Int32Array(values).fill(-1);
  for (let input = 0; input < graph.inputs; input++) moved[input] = input;
  const push = (operation: AdderOperation): number => graph.inputs + operations.push(operation) - 1;
  const constants = new Map<bigint, number>();
  const constant = (value: bigint): number => {
    const known = constants.get(value) ?? push({ kind: 'constant', value });
    constants.set(value, known);
    return known;
  };
  const constantAt = (value: number): bigint => {
    const operation = at(graph.operations, value - graph.inputs);
    invariant(operation.kind === 'constant', 'the value is constant');
    return operation.value;
  };
  const read = (summand: AdderSummand): AdderSummand => {
    const { value, shift, negative } = summand;
    if (isConstant[value] !== 1) return { value: moved[value] ?? -1, shift, negative };
    return { value: constant(negative ? -constantAt(value) : constantAt(value)), shift, negative: false };
  };
  chosen.forEach((summands, value) => {
    if (summands !== undefined) moved[value] = push(operationOf(summands.map(read)));
  });
  const outputs = graph.outputs.map((output) => {
    const { value, negated } = output;
    if (isConstant[value] === 1) return { ...output, value: constant(constantAt(value)) };
    return { ...output, value: moved[value] ?? -1, negated: negated !== (plan.negated[value] === 1) };
  });
  return { inputs: graph.inputs, operations, outputs };
}

/** The negative summand goes last. */
function operationOf(summands: readonly AdderSummand[]): AdderOperation {
  const [first, second, third] = [...summands].sort((a, b) => Number(a.negative) - Number(b.negative));
  invariant(first !== undefined && second !== undefined, 'an addition has operands');
  invariant(!first.negative, 'an addition has one negative summand at most');
  if (third !== undefined) return { kind: 'sum', summands: [first, second, third] };
  return {
    kind: second.negative ? 'subtract' : 'add',
    left: first.value,
    leftShift: first.shift,
    right: second.value,
    rightShift: second.shift,
  };
}
