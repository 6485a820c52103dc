import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import type { Shape } from '../../model/kinds.js';
import { elementTypeName } from './element-types.js';
import type { OnnxModel, OnnxNode, OnnxValueInfo } from './proto.js';

/** What a model file holds: names are as in the file, not yet made printable. */
export interface ModelSummary {
  readonly exporter: { readonly name: string; readonly version: string };
  readonly irVersion: number;
  /** Imported operator sets; the standard domain is ''. */
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  readonly inputs: readonly PortSummary[];
  readonly outputs: readonly PortSummary[];
  /** In file order. */
  readonly nodes: readonly NodeSummary[];
  /** Most frequent first; the name carries its domain unless that is the standard one. */
  readonly operators: readonly { readonly operator: string; readonly count: number }[];
  readonly unsupported: readonly UnsupportedNode[];
}

export interface PortSummary {
  readonly name: string;
  readonly elementType: string;
  /** As declared in the file: symbolic dimensions by name. Undefined when no shape is declared. */
  readonly declared: readonly (number | string)[] | undefined;
  /** As compiled: one event. Undefined when it could not be found out. */
  readonly shape: Shape | undefined;
}

/**
 * supported: read, and part of the graph · constant: folded away · unused: no output needs it · unsupported and
 * invalid: see the diagnostics · not checked: the operator is supported, but an operand comes from a node that is not.
 */
export type NodeStatus = 'supported' | 'constant' | 'unused' | 'unsupported' | 'invalid' | 'not checked';

export interface NodeSummary {
  /** The node's name, or `#index` where the exporter left it empty. */
  readonly name: string;
  readonly operator: string;
  readonly domain: string;
  readonly status: NodeStatus;
  readonly outputs: readonly { readonly name: string; readonly shape: Shape | undefined }[];
  /** `ap_fixed<W,I,Q,O>` text of a quantiser, or `bipolar`. */
  readonly quantizer: string | undefined;
}

export interface UnsupportedNode {
  readonly name: string;
  readonly operator: string;
  readonly reason: string;
  readonly remedy: string;
}

/** Everything that could be learned from a file, and all of its problems. */
export interface Inspection {
  readonly summary: ModelSummary;
  readonly diagnostics: readonly Diagnostic[];
  /** Whether `importOnnx` accepts the file. */
  readonly importable: boolean;
}

export const emptySummary: ModelSummary = {
  exporter: { name: '', version: '' },
  irVersion: 0,
  opsets: [],
  inputs: [],
  outputs: [],
  nodes: [],
  operators: [],
  unsupported: [],
};

/** Put a summary together from a decoded model and what reading it found out. */
export function summarise(
  model: OnnxModel,
  ports: readonly OnnxValueInfo[],
  shapeOf: (tensor: string) => Shape | undefined,
  nodes: ReadonlyMap<OnnxNode, NodeSummary>,
  unsupported: readonly UnsupportedNode[],
): ModelSummary {
  const counts = new Map<string, number>();
  for (const node of model.graph.nodes) {
    const name = node.domain === '' ? node.operator : `${node.domain}::${node.operator}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const port = ({ name, tensor }: OnnxValueInfo): PortSummary => ({
    name,
    elementType: tensor === undefined ? 'unknown' : elementTypeName(tensor.elementType),
    declared: tensor?.dimensions,
    shape: shapeOf(name),
  });
  return {
    exporter: { name: model.producer, version: model.producerVersion },
    irVersion: model.irVersion,
    opsets: [...model.opsets].map(([domain, version]) => ({ domain, version })),
    inputs: ports.map(port),
    outputs: model.graph.outputs.map(port),
    nodes: model.graph.nodes.flatMap((node) => nodes.get(node) ?? []),
    operators: [...counts]
      .map(([operator, count]) => ({ operator, count }))
      .sort((a, b) => b.count - a.count || (a.operator < b.operator ? -1 : 1)),
    unsupported,
  };
}
