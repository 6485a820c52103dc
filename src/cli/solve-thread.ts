import type { MessagePort } from 'node:worker_threads';
import { parentPort, workerData } from 'node:worker_threads';
import type { SolveJob } from '../passes/dataflow/distributed-arithmetic/restarts.js';
import { runJob } from '../passes/dataflow/distributed-arithmetic/restarts.js';
import { at } from '../support/invariant.js';
import type { SolveAnswer, SolveFailure, SolveRequest } from './solve-threads.js';
import { JOBS_DONE, NEXT_JOB } from './solve-threads.js';

/** What a helping thread of `SolveThreads` runs: it takes jobs of each request until none is left. */
const answers = workerData as MessagePort;

parentPort?.on('message', ({ jobs, order, shared, call }: SolveRequest) => {
  for (;;) {
    const job = order[Atomics.add(shared, NEXT_JOB, 1)];
    if (job === undefined) break;
    const answer: SolveAnswer = { call, job, result: attempt(at(jobs, job)) };
    answers.postMessage(answer);
    Atomics.add(shared, JOBS_DONE, 1);
    Atomics.notify(shared, JOBS_DONE);
  }
});

function attempt(job: SolveJob): SolveAnswer['result'] {
  try {
    return { graph: runJob(job, { now: () => performance.now() }) };
  } catch (error) {
    return { failure: describe(error) };
  }
}

function describe(error: unknown): SolveFailure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined };
  return { name: error.name, message: error.message, stack: error.stack };
}
