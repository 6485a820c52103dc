import type { OnnxNode } from './proto.js';

export interface NodeOrder {
  /** Nodes so that producers come before consumers; file order among independent nodes. */
  readonly sorted: readonly OnnxNode[];
  /** Nodes on a cycle or behind one. */
  readonly cyclic: readonly OnnxNode[];
}

/** Sort nodes by their data dependences. Linear in the number of connections. */
export function sortNodes(nodes: readonly OnnxNode[]): NodeOrder {
  const producer = new Map<string, number>();
  nodes.forEach((node, index) => {
    for (const output of node.outputs) if (output !== '' && !producer.has(output)) producer.set(output, index);
  });
  const edges = edgesOf(nodes, producer);
  if (edges.every(([from, to]) => from < to)) return { sorted: nodes, cyclic: [] };
  const waiting = new Int32Array(nodes.length);
  const first = new Int32Array(nodes.length + 1);
  for (const [from, to] of edges) {
    waiting[to] = (waiting[to] ?? 0) + 1;
    first[from + 1] = (first[from + 1] ?? 0) + 1;
  }
  for (let index = 0; index < nodes.length; index++) first[index + 1] = (first[index + 1] ?? 0) + (first[index] ?? 0);
  // Consumers of node i: consumers[first[i]] to consumers[first[i + 1] - 1].
  const consumers = new Int32Array(edges.length);
  const next = first.slice();
  for (const [from, to] of edges) {
    const place = next[from] ?? 0;
    consumers[place] = to;
    next[from] = place + 1;
  }
  const ready: number[] = [];
  waiting.forEach((count, index) => {
    if (count === 0) ready.push(index);
  });
  // The list grows while it is walked.
  for (const index of ready) {
    for (let place = first[index] ?? 0; place < (first[index + 1] ?? 0); place++) {
      const consumer = consumers[place] ?? 0;
      waiting[consumer] = (waiting[consumer] ?? 0) - 1;
      if (waiting[consumer] === 0) ready.push(consumer);
    }
  }
  return {
    sorted: ready.flatMap((index) => nodes[index] ?? []),
    cyclic: nodes.filter((_, index) => (waiting[index] ?? 0) > 0),
  };
}

function edgesOf(
  nodes: readonly OnnxNode[],
  producer: ReadonlyMap<string, number>,
): readonly (readonly [number, number])[] {
  const edges: (readonly [number, number])[] = [];
  nodes.forEach((node, index) => {
    for (const input of node.inputs) {
      const from = input === '' ? undefined : producer.get(input);
      if (from !== undefined) edges.push([from, index]);
    }
  });
  return edges;
}

/** The nodes that some output needs. */
export function reachable(nodes: readonly OnnxNode[], outputs: readonly string[]): ReadonlySet<OnnxNode> {
  const producer = new Map<string, OnnxNode>();
  for (const node of nodes) for (const output of node.outputs) if (!producer.has(output)) producer.set(output, node);
  const found = new Set<OnnxNode>();
  const pending = [...new Set(outputs)];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const node = name === '' ? undefined : producer.get(name);
    if (node === undefined || found.has(node)) continue;
    found.add(node);
    for (const input of node.inputs) pending.push(input);
  }
  return found;
}
