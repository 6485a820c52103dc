import type { Effort, SolveServices } from './options.js';
import type { Budget } from './search/local-search.js';

/**
 * Work of the search: `each` for every signed digit of the matrix, at least `least` and at most `most`. Ten million
 * units take about a second.
 */
const efforts = {
  fast: { each: 250, least: 10_000, most: 20_000_000 },
  default: { each: 5_000, least: 800_000, most: 250_000_000 },
  high: { each: 100_000, least: 2_000_000, most: 600_000_000 },
} as const satisfies Record<Exclude<Effort, object>, { each: number; least: number; most: number }>;
/** Steps on a large matrix are slower and it has more to share: the work for each digit has doubled at so many. */
const LARGE = 5_500;
/** A matrix of fewer digits gets up to twice the work: it takes no time, and many of them are in a network. */
const SMALL = 300;
/** A matrix of a handful of digits does not even need the least. */
const HANDFUL = 30;
/** Fewer columns have less to share. */
const MANY_COLUMNS = 4;

/** Walks on a matrix of so few digits end in different places, the luckier the better; a large one wants all for one. */
const FEW_DIGITS = 80;
const WALKS = 4;

/** A clock is not asked at every step. */
const STEPS_BETWEEN_LOOKS = 16;

/** What a budget depends on. */
export interface BudgetOf {
  /** Signed digits of the matrix. */
  readonly digits: number;
  readonly columns: number;
  /** Part of the whole effort. */
  readonly share: number;
}

/** Walks, each from another start, of which the best counts. */
export function walksOf(digits: number): number {
  return digits < FEW_DIGITS ? WALKS : 1;
}

export function budgetOf(effort: Effort, { digits, columns, share }: BudgetOf, services: SolveServices): Budget {
  if (typeof effort === 'string') {
    const { each, least, most } = efforts[effort];
    const worth =
      (digits + Math.min(digits, SMALL)) * (0.9 + (digits / LARGE) ** 3) * Math.min(1, columns / MANY_COLUMNS);
    const work = Math.min(most, Math.max(least * Math.min(1, digits / HANDFUL), each * worth));
    return { used: (done) => done / (work * share) };
  }
  const { now } = services;
  if (now === undefined) return budgetOf('default', { digits, columns, share }, services);
  const start = now();
  const milliseconds = Math.max(1, effort.seconds * 1000 * share);
  let [steps, used] = [0, 0];
  return {
    used: () => {
      if (steps++ % STEPS_BETWEEN_LOOKS === 0) used = (now() - start) / milliseconds;
      return used;
    },
  };
}
