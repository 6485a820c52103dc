import { at } from '../../../support/invariant.js';
import { Random } from '../../../support/random.js';
import { budgetOf, walksOf } from './budget.js';
import type { SolveOptions, SolveServices } from './options.js';
import type { Problem } from './problem.js';
import type { Budget } from './search/local-search.js';
import { LocalSearch } from './search/local-search.js';
import type { Network, NetworkInput } from './search/network.js';
import { realize } from './search/realize.js';
import { spanningTree } from './search/spanning-tree.js';
import type { StartColumn } from './search/start.js';
import { startNetwork } from './search/start.js';
import { transposedStart } from './search/transposed-start.js';
import type { Summand } from './terms.js';
import { Terms } from './terms.js';

/** The signed digits of a column; its constant stands aside, since it is shared with no other. */
export interface Sum {
  readonly summands: readonly Summand[];
  readonly constant: bigint | undefined;
}

/** Additions, and the sum that each column is, in their terms. */
export interface Found {
  readonly operations: Terms;
  readonly results: readonly (Summand | undefined)[];
}

/**
 * The transposed matrix is searched where its greedy network is no dearer than `within` times the others, with a share
 * of the work; with more where it is the cheapest. Few digits cost little, so it is tried nearly always.
 */
const FEW_DIGITS = 300;
const transposed = {
  few: { within: 1.2, share: 0.5, shareIfCheapest: 0.5 },
  many: { within: 1.02, share: 0.3, shareIfCheapest: 0.5 },
} as const;

/** Whether one addition makes each result, which no search can better. */
export function areSingle(sums: readonly Sum[]): boolean {
  return sums.every(({ summands, constant }) => summands.length + (constant === undefined ? 0 : 1) <= 2);
}

/**
 * Greedy sharing from the digits as they are, from differences of results and in the transposed matrix, then destroy
 * and repair on what looks best. Undefined where a shift is beyond what the search holds.
 */
export function searchColumns(
  problem: Problem,
  sums: readonly Sum[],
  depthLimit: number,
  options: SolveOptions,
  services: SolveServices,
): Found | undefined {
  const { operations, sources, constants, columns, inputs } = prepare(problem, sums);
  const random = new Random(options.seed);
  const uniform = (): number => random.uniform();
  const from = (network: Network): LocalSearch => new LocalSearch(network, { depthLimit, uniform });
  const begin = (tree?: ReturnType<typeof spanningTree>): LocalSearch | undefined => {
    const network = startNetwork(inputs, problem.inputs.length, columns, depthLimit, tree);
    return network && from(network);
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
  const digits = sums.reduce((count, { summands }) => count + summands.length, 0);
  const budget = (share: number): Budget =>
    budgetOf(options.effort, { digits, columns: columns.length, share }, services);
  const turn = (spending: Budget): LocalSearch | undefined => {
    const network = transposedStart(inputs, problem.inputs.length, columns, depthLimit, uniform, spending);
    return network && from(network);
  };
  const walks = areSingle(sums) ? 0 : walksOf(digits);
  let spent = 0;
  const greedy = walks === 0 ? undefined : turn(nothing);
  if (greedy !== undefined) {
    const { within, share, shareIfCheapest } = transposed[digits < FEW_DIGITS ? 'few' : 'many'];
    const others = Math.min(...starts.map(promise));
    if (promise(greedy) <= within * others) {
      spent = promise(greedy) < others ? shareIfCheapest : share;
      starts.push(turn(budget(spent)) ?? greedy);
    }
  }
  starts.sort((a, b) => promise(a) - promise(b));
  let best = at(starts, 0);
  for (let walk = 0; walk < walks; walk++) {
    const search = starts[walk] ?? begin(walk % 2 === 1 ? tree : undefined);
    search?.run(budget((1 - spent) / walks));
    if (search !== undefined && search.total < best.total) best = search;
  }
  return { operations, results: realize(best.network, operations, sources, constants, depthLimit) };
}

const nothing: Budget = { used: () => 1 };

/** What a start promises, less is better: the search narrows wide additions, but gets rid of few. */
function promise(search: LocalSearch): number {
  return search.total * search.additions;
}

interface Prepared {
  readonly operations: Terms;
  /** Value in `operations` of each input of a network, constants included. */
  readonly sources: readonly number[];
  /** Constants by input. */
  readonly constants: ReadonlyMap<number, bigint>;
  readonly columns: readonly StartColumn[];
  readonly inputs: readonly NetworkInput[];
}

function prepare(problem: Problem, sums: readonly Sum[]): Prepared {
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
  return { operations, sources, constants, columns, inputs };
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
