import { success } from '../../diagnostics/result.js';
import { commonDyadic, dyadicFromNumber, dyadicToNumber } from '../../numeric/dyadic.js';
import { invariant } from '../../support/invariant.js';
import { ModelBuilder } from '../../model/builder.js';
import type { ModelGraph, ModelNode, ModelNodeId, ModelNodeOf, Provenance, Shape } from '../../model/kinds.js';
import { elementCount, operandsOf } from '../../model/kinds.js';
import type { Pass } from '../pass.js';
import { copyNode } from './copy-node.js';
import { usersOf } from './structure.js';

/** matmul(operand, weights) + bias, with float weights that have no type yet. */
interface AffineForm {
  readonly operand: ModelNodeId;
  /** [inner, columns], row-major. */
  readonly weights: readonly number[];
  readonly weightShape: Shape;
  /** One per column. */
  readonly bias: readonly number[] | undefined;
  readonly product: Provenance;
  readonly weight: Provenance;
  readonly last: Provenance;
}

/**
 * Fold float scales and shifts after a float matrix product (batch normalisation above all) into its weights and bias,
 * before they get a type. The folded values are rounded to float32 like every float of the model, so this is the one
 * model pass that does not preserve values; a product whose weights have a quantiser is left alone, and so
 * is one of a declared layer: `declared` are the names of these ONNX nodes.
 */
export function foldAffine(declared: ReadonlySet<string> = new Set()): Pass<ModelGraph> {
  return {
    name: 'fold-affine',
    summary: 'fold float scales and shifts after a float matrix product into its weights and bias',
    preserves: 'nothing',
    run: (graph) => success(new Folding(graph, declared).run()),
  };
}

class Folding {
  private readonly builder: ModelBuilder;
  private readonly mapped = new Map<ModelNodeId, ModelNodeId>();
  private readonly forms = new Map<ModelNodeId, AffineForm>();
  private readonly single: readonly boolean[];

  public constructor(
    private readonly graph: ModelGraph,
    private readonly declared: ReadonlySet<string>,
  ) {
    this.builder = new ModelBuilder(graph.name);
    const outputs = new Set(graph.outputs.map((output) => output.node));
    this.single = usersOf(graph, operandsOf).map((users, id) => users.length === 1 && !outputs.has(id as ModelNodeId));
  }

  public run(): ModelGraph {
    let folded = 0;
    for (const node of this.graph.nodes) {
      const form = this.formOf(node);
      if (form === undefined) {
        this.mapped.set(
          node.id,
          copyNode(this.builder, node, (id) => this.use(id)),
        );
      } else {
        this.forms.set(node.id, form);
        if (node.kind === 'multiply') folded++;
      }
    }
    for (const output of this.graph.outputs) this.builder.output(output.name, this.use(output.node), output.types);
    return folded === 0 ? this.graph : this.builder.finish();
  }

  private formOf(node: ModelNode): AffineForm | undefined {
    if (this.declared.has(node.provenance.name)) return undefined;
    if (node.kind === 'matmul') return this.start(node);
    if (node.kind !== 'add' && node.kind !== 'subtract' && node.kind !== 'multiply') return undefined;
    const [id, constant] = this.forms.has(node.left) ? [node.left, node.right] : [node.right, node.left];
    const form = this.forms.get(id);
    if (form === undefined || this.single[id] !== true) return undefined;
    if (node.kind === 'subtract' && id !== node.left) return undefined;
    const columns = form.weightShape[1] ?? 1;
    const values = this.perColumn(constant, columns);
    // A constant of higher rank also gives the product another shape.
    if (values === undefined || node.shape.length !== this.graph.nodes[id]?.shape.length) return undefined;
    if (node.kind === 'multiply') {
      const weights = form.weights.map((weight, index) => Math.fround(weight * (values[index % columns] ?? 0)));
      const bias = form.bias?.map((value, column) => Math.fround(value * (values[column] ?? 0)));
      return finite({ ...form, weights, bias });
    }
    const sign = node.kind === 'subtract' ? -1 : 1;
    const bias = values.map((value, column) => Math.fround((form.bias?.[column] ?? 0) + sign * value));
    return finite({ ...form, bias, last: node.provenance });
  }

  private start(node: ModelNodeOf<'matmul'>): AffineForm | undefined {
    const weights = this.graph.nodes[node.right];
    const computed = this.graph.nodes[node.left]?.kind !== 'constant';
    if (weights?.kind !== 'constant' || !weights.float || weights.shape.length !== 2 || !computed) return undefined;
    return {
      operand: node.left,
      weights: numbersOf(weights),
      weightShape: weights.shape,
      bias: undefined,
      product: node.provenance,
      weight: weights.provenance,
      last: node.provenance,
    };
  }

  /** The constant as one value per column; undefined when it varies along another axis or has a type already. */
  private perColumn(id: ModelNodeId, columns: number): readonly number[] | undefined {
    const node = this.graph.nodes[id];
    if (node?.kind !== 'constant' || !node.float) return undefined;
    const count = elementCount(node.shape);
    if (count !== 1 && (count !== columns || node.shape.at(-1) !== columns)) return undefined;
    const values = numbersOf(node);
    return Array.from({ length: columns }, (_, column) => values[count === 1 ? 0 : column] ?? 0);
  }

  private use(id: ModelNodeId): ModelNodeId {
    const existing = this.mapped.get(id);
    if (existing !== undefined) return existing;
    const form = this.forms.get(id);
    invariant(form !== undefined, `node ${id} is used before it is made`);
    const weights = this.constant(form.weights, form.weightShape, form.weight);
    let made = this.builder.add('matmul', { left: this.use(form.operand), right: weights }, form.product);
    if (form.bias !== undefined) {
      const bias = this.constant(form.bias, [form.bias.length], form.last);
      made = this.builder.add('add', { left: made, right: bias }, form.last);
    }
    this.mapped.set(id, made);
    return made;
  }

  private constant(values: readonly number[], shape: Shape, provenance: Provenance): ModelNodeId {
    return this.builder.constant({ ...commonDyadic(values.map(dyadicFromNumber)), float: true }, shape, provenance);
  }
}

/** The form, unless folding left the range of float32: then the operations stay as they are. */
function finite(form: AffineForm): AffineForm | undefined {
  return [form.weights, form.bias ?? []].every((values) => values.every(Number.isFinite)) ? form : undefined;
}

function numbersOf(node: ModelNodeOf<'constant'>): readonly number[] {
  return node.codes.map((code) => dyadicToNumber({ code, lsb: node.lsb }));
}
