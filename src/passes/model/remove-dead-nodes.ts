import { success } from '../../diagnostics/result.js';
import type { ModelGraph } from '../../model/kinds.js';
import { operandsOf } from '../../model/kinds.js';
import type { Pass } from '../pass.js';
import { rebuild } from './rebuild.js';

/** Nodes that no output reads go; inputs stay, because ports are fixed. */
export const removeDeadModelNodes: Pass<ModelGraph> = {
  name: 'remove-dead-nodes',
  summary: 'drop nodes that no output reads',
  preserves: 'values',
  run: (graph) => {
    const live = new Uint8Array(graph.nodes.length);
    for (const output of graph.outputs) live[output.node] = 1;
    for (let index = graph.nodes.length - 1; index >= 0; index--) {
      const node = graph.nodes[index];
      if (node === undefined) continue;
      // A promise about an input holds whether or not the network reads the input.
      if (node.kind === 'input' || node.kind === 'assume') live[index] = 1;
      if (live[index] === 1) for (const id of operandsOf(node)) live[id] = 1;
    }
    if (live.every((flag) => flag === 1)) return success(graph);
    return success(rebuild(graph, (node) => (live[node.id] === 1 ? 'keep' : 'drop')));
  },
};
