import { at, invariant } from '../../../support/invariant.js';
import { lsbExponent } from '../../../numeric/fixed-point.js';
import { quantizeCode } from '../../../numeric/rounding.js';
import type { TensorFormat } from '../../../model/formats.js';
import type { ModelGraph, ModelNodeId, Shape } from '../../../model/kinds.js';
import { elementCount, perElement } from '../../../model/kinds.js';
import { movedElements } from '../../../passes/model/structure.js';
import { keepsAll } from './tensor-types.js';

/** Where the elements of a tensor are found: in another tensor, at these flat indices. */
export interface View {
  readonly source: ModelNodeId;
  readonly map: Int32Array;
}

/** Exact values codes × 2^lsb, one per element. */
export interface ConstantElements {
  readonly lsb: number;
  readonly codes: readonly bigint[];
}

/** The tensors of a graph without those that hold nothing of their own: moved, repeated or quantised without effect. */
export class Views {
  private readonly constants = new Map<ModelNodeId, ConstantElements | undefined>();
  private readonly views = new Map<ModelNodeId, View>();

  public constructor(
    private readonly graph: ModelGraph,
    private readonly formats: readonly TensorFormat[],
  ) {}

  /** The tensor that has to be computed, and where in it each element of this one lies. */
  public of(id: ModelNodeId): View {
    const known = this.views.get(id);
    if (known !== undefined) return known;
    const made = this.resolve(id);
    this.views.set(id, made);
    return made;
  }

  /** The elements of a tensor that depends on no input; undefined for what is computed. */
  public constantOf(id: ModelNodeId): ConstantElements | undefined {
    if (this.constants.has(id)) return this.constants.get(id);
    const made = this.evaluate(id);
    this.constants.set(id, made);
    return made;
  }

  private resolve(id: ModelNodeId): View {
    const node = at(this.graph.nodes, id);
    if (node.kind === 'quantize' && keepsAll(node, at(this.formats, node.operand))) return this.of(node.operand);
    const moved = node.kind === 'concat' ? undefined : movedElements(node, (operand) => this.shape(operand));
    if (moved === undefined) {
      return { source: id, map: Int32Array.from({ length: elementCount(node.shape) }, (_, index) => index) };
    }
    const operand = this.of(at(moved.operands, 0));
    return { source: operand.source, map: moved.element.map((index) => at(operand.map, index)) };
  }

  private evaluate(id: ModelNodeId): ConstantElements | undefined {
    const node = at(this.graph.nodes, id);
    if (node.kind === 'constant') return { lsb: node.lsb, codes: node.codes };
    if (node.kind === 'quantize') {
      const operand = this.constantOf(node.operand);
      if (operand === undefined) return undefined;
      const lsb = at(this.formats, id).lsb;
      const codes = operand.codes.map((code, element) => {
        const type = perElement(node.types, element);
        const quantized = quantizeCode(code, operand.lsb, type, node.rounding, node.overflow);
        return quantized << BigInt(lsbExponent(type) - lsb);
      });
      return { lsb, codes };
    }
    const moved = movedElements(node, (operand) => this.shape(operand));
    if (moved === undefined) return undefined;
    const operands = moved.operands.map((operand) => this.constantOf(operand));
    const lsb = Math.min(...operands.map((operand) => operand?.lsb ?? 0));
    const codes: bigint[] = [];
    for (const [index, element] of moved.element.entries()) {
      const operand = operands[at(moved.operand, index)];
      if (operand === undefined) return undefined;
      codes.push(at(operand.codes, element) << BigInt(operand.lsb - lsb));
    }
    return { lsb, codes };
  }

  private shape(id: ModelNodeId): Shape {
    return at(this.graph.nodes, id).shape;
  }
}

/** Is every element where it was? */
export function isIdentity({ map }: View, size: number): boolean {
  invariant(map.length > 0, 'a tensor has elements');
  return map.length === size && map.every((index, position) => index === position);
}
