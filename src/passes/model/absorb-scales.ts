import { success } from '../../diagnostics/result.js';
import { at, invariant } from '../../support/invariant.js';
import type { Dyadic } from '../../numeric/dyadic.js';
import { commonDyadic } from '../../numeric/dyadic.js';
import { ModelBuilder } from '../../model/builder.js';
import type { ModelGraph, ModelNode, ModelNodeId, ModelNodeOf, Shape } from '../../model/kinds.js';
import { elementCount, perElement, ratioOf } from '../../model/kinds.js';
import { broadcastIndices } from '../../model/shapes.js';
import type { Pass } from '../pass.js';
import { copyNode } from './copy-node.js';
import type { ScaledForm } from './scaled-form.js';
import {
  columnFactors,
  compacted,
  composed,
  hasOffset,
  product,
  pureForm,
  sum,
  uniformScale,
  valuesOf,
  zipped,
} from './scaled-form.js';
import { movedElements } from './structure.js';

/**
 * Constant factors that are not powers of two move forward, through whatever is linear, into the quantiser that follows:
 * the scales of quantised weights and activations, and the constants of a batch normalisation after a product. There
 * the factor, the shift and the quantiser become one exact ratio, which takes far less logic than a factor of 24 bits.
 * A factor that meets no quantiser stays a multiplication, behind the matrix product instead of in every weight.
 */
export const absorbScales: Pass<ModelGraph> = {
  name: 'absorb-scales',
  summary: 'move constant factors forward into the quantisers that follow',
  preserves: 'values',
  run: (graph) => success(new Absorption(graph).run()),
};

class Absorption {
  private readonly builder: ModelBuilder;
  private readonly forms = new Map<ModelNodeId, ScaledForm>();
  /** New nodes of old ones, made when first needed for those that have a form. */
  private readonly made = new Map<ModelNodeId, ModelNodeId>();

  public constructor(private readonly graph: ModelGraph) {
    this.builder = new ModelBuilder(graph.name);
  }

  public run(): ModelGraph {
    for (const node of this.graph.nodes) {
      const form = this.formOf(node);
      if (form !== undefined) this.forms.set(node.id, form);
      else this.made.set(node.id, this.absorbed(node) ?? copyNode(this.builder, node, (id) => this.use(id)));
    }
    if (this.forms.size === 0) return this.graph;
    for (const output of this.graph.outputs) this.builder.output(output.name, this.use(output.node), output.types);
    return this.builder.finish();
  }

  private old(id: ModelNodeId): ModelNode {
    return at(this.graph.nodes, id);
  }

  /** The tensor itself in the new graph. */
  private use(id: ModelNodeId): ModelNodeId {
    const known = this.made.get(id);
    if (known !== undefined) return known;
    const form = this.forms.get(id);
    invariant(form !== undefined, `node ${id} is used before it is made`);
    const { shape, provenance } = this.old(id);
    let made = form.base;
    if (form.scales.some(({ code, lsb }) => code !== 1n || lsb !== 0)) {
      const right = this.constant(form.scales, shape, provenance);
      made = this.builder.add('multiply', { left: made, right }, provenance);
    }
    if (hasOffset(form)) {
      const right = this.constant(form.offsets, shape, provenance);
      made = this.builder.add('add', { left: made, right }, provenance);
    }
    if (form.rectified) made = this.builder.add('relu', { operand: made }, provenance);
    this.made.set(id, made);
    return made;
  }

  private constant(values: readonly Dyadic[], shape: Shape, provenance: ModelNode['provenance']): ModelNodeId {
    return this.builder.constant(
      { ...commonDyadic(values), float: false },
      values.length === 1 ? [] : shape,
      provenance,
    );
  }

  /** base × scale without offset or rectifier, where the form can be written like that with one positive scale. */
  private uniform(id: ModelNodeId): { readonly base: ModelNodeId; readonly scale: Dyadic } | undefined {
    const form = this.forms.get(id);
    const scale = form === undefined ? undefined : uniformScale(form);
    if (form === undefined || scale === undefined || hasOffset(form)) return undefined;
    const base = form.rectified ? this.builder.add('relu', { operand: form.base }, this.old(id).provenance) : form.base;
    if (form.rectified) this.forms.set(id, pureForm(base, form.scales));
    return { base, scale };
  }

  /** The form of a node's tensor, where a factor can still move on. */
  private formOf(node: ModelNode): ScaledForm | undefined {
    switch (node.kind) {
      case 'multiply':
        return this.product(node);
      case 'add':
      case 'subtract':
        return this.sum(node);
      case 'negate': {
        const form = this.forms.get(node.operand);
        if (form === undefined || form.rectified) return undefined;
        const minus = (list: readonly Dyadic[]): readonly Dyadic[] =>
          list.map(({ code, lsb }) => ({ code: -code, lsb }));
        return { ...form, scales: minus(form.scales), offsets: minus(form.offsets) };
      }
      case 'relu': {
        const form = this.forms.get(node.operand);
        return form === undefined ? undefined : { ...form, rectified: true };
      }
      case 'reduce': {
        const form = this.uniform(node.operand);
        if (form === undefined) return undefined;
        return pureForm(this.builder.add('reduce', { ...node, operand: form.base }, node.provenance), [form.scale]);
      }
      case 'reshape':
      case 'transpose':
      case 'gather':
        return this.moved(node);
      case 'concat':
        return this.joined(node);
      case 'matmul':
        return this.matmul(node);
      default:
        return undefined;
    }
  }

  /** The constant operand spread over the other's shape; undefined where it changes that shape. */
  private spread(id: ModelNodeId, shape: Shape, result: Shape): readonly Dyadic[] | undefined {
    const node = this.old(id);
    if (node.kind !== 'constant' || shape.join() !== result.join()) return undefined;
    const values = valuesOf(node);
    return values.length === 1
      ? values
      : compacted(Array.from(broadcastIndices(node.shape, shape), (index) => at(values, index)));
  }

  private product(node: ModelNodeOf<'multiply'>): ScaledForm | undefined {
    const [left, right] = [this.uniform(node.left), this.uniform(node.right)];
    if (left !== undefined && right !== undefined) {
      const base = this.builder.add('multiply', { left: left.base, right: right.base }, node.provenance);
      return pureForm(base, [product(left.scale, right.scale)]);
    }
    const [id, other] = this.old(node.right).kind === 'constant' ? [node.left, node.right] : [node.right, node.left];
    if (this.old(id).kind === 'constant') return undefined;
    const factors = this.spread(other, this.old(id).shape, node.shape);
    if (factors?.every(({ code }) => code !== 0n) !== true) return undefined;
    const form = this.forms.get(id);
    if (form === undefined) {
      const trivial = factors.every(({ code }) => code === 1n || code === -1n);
      return trivial ? undefined : pureForm(this.use(id), factors);
    }
    if (form.rectified && factors.some(({ code }) => code < 0n)) return undefined;
    return { ...form, scales: zipped(form.scales, factors, product), offsets: zipped(form.offsets, factors, product) };
  }

  private sum(node: ModelNodeOf<'add' | 'subtract'>): ScaledForm | undefined {
    const [left, right] = [this.uniform(node.left), this.uniform(node.right)];
    if (left !== undefined && right !== undefined) {
      if (left.scale.code !== right.scale.code || left.scale.lsb !== right.scale.lsb) return undefined;
      const base = this.builder.add(node.kind, { left: left.base, right: right.base }, node.provenance);
      return pureForm(base, [left.scale]);
    }
    const swapped = !this.forms.has(node.left);
    const [id, other] = swapped ? [node.right, node.left] : [node.left, node.right];
    const form = this.forms.get(id);
    if (form === undefined || form.rectified || (swapped && node.kind === 'subtract')) return undefined;
    const addends = this.spread(other, this.old(id).shape, node.shape);
    if (addends === undefined) return undefined;
    const sign = node.kind === 'subtract' ? -1n : 1n;
    const add = (a: Dyadic, b: Dyadic): Dyadic => sum(a, { code: sign * b.code, lsb: b.lsb });
    return { ...form, offsets: zipped(form.offsets, addends, add) };
  }

  private moved(
    node: ModelNodeOf<'reshape'> | ModelNodeOf<'transpose'> | ModelNodeOf<'gather'>,
  ): ScaledForm | undefined {
    const form = this.forms.get(node.operand);
    if (form === undefined) return undefined;
    const moved = movedElements(node, (id) => this.old(id).shape);
    invariant(moved !== undefined, 'elements only move');
    const base = copyNode(this.builder, node, () => form.base);
    const pick = (list: readonly Dyadic[]): readonly Dyadic[] =>
      list.length === 1 ? list : compacted(Array.from(moved.element, (index) => at(list, index)));
    return { ...form, base, scales: pick(form.scales), offsets: pick(form.offsets) };
  }

  /** Operands of one scale; zeros have any. */
  private joined(node: ModelNodeOf<'concat'>): ScaledForm | undefined {
    if (!node.operands.some((id) => this.forms.has(id))) return undefined;
    let scale: Dyadic | undefined;
    const bases: ModelNodeId[] = [];
    for (const id of node.operands) {
      const operand = this.old(id);
      if (operand.kind === 'constant' && operand.codes.every((code) => code === 0n)) {
        bases.push(this.use(id));
        continue;
      }
      const form = this.uniform(id);
      if (form === undefined) return undefined;
      if (scale !== undefined && (scale.code !== form.scale.code || scale.lsb !== form.scale.lsb)) return undefined;
      ({ scale } = form);
      bases.push(form.base);
    }
    if (scale === undefined) return undefined;
    return pureForm(this.builder.add('concat', { operands: bases, axis: node.axis }, node.provenance), [scale]);
  }

  private matmul(node: ModelNodeOf<'matmul'>): ScaledForm | undefined {
    const left = this.uniform(node.left);
    const weights = this.old(node.right);
    if (weights.kind !== 'constant') {
      const right = this.uniform(node.right);
      if (left === undefined && right === undefined) return undefined;
      const operands = { left: left?.base ?? this.use(node.left), right: right?.base ?? this.use(node.right) };
      const one: Dyadic = { code: 1n, lsb: 0 };
      const base = this.builder.add('matmul', operands, node.provenance);
      return pureForm(base, [product(left?.scale ?? one, right?.scale ?? one)]);
    }
    const columns = weights.shape.length === 1 ? 1 : at(weights.shape, weights.shape.length - 1);
    const factored = weights.shape.length <= 2 ? columnFactors(weights.codes, columns) : undefined;
    if (left === undefined && factored === undefined) return undefined;
    const right =
      factored === undefined
        ? this.use(node.right)
        : this.builder.constant({ ...weights, codes: factored.codes }, weights.shape, weights.provenance);
    const base = this.builder.add('matmul', { left: left?.base ?? this.use(node.left), right }, node.provenance);
    const own = left?.scale ?? { code: 1n, lsb: 0 };
    if (factored === undefined) return pureForm(base, [own]);
    const size = elementCount(node.shape);
    const scales = Array.from({ length: size }, (_, index) =>
      product(own, { code: factored.factors[index % columns] ?? 1n, lsb: 0 }),
    );
    return pureForm(base, compacted(scales));
  }

  /** A quantiser that takes its operand's factor in; undefined where it must see the tensor itself. */
  private absorbed(node: ModelNode): ModelNodeId | undefined {
    if (node.kind !== 'quantize' && node.kind !== 'requantize') return undefined;
    const form = this.forms.get(node.operand);
    if (form === undefined) return undefined;
    const one = { numerator: 1n, offset: 0n, denominator: 1n };
    const own = node.kind === 'quantize' ? [one] : listOfRatios(node);
    const { rounding, overflow, types, provenance } = node;
    if (form.rectified) {
      // Rounding and saturating keep the order and the zero: then the rectifier may follow them.
      const keeps = overflow === 'SAT' || overflow === 'SAT_SYM';
      if (!keeps || own.some(({ numerator, offset }) => numerator < 0n || offset !== 0n)) return undefined;
    }
    const length = Math.max(own.length, form.scales.length, form.offsets.length);
    const ratios = Array.from({ length }, (_, index) =>
      composed(perElement(own, index), perElement(form.scales, index), perElement(form.offsets, index)),
    );
    const fields = {
      operand: form.base,
      numerators: ratios.map(({ numerator }) => numerator),
      offsets: ratios.map(({ offset }) => offset),
      denominators: ratios.map(({ denominator }) => denominator),
    };
    const made = this.builder.add('requantize', { ...fields, types, rounding, overflow }, provenance);
    const unsigned = types.every((type) => !type.signed);
    return form.rectified && !unsigned ? this.builder.add('relu', { operand: made }, provenance) : made;
  }
}

function listOfRatios(node: ModelNodeOf<'requantize'>): readonly ReturnType<typeof ratioOf>[] {
  const length = Math.max(node.numerators.length, node.offsets.length, node.denominators.length);
  return Array.from({ length }, (_, index) => ratioOf(node, index));
}
