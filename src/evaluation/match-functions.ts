import type { ModelGraph, ModelNode, ModelNodeId, ModelNodeOf } from '../model/kinds.js';
import { operandsOf } from '../model/kinds.js';
import { at } from '../support/invariant.js';

/** What a function of the float graph became in the typed one: tables, straight pieces, roundings. */
export interface TabulatedFunction {
  readonly function: ModelNodeOf<'function'>;
  /** The typed node that holds its result, and the one that is its operand. */
  readonly result: ModelNodeId;
  readonly operand: ModelNodeId;
  /** Everything between the two, the result included. */
  readonly inside: ReadonlySet<ModelNodeId>;
}

/**
 * Walks both graphs from their outputs to their inputs, side by side: the typed graph has the nodes of the float one,
 * with casts in between and something larger in the place of each function. Functions behind a place where the graphs
 * part in another way are not found.
 */
export function matchFunctions(float: ModelGraph, typed: ModelGraph): readonly TabulatedFunction[] {
  const found: TabulatedFunction[] = [];
  const seen = new Set<ModelNodeId>();
  const open = float.outputs.flatMap(({ node }, index): readonly (readonly [ModelNodeId, ModelNodeId])[] => {
    const other = typed.outputs[index];
    return other === undefined ? [] : [[node, other.node]];
  });
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const node = at(
      float.nodes,
      skip(float, pair[0], (each) => each.kind === 'quantizeDefault' || each.kind === 'assume'),
    );
    if (seen.has(node.id)) continue;
    seen.add(node.id);
    if (node.kind === 'function') {
      const between = operandOf(float, typed, node, pair[1]);
      if (between === undefined) continue;
      found.push({ function: node, result: pair[1], ...between });
      open.push([node.operand, between.operand]);
      continue;
    }
    const isCast = (each: ModelNode): boolean =>
      each.kind !== node.kind && (each.kind === 'quantize' || each.kind === 'assume');
    const other = at(typed.nodes, skip(typed, pair[1], isCast));
    if (other.kind !== node.kind) continue;
    const operands = operandsOf(other);
    operandsOf(node).forEach((operand, index) => {
      const partner = operands[index];
      if (partner !== undefined) open.push([operand, partner]);
    });
  }
  return found.sort((left, right) => left.result - right.result);
}

function skip(graph: ModelGraph, id: ModelNodeId, over: (node: ModelNode) => boolean): ModelNodeId {
  let node = at(graph.nodes, id);
  while (over(node) && 'operand' in node) node = at(graph.nodes, node.operand);
  return node.id;
}

/** The nearest node that everything of the result goes through and that is what the float function reads. */
function operandOf(
  float: ModelGraph,
  typed: ModelGraph,
  node: ModelNodeOf<'function'>,
  result: ModelNodeId,
): { readonly operand: ModelNodeId; readonly inside: ReadonlySet<ModelNodeId> } | undefined {
  const wanted = at(
    float.nodes,
    skip(float, node.operand, (each) => each.kind === 'quantizeDefault' || each.kind === 'assume'),
  );
  const looksRight = (id: ModelNodeId): boolean => {
    const { kind, provenance } = at(
      typed.nodes,
      skip(typed, id, (each) => each.kind !== wanted.kind && each.kind === 'quantize'),
    );
    return kind === wanted.kind && provenance.name === wanted.provenance.name;
  };
  const inside = new Set<ModelNodeId>();
  const open = new Set([result]);
  while (open.size > 0) {
    // Operands come before their users: the last one that is left has all its users behind it.
    const last = [...open].reduce((most, id) => (id > most ? id : most));
    const current = at(typed.nodes, last);
    if (open.size === 1 && last !== result && looksRight(last)) return { operand: last, inside };
    if (current.kind === 'input') return undefined;
    open.delete(last);
    inside.add(last);
    for (const id of operandsOf(current)) if (at(typed.nodes, id).kind !== 'constant') open.add(id);
  }
  return undefined;
}
