import type { ModelGraph, ModelNode, ModelNodeId } from '../../model/kinds.js';
import { elementCount } from '../../model/kinds.js';
import type { FloatModel } from '../float-model.js';
import type { TensorRole } from '../../report/calibration-details.js';

/** A tensor of the float graph that a data set is observed in. */
export interface ObservedTensor {
  readonly node: ModelNode;
  /** Unique; that of the site where the tensor is one. */
  readonly name: string;
  readonly role: TensorRole;
  /** By element, its channel from 0; absent where every element is one of its own, or all are one. */
  readonly groups?: Int32Array;
  readonly channels: number;
}

/** Ports have a name and no operator. */
export function nodeName(node: ModelNode): string {
  return node.kind === 'input' ? node.name : node.provenance.name;
}

/**
 * Inputs, outputs, the sites that take types, and what the quantisers of the model read, in the order of the graph. What
 * takes no part in the outputs is left out.
 */
export function observedTensors({ graph, sites }: FloatModel): readonly ObservedTensor[] {
  const wanted = new Set<ModelNodeId>(sites.flatMap((site) => (site.kind === 'tensor' ? [site.node] : [])));
  for (const node of graph.nodes) {
    if (node.kind === 'input') wanted.add(node.id);
    else if (node.kind === 'quantize' || node.kind === 'requantize') wanted.add(node.operand);
  }
  const outputs = new Set(graph.outputs.map(({ node }) => node));
  for (const id of outputs) wanted.add(id);
  const siteOf = new Map(sites.flatMap((site) => (site.kind === 'tensor' ? [[site.node, site] as const] : [])));
  const names = new Set(sites.map(({ name }) => name));
  return graph.nodes.flatMap((node): readonly ObservedTensor[] => {
    if (!wanted.has(node.id) || isConstant(graph, node)) return [];
    const site = siteOf.get(node.id);
    const role = node.kind === 'input' ? 'input' : outputs.has(node.id) ? 'output' : 'result';
    const name = site?.name ?? unique(nodeName(node), node.id, names);
    const size = elementCount(node.shape);
    if (site === undefined) return [{ node, name, role, channels: node.shape.length <= 1 ? size : 1 }];
    const { groups, groupCount } = site;
    return [{ node, name, role, channels: groupCount, ...(groupCount === size || groupCount === 1 ? {} : { groups }) }];
  });
}

function isConstant(graph: ModelGraph, node: ModelNode): boolean {
  let current: ModelNode | undefined = node;
  while (current?.kind === 'reshape' || current?.kind === 'transpose' || current?.kind === 'gather') {
    current = graph.nodes[current.operand];
  }
  return current?.kind === 'constant';
}

function unique(name: string, id: ModelNodeId, names: Set<string>): string {
  const wanted = name === '' ? `#${id}` : name;
  let made = wanted;
  for (let count = 2; names.has(made); count++) made = `${wanted}@${count}`;
  names.add(made);
  return made;
}
