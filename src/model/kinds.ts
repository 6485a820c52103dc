import type { FixedPointType, Quantizer } from '../numeric/fixed-point.js';
import type { Interval } from '../numeric/interval.js';
import type { AffineRatio } from '../numeric/ratio.js';
import type { Overflow, Rounding } from '../numeric/rounding.js';
import type { RealFunctionName } from './real-functions.js';

declare const brand: unique symbol;
/** Index of a node in its ModelGraph. */
export type ModelNodeId = number & { readonly [brand]: 'ModelNodeId' };

/** Where a node came from: carried into RTL comments and reports. Empty strings where Trigc made the node itself. */
export interface Provenance {
  /** ONNX node name, or `#index` where the exporter left it empty. */
  readonly name: string;
  /** ONNX operator type, such as `Gemm`. */
  readonly operator: string;
}

export type Shape = readonly number[];
export const reduceOperations = ['sum', 'maximum', 'minimum'] as const;
export type ReduceOperation = (typeof reduceOperations)[number];

/**
 * The operations of level 1. Tensors are exact: every element is code × 2^lsb with an unbounded code, and only
 * `quantize` loses anything. Element order is row-major; broadcasting is NumPy's.
 */
export interface ModelFields {
  /**
   * A port. `types` holds one type, or one per element; it is empty before typing. Rounding and overflow say how real
   * values are brought into the type where the user asks for that; inside the graph the port holds codes already.
   */
  input: {
    readonly name: string;
    readonly types: readonly FixedPointType[];
    readonly rounding: Rounding;
    readonly overflow: Overflow;
  };
  /** A promise about the operand: codes of LSB 2^lsb, one interval or one per element. Values are unchanged. */
  assume: { readonly operand: ModelNodeId; readonly lsb: number; readonly ranges: readonly Interval[] };
  /** Exact values codes × 2^lsb. `float` marks a constant that has not been given a type yet. */
  constant: { readonly lsb: number; readonly codes: readonly bigint[]; readonly float: boolean };
  /** Round to the LSB of the type, then bring into its range: one type, or one per element. */
  quantize: {
    readonly operand: ModelNodeId;
    readonly types: readonly FixedPointType[];
    readonly rounding: Rounding;
    readonly overflow: Overflow;
  };
  /**
   * (numerator × operand + offset) / denominator, exactly, then rounded to the LSB of the type and brought into its
   * range: a quantiser whose scale is not a power of two. Each list has one entry, or one per element; denominators are
   * positive.
   */
  requantize: {
    readonly operand: ModelNodeId;
    readonly numerators: readonly bigint[];
    readonly offsets: readonly bigint[];
    readonly denominators: readonly bigint[];
    readonly types: readonly FixedPointType[];
    readonly rounding: Rounding;
    readonly overflow: Overflow;
  };
  /**
   * A field of a packed word: the bits from `lows` upwards, as many as the type has, of the floor of the operand in
   * two's complement, read as a code of the type. Each list has one entry, or one per element.
   */
  bits: {
    readonly operand: ModelNodeId;
    readonly lows: readonly number[];
    readonly types: readonly FixedPointType[];
  };
  add: { readonly left: ModelNodeId; readonly right: ModelNodeId };
  subtract: { readonly left: ModelNodeId; readonly right: ModelNodeId };
  multiply: { readonly left: ModelNodeId; readonly right: ModelNodeId };
  minimum: { readonly left: ModelNodeId; readonly right: ModelNodeId };
  maximum: { readonly left: ModelNodeId; readonly right: ModelNodeId };
  /** 1 where left < right, else 0. */
  lessThan: { readonly left: ModelNodeId; readonly right: ModelNodeId };
  /** 1 where both are the same number, else 0. */
  equal: { readonly left: ModelNodeId; readonly right: ModelNodeId };
  /** whenTrue where the condition is not zero, else whenFalse. */
  select: { readonly condition: ModelNodeId; readonly whenTrue: ModelNodeId; readonly whenFalse: ModelNodeId };
  negate: { readonly operand: ModelNodeId };
  absolute: { readonly operand: ModelNodeId };
  relu: { readonly operand: ModelNodeId };
  /** +1 for operands ≥ 0, else -1. */
  bipolar: { readonly operand: ModelNodeId };
  /** The operand rounded to a whole number, of any size: no type, no overflow. */
  round: { readonly operand: ModelNodeId; readonly rounding: Rounding };
  /**
   * A function of real numbers, element by element: f(scale × operand + offset). It exists before typing only, where
   * it becomes a `table`. `fitted`: an inner value of a larger operator, whose binary point follows from the values it
   * takes; any other takes the type of the quantiser that follows, or the default.
   */
  function: {
    readonly operand: ModelNodeId;
    readonly function: RealFunctionName;
    readonly parameters: readonly number[];
    readonly scale: number;
    readonly offset: number;
    readonly fitted: boolean;
  };
  /**
   * The operand as it enters products inside a larger operator: before typing only, where a tensor that nothing has
   * typed takes the default type, and any other stays as it is. What is computed from it stays exact.
   */
  quantizeDefault: { readonly operand: ModelNodeId };
  /**
   * codes[c - first] of the type, where c = floor(operand / 2^lsb); below the first entry the first, above the last the
   * last.
   */
  table: {
    readonly operand: ModelNodeId;
    readonly lsb: number;
    readonly first: bigint;
    readonly type: FixedPointType;
    readonly codes: readonly bigint[];
  };
  /** NumPy's matmul: rank 1 operands included, leading dimensions broadcast. */
  matmul: { readonly left: ModelNodeId; readonly right: ModelNodeId };
  reshape: { readonly operand: ModelNodeId; readonly shape: Shape };
  /** Output dimension i is the operand's dimension permutation[i]. */
  transpose: { readonly operand: ModelNodeId; readonly permutation: readonly number[] };
  concat: { readonly operands: readonly ModelNodeId[]; readonly axis: number };
  /** Slice along one axis: output position i is the operand's position indices[i]; repeats and any order allowed. */
  gather: { readonly operand: ModelNodeId; readonly axis: number; readonly indices: readonly number[] };
  reduce: {
    readonly operand: ModelNodeId;
    readonly operation: ReduceOperation;
    readonly axes: readonly number[];
    readonly keepDimensions: boolean;
  };
}

export type ModelKind = keyof ModelFields;
export type ModelNodeOf<K extends ModelKind> = {
  readonly id: ModelNodeId;
  readonly kind: K;
  readonly shape: Shape;
  readonly provenance: Provenance;
} & ModelFields[K];
export type ModelNode = { [K in ModelKind]: ModelNodeOf<K> }[ModelKind];

/** An output port: the tensor and, once typed, its port type: one, or one per element. */
export interface ModelOutput {
  readonly name: string;
  readonly node: ModelNodeId;
  readonly types: readonly FixedPointType[];
}

/** Nodes in topological order: an operand's index is always smaller than its user's. */
export interface ModelGraph {
  readonly name: string;
  readonly nodes: readonly ModelNode[];
  readonly outputs: readonly ModelOutput[];
}

export function elementCount(shape: Shape): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** The one element of a list of length 1, or element `index` of a full list. */
export function perElement<T>(list: readonly T[], index: number): T {
  const value = list.length === 1 ? list[0] : list[index];
  if (value === undefined) throw new RangeError(`no element ${index} in a list of ${list.length}`);
  return value;
}

export function operandsOf(node: ModelNode): readonly ModelNodeId[] {
  switch (node.kind) {
    case 'input':
    case 'constant':
      return [];
    case 'concat':
      return node.operands;
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'minimum':
    case 'maximum':
    case 'lessThan':
    case 'equal':
    case 'matmul':
      return [node.left, node.right];
    case 'select':
      return [node.condition, node.whenTrue, node.whenFalse];
    case 'assume':
    case 'quantize':
    case 'requantize':
    case 'bits':
    case 'negate':
    case 'absolute':
    case 'relu':
    case 'bipolar':
    case 'round':
    case 'function':
    case 'quantizeDefault':
    case 'table':
    case 'reshape':
    case 'transpose':
    case 'gather':
    case 'reduce':
      return [node.operand];
  }
}

/** The exact map of one element of a `requantize` node, before rounding. */
export function ratioOf(node: ModelFields['requantize'], element: number): AffineRatio {
  return {
    numerator: perElement(node.numerators, element),
    offset: perElement(node.offsets, element),
    denominator: perElement(node.denominators, element),
  };
}

/** The quantiser of a `quantize` node when it is the same for every element. */
export function uniformQuantizer(node: ModelNodeOf<'quantize'>): Quantizer | undefined {
  const [type] = node.types;
  return node.types.length === 1 && type !== undefined
    ? { type, rounding: node.rounding, overflow: node.overflow }
    : undefined;
}
