import type { Effort, SolveServices } from './options.js';
import type { Budget } from './search/local-search.js';

/**
 * Work of the search: `unit` × digits ^ DIGIT_POWER × columns ^ COLUMN_POWER, at least `least` and at most `most`. Ten
 * million units take a second or two. Larger matrices need more steps, each of them slower; a single column has
 * little to share however long it is.
 */
const DIGIT_POWER = 1.8;
const COLUMN_POWER = 0.4;
const efforts = {
  fast: { unit: 0.2, least: 10_000, most: 20_000_000 },
  default: { unit: 2, least: 300_000, most: 15_000_000 },
  high: { unit: 40, least: 6_000_000, most: 300_000_000 },
} as const satisfies Record<Exclude<Effort, object>, { unit: number; least: number; most: number }>;

/** A clock is not asked at every step. */
const STEPS_BETWEEN_LOOKS = 16;

export function budgetOf(effort: Effort, digits: number, columns: number, services: SolveServices): Budget {
  if (typeof effort === 'string') {
    const { unit, least, most } = efforts[effort];
    const work = Math.min(most, Math.max(least, unit * digits ** DIGIT_POWER * columns ** COLUMN_POWER));
    return { used: (done) => done / work };
  }
  const { now } = services;
  if (now === undefined) return budgetOf('default', digits, columns, services);
  const start = now();
  const milliseconds = Math.max(1, effort.seconds * 1000);
  let [steps, used] = [0, 0];
  return {
    used: () => {
      if (steps++ % STEPS_BETWEEN_LOOKS === 0) used = (now() - start) / milliseconds;
      return used;
    },
  };
}
