import { at } from '../../../support/invariant.js';
import type { Problem } from './problem.js';
import type { NetworkInput } from './search/network.js';
import type { StartColumn } from './search/start.js';
import type { Summand } from './terms.js';
import { Terms } from './terms.js';

/** The signed digits of a column; its constant stands aside, since it is shared with no other. */
export interface Sum {
  readonly summands: readonly Summand[];
  readonly constant: bigint | undefined;
}

/** What every network of one matrix starts from. */
export interface Prepared {
  readonly operations: Terms;
  /** Value in `operations` of each input of a network, constants included. */
  readonly sources: readonly number[];
  /** Constants by input. */
  readonly constants: ReadonlyMap<number, bigint>;
  readonly columns: readonly StartColumn[];
  readonly inputs: readonly NetworkInput[];
  /** Inputs from here on are constants. */
  readonly firstConstant: number;
}

export function prepare(problem: Problem, sums: readonly Sum[]): Prepared {
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
  return { operations, sources, constants, columns, inputs, firstConstant: problem.inputs.length };
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
