import { importCodes } from '../../diagnostics/codes/import.js';
import { printable } from '../../diagnostics/diagnostic.js';
import { DiagnosticBag, fail } from '../../diagnostics/result.js';
import type { ModelBuilder } from '../../model/builder.js';
import type { ModelNodeId, Provenance, Shape } from '../../model/kinds.js';
import type { Dyadic } from '../../numeric/dyadic.js';
import { elementCount } from '../../model/kinds.js';
import type { ConstantTensor } from './constant-tensor.js';
import { codesOf, elementsOf, firstNotFinite } from './constant-tensor.js';
import type { IntegerType } from './element-types.js';
import { MAXIMUM_RANK, safeCount } from './tensor-data.js';

/** A tensor that depends on a graph input. `integer` is set while ONNX calls its elements integers. */
export interface ComputedValue {
  readonly kind: 'computed';
  readonly node: ModelNodeId;
  readonly shape: Shape;
  readonly integer?: IntegerType;
  /**
   * Set when `node` holds (q - zero) × 2^exponent for the integers q, not q itself: the real numbers that q stands for,
   * without the odd part of the scale.
   */
  readonly scaling?: Scaling;
}

/** Lists of length 1, or with one value per element. */
export interface Scaling {
  /** Odd codes. */
  readonly scales: readonly Dyadic[];
  readonly zeros: readonly bigint[];
}
export interface ConstantValue {
  readonly kind: 'constant';
  readonly tensor: ConstantTensor;
  readonly shape: Shape;
  /** Where the constant came from, for reports. */
  readonly provenance: Provenance;
}
export type Value = ComputedValue | ConstantValue;

/**
 * One computed tensor, all of a graph together, and all products of its matrix products. They are only described here:
 * what is too large to be unrolled is refused with its size once the whole graph is known.
 */
const MAXIMUM_COMPUTED_ELEMENTS = 100_000_000;
const MAXIMUM_TOTAL_ELEMENTS = 1_000_000_000;
const MAXIMUM_PRODUCTS = 1_000_000_000;
/** All constants of the graph together: each becomes an exact integer, and every weight logic of its own. */
const MAXIMUM_CONSTANT_ELEMENTS = 5_000_000;
/** All constants that folding makes, together: they are really allocated, unlike computed tensors. */
const MAXIMUM_FOLDED_ELEMENTS = 20_000_000;

/** How dimension 0 of the graph inputs was read. */
export interface BatchDimension {
  /** The batch that the file declares; undefined when it is symbolic or not positive, 1 when no input is batched. */
  readonly declared: number | undefined;
}

/** What all handlers of one import share. */
export class ImportSession {
  public readonly bag = new DiagnosticBag();
  public batch: BatchDimension = { declared: 1 };
  private readonly constants = new Map<ConstantTensor, ModelNodeId>();
  private elements = 0;
  private products = 0;
  private folded = 0;
  private constantElements = 0;

  public constructor(
    public readonly builder: ModelBuilder,
    public readonly modelPath: string,
  ) {}

  /** The model node of a constant; made once, when first needed. */
  public constantNode(value: ConstantValue, user: Provenance): ModelNodeId {
    const known = this.constants.get(value.tensor);
    if (known !== undefined) return known;
    const { tensor } = value;
    const where = { model: this.modelPath, node: user.name };
    const bad = firstNotFinite(tensor);
    if (bad >= 0 && tensor.kind === 'float') {
      fail(
        importCodes.notFinite,
        `element ${bad} of constant '${printable(value.provenance.name)}' is ${tensor.values[bad]}`,
        where,
      );
    }
    if (elementsOf(tensor) === 0) {
      fail(importCodes.zeroSized, `constant '${printable(value.provenance.name)}' has no elements`, where);
    }
    this.claimElements(tensor.shape, user);
    this.constantElements += elementsOf(tensor);
    if (this.constantElements > MAXIMUM_CONSTANT_ELEMENTS) {
      fail(importCodes.graphTooLarge, `the constants have more than ${MAXIMUM_CONSTANT_ELEMENTS} elements`, where);
    }
    const { lsb, codes } = codesOf(tensor);
    const fields = { lsb, codes, float: tensor.kind === 'float' };
    const node = this.builder.constant(fields, value.shape, value.provenance);
    this.constants.set(tensor, node);
    return node;
  }

  /** Refuse a computed tensor of this shape when it is empty or beyond the limits. */
  public claimElements(shape: Shape, user: Provenance): void {
    const where = { model: this.modelPath, node: user.name };
    if (shape.includes(0)) fail(importCodes.zeroSized, `the result has shape [${shape.join(', ')}]`, where);
    this.checkElements(shape, user);
    this.elements += elementCount(shape);
    if (this.elements > MAXIMUM_TOTAL_ELEMENTS) {
      fail(importCodes.graphTooLarge, `all tensors together have more than ${MAXIMUM_TOTAL_ELEMENTS} elements`, where);
    }
  }

  /** Refuse a shape beyond the limit, before anything of its size is made. */
  public checkElements(shape: Shape, user: Provenance): void {
    const count = safeCount(shape);
    if (count <= MAXIMUM_COMPUTED_ELEMENTS && shape.length <= MAXIMUM_RANK) return;
    const text = shape.length > 16 ? `${shape.length} dimensions` : `shape [${shape.join(', ')}]`;
    fail(importCodes.tooManyElements, `the result has ${text}, ${count} elements`, {
      model: this.modelPath,
      node: user.name,
    });
  }

  public claimProducts(count: number, user: Provenance): void {
    this.products += count;
    if (this.products > MAXIMUM_PRODUCTS) {
      fail(importCodes.graphTooLarge, `the matrix products need more than ${MAXIMUM_PRODUCTS} multiplications`, {
        model: this.modelPath,
        node: user.name,
      });
    }
  }

  /** Refuse a constant of this many elements before it is allocated. */
  public claimFolded(shape: Shape | number, user: Provenance): void {
    const count = typeof shape === 'number' ? shape : safeCount(shape);
    this.folded += count;
    if (this.folded > MAXIMUM_FOLDED_ELEMENTS) {
      fail(importCodes.tooManyElements, `the constant expressions need more than ${MAXIMUM_FOLDED_ELEMENTS} elements`, {
        model: this.modelPath,
        node: user.name,
      });
    }
  }
}
