import { dyadicToNumber } from '../numeric/dyadic.js';
import { printType } from '../numeric/fixed-point.js';
import { ModelBuilder } from '../model/builder.js';
import type { ModelGraph, ModelNode, ModelNodeId, ModelNodeOf } from '../model/kinds.js';
import { perElement } from '../model/kinds.js';
import { copyNode } from '../passes/model/copy-node.js';
import { usersOf } from '../passes/model/structure.js';
import { operandsOf } from '../model/kinds.js';
import { at } from '../support/invariant.js';
import type { TabulatedFunction } from './match-functions.js';
import { matchFunctions } from './match-functions.js';
import type { QuantiserRole } from './quantiser-loss.js';

/** Something that the typed graph rounds and the float graph does not, and that can be switched off by itself. */
export interface Switch {
  readonly name: string;
  readonly node: string;
  readonly operator: string;
  readonly role: QuantiserRole;
  readonly types: readonly string[];
  /** Nodes of the typed graph that belong to it, in order. */
  readonly nodes: readonly ModelNodeId[];
}

/** The typed graph with the float graph's values beside its own. */
export interface SwitchableGraph {
  /** In the order of the graph. */
  readonly switches: readonly Switch[];
  /** The typed graph where only these round; says also where each of its nodes went, by id. */
  readonly variant: (enabled: ReadonlySet<Switch>) => {
    readonly graph: ModelGraph;
    readonly mapped: readonly ModelNodeId[];
  };
}

/**
 * Finds what the typed graph rounds. Its nodes are matched with those of the float graph by ONNX node and operator:
 * quantisers and tables that the float graph has as well belong to the model, and are always on. With everything off
 * the variant computes what the float graph does; that is for the caller to check, since a node that found no partner
 * stays as it is. `ownInputs`: ports that hold the integers of a quantiser of the model.
 */
export function switchableGraph(
  float: ModelGraph,
  typed: ModelGraph,
  ownInputs: ReadonlySet<string> = new Set(),
): SwitchableGraph {
  const partners = matchNodes(float, typed);
  const functions = new Map(matchFunctions(float, typed).map((found) => [found.result, found]));
  // Roundings inside a function belong to it.
  const inside = new Set([...functions.values()].flatMap((found) => [...found.inside]));
  const users = usersOf(typed, operandsOf);
  const groups = new Map<string, { node: ModelNode; role: QuantiserRole; nodes: ModelNodeId[]; types: Set<string> }>();
  const owner = new Map<ModelNodeId, string>();
  for (const node of typed.nodes) {
    const role = functions.has(node.id)
      ? 'table'
      : inside.has(node.id)
        ? undefined
        : roleOf(node, typed, users[node.id] ?? [], partners);
    if (role === undefined || (node.kind === 'input' && ownInputs.has(node.name))) continue;
    // Constants of a node may be several, and differ; the roundings inside a sum are one.
    const { name, operator } = node.provenance;
    const label = node.kind === 'input' ? node.name : `${name === '' ? `#${node.id}` : name}.${role}`;
    let key = JSON.stringify([label, operator]);
    if (node.kind === 'constant' || role === 'table')
      for (let copy = 2; groups.has(key); copy++) key = JSON.stringify([label, operator, copy]);
    const group = groups.get(key) ?? { node, role, nodes: [], types: new Set<string>() };
    groups.set(key, group);
    group.nodes.push(node.id);
    for (const type of typesOf(node)) group.types.add(type);
    owner.set(node.id, key);
  }
  const names = new Set<string>();
  const byKey = new Map<string, Switch>();
  for (const [key, { node, role, nodes, types }] of groups) {
    const { name, operator } = node.provenance;
    const wanted = node.kind === 'input' ? node.name : `${name === '' ? `#${node.id}` : name}.${role}`;
    let unique = wanted;
    for (let copy = 2; names.has(unique); copy++) unique = `${wanted}@${copy}`;
    names.add(unique);
    const shown = node.kind === 'input' ? { node: node.name, operator: '' } : { node: name, operator };
    byKey.set(key, { name: unique, ...shown, role, types: [...types], nodes });
  }
  const switchOf = (id: ModelNodeId): Switch | undefined => byKey.get(owner.get(id) ?? '');
  return {
    switches: [...byKey.values()],
    variant: (enabled) => {
      const isOn = (id: ModelNodeId): boolean => {
        const found = switchOf(id);
        return found === undefined || enabled.has(found);
      };
      return buildVariant(typed, partners, functions, isOn);
    },
  };
}

function buildVariant(
  typed: ModelGraph,
  partners: ReadonlyMap<ModelNodeId, ModelNode>,
  functions: ReadonlyMap<ModelNodeId, TabulatedFunction>,
  isOn: (id: ModelNodeId) => boolean,
): { readonly graph: ModelGraph; readonly mapped: readonly ModelNodeId[] } {
  const builder = new ModelBuilder(typed.name);
  const mapped: ModelNodeId[] = [];
  const operandOf = (id: ModelNodeId): ModelNodeId => at(mapped, id);
  for (const node of typed.nodes) {
    const partner = partners.get(node.id);
    const on = isOn(node.id);
    const tabulated = functions.get(node.id);
    if (node.kind === 'input') {
      const input = builder.input({ ...node, types: [] }, node.shape, node.provenance);
      const { types, rounding } = node;
      // Ports clip, whatever they declare.
      const rounded = { operand: input, types, rounding, overflow: 'SAT' } as const;
      mapped.push(on ? builder.add('quantize', rounded, node.provenance) : input);
    } else if (!on && tabulated !== undefined) {
      const { function: real, operand } = tabulated;
      mapped.push(builder.add('function', { ...real, operand: operandOf(operand) }, node.provenance));
    } else if (node.kind === 'assume' || (!on && node.kind === 'quantize')) {
      mapped.push(operandOf(node.operand));
    } else if (!on && node.kind === 'constant' && partner?.kind === 'constant') {
      mapped.push(builder.constant(partner, node.shape, node.provenance));
    } else {
      mapped.push(copyNode(builder, node, operandOf));
    }
  }
  for (const { name, node } of typed.outputs) builder.output(name, at(mapped, node));
  return { graph: builder.finish(), mapped };
}

/** What a node of the typed graph is a rounding of; undefined for nodes that are the model's own. */
function roleOf(
  node: ModelNode,
  typed: ModelGraph,
  users: readonly ModelNode[],
  partners: ReadonlyMap<ModelNodeId, ModelNode>,
): QuantiserRole | undefined {
  const partner = partners.get(node.id);
  switch (node.kind) {
    case 'input':
      return 'input';
    case 'quantize': {
      if (partner !== undefined) return undefined;
      const operand = at(typed.nodes, node.operand);
      return operand.kind === 'constant' ? constantRole(users) : 'result';
    }
    case 'constant':
      return partner?.kind === 'constant' && !sameValues(partner, node) ? constantRole(users) : undefined;
    default:
      return undefined;
  }
}

function constantRole(users: readonly ModelNode[]): QuantiserRole {
  if (users.some(({ kind }) => kind === 'matmul' || kind === 'multiply')) return 'weight';
  return users.some(({ kind }) => kind === 'add' || kind === 'subtract') ? 'bias' : 'constant';
}

function typesOf(node: ModelNode): readonly string[] {
  if (node.kind === 'input' || node.kind === 'quantize') return node.types.map(printType);
  if (node.kind === 'table') return [printType(node.type)];
  return node.kind === 'constant' ? [`steps of 2^${node.lsb}`] : [];
}

function sameValues(left: ModelNodeOf<'constant'>, right: ModelNodeOf<'constant'>): boolean {
  return distance(left, right) === 0;
}

function distance(left: ModelNodeOf<'constant'>, right: ModelNodeOf<'constant'>): number {
  const value = ({ codes, lsb }: ModelNodeOf<'constant'>, index: number): number =>
    dyadicToNumber({ code: perElement(codes, index), lsb });
  return left.codes.reduce((most, _, index) => Math.max(most, Math.abs(value(left, index) - value(right, index))), 0);
}

/** Partners in the float graph: constants by the nearest values, the others by their order where there are as many. */
function matchNodes(float: ModelGraph, typed: ModelGraph): ReadonlyMap<ModelNodeId, ModelNode> {
  const partners = new Map<ModelNodeId, ModelNode>();
  const grouped = (graph: ModelGraph, kindOf: (node: ModelNode) => string | undefined): Map<string, ModelNode[]> => {
    const groups = new Map<string, ModelNode[]>();
    for (const node of graph.nodes) {
      const kind = kindOf(node);
      if (kind === undefined) continue;
      const { name, operator } = node.provenance;
      const key = JSON.stringify([kind, name, operator, node.shape]);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [node]);
      else group.push(node);
    }
    return groups;
  };
  const constants = (node: ModelNode): string | undefined => (node.kind === 'constant' ? 'constant' : undefined);
  const known = grouped(float, constants);
  for (const [key, nodes] of grouped(typed, constants)) {
    for (const node of nodes) {
      if (node.kind !== 'constant') continue;
      const candidates = (known.get(key) ?? []).filter((other) => other.kind === 'constant');
      const [nearest] = candidates
        .map((other) => ({ other, far: distance(other, node) }))
        .sort((left, right) => left.far - right.far);
      if (nearest !== undefined) partners.set(node.id, nearest.other);
    }
  }
  const quantisers = (node: ModelNode): string | undefined =>
    node.kind === 'requantize' || node.kind === 'quantize' ? 'quantize' : undefined;
  const there = grouped(float, quantisers);
  for (const [key, nodes] of grouped(typed, quantisers)) {
    const others = there.get(key) ?? [];
    // The model's own come first: a cast is added behind the node that it follows.
    nodes.slice(0, others.length).forEach((node, index) => partners.set(node.id, at(others, index)));
  }
  return partners;
}
