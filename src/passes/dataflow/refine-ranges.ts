import type { DataflowNode, Kernel } from '../../dataflow/kinds.js';
import { operands, semanticsOf } from '../../dataflow/semantics.js';
import type { Interval } from '../../numeric/interval.js';
import { intersect, sameInterval } from '../../numeric/interval.js';
import { at, invariant } from '../../support/invariant.js';

/**
 * The kernel with every range narrowed to what is proven of its node, and with what follows from that for the nodes
 * after it. `proven` is indexed by node; where it has no entry nothing more is known.
 */
export function refineRanges(kernel: Kernel, proven: readonly (Interval | undefined)[]): Kernel {
  const nodes: DataflowNode[] = [];
  let changed = false;
  for (const node of kernel.nodes) {
    const own = proven[node.id];
    let range: Interval | undefined = node.range;
    if (node.kind !== 'input') {
      const inferred = semanticsOf(node.kind).range(
        node,
        operands(node).map((id) => at(nodes, id).range),
      );
      range = intersect(range, inferred);
      if (range !== undefined && own !== undefined) range = intersect(range, own);
      invariant(range !== undefined, `${kernel.name}: node ${node.id} has contradictory ranges`);
    }
    const same = sameInterval(range, node.range);
    changed ||= !same;
    nodes.push(same ? node : { ...node, range });
  }
  return changed ? { ...kernel, nodes } : kernel;
}
