/**
 * A tensor of a block of events: element i of event e is value[i × events + e], so that every operation is a loop over
 * events. What no trainable constant feeds has no gradient.
 */
export interface Cell {
  readonly value: Float64Array;
  readonly gradient: Float64Array | undefined;
}

/** One operation: its results from its operands, and the gradients of its operands from its own. */
export interface Step {
  readonly forward: () => void;
  /** Adds to the gradients of the operands. */
  readonly backward: () => void;
}

/** A constant that is trained: its values, what the loss of the last block changes by, and which elements may move. */
export interface Parameter {
  readonly values: Float64Array;
  readonly gradient: Float64Array;
  /** By element: 0 where the value stays as it is. */
  readonly free: Uint8Array;
}
