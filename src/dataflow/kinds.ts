import type { Interval } from '../numeric/interval.js';

declare const brand: unique symbol;
/** Index of a node in its kernel. */
export type NodeId = number & { readonly [brand]: 'NodeId' };

/** The operations of level 2: total functions on unbounded integers. `semantics.ts` says what each one means. */
export interface DataflowFields {
  /** Kernel operand number `index`; its range is the promise of whoever instantiates the kernel. */
  input: { readonly index: number; readonly bounds: Interval };
  constant: { readonly value: bigint };
  add: { readonly left: NodeId; readonly right: NodeId };
  subtract: { readonly left: NodeId; readonly right: NodeId };
  /** first + second + third, or first + second - third: one carry chain where the target's can take three. */
  addThree: { readonly first: NodeId; readonly second: NodeId; readonly third: NodeId; readonly subtracts: boolean };
  negate: { readonly operand: NodeId };
  multiply: { readonly left: NodeId; readonly right: NodeId };
  square: { readonly operand: NodeId };
  /** operand × 2^amount */
  shiftLeft: { readonly operand: NodeId; readonly amount: number };
  /** floor(operand / 2^amount) */
  floorShiftRight: { readonly operand: NodeId; readonly amount: number };
  /** 1 when left < right, else 0 */
  lessThan: { readonly left: NodeId; readonly right: NodeId };
  equal: { readonly left: NodeId; readonly right: NodeId };
  /** whenTrue if condition ≠ 0, else whenFalse */
  select: { readonly condition: NodeId; readonly whenTrue: NodeId; readonly whenFalse: NodeId };
  minimum: { readonly left: NodeId; readonly right: NodeId };
  maximum: { readonly left: NodeId; readonly right: NodeId };
  clamp: { readonly operand: NodeId; readonly bounds: Interval };
  /** The low `width` bits, read as two's complement when `signed`. */
  wrap: { readonly operand: NodeId; readonly width: number; readonly signed: boolean };
  /** values[operand - first]; below the first entry the first, above the last the last. */
  table: { readonly operand: NodeId; readonly first: bigint; readonly values: readonly bigint[] };
  /** Bitwise on infinite two's complement. */
  and: { readonly left: NodeId; readonly right: NodeId };
  or: { readonly left: NodeId; readonly right: NodeId };
  xor: { readonly left: NodeId; readonly right: NodeId };
  not: { readonly operand: NodeId };
  /** Bits low … low+width-1 of the two's complement form, read as an unsigned number. */
  slice: { readonly operand: NodeId; readonly low: number; readonly width: number };
  /** high × 2^lowWidth + (low mod 2^lowWidth) */
  concat: { readonly high: NodeId; readonly low: NodeId; readonly lowWidth: number };
  /** The operand, promised to lie within bounds. A violated promise is counted by every evaluator; the value passes. */
  assume: { readonly operand: NodeId; readonly bounds: Interval };
}

export type DataflowKind = keyof DataflowFields;
export type NodeOf<K extends DataflowKind> = {
  readonly id: NodeId;
  readonly kind: K;
  /** Baseline interval, inferred by the builder and sound for every input that keeps its promises. */
  readonly range: Interval;
  /** Index into the kernel's `origins`. */
  readonly origin: number;
} & DataflowFields[K];
export type DataflowNode = { [K in DataflowKind]: NodeOf<K> }[DataflowKind];

/** The ONNX node that a value was made for. */
export interface Origin {
  readonly name: string;
  readonly operator: string;
}

/** A pure function from a list of integers to a list of integers. Nodes are in topological order. */
export interface Kernel {
  readonly name: string;
  readonly nodes: readonly DataflowNode[];
  /** Node ids of the operands, in call order. */
  readonly inputs: readonly NodeId[];
  readonly outputs: readonly NodeId[];
  readonly origins: readonly Origin[];
}
