import { at } from '../../../support/invariant.js';
import { Random } from '../../../support/random.js';
import { budgetOf, walksOf } from './budget.js';
import type { SolveOptions, SolveServices } from './options.js';
import { payingSlack } from './paying-slack.js';
import type { Prepared, Sum } from './prepare-columns.js';
import { prepare } from './prepare-columns.js';
import type { Problem } from './problem.js';
import type { Budget, LocalSearch } from './search/local-search.js';
import type { SearchChoices } from './search/options.js';
import { rewritingShare } from './search/rewriting-share.js';
import { realize } from './search/realize.js';
import { transposedStart } from './search/transposed-start.js';
import { Starts } from './starts.js';
import type { Summand, Terms } from './terms.js';

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
 * and repair on what looks best. `fewest` are the levels of additions that the deepest sum cannot do without. Undefined
 * where a shift is beyond what the search holds.
 */
export function searchColumns(
  problem: Problem,
  sums: readonly Sum[],
  fewest: number,
  options: SolveOptions,
  services: SolveServices,
): Found | undefined {
  const prepared = prepare(problem, sums);
  const { operations, sources, constants, columns, inputs, firstConstant } = prepared;
  const random = new Random(options.seed);
  const choices: SearchChoices = {
    uniform: () => random.uniform(),
    rewriting: rewritingShare(columns, firstConstant),
  };
  const within = startsBySlack(prepared, fewest, choices);
  if (within(options.depthSlack).networks.length === 0) return undefined;
  const slack = payingSlack(options, columns, (levels) => within(levels).cost);
  const first = within(slack);
  const { depthLimit } = first;
  const starts = [...first.networks];
  const digits = sums.reduce((count, { summands }) => count + summands.length, 0);
  const budget = (share: number): Budget =>
    budgetOf(options.effort, { digits, columns: columns.length, share }, services);
  const turn = (spending: Budget): LocalSearch | undefined => {
    const network = transposedStart(inputs, firstConstant, columns, depthLimit, choices, spending);
    return network && first.from(network);
  };
  const walks = areSingle(sums) ? 0 : walksOf(digits);
  let spent = 0;
  const greedy = walks === 0 ? undefined : turn(nothing);
  if (greedy !== undefined) {
    const { within: bound, share, shareIfCheapest } = transposed[digits < FEW_DIGITS ? 'few' : 'many'];
    const others = Math.min(...starts.map(promise));
    if (promise(greedy) <= bound * others) {
      spent = promise(greedy) < others ? shareIfCheapest : share;
      starts.push(turn(budget(spent)) ?? greedy);
    }
  }
  starts.sort((a, b) => promise(a) - promise(b));
  let best = at(starts, 0);
  for (let walk = 0; walk < walks; walk++) {
    const search = starts[walk] ?? first.again(walk);
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

/** Starts by the levels beyond the fewest possible, each made once. */
function startsBySlack(prepared: Prepared, fewest: number, choices: SearchChoices): (slack: number) => Starts {
  const made = new Map<number, Starts>();
  return (slack) => {
    const starts = made.get(slack) ?? new Starts(prepared, fewest + slack, slack, choices);
    made.set(slack, starts);
    return starts;
  };
}
