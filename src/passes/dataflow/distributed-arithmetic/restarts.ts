import { at } from '../../../support/invariant.js';
import { adderStatistics } from './cost.js';
import type { Effort, SolveOptions, SolveServices } from './options.js';
import type { AdderGraph, Problem } from './problem.js';
import { solve } from './solve.js';

/** One run of the search. */
export interface SolveJob {
  readonly problem: Problem;
  readonly options: SolveOptions;
}

/** Independent runs of the search for one matrix; runs with a limit of time are as many as there are threads. */
const restarts = { fast: 1, default: 1, high: 4 } as const satisfies Record<Exclude<Effort, object>, number>;

export function restartsOf(effort: Effort, threads: number): number {
  return typeof effort === 'string' ? restarts[effort] : threads;
}

/** The runs whose best is the solution of a job: the same search under different seeds, the first under the job's own. */
export function restartJobs(job: SolveJob, count: number): readonly SolveJob[] {
  return Array.from({ length: count }, (_, index) => ({
    problem: job.problem,
    // A stride that is odd and without pattern: neighbouring seeds of the user share no run.
    options: { ...job.options, seed: (job.options.seed + Math.imul(index, 0x9e3779b9)) >>> 0 },
  }));
}

/** The solution with the fewest LUTs, of those the earliest. */
export function cheapestSolution(problem: Problem, solutions: readonly AdderGraph[]): AdderGraph {
  let best = at(solutions, 0);
  if (solutions.length === 1) return best;
  let bestCost = adderStatistics(problem, best).cost;
  for (const solution of solutions.slice(1)) {
    const { cost } = adderStatistics(problem, solution);
    if (cost < bestCost) [best, bestCost] = [solution, cost];
  }
  return best;
}

/** Run a job on this thread. */
export function runJob({ problem, options }: SolveJob, services: SolveServices): AdderGraph {
  return solve(problem, options, services);
}
