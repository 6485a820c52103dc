import { at } from '../../../support/invariant.js';
import { checkSolution } from './check.js';
import { adderStatistics } from './cost.js';
import { solveByGraph } from './graph-search/solve-by-graph.js';
import { countDigits } from './count-digits.js';
import type { Group, Member } from './column-groups.js';
import { groupColumns } from './column-groups.js';
import { canonicalSignedDigits } from './csd.js';
import type { SolveOptions, SolveServices } from './options.js';
import { defaultSolveOptions } from './options.js';
import type { AdderGraph, AdderOutput, Problem, ProblemInput } from './problem.js';
import type { Sum } from './prepare-columns.js';
import type { Found } from './search-columns.js';
import { areSingle, searchColumns } from './search-columns.js';
import { minimumDepth, sumTree } from './summation.js';
import type { Summand } from './terms.js';
import { Terms } from './terms.js';
import { mergeThreeOperand } from './three-operand.js';

export type { Effort, SolveOptions, SolveServices } from './options.js';
export { defaultSolveOptions } from './options.js';

/** A graph of shifted additions that computes the columns; checked exactly against the problem. */
export function solve(
  problem: Problem,
  options: SolveOptions = defaultSolveOptions,
  services: SolveServices = {},
): AdderGraph {
  const groups = groupColumns(problem.columns);
  const sums = groups.map((group) => sumOf(group));
  // The results of a matrix are awaited together: the deepest one sets the pace.
  const fewest = sums.reduce((deepest, sum) => Math.max(deepest, leastDepth(problem.inputs, sum)), 0);
  const depthLimit = fewest + options.depthSlack;
  const { operations, results } =
    searchColumns(problem, sums, fewest, options, services) ?? plain(problem, sums, depthLimit);
  const outputs: (AdderOutput | undefined)[] = problem.columns.map(() => undefined);
  groups.forEach((group, index) => {
    for (const member of group.members) {
      outputs[member.column] = finish(operations, results[index], member, group.commonConstant ? 0n : member.constant);
    }
  });
  const shared = {
    inputs: problem.inputs.length,
    operations: operations.operations,
    outputs: outputs.map((output) => output ?? { value: operations.constant(0n), shift: 0, negated: false }),
  };
  const graph = areSingle(sums) ? shared : smallerByGraph(problem, shared, depthLimit, options);
  const result = options.threeOperand
    ? mergeThreeOperand(problem, graph, { seed: options.seed, rounds: THREE_OPERAND_ROUNDS })
    : graph;
  checkSolution(problem, result);
  return result;
}

const THREE_OPERAND_ROUNDS = 4;

/** Problems for which single additions are searched, too: digits and inputs at most, and the work for each digit. */
const graphSearches = {
  fast: { digits: 0, inputs: 0, each: 0 },
  default: { digits: 64, inputs: 1, each: 50_000 },
  high: { digits: 64, inputs: 16, each: 300_000 },
} as const;

/** For few constants: the better of a graph and of what a search over single additions finds, exactly where it can. */
function smallerByGraph(problem: Problem, graph: AdderGraph, depthLimit: number, options: SolveOptions): AdderGraph {
  const { digits, inputs, each } = graphSearches[typeof options.effort === 'string' ? options.effort : 'default'];
  const count = countDigits(problem);
  if (problem.inputs.length > inputs || count > digits) return graph;
  const other = solveByGraph(problem, { depthLimit, seed: options.seed, work: each * count, objective: 'luts' });
  if (other === undefined) return graph;
  const [own, theirs] = [adderStatistics(problem, graph), adderStatistics(problem, other)];
  if (theirs.depth > Math.max(own.depth, depthLimit)) return graph;
  return theirs.cost < own.cost || (theirs.cost === own.cost && theirs.adders < own.adders) ? other : graph;
}

/** Nothing shared: for coefficients too large for the search. */
function plain(problem: Problem, sums: readonly Sum[], depthLimit: number): Found {
  const operations = new Terms(problem.inputs);
  const results = sums.map(({ summands, constant }) => {
    const all = [...summands];
    if (constant !== undefined) all.push({ value: operations.constant(constant), shift: 0, negative: false });
    return sumTree(operations, all, depthLimit);
  });
  return { operations, results };
}

function sumOf({ representative, commonConstant }: Group): Sum {
  const summands: Summand[] = [];
  for (const { input, coefficient } of representative.terms) {
    for (const { shift, negative } of canonicalSignedDigits(coefficient)) {
      summands.push({ value: input, shift, negative });
    }
  }
  return {
    summands,
    constant: commonConstant && representative.constant !== 0n ? representative.constant : undefined,
  };
}

function leastDepth(inputs: readonly ProblemInput[], { summands, constant }: Sum): number {
  const depths = summands.map(({ value }) => at(inputs, value).depth);
  if (constant !== undefined) depths.push(0);
  return minimumDepth(depths);
}

function finish(terms: Terms, sum: Summand | undefined, member: Member, constant: bigint): AdderOutput {
  if (sum === undefined) return { value: terms.constant(member.constant), shift: 0, negated: false };
  const own = { ...sum, shift: sum.shift + member.shift, negative: sum.negative !== member.negated };
  if (constant === 0n) return { value: own.value, shift: own.shift, negated: own.negative };
  const result = terms.combine({ value: terms.constant(constant), shift: 0, negative: false }, own);
  return { value: result.value, shift: result.shift, negated: false };
}
