import type { CompileRequest } from '../compiler.js';
import { precisionCodes } from '../diagnostics/codes/precision.js';
import { fail } from '../diagnostics/result.js';
import type { PrecisionFile } from '../passes/model/precision/precision-file.js';
import type { PrunedConstants } from '../passes/model/precision/pruned-constants.js';
import { withConstants } from '../passes/model/precision/pruned-constants.js';
import type { PrunedLayer } from '../precision/pruning/prune-graph.js';
import type { PruningArguments } from './prune-on-data.js';

/** What is ready to be done to the weights of the typed graph. */
export interface AdjustedWeights {
  readonly adjust: NonNullable<CompileRequest['adjust']>;
  /** What pruning did, layer by layer; undefined where it was done by an earlier compilation. */
  readonly layers: () => readonly PrunedLayer[] | undefined;
  /** What `adjust` has made of the weights. */
  readonly constants: () => PrunedConstants;
}

/** By `--prune`, or as an earlier pruning left them in a precision file. Throws DiagnosticError. */
export async function adjustedWeights(
  prune: PruningArguments | undefined,
  precision: PrecisionFile | undefined,
  path: string,
  request: CompileRequest,
  seed: number,
): Promise<AdjustedWeights | undefined> {
  const pruned = precision?.pruned;
  if (prune === undefined) {
    if (pruned === undefined) return undefined;
    return {
      adjust: (typed) => withConstants(typed, pruned, path),
      layers: () => undefined,
      constants: () => pruned,
    };
  }
  if (pruned !== undefined) {
    const message = 'the precision file has the weights of an earlier pruning';
    const hint = 'give --prune or that file; to prune further, prune the model by more';
    return fail(precisionCodes.badPruning, message, { configPath: '--prune' }, hint);
  }
  const { preparePruning } = await import('./prune-on-data.js');
  return preparePruning(prune, seed, request);
}
