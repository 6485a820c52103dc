import type { ModelGraph } from '../../model/kinds.js';
import type { Pass } from '../pass.js';
import { absorbScales } from './absorb-scales.js';
import type { TypingOptions } from './assign-types.js';
import { assignTypes } from './assign-types.js';
import type { LayerDeclarations } from './layers/declaration.js';
import { declareLayers } from './layers/declare-layers.js';
import { expandAccumulators } from './layers/expand-accumulators.js';
import { dropActivations } from './drop-activations.js';
import { foldAffine } from './fold-affine.js';
import { applyPrecision } from './precision/apply-precision.js';
import { emptyPlan } from './precision/plan.js';
import { removeDeadModelNodes } from './remove-dead-nodes.js';
import { removeRedundantQuantizers } from './remove-redundant-quantizers.js';

/**
 * What the fixed-point model is compared with: the imported graph on real numbers, with no declared type in it, but
 * folded as the typed one is, so that their constants correspond.
 */
export function floatPipeline(options: TypingOptions): readonly Pass<ModelGraph>[] {
  return [
    dropActivations(options.dropActivations ?? new Set()),
    foldAffine(new Set((options.layers ?? new Map<string, unknown>()).keys())),
    removeDeadModelNodes,
  ];
}

/** From the imported graph to the one whose sites take types: still float, without what can be folded away. */
export function foldingPipeline(options: TypingOptions): readonly Pass<ModelGraph>[] {
  const layers: LayerDeclarations = options.layers ?? new Map();
  return [
    dropActivations(options.dropActivations ?? new Set()),
    {
      name: 'declare-layers',
      summary: 'bring the declared types of weights, biases and results of layers into the graph',
      preserves: 'nothing',
      run: (graph) => declareLayers(graph, layers),
    },
    foldAffine(new Set(layers.keys())),
    // What folding left behind must not be reported as typed.
    removeDeadModelNodes,
  ];
}

/** From the imported graph to the typed one whose sums are whole yet, with or without a declared accumulator. */
export function layeredPipeline(options: TypingOptions): readonly Pass<ModelGraph>[] {
  const layers: LayerDeclarations = options.layers ?? new Map();
  const tables = { declared: (node: string) => layers.get(node)?.table, ...options.tables };
  return [
    ...foldingPipeline(options),
    {
      name: 'apply-precision',
      summary: 'quantise tensors and constants as a plan says',
      preserves: 'nothing',
      run: (graph) => applyPrecision(graph, options.precision ?? emptyPlan),
    },
    {
      name: 'assign-types',
      summary: 'give every input, constant and output its fixed-point type',
      preserves: 'nothing',
      run: (graph) => assignTypes(graph, { ...options, tables }),
    },
    removeDeadModelNodes,
  ];
}

/** What declared accumulators make of whole sums. */
export function accumulatorPipeline(options: TypingOptions): readonly Pass<ModelGraph>[] {
  const layers: LayerDeclarations = options.layers ?? new Map();
  return [
    {
      name: 'expand-accumulators',
      summary: 'replace exact sums of layers with a declared accumulator by casts and sums in its type',
      preserves: 'nothing',
      run: (graph) => expandAccumulators(graph, layers),
    },
    // Casts that turned out to be unnecessary must not be reported as wrapping.
    removeDeadModelNodes,
  ];
}

/** From the imported graph to the typed one: these decide what the numbers are. */
export function typingPipeline(options: TypingOptions): readonly Pass<ModelGraph>[] {
  return [...layeredPipeline(options), ...accumulatorPipeline(options)];
}

/** On the typed graph: these keep every value of every port. */
export const modelPipeline: readonly Pass<ModelGraph>[] = [
  removeRedundantQuantizers,
  absorbScales,
  removeDeadModelNodes,
];
