import { at, invariant } from '../../../../support/invariant.js';
import type { Budget } from './local-search.js';
import { LocalSearch } from './local-search.js';
import { Network } from './network.js';
import type { NetworkInput } from './network.js';
import type { SearchChoices } from './options.js';
import { MAXIMUM_SHIFT, packTerm, scaleTerm, shiftOf, signOf, valueOf } from './packed-term.js';
import type { StartColumn } from './start.js';
import { startNetwork } from './start.js';
import { topologicalOrder } from './topological-order.js';

/** Digits of greater shifts are left alone: shifts along a path add up, and have to fit a term. */
const LARGEST_SHIFT = 30;
/** Levels by which the transposed network may be deeper than the shallowest one. */
const SLACK = 1;
/**
 * Every result is an input of the transposed matrix. Widths mean nothing there: with wide inputs a pair counts by how
 * often it occurs, and hardly by the distance of its summands.
 */
const RESULT: NetworkInput = { low: -(2 ** 24), high: 2 ** 24 - 1, zeros: 0, depth: 0 };

/**
 * A network found by sharing in the transposed matrix. Turned round, every sum there is a value with several readers
 * here and the number of additions differs by a constant (the transposition theorem; Bordewijk 1956, for constant
 * multiplication Dempster and Macleod 1995), but where many inputs meet in few results, the pairs that recur are far
 * more often the same ones on the other side, so that a greedy choice has more to go by. Undefined where a digit is
 * shifted far, or where the results cannot be made within the depth.
 */
export function transposedStart(
  inputs: readonly NetworkInput[],
  firstConstant: number,
  columns: readonly StartColumn[],
  depthLimit: number,
  choices: SearchChoices,
  budget: Budget,
): Network | undefined {
  if (columns.some(({ digits }) => digits.some(({ shift }) => shift > LARGEST_SHIFT))) return undefined;
  const rows = transposeDigits(columns, firstConstant);
  const longest = rows.reduce((most, { digits }) => Math.max(most, digits.length), 1);
  const options = { ...choices, depthLimit: Math.ceil(Math.log2(longest)) + SLACK };
  const start = startNetwork(
    columns.map(() => RESULT),
    columns.length,
    rows,
    options.depthLimit,
    undefined,
  );
  invariant(start !== undefined, 'small shifts fit');
  const search = new LocalSearch(start, options);
  search.run(budget);
  const network = turn(search.network, inputs, firstConstant, columns);
  return withinDepth(network, depthLimit) ? network : undefined;
}

function transposeDigits(columns: readonly StartColumn[], rows: number): StartColumn[] {
  const digits: { value: number; shift: number; negative: boolean }[][] = Array.from({ length: rows }, () => []);
  columns.forEach((column, index) => {
    for (const { value, shift, negative } of column.digits) at(digits, value).push({ value: index, shift, negative });
  });
  return digits.map((row) => ({ digits: row, coefficients: undefined, constant: undefined }));
}

/** The network with every edge turned round: its results become the inputs, its inputs the results. */
function turn(
  other: Network,
  inputs: readonly NetworkInput[],
  firstConstant: number,
  columns: readonly StartColumn[],
): Network {
  const network = new Network(inputs, firstConstant);
  const sums: number[][] = Array.from({ length: other.size }, () => []);
  other.targets.forEach((target, input) => {
    at(sums, target).push(packTerm(input, 0, 0));
  });
  const order = topologicalOrder(other);
  // A value with one summand is that summand: it needs no list of its own.
  const place = (value: number): number | undefined => {
    const sum = at(sums, value);
    if (sum.length < 2) return sum[0];
    const made = network.create(false);
    for (const term of sum) network.append(made, term);
    network.settle(made);
    return packTerm(made, 0, 0);
  };
  for (let index = order.length - 1; index >= 0; index--) {
    const value = at(order, index);
    const own = place(value);
    if (own === undefined) continue;
    for (const term of other.lists[value] ?? []) {
      join(at(sums, valueOf(term)), scaled(own, packTerm(0, shiftOf(term), signOf(term))));
    }
  }
  columns.forEach((column, index) => {
    const target = network.create(true);
    for (const term of at(sums, index)) network.append(target, term);
    if (column.constant !== undefined) network.append(target, packTerm(column.constant, 0, 0));
    network.settle(target);
  });
  return network;
}

/** The term shifted further by the shift of `outer` and negated where `outer` is. */
function scaled(term: number, outer: number): number {
  invariant(shiftOf(term) + shiftOf(outer) <= MAXIMUM_SHIFT, 'shifts of small digits add up to small shifts');
  return scaleTerm(term, outer);
}

/** Put a summand into a list: equal ones carry into the next position, opposite ones cancel. */
function join(list: number[], term: number): void {
  let own = term;
  for (;;) {
    const place = list.findIndex((other) => (other ^ own) >> 1 === 0);
    if (place < 0) {
      list.push(own);
      return;
    }
    const same = list[place] === own;
    list.splice(place, 1);
    if (!same) return;
    own = scaled(own, packTerm(0, 1, 0));
  }
}

/** Dissolve summands of results that are too deep until they are not. */
function withinDepth(network: Network, depthLimit: number): boolean {
  for (const target of network.targets) {
    if (network.leastDepth(target) <= depthLimit) continue;
    const list = [...(network.lists[target] ?? [])];
    while (network.depthOf(list) > depthLimit) {
      const place = mostWasteful(network, list);
      if (place < 0) return false;
      const term = at(list, place);
      list.splice(place, 1);
      for (const inner of network.lists[valueOf(term)] ?? []) join(list, scaled(inner, term));
    }
    for (let place = (network.lists[target]?.length ?? 0) - 1; place >= 0; place--) network.removeAt(target, place);
    for (const term of list) network.append(target, term);
    network.depth[target] = network.leastDepth(target);
  }
  return true;
}

/** Place of the summand that leaves most of its depth unused; -1 where all are inputs. */
function mostWasteful(network: Network, list: readonly number[]): number {
  let best = -1;
  let most = -1;
  list.forEach((term, place) => {
    const inner = network.lists[valueOf(term)];
    if (inner === undefined) return;
    let waste = 2 ** (network.depth[valueOf(term)] ?? 0);
    for (const own of inner) waste -= 2 ** (network.depth[valueOf(own)] ?? 0);
    if (waste > most) [best, most] = [place, waste];
  });
  return best;
}
