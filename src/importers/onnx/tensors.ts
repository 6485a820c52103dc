import { importCodes } from '../../diagnostics/codes/import.js';
import { fail } from '../../diagnostics/result.js';
import { dyadicFromNumber } from '../../numeric/dyadic.js';
import type { Dyadic } from '../../numeric/dyadic.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { fixedPointType } from '../../numeric/fixed-point.js';
import type { AffineRatio } from '../../numeric/ratio.js';
import type { Overflow, Rounding } from '../../numeric/rounding.js';
import type { ModelFields, ModelKind, ModelNodeId, Provenance, ReduceOperation, Shape } from '../../model/kinds.js';
import { elementCount } from '../../model/kinds.js';
import type { RealFunctionName } from '../../model/real-functions.js';
import { evaluateReal } from '../../model/real-functions.js';
import { broadcastShapes, gatherIndices, planMatmul, ShapeError, transposeIndices } from '../../model/shapes.js';
import type { ConstantTensor } from './constant-tensor.js';
import {
  elementsOf,
  exactOf,
  floatTensor,
  numberAt,
  powerOfTwo,
  selectElements,
  withShape,
} from './constant-tensor.js';
import type { BinaryOperation, UnaryOperation } from './fold.js';
import type { IntegerType } from './element-types.js';
import { foldConcat } from './fold-concat.js';
import { foldBinary, foldFunction, foldMatmul, foldReduce, foldUnary } from './fold.js';
import type { ComputedValue, ConstantValue, ImportSession, Value } from './session.js';

/**
 * Tensor operations for the operator handlers: on constants they are folded, on anything else they become nodes of the
 * ModelGraph that carry the provenance of the ONNX node being read. Contradictory shapes throw ShapeError.
 */
export class Tensors {
  public constructor(
    private readonly session: ImportSession,
    private readonly provenance: Provenance,
  ) {}

  public constant(tensor: ConstantTensor): ConstantValue {
    return { kind: 'constant', tensor, shape: tensor.shape, provenance: this.provenance };
  }

  /** The model node that holds the elements of a value, integers included. */
  public nodeOf(value: Value): ModelNodeId {
    if (value.kind === 'constant') return this.session.constantNode(value, this.provenance);
    return this.unscaled(value).node;
  }

  /** A quantised tensor whose node holds its integers: node / 2^exponent + zero point, exactly. */
  private unscaled(value: ComputedValue): ComputedValue {
    const { scaling } = value;
    if (scaling === undefined) return value;
    const { zeros } = scaling;
    const exponents = scaling.scales.map(({ lsb }) => lsb);
    const factors = exponents.map((exponent) => ({ code: 1n, lsb: -exponent }));
    const offsets = zeros.map((zero) => ({ code: zero, lsb: 0 }));
    let node = value.node;
    if (exponents.some((exponent) => exponent !== 0)) {
      node = this.add('multiply', { left: node, right: this.exactNode(factors, value.shape) }).node;
    }
    if (zeros.some((zero) => zero !== 0n)) {
      node = this.add('add', { left: node, right: this.exactNode(offsets, value.shape) }).node;
    }
    const plain = { kind: 'computed', node, shape: value.shape } as const;
    return value.integer === undefined ? plain : { ...plain, integer: value.integer };
  }

  private exactNode(values: readonly Dyadic[], shape: Shape): ModelNodeId {
    return this.nodeOf(this.constant(exactOf(values.length === 1 ? [] : shape, values)));
  }

  public binary(operation: Exclude<BinaryOperation, 'divide' | 'power'>, left: Value, right: Value): Value {
    if (left.kind === 'constant' && right.kind === 'constant') {
      this.session.claimFolded(broadcastShapes(left.shape, right.shape), this.provenance);
      return this.constant(foldBinary(operation, left.tensor, right.tensor));
    }
    const integer = commonInteger([left, right]);
    if (integer === undefined) this.refuseIntegers(left, right);
    const value = this.add(operation, {
      left: this.nodeOf(this.withoutBatch(left, right)),
      right: this.nodeOf(this.withoutBatch(right, left)),
    });
    if (integer === undefined) return value;
    return isSelection(operation) ? { ...value, integer } : this.wrapped(value, integer);
  }

  /** Division and power have no node: both operands are constants here. */
  public foldedBinary(operation: BinaryOperation, left: ConstantValue, right: ConstantValue): ConstantValue {
    this.session.claimFolded(broadcastShapes(left.shape, right.shape), this.provenance);
    return this.constant(foldBinary(operation, left.tensor, right.tensor));
  }

  public unary(operation: UnaryOperation, operand: Value): Value {
    if (operand.kind === 'constant') return this.constant(foldUnary(operation, operand.tensor));
    const value = this.add(operation, { operand: this.nodeOf(operand) });
    if (operand.integer === undefined) return value;
    return operation === 'relu' ? { ...value, integer: operand.integer } : this.wrapped(value, operand.integer);
  }

  /** A function of real numbers, element by element: f(scale × operand + offset). */
  public real(
    name: RealFunctionName,
    operand: Value,
    given: { readonly [K in 'parameters' | 'scale' | 'offset' | 'fitted']?: ModelFields['function'][K] } = {},
  ): Value {
    const fields = { function: name, parameters: [], scale: 1, offset: 0, fitted: false, ...given };
    if (operand.kind === 'constant') {
      this.session.claimFolded(operand.shape, this.provenance);
      return this.constant(foldFunction((value) => evaluateReal(fields, value), operand.tensor));
    }
    this.refuseIntegers(operand);
    return this.add('function', { operand: this.nodeOf(operand), ...fields });
  }

  /** The operand of an operator that computes exactly inside: as it enters products. */
  public entering(operand: Value): Value {
    if (operand.kind === 'constant') return operand;
    this.refuseIntegers(operand);
    return this.add('quantizeDefault', { operand: this.nodeOf(operand) });
  }

  public matmul(left: Value, right: Value): Value {
    const plan = planMatmul(left.shape, right.shape);
    const products = elementCount(plan.shape) * plan.inner;
    if (left.kind === 'constant' && right.kind === 'constant') {
      this.session.claimFolded(plan.shape, this.provenance);
      this.session.claimProducts(products, this.provenance);
      return this.constant(foldMatmul(left.tensor, right.tensor));
    }
    this.refuseIntegers(left, right);
    this.session.claimProducts(products, this.provenance);
    return this.add('matmul', { left: this.nodeOf(left), right: this.nodeOf(right) });
  }

  /** operand × factor; a power of two is exact, any other factor a float constant. */
  public scale(operand: Value, factor: number): Value {
    if (factor === 1) return operand;
    return this.binary('multiply', operand, this.constant(scalarOf(factor)));
  }

  public reshape(operand: Value, shape: Shape): Value {
    if (sameShape(operand.shape, shape)) return operand;
    if (elementCount(operand.shape) !== elementCount(shape)) {
      throw new ShapeError(`[${operand.shape.join(', ')}] cannot be reshaped to [${shape.join(', ')}]`);
    }
    if (operand.kind === 'constant') return this.restructured(operand, withShape(operand.tensor, shape));
    return this.structural('reshape', operand, { operand: operand.node, shape });
  }

  public transpose(operand: Value, permutation: readonly number[]): Value {
    if (permutation.every((axis, index) => axis === index)) return operand;
    if (operand.kind === 'constant') {
      const indices = transposeIndices(operand.shape, permutation);
      const shape = permutation.map((axis) => operand.shape[axis] ?? 1);
      return this.restructured(operand, selectElements(operand.tensor, indices, shape));
    }
    return this.structural('transpose', operand, { operand: operand.node, permutation });
  }

  /** Positions `indices` along one axis; the identity makes no node. */
  public gather(operand: Value, axis: number, indices: readonly number[]): Value {
    const length = operand.shape[axis] ?? 1;
    if (indices.length === length && indices.every((from, index) => from === index)) return operand;
    const shape = operand.shape.map((dimension, a) => (a === axis ? indices.length : dimension));
    if (operand.kind === 'constant') {
      this.session.claimFolded(shape, this.provenance);
      const flat = gatherIndices(operand.shape, axis, indices);
      return this.restructured(operand, selectElements(operand.tensor, flat, shape));
    }
    return this.structural('gather', operand, { operand: operand.node, axis, indices });
  }

  public concat(operands: readonly Value[], axis: number): Value {
    const [first] = operands;
    if (first !== undefined && operands.length === 1) return first;
    const constants = operands.filter((operand) => operand.kind === 'constant');
    if (constants.length === operands.length) {
      this.session.claimFolded(
        operands.reduce((sum, operand) => sum + elementCount(operand.shape), 0),
        this.provenance,
      );
      return this.constant(
        foldConcat(
          constants.map((constant) => constant.tensor),
          axis,
        ),
      );
    }
    const example = operands.find((operand) => operand.kind === 'computed');
    const aligned = operands.map((operand) =>
      example === undefined || axis === 0 ? operand : this.withoutBatch(operand, example),
    );
    const value = this.add('concat', { operands: aligned.map((operand) => this.nodeOf(operand)), axis });
    const integer = commonInteger(operands);
    return integer === undefined ? value : { ...value, integer };
  }

  public reduce(operation: ReduceOperation, operand: Value, axes: readonly number[], keepDimensions: boolean): Value {
    if (operand.kind === 'constant') return this.constant(foldReduce(operation, operand.tensor, axes, keepDimensions));
    const value = this.add('reduce', { operand: this.nodeOf(operand), operation, axes, keepDimensions });
    if (operand.integer === undefined) return value;
    return operation === 'sum' ? this.wrapped(value, operand.integer) : { ...value, integer: operand.integer };
  }

  public quantize(
    operand: Value,
    types: readonly FixedPointType[],
    rounding: Rounding,
    overflow: Overflow,
  ): ComputedValue {
    this.refuseIntegers(operand);
    return this.add('quantize', { operand: this.nodeOf(operand), types, rounding, overflow });
  }

  /** One ratio, or one per element. */
  public requantize(
    operand: Value,
    ratios: readonly AffineRatio[],
    types: readonly FixedPointType[],
    rounding: Rounding,
    overflow: Overflow,
  ): ComputedValue {
    this.refuseIntegers(operand);
    return this.add('requantize', {
      operand: this.nodeOf(operand),
      numerators: ratios.map(({ numerator }) => numerator),
      offsets: ratios.map(({ offset }) => offset),
      denominators: ratios.map(({ denominator }) => denominator),
      types,
      rounding,
      overflow,
    });
  }

  public bipolar(operand: ComputedValue): ComputedValue {
    this.refuseIntegers(operand);
    return this.add('bipolar', { operand: operand.node });
  }

  /** Repeat along axes of size 1 until the operand has `shape`, a broadcast of its own. */
  public expand(operand: Value, shape: Shape): Value {
    if (sameShape(operand.shape, shape)) return operand;
    if (operand.kind === 'constant') this.session.claimFolded(shape, this.provenance);
    else this.session.checkElements(shape, this.provenance);
    const padded = [...new Array<number>(shape.length - operand.shape.length).fill(1), ...operand.shape];
    let value = this.reshape(operand, padded);
    shape.forEach((dimension, axis) => {
      if (padded[axis] !== dimension) value = this.gather(value, axis, new Array<number>(dimension).fill(0));
    });
    return value;
  }

  /** A node of the ModelGraph, of any kind. */
  public add<K extends Exclude<ModelKind, 'input' | 'constant'>>(kind: K, fields: ModelFields[K]): ComputedValue {
    const { builder } = this.session;
    const node = builder.add(kind, fields, this.provenance);
    const shape = builder.shapeOf(node);
    this.session.claimElements(shape, this.provenance);
    return { kind: 'computed', node, shape };
  }

  /** Refuse a constant of this many elements before it is allocated. */
  public claimFolded(shape: Shape): void {
    this.session.claimFolded(shape, this.provenance);
  }

  /** An exact result brought into the integer type that ONNX gives it: integer arithmetic wraps. */
  public wrapped(value: ComputedValue, integer: IntegerType): ComputedValue {
    const types = [fixedPointType(integer.signed, integer.bits, integer.bits)];
    return { ...this.add('quantize', { operand: value.node, types, rounding: 'TRN', overflow: 'WRAP' }), integer };
  }

  private structural<K extends 'reshape' | 'transpose' | 'gather'>(
    kind: K,
    operand: ComputedValue,
    fields: ModelFields[K],
  ): ComputedValue {
    const perTensor = operand.scaling?.scales.length === 1 && operand.scaling.zeros.length === 1;
    const source = perTensor ? operand : this.unscaled(operand);
    const value = this.add(kind, { ...fields, operand: source.node });
    const typed = operand.integer === undefined ? value : { ...value, integer: operand.integer };
    return source.scaling === undefined ? typed : { ...typed, scaling: source.scaling };
  }

  /** A rearranged constant keeps the provenance of the original: it is still that weight. */
  private restructured(source: ConstantValue, tensor: ConstantTensor): ConstantValue {
    return { kind: 'constant', tensor, shape: tensor.shape, provenance: source.provenance };
  }

  private refuseIntegers(...operands: readonly Value[]): void {
    for (const operand of operands) {
      if (operand.kind === 'computed' && operand.integer !== undefined) {
        fail(
          importCodes.integerArithmetic,
          `${this.provenance.operator} on a computed ${operand.integer.name} tensor`,
          {
            model: this.session.modelPath,
            node: this.provenance.name,
          },
        );
      }
    }
  }

  /**
   * A constant that spells out the fixed batch of the file, once per event, is reduced to one event, as the computed
   * operand beside it has been.
   */
  public withoutBatch(value: Value, other: Value): Value {
    const { declared } = this.session.batch;
    if (value.kind !== 'constant' || other.kind !== 'computed' || declared === undefined || declared <= 1) return value;
    if (value.shape.length < 2 || value.shape.length !== other.shape.length) return value;
    if (value.shape[0] !== declared || other.shape[0] !== 1) return value;
    const row = elementsOf(value.tensor) / declared;
    for (let index = row; index < elementsOf(value.tensor); index++) {
      if (numberAt(value.tensor, index) !== numberAt(value.tensor, index % row)) return value;
    }
    return this.gather(value, 0, [0]);
  }
}

/** Choosing among integers never leaves their type; any other arithmetic can, and wraps. */
function isSelection(operation: BinaryOperation): boolean {
  return operation === 'minimum' || operation === 'maximum';
}

/** The integer type of the computed operands, when all operands are integers. */
export function commonInteger(operands: readonly Value[]): IntegerType | undefined {
  const types = operands.map((operand) => {
    if (operand.kind === 'computed') return operand.integer;
    return operand.tensor.kind === 'integer' ? operand.tensor.type : undefined;
  });
  const [first] = types;
  return types.every((type) => type?.name === first?.name) ? first : undefined;
}

export function sameShape(left: Shape, right: Shape): boolean {
  return left.length === right.length && left.every((dimension, axis) => dimension === right[axis]);
}

/** A scalar of the graph: exact when it is ± a power of two, otherwise a float32 that a later pass types. */
export function scalarOf(value: number): ConstantTensor {
  const exponent = powerOfTwoExponent(value);
  return exponent === undefined ? floatTensor([], Float64Array.of(Math.fround(value))) : powerOfTwo(exponent);
}

/** k when value = 2^k, else undefined. */
export function powerOfTwoExponent(value: number): number | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined;
  const { code, lsb } = dyadicFromNumber(value);
  return code === 1n ? lsb : undefined;
}
