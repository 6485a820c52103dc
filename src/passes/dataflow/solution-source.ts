import { at, invariant } from '../../support/invariant.js';
import type { PassContext } from '../pass.js';
import { checkSolution } from './distributed-arithmetic/check.js';
import { countDigits } from './distributed-arithmetic/count-digits.js';
import type { SolveOptions } from './distributed-arithmetic/options.js';
import type { AdderGraph, Problem } from './distributed-arithmetic/problem.js';
import type { SolveJob } from './distributed-arithmetic/restarts.js';
import { cheapestSolution, restartJobs, restartsOf, runJob } from './distributed-arithmetic/restarts.js';
import { decodeSolution, encodeSolution, solutionKey } from './distributed-arithmetic/stored-solution.js';

/** Matrices of fewer digits are solved in less time than a file takes. */
const digitsWorthStoring = 16;

function isWorthStoring({ problem }: SolveJob): boolean {
  return countDigits(problem) >= digitsWorthStoring;
}

/**
 * Where the solutions of one compilation come from. Equal problems, such as those of the positions of an unrolled
 * convolution, are solved once; those of earlier compilations are read from the store; the rest is searched, on as many
 * threads as there are. Every solution is checked exactly against its problem, wherever it comes from.
 */
export class SolutionSource {
  private readonly known = new Map<string, AdderGraph>();
  private readonly restarts: number;

  /** `totalDigits`: those of all problems that will be asked for; an effort in seconds is shared out by them. */
  public constructor(
    private readonly options: SolveOptions,
    private readonly context: PassContext,
    private readonly totalDigits: number,
  ) {
    this.restarts = restartsOf(options.effort, context.workers?.threads ?? 1);
  }

  /** Solutions in the order of the problems. */
  public solveAll(problems: readonly Problem[]): readonly AdderGraph[] {
    const keys = problems.map((problem) => this.keyOf({ problem, options: this.options }));
    const missing = new Map<string, Problem>();
    problems.forEach((problem, index) => {
      const key = at(keys, index);
      if (!this.known.has(key)) missing.set(key, problem);
    });
    const solutions = this.find(this.jobs(problems, [...missing.values()]));
    [...missing.keys()].forEach((key, index) => this.known.set(key, at(solutions, index)));
    return keys.map((key) => {
      const graph = this.known.get(key);
      invariant(graph !== undefined, 'every problem has been solved');
      return graph;
    });
  }

  /** From the store, or else by a search. */
  private find(jobs: readonly SolveJob[]): readonly AdderGraph[] {
    const { store } = this.context;
    const found = jobs.map((job) => {
      const stored = isWorthStoring(job) ? store?.get(this.keyOf(job)) : undefined;
      return stored === undefined ? undefined : decodeSolution(job.problem, stored);
    });
    const missing = jobs.filter((_, index) => found[index] === undefined);
    const runs = this.search(missing.flatMap((job) => restartJobs(job, this.restarts)));
    let next = 0;
    return jobs.map((job, index) => {
      const stored = found[index];
      if (stored !== undefined) return stored;
      const graph = cheapestSolution(job.problem, runs.slice(next, (next += this.restarts)));
      if (isWorthStoring(job)) store?.put(this.keyOf(job), encodeSolution(graph));
      return graph;
    });
  }

  private search(jobs: readonly SolveJob[]): readonly AdderGraph[] {
    const { workers } = this.context;
    // What is solved on this thread is checked there.
    if (workers === undefined || jobs.length < 2) return jobs.map((job) => runJob(job, this.context));
    const graphs = workers.solveAll(jobs);
    jobs.forEach(({ problem }, index) => checkSolution(problem, at(graphs, index)));
    return graphs;
  }

  /** Seconds are for the whole compilation: this round gets its part of them, and each new problem its part of that. */
  private jobs(all: readonly Problem[], missing: readonly Problem[]): readonly SolveJob[] {
    const { effort } = this.options;
    if (typeof effort === 'string') return missing.map((problem) => ({ problem, options: this.options }));
    const sum = (problems: readonly Problem[]): number =>
      problems.reduce((digits, problem) => digits + countDigits(problem), 0);
    const round = (effort.seconds * sum(all)) / Math.max(1, this.totalDigits);
    const digits = Math.max(1, sum(missing));
    return missing.map((problem) => {
      const seconds = (round * countDigits(problem)) / digits;
      return { problem, options: { ...this.options, effort: { seconds } } };
    });
  }

  private keyOf(job: SolveJob): string {
    // A run of some seconds may have had any number of threads beside it.
    return solutionKey(job, typeof job.options.effort === 'string' ? this.restarts : 0);
  }
}
