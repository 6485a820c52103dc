import { typingCodes } from '../../../diagnostics/codes/typing.js';
import { printable } from '../../../diagnostics/diagnostic.js';
import type { Result } from '../../../diagnostics/result.js';
import { DiagnosticBag } from '../../../diagnostics/result.js';
import type { Quantizer } from '../../../numeric/fixed-point.js';
import { printQuantizer } from '../../../numeric/fixed-point.js';
import { invariant } from '../../../support/invariant.js';
import type { ModelGraph, ModelNode, ModelNodeId, ModelNodeOf } from '../../../model/kinds.js';
import { copyNode } from '../copy-node.js';
import type { LayerDeclarations } from './declaration.js';
import type { Summands } from './declared-sum.js';
import { DeclaredSum } from './declared-sum.js';
import { GrowingGraph } from './growing-graph.js';
import type { LayerMembers } from './members.js';
import { layerMembers } from './members.js';

/** Does the node sum: is there something that an accumulator can hold? */
export function sumsSomething(node: ModelNode): boolean {
  return (
    node.kind === 'matmul' ||
    node.kind === 'add' ||
    node.kind === 'subtract' ||
    (node.kind === 'reduce' && node.operation === 'sum')
  );
}

/**
 * Replace the exact sums of layers with a declared accumulator by what hls4ml computes: every summand is cast to the
 * accumulator's type before it is summed, the sum starts at the bias, and every partial sum is brought into the type in
 * the order of the operands. Written in the operations that there are: products, quantisers, additions.
 *
 * What is equal to that and cheaper is taken instead, by proof:
 * - Partial sums of casts lie on the accumulator's grid, so that only its overflow matters on the way.
 * - Wrapping is arithmetic modulo 2^W: the exact sum, in any order, is wrapped once at the end.
 * - Where no partial sum can leave the type, by intervals, the order is free and nothing overflows.
 * - Where, besides, no product loses bits in its cast, the matrix product stays whole.
 *
 * The graph is typed; ports keep their types, because every result of such a layer is cast (`declareLayers`).
 */
export function expandAccumulators(graph: ModelGraph, declared: LayerDeclarations): Result<ModelGraph> {
  const bag = new DiagnosticBag();
  const any = [...declared.values()].some(({ accumulator }) => accumulator !== undefined);
  return bag.finish(any ? new Expansion(graph, declared, bag).run() : graph);
}

class Expansion {
  private readonly made: GrowingGraph;
  private readonly members: LayerMembers;
  private readonly mapped = new Map<ModelNodeId, ModelNodeId>();
  /** Matrix products that wait for the addition of their bias. */
  private readonly waiting = new Map<ModelNodeId, ModelNodeOf<'matmul'>>();

  public constructor(
    private readonly graph: ModelGraph,
    private readonly declared: LayerDeclarations,
    private readonly bag: DiagnosticBag,
  ) {
    this.made = new GrowingGraph(graph.name);
    this.members = layerMembers(graph, declared);
  }

  public run(): ModelGraph {
    for (const node of this.graph.nodes) {
      const layer = this.members.layerOf(node.id);
      const accumulator = layer === undefined ? undefined : this.declared.get(layer)?.accumulator;
      const made =
        layer === undefined || accumulator === undefined || !sumsSomething(node)
          ? copyNode(this.made.builder, node, (id) => this.map(id))
          : this.sum(node, accumulator, layer);
      if (made !== undefined) this.mapped.set(node.id, made);
    }
    for (const output of this.graph.outputs) {
      this.made.builder.output(output.name, this.map(output.node), output.types);
    }
    return this.made.builder.finish();
  }

  private map(id: ModelNodeId): ModelNodeId {
    const made = this.mapped.get(id);
    invariant(made !== undefined, `node ${id} is used before it is made`);
    return made;
  }

  /** Undefined for a matrix product whose bias is still to come. */
  private sum(node: ModelNode, accumulator: Quantizer, layer: string): ModelNodeId | undefined {
    const sum = new DeclaredSum(this.made, accumulator, { ...node.provenance, name: layer });
    if (node.kind === 'matmul') {
      const addition = this.members.biasAddition(node.id);
      if (addition === undefined) return this.product(sum, node, undefined, layer);
      this.waiting.set(addition.id, node);
      return undefined;
    }
    if (node.kind === 'add' || node.kind === 'subtract') {
      const product = this.waiting.get(node.id);
      if (product !== undefined) {
        const bias = node.left === product.id ? node.right : node.left;
        return this.product(sum, product, bias, layer);
      }
      const fields = { left: sum.cast(this.map(node.left)), right: sum.cast(this.map(node.right)) };
      return sum.cast(sum.add(node.kind, fields));
    }
    invariant(node.kind === 'reduce', 'only sums have an accumulator');
    const terms = sum.lastAxis(sum.cast(this.map(node.operand)), node.axes);
    return this.total(sum, { terms, shape: node.shape, start: undefined }, layer);
  }

  private product(
    sum: DeclaredSum,
    node: ModelNodeOf<'matmul'>,
    bias: ModelNodeId | undefined,
    layer: string,
  ): ModelNodeId {
    const { accumulator } = sum;
    const [left, right] = [this.map(node.left), this.map(node.right)];
    const start = bias === undefined ? undefined : sum.cast(this.map(bias));
    const products = sum.products(left, right);
    const lossy = sum.countLossy(products);
    const summands = { terms: sum.cast(products), shape: node.shape, start };
    const free = accumulator.overflow === 'WRAP' || (sum.holds(products) && sum.staysInside(summands));
    if (lossy === 0 && free) {
      return sum.cast(sum.plus(sum.add('matmul', { left, right }), start));
    }
    if (lossy > 0) {
      const message =
        `'${printable(layer)}': ${printQuantizer(accumulator)} cuts bits off ${lossy} products, one by one: ` +
        `each is a multiplication of its own, without distributed arithmetic`;
      this.bag.add(typingCodes.productsCast, message, { node: printable(layer) });
    }
    return this.total(sum, summands, layer);
  }

  private total(sum: DeclaredSum, summands: Summands, layer: string): ModelNodeId {
    const { accumulator } = sum;
    if (accumulator.overflow === 'WRAP' || sum.staysInside(summands)) return sum.cast(sum.exact(summands));
    const count = this.made.shape(summands.terms).at(-1) ?? 0;
    const message =
      `'${printable(layer)}': partial sums can leave ${printQuantizer(accumulator)}: ` +
      `${count} summands are added one after the other`;
    this.bag.add(typingCodes.sumInOrder, message, { node: printable(layer) });
    return sum.inOrder(summands);
  }
}
