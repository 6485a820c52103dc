import type { ModelGraph, ModelNode, ModelNodeOf } from './kinds.js';
import { elementCount, operandsOf } from './kinds.js';

/** Size of one layer: of all nodes that one ONNX node became. */
export interface LayerOperations {
  readonly name: string;
  readonly operator: string;
  /** Scalar operations. */
  readonly operations: number;
}

/** The same, with its weights and other constant operands: how many elements they have, and how many are zero. */
export interface LayerSize extends LayerOperations {
  readonly parameters: number;
  readonly zeroParameters: number;
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
  return countSizes(graph)
    .filter(({ operations }) => operations > 0)
    .map(({ name, operator, operations }) => ({ name, operator, operations }));
}

/** Size of each layer that has operations or parameters. A constant counts where it is used first. */
export function countSizes(graph: ModelGraph): readonly LayerSize[] {
  const layers = new Map<string, { -readonly [K in keyof LayerSize]: LayerSize[K] }>();
  const counted = new Set<number>();
  for (const node of graph.nodes) {
    const operations = operationsOf(node, graph);
    const { parameters, zeroParameters } = parametersOf(node, graph, counted);
    if (operations === 0 && parameters === 0) continue;
    const { name, operator } = node.provenance;
    const key = JSON.stringify([operator, name]);
    const known = layers.get(key);
    if (known === undefined) layers.set(key, { name, operator, operations, parameters, zeroParameters });
    else {
      known.operations += operations;
      known.parameters += parameters;
      known.zeroParameters += zeroParameters;
    }
  }
  return [...layers.values()];
}

/** Elements of the constants that a node is the first to compute with; those that are only moved are no parameters. */
function parametersOf(
  node: ModelNode,
  graph: ModelGraph,
  counted: Set<number>,
): Pick<LayerSize, 'parameters' | 'zeroParameters'> {
  let [parameters, zeroParameters] = [0, 0];
  if (node.kind === 'concat' || node.kind === 'gather') return { parameters, zeroParameters };
  for (const operand of operandsOf(node)) {
    const constant = graph.nodes[operand];
    if (constant?.kind !== 'constant' || counted.has(operand)) continue;
    counted.add(operand);
    parameters += constant.codes.length;
    for (const code of constant.codes) if (code === 0n) zeroParameters++;
  }
  return { parameters, zeroParameters };
}

function operationsOf(node: ModelNode, graph: ModelGraph): number {
  switch (node.kind) {
    case 'input':
    case 'constant':
    case 'assume':
    case 'reshape':
      return 0;
    case 'bits':
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
