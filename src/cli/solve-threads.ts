import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MessagePort } from 'node:worker_threads';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Effort } from '../passes/dataflow/distributed-arithmetic/options.js';
import type { AdderGraph } from '../passes/dataflow/distributed-arithmetic/problem.js';
import type { SolveJob } from '../passes/dataflow/distributed-arithmetic/restarts.js';
import { countDigits } from '../passes/dataflow/distributed-arithmetic/count-digits.js';
import { runJob } from '../passes/dataflow/distributed-arithmetic/restarts.js';
import type { WorkerPool } from '../passes/pass.js';
import { at, invariant } from '../support/invariant.js';

/** Words of the memory that the threads of one call share. */
export const NEXT_JOB = 0;
export const JOBS_DONE = 1;

/** What the caller sends to a thread: all jobs, of which each thread takes the next that nobody has taken. */
export interface SolveRequest {
  readonly jobs: readonly SolveJob[];
  /** Numbers of the jobs, in the order in which they are taken. */
  readonly order: readonly number[];
  readonly shared: Int32Array<SharedArrayBuffer>;
  /** Tells the answers to this call from late ones to an earlier call. */
  readonly call: number;
}

export interface SolveFailure {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

/** What a thread sends back for each job that it took. */
export interface SolveAnswer {
  readonly call: number;
  readonly job: number;
  readonly result: { readonly graph: AdderGraph } | { readonly failure: SolveFailure };
}

/** Digits, weighed by effort, below which starting threads takes longer than it saves. */
const DIGITS_WORTH_A_THREAD = 3000;
const effortWeights = { fast: 0.5, default: 1, high: 10 } as const satisfies Record<Exclude<Effort, object>, number>;

/** A thread that answers nothing for so long, in ms, may have been ended by the system: its job is done again here. */
const SHORTEST_PATIENCE = 30_000;
const PATIENCE_FACTOR = 20;

export interface SolveThreadsOptions {
  /** Told after each job how much of a call is done, from 0 to 1. */
  readonly solved?: (share: number) => void;
  /** For tests: what a helping thread runs. */
  readonly entry?: URL;
  /** For tests: what the caller's thread runs. */
  readonly run?: typeof runJob;
  /** Digits from which on threads are started. */
  readonly worth?: number;
  /** The shortest, in ms. */
  readonly patience?: number;
}

/**
 * Runs jobs on threads, of which the caller's own is one: it works instead of waiting. The others are started with the
 * first call that is worth it, and stay for later ones. Which thread runs a job never changes its result.
 */
export class SolveThreads implements WorkerPool {
  private readonly helpers: { readonly worker: Worker; readonly port: MessagePort }[] = [];
  private calls = 0;
  private broken: Error | undefined;

  private readonly entry: URL;
  private readonly run: typeof runJob;
  private readonly solved: (share: number) => void;
  private readonly patience: number;
  private readonly worth: number;

  public constructor(
    public readonly threads: number,
    options: SolveThreadsOptions = {},
  ) {
    this.entry = options.entry ?? new URL('./solve-thread.js', import.meta.url);
    this.run = options.run ?? runJob;
    this.solved = options.solved ?? (() => undefined);
    this.worth = options.worth ?? DIGITS_WORTH_A_THREAD;
    this.patience = options.patience ?? SHORTEST_PATIENCE;
  }

  public solveAll(jobs: readonly SolveJob[]): readonly AdderGraph[] {
    const services = { now: () => performance.now() };
    const helpers = Math.min(this.threads, jobs.length) - 1;
    const sizes = jobs.map(({ problem }) => countDigits(problem));
    const all = sizes.reduce((sum, size) => sum + size, 0);
    // Run from the sources, as tests do, there is nothing that a thread could load.
    if (helpers < 1 || !isWorth(jobs, this.worth) || !existsSync(fileURLToPath(this.entry))) {
      let done = 0;
      return jobs.map((job, index) => {
        const graph = this.run(job, services);
        this.solved(share((done += at(sizes, index)), all));
        return graph;
      });
    }

    // The longest first, so that none of them is left for the end.
    const order = jobs.map((_, index) => index).sort((left, right) => at(sizes, right) - at(sizes, left));
    const shared = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
    const request: SolveRequest = { jobs, order, shared, call: ++this.calls };
    while (this.helpers.length < helpers) this.start();
    for (const { worker } of this.helpers.slice(0, helpers)) worker.postMessage(request);

    const graphs = jobs.map((): AdderGraph | undefined => undefined);
    let longest = 0;
    const runHere = (index: number): void => {
      const started = performance.now();
      graphs[index] = this.run(at(jobs, index), services);
      longest = Math.max(longest, performance.now() - started);
    };
    const tell = (): void => {
      const done = sizes.reduce((sum, size, index) => sum + (graphs[index] === undefined ? 0 : size), 0);
      this.solved(share(done, all));
    };
    try {
      for (;;) {
        const index = order[Atomics.add(shared, NEXT_JOB, 1)];
        if (index === undefined) break;
        runHere(index);
        this.receive(request.call, graphs);
        tell();
      }
      for (;;) {
        const done = Atomics.load(shared, JOBS_DONE);
        this.receive(request.call, graphs);
        tell();
        const open = order.find((index) => graphs[index] === undefined);
        if (open === undefined) break;
        const patience = Math.max(this.patience, PATIENCE_FACTOR * longest);
        if (Atomics.wait(shared, JOBS_DONE, done, patience) === 'timed-out') runHere(open);
      }
    } finally {
      // After an error nobody needs the rest.
      Atomics.store(shared, NEXT_JOB, jobs.length);
    }
    return graphs.map((graph) => {
      invariant(graph !== undefined, 'every job has a solution');
      return graph;
    });
  }

  /** End the threads. Throws where one could not even start. */
  public async close(): Promise<void> {
    const helpers = this.helpers.splice(0);
    await Promise.all(helpers.map(({ worker }) => worker.terminate()));
    for (const { port } of helpers) port.close();
    if (this.broken !== undefined) throw this.broken;
  }

  private start(): void {
    const { port1: port, port2: answers } = new MessageChannel();
    const worker = new Worker(this.entry, { workerData: answers, transferList: [answers] });
    // Whatever happens, neither keeps the process alive.
    worker.unref();
    port.unref();
    worker.on('error', (error: Error) => (this.broken ??= error));
    this.helpers.push({ worker, port });
  }

  private receive(call: number, graphs: (AdderGraph | undefined)[]): void {
    for (const { port } of this.helpers) {
      for (let message = receiveMessageOnPort(port); message !== undefined; message = receiveMessageOnPort(port)) {
        const answer = message.message as SolveAnswer;
        if (answer.call !== call) continue;
        if ('failure' in answer.result) throw revive(answer.result.failure);
        graphs[answer.job] = answer.result.graph;
      }
    }
  }
}

function isWorth(jobs: readonly SolveJob[], worth: number): boolean {
  let digits = 0;
  for (const { problem, options } of jobs) {
    if (typeof options.effort !== 'string') return true;
    digits += countDigits(problem) * effortWeights[options.effort];
    if (digits >= worth) return true;
  }
  return false;
}

function share(done: number, all: number): number {
  return all === 0 ? 1 : done / all;
}

/** The error of another thread, with the stack that it had there. */
function revive({ name, message, stack }: SolveFailure): Error {
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
