import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Result } from '../diagnostics/result.js';
import { failure, success } from '../diagnostics/result.js';
import type { SolveServices } from './dataflow/distributed-arithmetic/options.js';
import type { AdderGraph } from './dataflow/distributed-arithmetic/problem.js';
import type { SolveJob } from './dataflow/distributed-arithmetic/restarts.js';

/** Figures that a pass reports about one part of the graph. */
export interface PassStatistic {
  readonly pass: string;
  /** The kernel, node or graph that the figures are about. */
  readonly subject: string;
  readonly values: Readonly<Record<string, number>>;
}

/**
 * Results of earlier runs by the hash of what they follow from. May forget anything at any time, and is never trusted:
 * whoever reads from it checks what it got.
 */
export interface ContentStore {
  /** `key`: lower-case hexadecimal digits. */
  get(key: string): Uint8Array | undefined;
  put(key: string, content: Uint8Array): void;
}

/** Threads that solve matrices beside the caller's. */
export interface WorkerPool {
  /** How many jobs may run at the same time, the caller's thread included. */
  readonly threads: number;
  /** Solutions in the order of the jobs, once all are there. Throws what a job throws. */
  solveAll(jobs: readonly SolveJob[]): readonly AdderGraph[];
}

/** What passes get from outside. None of it has a say in the result, except for an effort in seconds. */
export interface PassContext extends SolveServices {
  readonly report?: (statistic: PassStatistic) => void;
  readonly store?: ContentStore;
  readonly workers?: WorkerPool;
}

/** A pure function on graphs. Returning the same reference means that nothing changed. */
export interface Pass<G> {
  readonly name: string;
  readonly summary: string;
  readonly preserves: 'values' | 'nothing';
  run(graph: G, context: PassContext): Result<G>;
}

export interface PipelineHooks<G> {
  /** Throws when the graph breaks a rule of its level; runs on the first graph and after every pass that changed it. */
  readonly verify?: (graph: G, after: string) => void;
  /** Sees the graph after each pass; `step` counts from 1. */
  readonly dump?: (graph: G, pass: string, step: number) => void;
  /** Name of the last pass to run. */
  readonly stopAfter?: string;
  /** For tests: evaluates a graph before and after a pass that preserves values, and throws where they differ. */
  readonly compare?: (before: G, after: G, pass: string) => void;
}

/** Run passes in order, until one fails. Diagnostics of all of them are collected. */
export function runPipeline<G>(
  graph: G,
  passes: readonly Pass<G>[],
  context: PassContext,
  hooks: PipelineHooks<G> = {},
): Result<G> {
  const diagnostics: Diagnostic[] = [];
  let current = graph;
  hooks.verify?.(current, 'input');
  for (const [index, pass] of passes.entries()) {
    const result = pass.run(current, context);
    for (const diagnostic of result.diagnostics) diagnostics.push(diagnostic);
    if (!result.ok) return failure(diagnostics);
    if (result.value !== current) {
      hooks.verify?.(result.value, pass.name);
      if (pass.preserves === 'values') hooks.compare?.(current, result.value, pass.name);
      current = result.value;
    }
    hooks.dump?.(current, pass.name, index + 1);
    if (hooks.stopAfter === pass.name) break;
  }
  return success(current, diagnostics);
}
