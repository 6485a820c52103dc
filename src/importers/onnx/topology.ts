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
  const waiting = new Int32Array(nodes.length);
  const consumers: number[][] = nodes.map(() => []);
  nodes.forEach((node, index) => {
    for (const input of node.inputs) {
      const from = input === '' ? undefined : producer.get(input);
      if (from === undefined) continue;
      consumers[from]?.push(index);
      waiting[index] = (waiting[index] ?? 0) + 1;
    }
  });
  if (inFileOrder(consumers)) return { sorted: nodes, cyclic: [] };
  const ready: number[] = [];
  waiting.forEach((count, index) => {
    if (count === 0) ready.push(index);
  });
  const sorted: OnnxNode[] = [];
  for (let next = 0; next < ready.length; next++) {
    const index = ready[next] ?? 0;
    const node = nodes[index];
    if (node !== undefined) sorted.push(node);
    for (const consumer of consumers[index] ?? []) {
      waiting[consumer] = (waiting[consumer] ?? 0) - 1;
      if (waiting[consumer] === 0) ready.push(consumer);
    }
  }
  return { sorted, cyclic: nodes.filter((_, index) => (waiting[index] ?? 0) > 0) };
}

function inFileOrder(consumers: readonly (readonly number[])[]): boolean {
  return consumers.every((users, index) => users.every((user) => user > index));
}

/** Names of the nodes that some output needs, by label. */
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
