/**
 * Raised with every change of the search that may change a solution: stored solutions of another version count for
 * nothing, so that a compilation gives the same bytes with and without them.
 */
export const SOLVER_VERSION = 5;

/**
 * How hard to search. The named efforts are counted in work, so that the result depends on the seed alone and not on
 * the machine; a time in seconds is not, and its results may differ from run to run.
 */
export type Effort = 'fast' | 'default' | 'high' | { readonly seconds: number };

export interface SolveOptions {
  /** Levels of adders that a matrix may take beyond the fewest possible for the digits of its deepest result. */
  readonly depthSlack: number;
  /** Levels beyond the fewest possible that it may take where they pay (`payingSlack`); at least `depthSlack`. */
  readonly mostDepthSlack: number;
  readonly effort: Effort;
  /** Seed of every random choice of the search: an integer, 0 to 2^32 - 1. */
  readonly seed: number;
  /** Whether sums of three cost one LUT per bit on the target, so that the search may use them. */
  readonly threeOperand: boolean;
}

export const defaultSolveOptions: SolveOptions = {
  depthSlack: 1,
  mostDepthSlack: 3,
  effort: 'default',
  seed: 1,
  threeOperand: false,
};

/** What the search gets from outside; nothing of it has a say in the results of a named effort. */
export interface SolveServices {
  /** Milliseconds of a clock that never runs backwards; only an effort in seconds reads it. */
  readonly now?: () => number;
}

/** `fast`, `default`, `high`, or seconds as in `30s`. */
export function printEffort(effort: Effort): string {
  return typeof effort === 'string' ? effort : `${effort.seconds}s`;
}
