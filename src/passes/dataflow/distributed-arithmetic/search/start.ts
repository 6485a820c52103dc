import { at } from '../../../../support/invariant.js';
import type { Summand } from '../terms.js';
import { Network } from './network.js';
import type { NetworkInput } from './network.js';
import { MAXIMUM_SHIFT, packTerm } from './packed-term.js';
import { appendDigits } from './resynthesis.js';
import type { SpanningTree } from './spanning-tree.js';

/** Digits of one result weighed together: few of the pairs of a longer sum recur. */
const LONGEST = 1_000;

/** One result to start from: its signed digits, its coefficients, and a constant that is added once. */
export interface StartColumn {
  readonly digits: readonly Summand[];
  /** Coefficient by input; undefined where one is too large for differences. */
  readonly coefficients: Int32Array | undefined;
  readonly constant: number | undefined;
}

/**
 * The network of the signed digits of all results, nothing shared yet. With a tree, a result is its parent in the tree
 * plus the digits of the difference. `levels[column]` are the results below a column in the tree, at most.
 */
export function startNetwork(
  inputs: readonly NetworkInput[],
  firstConstant: number,
  columns: readonly StartColumn[],
  depthLimit: number,
  tree: SpanningTree | undefined,
): Network | undefined {
  if (columns.some(({ digits }) => digits.some(({ shift }) => shift > MAXIMUM_SHIFT))) return undefined;
  const network = new Network(inputs, firstConstant);
  const targets: number[] = columns.map(() => network.create(true));
  const order = tree?.order ?? columns.map((_, index) => index);
  for (const index of order) {
    const target = at(targets, index);
    const column = at(columns, index);
    const parent = tree?.parents[index] ?? -1;
    const summands: number[] = [];
    if (tree !== undefined && parent >= 0) {
      const sign = tree.signs[index] ?? 0;
      const difference = differenceOf(column, at(columns, parent), sign);
      summands.push(packTerm(at(targets, parent), 0, sign));
      difference.forEach((coefficient, input) => {
        appendDigits(summands, input, coefficient);
      });
    } else {
      for (const { value, shift, negative } of column.digits) summands.push(packTerm(value, shift, negative ? 1 : 0));
    }
    if (column.constant !== undefined) summands.push(packTerm(column.constant, 0, 0));
    // The parent brings its constant along.
    const brought = parent >= 0 ? at(columns, parent).constant : undefined;
    if (brought !== undefined && brought !== column.constant) {
      summands.push(packTerm(brought, 0, 1 - (tree?.signs[index] ?? 0)));
    }
    fill(network, target, summands);
    if (tree !== undefined && (tree.heights[index] ?? 0) > 0) {
      network.reserve(target, depthLimit - (tree.heights[index] ?? 0));
    }
  }
  return network;
}

/** Very long sums are made of blocks that share with each other only as far as they fit. */
function fill(network: Network, target: number, summands: readonly number[]): void {
  if (summands.length <= LONGEST) {
    for (const term of summands) network.append(target, term);
  } else {
    const blocks = Math.ceil(summands.length / LONGEST);
    for (let block = 0; block < blocks; block++) {
      const [from, to] = [block, block + 1].map((edge) => Math.floor((edge * summands.length) / blocks));
      const value = network.create(false);
      network.pin(value);
      for (const term of summands.slice(from, to)) network.append(value, term);
      network.settle(value);
      network.append(target, packTerm(value, 0, 0));
    }
  }
  network.settle(target);
}

function differenceOf(column: StartColumn, parent: StartColumn, sign: number): Int32Array {
  const difference = new Int32Array(column.coefficients?.length ?? 0);
  for (let input = 0; input < difference.length; input++) {
    const theirs = parent.coefficients?.[input] ?? 0;
    difference[input] = (column.coefficients?.[input] ?? 0) - (sign === 1 ? -theirs : theirs);
  }
  return difference;
}
