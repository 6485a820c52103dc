import { at } from '../../../support/invariant.js';
import type { ModelGraph, ModelNode, ModelNodeId, ModelNodeOf, Shape } from '../../../model/kinds.js';
import { operandsOf } from '../../../model/kinds.js';
import { movedElements, usersOf } from '../structure.js';
import type { LayerDeclarations } from './declaration.js';

/** Which nodes of a graph make up the declared layers. */
export interface LayerMembers {
  /** The name under which the layer of a node is declared; undefined for nodes of no declared layer and for constants. */
  readonly layerOf: (id: ModelNodeId) => string | undefined;
  /** Is the node's value read outside its layer, or by a port? */
  readonly leaves: (id: ModelNodeId) => boolean;
  /** The addition of a constant that reads nothing but this matrix product, and is all that reads it. */
  readonly biasAddition: (id: ModelNodeId) => ModelNodeOf<'add'> | undefined;
}

/**
 * The nodes that came from a declared ONNX node. Where a matrix product is declared and an ONNX node of its own adds a
 * constant to it, the addition belongs to the layer too, as in hls4ml; unless it is declared by itself.
 */
export function layerMembers(graph: ModelGraph, declared: LayerDeclarations): LayerMembers {
  const users = usersOf(graph, operandsOf);
  const ports = new Set(graph.outputs.map((output) => output.node));
  const layers = new Array<string | undefined>(graph.nodes.length).fill(undefined);
  const additions = new Map<ModelNodeId, ModelNodeOf<'add'>>();

  const addition = (product: ModelNodeId): ModelNodeOf<'add'> | undefined => {
    const [user, ...others] = users[product] ?? [];
    if (user?.kind !== 'add' || others.length > 0 || ports.has(product) || user.left === user.right) return undefined;
    const constant = user.left === product ? user.right : user.left;
    if (constantElements(graph, constant) === undefined) return undefined;
    return user.shape.join() === at(graph.nodes, product).shape.join() ? user : undefined;
  };
  for (const node of graph.nodes) {
    const { name } = node.provenance;
    const own = node.kind !== 'constant' && node.kind !== 'input' && declared.has(name) ? name : undefined;
    if (own === undefined) continue;
    layers[node.id] = own;
    if (node.kind !== 'matmul') continue;
    const bias = addition(node.id);
    if (bias === undefined || (bias.provenance.name !== own && declared.has(bias.provenance.name))) continue;
    additions.set(node.id, bias);
    // The addition comes later: its name waits for it.
    layers[bias.id] = own;
  }
  const layerOf = (id: ModelNodeId): string | undefined => layers[id];
  return {
    layerOf,
    leaves: (id) => ports.has(id) || (users[id] ?? []).some((user) => layerOf(user.id) !== layerOf(id)),
    biasAddition: (id) => additions.get(id),
  };
}

/** The elements of a constant, or of one that was only moved, in the order of that node; undefined for what is computed. */
export function constantElements(
  graph: ModelGraph,
  id: ModelNodeId,
): { readonly source: ModelNodeOf<'constant'>; readonly codes: readonly bigint[] } | undefined {
  const shapeOf = (operand: ModelNodeId): Shape => at(graph.nodes, operand).shape;
  let indices: Int32Array | undefined;
  let node: ModelNode = at(graph.nodes, id);
  while (node.kind === 'reshape' || node.kind === 'transpose' || node.kind === 'gather') {
    const element = movedElements(node, shapeOf)?.element;
    if (element === undefined) return undefined;
    indices = indices === undefined ? element : indices.map((index) => at(element, index));
    node = at(graph.nodes, node.operand);
  }
  if (node.kind !== 'constant') return undefined;
  const { codes } = node;
  return { source: node, codes: indices === undefined ? codes : Array.from(indices, (index) => at(codes, index)) };
}
