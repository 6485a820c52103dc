import type { Program } from '../../dataflow/program.js';
import type { Result } from '../../diagnostics/result.js';
import type { Pass, PassContext, PipelineHooks } from '../pass.js';
import { runPipeline } from '../pass.js';
import { distributeArithmetic } from './distribute-arithmetic.js';
import type { SolveOptions } from './distributed-arithmetic/options.js';
import { defaultSolveOptions } from './distributed-arithmetic/options.js';
import { expandProducts } from './expand-products.js';
import type { SplitOptions } from './folding/split-kernels.js';
import { splitKernels } from './folding/split-kernels.js';
import { removeDeadNodes } from './remove-dead-nodes.js';
import { separateOffsets } from './separate-offsets.js';

/** Passes whose result is the same however often an event comes. */
export function sharedPasses(solving: SolveOptions = defaultSolveOptions): readonly Pass<Program>[] {
  return [removeDeadNodes, separateOffsets, distributeArithmetic(solving)];
}

/** Those that follow; `splitting` for designs that take an event every few clocks and reuse hardware. */
export function finishingPasses(splitting?: SplitOptions): readonly Pass<Program>[] {
  // Products are told apart before they become additions.
  const reuse = splitting === undefined ? [] : [splitKernels(splitting)];
  return [...reuse, expandProducts, removeDeadNodes];
}

/** All passes on Dataflow, in order; `splitting` for designs that take an event every few clocks and reuse hardware. */
export function dataflowPasses(
  solving: SolveOptions = defaultSolveOptions,
  splitting?: SplitOptions,
): readonly Pass<Program>[] {
  return [...sharedPasses(solving), ...finishingPasses(splitting)];
}

/** A program as lowered to one ready for scheduling. Values never change. */
export function dataflowPipeline(
  program: Program,
  context: PassContext = {},
  hooks: PipelineHooks<Program> = {},
  solving: SolveOptions = defaultSolveOptions,
  splitting?: SplitOptions,
): Result<Program> {
  return runPipeline(program, dataflowPasses(solving, splitting), context, hooks);
}
