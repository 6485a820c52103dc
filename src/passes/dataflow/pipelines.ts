import type { Program } from '../../dataflow/program.js';
import type { Result } from '../../diagnostics/result.js';
import type { Pass, PassContext, PipelineHooks } from '../pass.js';
import { runPipeline } from '../pass.js';
import { distributeArithmetic } from './distribute-arithmetic.js';
import type { SolveOptions } from './distributed-arithmetic/options.js';
import { defaultSolveOptions } from './distributed-arithmetic/options.js';
import { expandProducts } from './expand-products.js';
import { splitKernels } from './folding/split-kernels.js';
import { removeDeadNodes } from './remove-dead-nodes.js';
import { separateOffsets } from './separate-offsets.js';

/** The passes on Dataflow, in order, for designs that take an event every `interval` clocks. */
export function dataflowPasses(solving: SolveOptions = defaultSolveOptions, interval = 1): readonly Pass<Program>[] {
  // Products are told apart before they become additions.
  const reuse = interval > 1 ? [splitKernels(interval)] : [];
  return [removeDeadNodes, separateOffsets, distributeArithmetic(solving), ...reuse, expandProducts, removeDeadNodes];
}

/** A program as lowered to one ready for scheduling. Values never change. */
export function dataflowPipeline(
  program: Program,
  context: PassContext = {},
  hooks: PipelineHooks<Program> = {},
  solving: SolveOptions = defaultSolveOptions,
  interval = 1,
): Result<Program> {
  return runPipeline(program, dataflowPasses(solving, interval), context, hooks);
}
