import { at } from '../../../support/invariant.js';
import { Random } from '../../../support/random.js';
import { budgetOf, walksOf } from './budget.js';
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
import { LocalSearch } from './search/local-search.js';
import { realize } from './search/realize.js';
import { spanningTree } from './search/spanning-tree.js';
import { startNetwork } from './search/start.js';
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
    search(problem, sums, depthLimit, options, services) ?? plain(problem, sums, depthLimit);
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
  const graph = single(sums) ? shared : smallerByGraph(problem, shared, depthLimit, options);
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

interface Found {
  readonly operations: Terms;
  readonly results: readonly (Summand | undefined)[];
}

/**
 * Greedy sharing from the digits as they are and from differences of results, then destroy and repair on the better of
 * the two. Undefined where a shift is beyond what the search holds.
 */
function search(
  problem: Problem,
  sums: readonly Sum[],
  depthLimit: number,
  options: SolveOptions,
  services: SolveServices,
): Found | undefined {
  const operations = new Terms(problem.inputs);
  const sources = problem.inputs.map((_, index) => index);
  const constants = new Map<number, bigint>();
  const columns = sums.map(({ summands, constant }) => {
    if (constant !== undefined) {
      constants.set(sources.length, constant);
      sources.push(operations.constant(constant));
    }
    return {
      digits: summands,
      coefficients: smallCoefficients(problem.inputs.length, summands),
      constant: constant === undefined ? undefined : sources.length - 1,
    };
  });
  const inputs = sources.map((value) => ({
    low: at(operations.low, value),
    high: at(operations.high, value),
    zeros: at(operations.zeros, value),
    depth: at(operations.depth, value),
  }));
  const random = new Random(options.seed);
  const begin = (tree?: ReturnType<typeof spanningTree>): LocalSearch | undefined => {
    const network = startNetwork(inputs, problem.inputs.length, columns, depthLimit, tree);
    return network && new LocalSearch(network, { depthLimit, uniform: () => random.uniform() });
  };
  const plainStart = begin();
  if (plainStart === undefined) return undefined;
  const tree = columns.some(({ constant }) => constant !== undefined)
    ? undefined
    : spanningTree(
        columns.map(({ coefficients }) => coefficients),
        options.depthSlack,
      );
  const treeStart = tree && begin(tree);
  const starts = treeStart === undefined ? [plainStart] : [plainStart, treeStart];
  starts.sort((a, b) => a.total - b.total);
  const digits = sums.reduce((count, { summands }) => count + summands.length, 0);
  const walks = single(sums) ? 0 : walksOf(digits);
  let best = at(starts, 0);
  for (let walk = 0; walk < walks; walk++) {
    const search = starts[walk] ?? begin(walk % 2 === 1 ? tree : undefined);
    search?.run(budgetOf(options.effort, { digits, columns: columns.length, walks }, services));
    if (search !== undefined && search.total < best.total) best = search;
  }
  return { operations, results: realize(best.network, operations, sources, constants, depthLimit) };
}

/** Coefficients of the inputs; undefined where one is beyond 2^27. */
function smallCoefficients(inputs: number, digits: readonly Summand[]): Int32Array | undefined {
  const coefficients = new Int32Array(inputs);
  for (const { value, shift, negative } of digits) {
    if (shift > 26) return undefined;
    coefficients[value] = (coefficients[value] ?? 0) + (negative ? -(2 ** shift) : 2 ** shift);
  }
  return coefficients;
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

/** Whether one addition makes each result, which no search can better. */
function single(sums: readonly Sum[]): boolean {
  return sums.every(({ summands, constant }) => summands.length + (constant === undefined ? 0 : 1) <= 2);
}

/** The signed digits of a column; its constant stands aside, since it is shared with no other. */
interface Sum {
  readonly summands: readonly Summand[];
  readonly constant: bigint | undefined;
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
