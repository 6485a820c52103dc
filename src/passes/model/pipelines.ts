import type { ModelGraph } from '../../model/kinds.js';
import type { Pass } from '../pass.js';
import type { TypingOptions } from './assign-types.js';
import { assignTypes } from './assign-types.js';
import { foldAffine } from './fold-affine.js';
import { removeDeadModelNodes } from './remove-dead-nodes.js';
import { removeRedundantQuantizers } from './remove-redundant-quantizers.js';

/** From the imported graph to the typed one: these decide what the numbers are. */
export function typingPipeline(options: TypingOptions): readonly Pass<ModelGraph>[] {
  return [
    foldAffine,
    // What folding left behind must not be reported as typed.
    removeDeadModelNodes,
    {
      name: 'assign-types',
      summary: 'give every input, constant and output its fixed-point type',
      preserves: 'nothing',
      run: (graph) => assignTypes(graph, options),
    },
  ];
}

/** On the typed graph: these keep every value of every port. */
export const modelPipeline: readonly Pass<ModelGraph>[] = [removeRedundantQuantizers, removeDeadModelNodes];
