import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { SolveThreads } from '../../../src/cli/solve-threads.js';
import type { Effort } from '../../../src/passes/dataflow/distributed-arithmetic/options.js';
import { defaultSolveOptions } from '../../../src/passes/dataflow/distributed-arithmetic/options.js';
import type { SolveJob } from '../../../src/passes/dataflow/distributed-arithmetic/restarts.js';
import { runJob } from '../../../src/passes/dataflow/distributed-arithmetic/restarts.js';
import { scratchFolder } from '../../support/command-line.js';
import { randomMatrix } from '../../support/random-problem.js';
import { transpileSources } from '../../support/transpiled-sources.js';

const scratch = scratchFolder();
const started = (): string => scratch.path('started');
let fresh = 0;

beforeAll(() => {
  transpileSources('cli/solve-thread.ts', scratch.path('built'));
});

/** A thread that says by a file that it is there, and goes on with `rest`. */
function thread(rest: string): { readonly entry: URL; readonly marker: string } {
  const marker = `${started()}-${++fresh}`;
  const text = `
    import { writeFileSync } from 'node:fs';
    import { parentPort, workerData } from 'node:worker_threads';
    const take = ({ order, shared }) => order[Atomics.add(shared, 0, 1)];
    const answer = (shared, message) => {
      workerData.postMessage(message);
      Atomics.add(shared, 1, 1);
      Atomics.notify(shared, 1);
    };
    const arrive = () => writeFileSync(${JSON.stringify(marker)}, '');
    ${rest}`;
  return { entry: pathToFileURL(scratch.write(`thread-${fresh}.mjs`, text)), marker };
}

/** The real thread of the sources as they are. */
function realThread(): ReturnType<typeof thread> {
  const path = JSON.stringify(pathToFileURL(scratch.path('built/cli/solve-thread.js')).href);
  return thread(`await import(${path}); arrive();`);
}

function jobs(count: number, effort: Effort = 'default'): readonly SolveJob[] {
  return Array.from({ length: count }, (_, index) => ({
    problem: randomMatrix(index, 4 + (index % 3), 4 + (index % 5)),
    options: { ...defaultSolveOptions, effort, seed: index },
  }));
}

/** Runs a job here, but not before the other thread has arrived, nor without leaving it the time to take one. */
function runLate(marker: string): { readonly run: typeof runJob; readonly count: () => number } {
  let count = 0;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const run: typeof runJob = (job, services) => {
    for (let waited = 0; !existsSync(marker); waited += 5) {
      if (waited > 60_000) throw new Error('the other thread never arrived');
      Atomics.wait(pause, 0, 0, 5);
    }
    Atomics.wait(pause, 0, 0, 50);
    count++;
    return runJob(job, services);
  };
  return { run, count: () => count };
}

describe('SolveThreads', () => {
  it('gives what one thread gives, in order, for any number of threads, call after call', async () => {
    const many = jobs(8);
    const expected = many.map((job) => runJob(job, {}));
    for (const threads of [2, 3]) {
      const { entry, marker } = realThread();
      const late = runLate(marker);
      const shares: number[] = [];
      const solved = (share: number): void => void shares.push(share);
      const pool = new SolveThreads(threads, { entry, run: late.run, worth: 0, solved });
      expect(pool.solveAll(many)).toEqual(expected);
      // Told on the way as well as at the end.
      expect(shares[0]).toBeLessThan(1);
      expect(shares.at(-1)).toBe(1);
      expect(shares).toEqual(shares.toSorted((left, right) => left - right));
      // The other threads did take part.
      expect(late.count()).toBeLessThan(many.length);
      expect(pool.solveAll(many.slice(3))).toEqual(expected.slice(3));
      await pool.close();
    }
  });

  it('starts no thread for little work, for one job, or where one is all that there is', async () => {
    const { entry, marker } = thread('arrive();');
    const small = jobs(2).map((job) => ({ ...job, problem: randomMatrix(1, 2, 2) }));
    for (const [threads, work, worth] of [
      [4, small, undefined],
      [4, jobs(1, 'high'), 0],
      [1, jobs(8), 0],
    ] as const) {
      const pool = new SolveThreads(threads, { entry, ...(worth === undefined ? {} : { worth }) });
      expect(pool.solveAll(work)).toEqual(work.map((job) => runJob(job, {})));
      await pool.close();
    }
    expect(existsSync(marker)).toBe(false);
  });

  it('throws what a job of another thread threw, with the stack that it had there', async () => {
    const { entry, marker } = thread(`
      parentPort.on('message', (request) => {
        arrive();
        const failure = { name: 'InvariantError', message: 'no solution', stack: 'InvariantError: no solution\\n at far' };
        answer(request.shared, { call: request.call, job: take(request), result: { failure } });
      });`);
    const pool = new SolveThreads(2, { entry, run: runLate(marker).run, worth: 0 });
    const failure = (): unknown => {
      try {
        return pool.solveAll(jobs(8));
      } catch (error) {
        return error;
      }
    };
    const error = failure() as Error;
    expect([error.name, error.message, error.stack]).toEqual([
      'InvariantError',
      'no solution',
      'InvariantError: no solution\n at far',
    ]);
    await pool.close();
  });

  it('throws what a job throws here', async () => {
    const run: typeof runJob = () => {
      throw new RangeError('not here');
    };
    const pool = new SolveThreads(2, { entry: realThread().entry, run, worth: 0 });
    expect(() => pool.solveAll(jobs(8))).toThrow('not here');
    await pool.close();
  });

  it('does a job again whose thread has fallen silent', async () => {
    const { entry, marker } = thread(`parentPort.on('message', (request) => { take(request); arrive(); });`);
    const work = jobs(8);
    const late = runLate(marker);
    const pool = new SolveThreads(2, { entry, run: late.run, patience: 10, worth: 0 });
    expect(pool.solveAll(work)).toEqual(work.map((job) => runJob(job, {})));
    expect(late.count()).toBe(work.length);
    await pool.close();
  });

  it('solves everything here when a thread cannot start, and says so at the end', async () => {
    const { entry } = thread(`throw new Error('nothing to load');`);
    const work = jobs(8);
    const pool = new SolveThreads(2, { entry, worth: 0 });
    expect(pool.solveAll(work)).toEqual(work.map((job) => runJob(job, {})));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await expect(pool.close()).rejects.toThrow('nothing to load');
  });
});
