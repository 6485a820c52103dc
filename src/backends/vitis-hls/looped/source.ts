import type { Quantizer } from '../../../numeric/fixed-point.js';
import type { ModelGraph, ModelNodeId } from '../../../model/kinds.js';

/** What the looped form is printed from. */
export interface LoopedModel {
  /**
   * The typed graph before declared accumulators are written out as casts and sums: C++ has loops for them, whose
   * accumulator has the declared type.
   */
  readonly graph: ModelGraph;
  /** The declared layer that a node is part of. */
  readonly layerOf: (id: ModelNodeId) => string | undefined;
  /** The declared accumulator of a node that sums; undefined where its sum is exact. */
  readonly accumulatorOf: (id: ModelNodeId) => Quantizer | undefined;
}
