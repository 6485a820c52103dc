import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { firmwareSimulationFile } from '../../system/temporary-folder.js';
import { invariant } from '../../support/invariant.js';
import { countRows, type PackedLayout, type PackedStimulus, type PackedTrace } from '../packed.js';
import { SimulationError } from '../simulation-error.js';

/** Fewer rows than this are not worth a second thread. */
const ROWS_PER_WORKER = 8192;
const MAXIMUM_WORKERS = 8;
/** Rows before its own that a worker runs, so that its state can become the one of a run from the first row. */
const WARM_ROWS = 512;

/** Consecutive rows of a run. */
interface Part {
  readonly first: number;
  readonly count: number;
}

interface Answer {
  readonly start?: Int32Array;
  readonly end: Int32Array;
}

export interface PoolOptions {
  /** Threads at most. */
  readonly workers?: number;
  readonly rowsPerWorker?: number;
  readonly warmRows?: number;
  /** Milliseconds for one run. */
  readonly timeout: number;
}

/**
 * Runs rows through a compiled simulation on worker threads. A long run is cut into parts that start from power-up, a
 * few rows early. Where the state at the first row of a part is, word by word, the state at the end of the part
 * before, the two parts are one run, because a state and the rows after it determine all answers. Where it is not (a
 * memory longer than the rows in advance, a net that nothing drives), the part before goes on with these rows.
 */
export class WorkerPool {
  private readonly threads: Thread[] = [];
  private readonly workers: number;
  private readonly rowsPerWorker: number;
  private readonly warmRows: number;
  /** Parts that had to be run again, over all runs. */
  public repeatedParts = 0;

  public constructor(
    private readonly bytes: Uint8Array,
    private readonly layout: PackedLayout,
    private readonly options: PoolOptions,
  ) {
    this.workers = Math.max(1, Math.min(options.workers ?? availableParallelism(), MAXIMUM_WORKERS));
    this.rowsPerWorker = options.rowsPerWorker ?? ROWS_PER_WORKER;
    this.warmRows = options.warmRows ?? WARM_ROWS;
  }

  /** Throws `SimulationError` when the module fails or the time is up; the pool is then of no further use. */
  public async run(stimulus: PackedStimulus): Promise<PackedTrace> {
    const rows = countRows(this.layout, stimulus);
    const { unknownRows = 0 } = stimulus;
    const parts = this.cut(rows);
    while (this.threads.length < parts.length) this.threads.push(new Thread(this.bytes, this.layout));
    const buffers = {
      stimulus: shared(stimulus.rows),
      response: new Int32Array(new SharedArrayBuffer(4 * rows * this.layout.responseLimbs)),
      unknown: new Uint8Array(new SharedArrayBuffer(rows)),
      unknownRows,
    };
    let timer: NodeJS.Timeout | undefined;
    const timeIsUp = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const seconds = this.options.timeout / 1000;
        reject(new SimulationError('verilator-wasm', `the simulation did not finish in ${seconds} s`));
      }, this.options.timeout);
    });
    try {
      await Promise.race([this.runParts(parts, buffers), timeIsUp]);
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    return { rows: buffers.response, unknown: buffers.unknown };
  }

  public async close(): Promise<void> {
    await Promise.all(this.threads.splice(0).map((thread) => thread.terminate()));
  }

  private cut(rows: number): readonly Part[] {
    const count = Math.max(1, Math.min(this.workers, Math.floor(rows / this.rowsPerWorker)));
    return Array.from({ length: count }, (_, index) => {
      const first = Math.floor((rows * index) / count);
      return { first, count: Math.floor((rows * (index + 1)) / count) - first };
    });
  }

  private async runParts(parts: readonly Part[], buffers: object): Promise<void> {
    const answers = await Promise.all(
      parts.map(({ first, count }, index) =>
        this.thread(index).ask({ kind: 'start', first, count, warm: Math.min(first, this.warmRows), ...buffers }),
      ),
    );
    // The thread that has run everything so far as one run from power-up, and the state it is in.
    let holder = this.thread(0);
    let state: Int32Array | undefined;
    for (const [index, part] of parts.entries()) {
      const answer = answers[index];
      invariant(answer?.start !== undefined, 'a part without its states');
      if (state === undefined || sameWords(state, answer.start)) {
        holder = this.thread(index);
        state = answer.end;
      } else {
        this.repeatedParts++;
        state = (await holder.ask({ kind: 'continue', ...part, ...buffers })).end;
      }
    }
  }

  private thread(index: number): Thread {
    const thread = this.threads[index];
    invariant(thread !== undefined, 'a thread for every part');
    return thread;
  }
}

class Thread {
  private readonly worker: Worker;
  private settle: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  private ended: string | undefined;

  public constructor(bytes: Uint8Array, { stimulusLimbs, responseLimbs }: PackedLayout) {
    this.worker = new Worker(firmwareSimulationFile('simulation-worker.mjs'), {
      workerData: { bytes, stimulusLimbs, responseLimbs },
      execArgv: [],
    });
    // An idle thread keeps nobody waiting.
    this.worker.unref();
    this.worker.on('message', (message: Answer | { readonly failure: string }) => {
      if ('failure' in message) this.fail(`the simulation failed: ${message.failure}`);
      else this.finish()?.resolve(message);
    });
    this.worker.on('error', (error) => {
      this.fail(`the thread of the simulation failed: ${error instanceof Error ? error.message : String(error)}`);
    });
    this.worker.on('exit', () => {
      this.ended = 'the thread of the simulation has ended';
      this.fail(this.ended);
    });
  }

  /** One request at a time. */
  public ask(request: object): Promise<Answer> {
    invariant(this.settle === undefined, 'a thread answers one request at a time');
    if (this.ended !== undefined) return Promise.reject(new SimulationError('verilator-wasm', this.ended));
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      this.worker.ref();
      this.worker.postMessage(request);
    });
  }

  public async terminate(): Promise<void> {
    await this.worker.terminate();
  }

  private fail(message: string): void {
    this.finish()?.reject(new SimulationError('verilator-wasm', message));
  }

  private finish(): typeof this.settle {
    const { settle } = this;
    this.settle = undefined;
    this.worker.unref();
    return settle;
  }
}

/** The same words in memory that threads share. */
function shared(words: Int32Array): Int32Array {
  if (words.buffer instanceof SharedArrayBuffer) return words;
  const copy = new Int32Array(new SharedArrayBuffer(4 * words.length));
  copy.set(words);
  return copy;
}

function sameWords(left: Int32Array, right: Int32Array): boolean {
  return left.length === right.length && left.every((word, index) => word === right[index]);
}
