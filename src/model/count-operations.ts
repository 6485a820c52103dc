import type { ModelGraph, ModelNode, ModelNodeOf } from './kinds.js';
import { elementCount, operandsOf } from './kinds.js';

/** Scalar operations of one layer: of all nodes that one ONNX node became. */
export interface LayerOperations {
  readonly name: string;
  readonly operator: string;
  readonly operations: number;
}

/**
 * Elements that are moved for one operation: wires cost no logic, yet each of them takes memory and time while the
 * graph is compiled.
 */
const MOVES_PER_OPERATION = 64;

/**
 * Scalar operations of the unrolled graph by layer, in the order of the graph. A multiply-accumulate is one, unless its
 * weight is zero; so is each element of any other operation.
 */
export function countOperations(graph: ModelGraph): readonly LayerOperations[] {
  const layers = new Map<string, { name: string; operator: string; operations: number }>();
  for (const node of graph.nodes) {
    const operations = operationsOf(node, graph);
    if (operations === 0) continue;
    const { name, operator } = node.provenance;
    const key = JSON.stringify([operator, name]);
    const known = layers.get(key);
    if (known === undefined) layers.set(key, { name, operator, operations });
    else known.operations += operations;
  }
  return [...layers.values()];
}

function operationsOf(node: ModelNode, graph: ModelGraph): number {
  switch (node.kind) {
    case 'input':
    case 'constant':
    case 'assume':
    case 'reshape':
      return 0;
    case 'transpose':
    case 'concat':
    case 'gather':
      return Math.floor(elementCount(node.shape) / MOVES_PER_OPERATION);
    case 'matmul':
      return products(node, graph);
    case 'reduce':
      return elementCount(graph.nodes[node.operand]?.shape ?? []);
    default:
      return operandsOf(node).length === 0 ? 0 : elementCount(node.shape);
  }
}

function products(node: ModelNodeOf<'matmul'>, graph: ModelGraph): number {
  const inner = graph.nodes[node.left]?.shape.at(-1) ?? 1;
  const all = elementCount(node.shape) * inner;
  const weights = graph.nodes[node.right];
  if (weights?.kind !== 'constant') return all;
  let nonzero = 0;
  for (const code of weights.codes) if (code !== 0n) nonzero++;
  // Every weight is used as often as any other.
  return Math.round((all * nonzero) / weights.codes.length);
}
