import type { ModelNodeId, Shape } from '../../../model/kinds.js';

/** The tensors of a graph as a step sees them. */
export interface Tensors {
  readonly shapeOf: (id: ModelNodeId) => Shape;
  /** The elements of a tensor that is the same for every event. */
  readonly constantOf: (id: ModelNodeId) => Float64Array | undefined;
  /** The row of every element; a constant tensor gets rows when it is first asked for. */
  readonly rowsOf: (id: ModelNodeId) => Int32Array;
}
