import { countDigits } from '../../../../src/passes/dataflow/distributed-arithmetic/count-digits.js';
import { describe, expect, it } from 'vitest';
import { adderStatistics } from '../../../../src/passes/dataflow/distributed-arithmetic/cost.js';
import { defaultSolveOptions } from '../../../../src/passes/dataflow/distributed-arithmetic/options.js';
import type { AdderGraph } from '../../../../src/passes/dataflow/distributed-arithmetic/problem.js';
import type { SolveJob } from '../../../../src/passes/dataflow/distributed-arithmetic/restarts.js';
import { restartJobs, restartsOf, runJob } from '../../../../src/passes/dataflow/distributed-arithmetic/restarts.js';
import { solve } from '../../../../src/passes/dataflow/distributed-arithmetic/solve.js';
import { SolutionSource } from '../../../../src/passes/dataflow/solution-source.js';
import type { ContentStore, WorkerPool } from '../../../../src/passes/pass.js';
import { at } from '../../../../src/support/invariant.js';
import { randomMatrix } from '../../../support/random-problem.js';

class MemoryStore implements ContentStore {
  public readonly entries = new Map<string, Uint8Array>();
  public hits = 0;

  public get(key: string): Uint8Array | undefined {
    const content = this.entries.get(key);
    if (content !== undefined) this.hits++;
    return content;
  }

  public put(key: string, content: Uint8Array): void {
    this.entries.set(key, content);
  }
}

/** A clock that goes on by a second at every look, so that a search by time comes to its end. */
function hastyClock(): () => number {
  let time = 0;
  return () => (time += 1000);
}

/** A pool that keeps what it was asked for, and answers with `answer`. */
class RecordingPool implements WorkerPool {
  public readonly calls: (readonly SolveJob[])[] = [];

  public constructor(
    public readonly threads: number,
    private readonly answer: (job: SolveJob) => AdderGraph = (job) => runJob(job, { now: hastyClock() }),
  ) {}

  public solveAll(jobs: readonly SolveJob[]): readonly AdderGraph[] {
    this.calls.push(jobs);
    return jobs.map(this.answer);
  }
}

const options = defaultSolveOptions;
const [first, second, third] = [randomMatrix(1, 4, 4), randomMatrix(2, 5, 3), randomMatrix(3, 4, 6)] as const;

describe('SolutionSource', () => {
  it('solves equal problems once, within a call and across calls', () => {
    const workers = new RecordingPool(2);
    const source = new SolutionSource(options, { workers }, 0);
    const graphs = source.solveAll([first, second, { ...first }, first]);
    expect(graphs).toEqual([first, second, first, first].map((problem) => solve(problem, options)));
    expect(source.solveAll([third, second, first])).toEqual([third, second, first].map((each) => solve(each, options)));
    // The second call has one new problem, which is not worth a message.
    expect(workers.calls.map((jobs) => jobs.map((job) => job.problem))).toEqual([[first, second]]);
  });

  it('takes the cheapest of the restarts, wherever they run', () => {
    const few = randomMatrix(3, 3, 2);
    const high = { ...options, effort: 'high' } as const;
    const jobs = restartJobs({ problem: few, options: high }, restartsOf('high', 1));
    const costs = jobs.map((job) => adderStatistics(few, runJob(job, {})).cost);
    const [graph] = new SolutionSource(high, {}, 0).solveAll([few]);
    expect(graph).toEqual(runJob(at(jobs, costs.indexOf(Math.min(...costs))), {}));
    for (const threads of [1, 2, 7]) {
      const workers = new RecordingPool(threads);
      expect(new SolutionSource(high, { workers }, 0).solveAll([few])).toEqual([graph]);
      expect(workers.calls).toEqual([jobs]);
    }
  });

  it('reads from the store what an earlier source put there, and gives the same', () => {
    const store = new MemoryStore();
    const problems = [first, second, third];
    const found = new SolutionSource(options, { store }, 0).solveAll(problems);
    expect([store.entries.size, store.hits]).toEqual([3, 0]);
    const workers = new RecordingPool(2);
    expect(new SolutionSource(options, { store, workers }, 0).solveAll(problems)).toEqual(found);
    expect([store.hits, workers.calls]).toEqual([3, []]);
    new SolutionSource({ ...options, seed: 2 }, { store }, 0).solveAll(problems);
    expect([store.hits, store.entries.size]).toEqual([3, 6]);
  });

  it('a damaged or foreign entry has no effect, and is replaced', () => {
    const store = new MemoryStore();
    const found = new SolutionSource(options, { store }, 0).solveAll([first, second]);
    const good = new Map(store.entries);
    const [one, other] = [...good.keys()];
    if (one === undefined || other === undefined) throw new Error('nothing was stored');
    // The solution of another problem, whole in itself; and no solution at all.
    store.entries.set(one, good.get(other) ?? new Uint8Array());
    store.entries.set(other, Buffer.from('nothing of ours'));
    expect(new SolutionSource(options, { store }, 0).solveAll([first, second])).toEqual(found);
    expect(store.entries).toEqual(good);
  });

  it('does not store what is solved faster than it is read', () => {
    const store = new MemoryStore();
    new SolutionSource(options, { store }, 0).solveAll([randomMatrix(9, 1, 1)]);
    expect(store.entries.size).toBe(0);
  });

  it('throws when a thread answers with a graph that computes something else', () => {
    const workers = new RecordingPool(2, () => solve(randomMatrix(8, 4, 4), options));
    const source = new SolutionSource(options, { workers }, 0);
    expect(() => source.solveAll([first, randomMatrix(4, 4, 4)])).toThrow(/something else than column 0/u);
  });

  it('shares seconds out by digits, as many runs of each as there are threads', () => {
    const workers = new RecordingPool(3);
    const total = countDigits(first) * 2 + countDigits(second) + countDigits(third);
    const source = new SolutionSource({ ...options, effort: { seconds: 10 } }, { workers }, total);
    source.solveAll([first, second, first]);
    source.solveAll([third]);
    const jobs = workers.calls.flat();
    expect(jobs.map((job) => job.problem)).toEqual([first, second, third].flatMap((each) => [each, each, each]));
    expect(new Set(jobs.map((job) => job.options.seed)).size).toBe(3);
    const seconds = jobs.map(({ options: { effort } }) => (typeof effort === 'string' ? NaN : effort.seconds));
    // Three runs at a time on three threads take the time of one.
    expect(seconds.reduce((sum, each) => sum + each, 0) / 3).toBeCloseTo(10, 6);
    expect(at(seconds, 0) / at(seconds, 3)).toBeCloseTo(countDigits(first) / countDigits(second), 6);
  });
});
