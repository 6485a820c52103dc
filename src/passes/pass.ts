import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Result } from '../diagnostics/result.js';
import { failure, success } from '../diagnostics/result.js';

/** Figures that a pass reports about one part of the graph. */
export interface PassStatistic {
  readonly pass: string;
  /** The kernel, node or graph that the figures are about. */
  readonly subject: string;
  readonly values: Readonly<Record<string, number>>;
}

/** What passes get from outside. */
export interface PassContext {
  readonly report?: (statistic: PassStatistic) => void;
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
