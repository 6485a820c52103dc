import { KernelBuilder } from '../../../dataflow/builder.js';
import type { DataflowNode, Kernel, NodeId } from '../../../dataflow/kinds.js';
import { operands } from '../../../dataflow/semantics.js';
import type { Interval } from '../../../numeric/interval.js';
import { intersect, isPoint, union } from '../../../numeric/interval.js';
import { at } from '../../../support/invariant.js';
import { refineRanges } from '../refine-ranges.js';
import { sourceOf } from './classify.js';

/** A piece of a kernel, and which values of the kernel it reads and gives. */
export interface StageKernel {
  readonly kernel: Kernel;
  readonly reads: readonly NodeId[];
  readonly gives: readonly NodeId[];
}

/**
 * The nodes `members` of a kernel as one of their own, which gives `gives`. Wiring that leads to them is written again.
 * `rangeOf` says between which bounds a value comes from outside.
 */
export function stageKernel(
  name: string,
  whole: Kernel,
  members: readonly DataflowNode[],
  gives: readonly NodeId[],
  rangeOf: (id: NodeId) => Interval,
): StageKernel {
  const builder = new KernelBuilder(name);
  const moved = new Map<NodeId, NodeId>();
  const proven: Interval[] = [];
  const reads: NodeId[] = [];
  const inside = new Set(members.map(({ id }) => id));
  const wanted = [...members.flatMap((node) => [...operands(node)]), ...gives];
  for (const id of wanted) {
    const source = sourceOf(whole, id);
    if (inside.has(source.id) || moved.has(source.id) || isPoint(source.range)) continue;
    reads.push(source.id);
    moved.set(source.id, builder.input(rangeOf(source.id)));
  }
  const place = (id: NodeId): NodeId => {
    const known = moved.get(id);
    if (known !== undefined) return known;
    const node = at(whole.nodes, id);
    builder.from(at(whole.origins, node.origin));
    const made = isPoint(node.range) ? builder.constant(node.range.low) : builder.copy(node, place);
    moved.set(id, made);
    proven[made] = intersect(node.range, proven[made] ?? node.range) ?? node.range;
    return made;
  };
  for (const { id } of members) place(id);
  for (const id of gives) builder.output(place(id));
  return { kernel: refineRanges(builder.finish(), proven), reads, gives };
}

/** One product as a kernel that many positions share; its operands lie within the union of theirs. */
export function productKernel(
  name: string,
  whole: Kernel,
  products: readonly DataflowNode[],
  rangeOf: (id: NodeId) => Interval,
): { readonly kernel: Kernel; readonly reads: readonly (readonly NodeId[])[] } {
  const first = at(products, 0);
  const builder = new KernelBuilder(name);
  builder.from(at(whole.origins, first.origin));
  const reads = products.map((node) => operands(node));
  const bounds = operands(first).map((_, operand) =>
    reads.map((ids) => rangeOf(at(ids, operand))).reduce((all, range) => union(all, range)),
  );
  const inputs = bounds.map((range) => builder.input(range));
  builder.output(
    first.kind === 'square' ? builder.square(at(inputs, 0)) : builder.multiply(at(inputs, 0), at(inputs, 1)),
  );
  return { kernel: builder.finish(), reads };
}
