import { at } from '../../support/invariant.js';
import { elementCount } from '../../model/kinds.js';
import type { ModelGraph, ModelNode, ModelNodeId, Shape } from '../../model/kinds.js';
import { concatSources, gatherIndices, transposeIndices } from '../../model/shapes.js';

/** Nodes that read each node, in order; an operand used twice by a node appears once. */
export function usersOf(
  graph: ModelGraph,
  operandsOf: (node: ModelNode) => readonly ModelNodeId[],
): readonly (readonly ModelNode[])[] {
  const users: ModelNode[][] = graph.nodes.map(() => []);
  for (const node of graph.nodes) for (const id of new Set(operandsOf(node))) users[id]?.push(node);
  return users;
}

/**
 * For a node that only moves elements, where each of its elements comes from: the operand, and the flat index there.
 * Undefined for nodes that compute.
 */
export function movedElements(
  node: ModelNode,
  shapeOf: (id: ModelNodeId) => Shape,
):
  | { readonly operands: readonly ModelNodeId[]; readonly operand: Int32Array; readonly element: Int32Array }
  | undefined {
  const size = elementCount(node.shape);
  const single = (id: ModelNodeId, element: Int32Array) => ({ operands: [id], operand: new Int32Array(size), element });
  switch (node.kind) {
    case 'assume':
    case 'reshape':
      return single(
        node.operand,
        Int32Array.from({ length: size }, (_, index) => index),
      );
    case 'transpose':
      return single(node.operand, transposeIndices(shapeOf(node.operand), node.permutation));
    case 'gather':
      return single(node.operand, gatherIndices(shapeOf(node.operand), node.axis, node.indices));
    case 'concat':
      return { operands: node.operands, ...concatSources(node.operands.map(shapeOf), node.axis) };
    default:
      return undefined;
  }
}

/** Does the node only move elements of its operands? */
export function isMove(node: ModelNode): boolean {
  return ['reshape', 'transpose', 'gather', 'concat', 'assume'].includes(node.kind);
}

/**
 * For each element of a tensor, the node that computes it, looking through nodes that only move elements, and which of
 * that node's elements it is.
 */
export function elementOrigins(
  graph: ModelGraph,
  id: ModelNodeId,
): { readonly node: readonly ModelNodeId[]; readonly element: Int32Array } {
  const shapeOf = (operand: ModelNodeId): Shape => at(graph.nodes, operand).shape;
  const size = elementCount(shapeOf(id));
  const nodes = new Array<ModelNodeId>(size).fill(id);
  const elements = Int32Array.from({ length: size }, (_, index) => index);
  const plans = new Map<ModelNodeId, ReturnType<typeof movedElements>>();
  const planOf = (node: ModelNodeId): ReturnType<typeof movedElements> => {
    if (!plans.has(node)) plans.set(node, movedElements(at(graph.nodes, node), shapeOf));
    return plans.get(node);
  };
  for (let index = 0; index < size; index++) {
    for (let plan = planOf(at(nodes, index)); plan !== undefined; plan = planOf(at(nodes, index))) {
      const element = at(elements, index);
      nodes[index] = at(plan.operands, at(plan.operand, element));
      elements[index] = at(plan.element, element);
    }
  }
  return { node: nodes, element: elements };
}
