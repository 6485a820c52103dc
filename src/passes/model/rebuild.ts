import { invariant } from '../../support/invariant.js';
import { ModelBuilder } from '../../model/builder.js';
import type { ModelGraph, ModelNode, ModelNodeId } from '../../model/kinds.js';
import { copyNode } from './copy-node.js';

/**
 * Copy a graph node by node. `replace` gives the node's stand-in in the new graph, `keep` to copy it, or `drop` to
 * leave it out when nothing reads it any more.
 */
export function rebuild(
  graph: ModelGraph,
  replace: (node: ModelNode, map: (id: ModelNodeId) => ModelNodeId) => ModelNodeId | 'keep' | 'drop',
): ModelGraph {
  const builder = new ModelBuilder(graph.name);
  const mapped = new Map<ModelNodeId, ModelNodeId>();
  const map = (id: ModelNodeId): ModelNodeId => {
    const found = mapped.get(id);
    invariant(found !== undefined, `node ${id} was dropped, but is read`);
    return found;
  };
  for (const node of graph.nodes) {
    const decision = replace(node, map);
    if (decision === 'drop') continue;
    mapped.set(node.id, decision === 'keep' ? copyNode(builder, node, map) : decision);
  }
  for (const output of graph.outputs) builder.output(output.name, map(output.node), output.types);
  return builder.finish();
}
