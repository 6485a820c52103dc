import { at, invariant } from '../../../support/invariant.js';
import type { ModelGraph, ModelNode, ModelNodeId, ModelNodeOf } from '../../../model/kinds.js';
import { elementCount, operandsOf } from '../../../model/kinds.js';
import { elementOrigins, isMove, usersOf } from '../structure.js';

/** A computed tensor, or an input, that a quantiser may follow. */
export interface TensorSite {
  readonly kind: 'tensor';
  /** Unique in the graph: the ONNX node's or the input's name, made unique where it is not. */
  readonly name: string;
  /** The node whose result is quantised. */
  readonly node: ModelNodeId;
  readonly isInput: boolean;
  /** Elements of the tensor. */
  readonly size: number;
  /**
   * By element, the number of its group, from 0. Elements of one group are multiplied by the same weight somewhere, as
   * the positions of a convolution are: one type for all of them lets every position use the same circuit.
   */
  readonly groups: Int32Array;
  readonly groupCount: number;
  /** Does a matrix product or another multiplication read it, perhaps through nodes that only move elements? */
  readonly entersProduct: boolean;
  /** Does a function that becomes a table read it? */
  readonly entersFunction: boolean;
  /** Names of the graph outputs that are this tensor. */
  readonly outputs: readonly string[];
}

/** A float constant that takes part in arithmetic. */
export interface ConstantSite {
  readonly kind: 'constant';
  readonly name: string;
  readonly node: ModelNodeId;
  readonly role: 'weight' | 'bias';
  readonly size: number;
  /** matmul(computed, this constant of rank 2), where that is all that reads it. */
  readonly product?: ModelNodeOf<'matmul'>;
  /** For a bias: the sum, where one addition is all that reads it. */
  readonly sum?: ModelNodeOf<'add'>;
}

export type PrecisionSite = TensorSite | ConstantSite;

/**
 * The places of a folded float graph that take a type, in the order of its nodes. Tensors that the model has quantised
 * already are none, and neither is anything inside an operator whose types follow from its result (`fitted`).
 */
export function findSites(graph: ModelGraph): readonly PrecisionSite[] {
  return new SiteFinder(graph).run();
}

class SiteFinder {
  private readonly users: readonly (readonly ModelNode[])[];
  private readonly names = new Set<string>();
  private readonly groups = new Map<ModelNodeId, Int32Array>();
  private readonly product = new Set<ModelNodeId>();
  private readonly toFunction = new Set<ModelNodeId>();

  public constructor(private readonly graph: ModelGraph) {
    this.users = usersOf(graph, operandsOf);
  }

  public run(): readonly PrecisionSite[] {
    const { graph } = this;
    const portNames = new Map<ModelNodeId, string[]>();
    for (const node of graph.nodes) {
      if (node.kind === 'matmul') this.enterMatmul(node);
      else if (node.kind === 'multiply' && !this.isConstant(node.left) && !this.isConstant(node.right)) {
        for (const id of new Set([node.left, node.right])) this.mark(id, this.product);
      } else if (node.kind === 'quantizeDefault') this.mark(node.operand, this.product);
      else if (node.kind === 'function' && !node.fitted) this.mark(node.operand, this.toFunction);
    }
    for (const { name, node } of graph.outputs) {
      for (const source of this.sources(node)) {
        const known = portNames.get(source);
        if (known === undefined) portNames.set(source, [name]);
        else known.push(name);
      }
    }
    return graph.nodes.flatMap((node): readonly PrecisionSite[] => {
      if (node.kind === 'constant') return this.constantSite(node);
      const outputs = portNames.get(node.id) ?? [];
      const entersProduct = this.product.has(node.id);
      const entersFunction = this.toFunction.has(node.id);
      const isInput = node.kind === 'input';
      const enters = entersProduct || entersFunction || (isInput && this.takesType(node));
      if (!enters && outputs.length === 0) return [];
      if (!this.mayBeQuantised(node)) return [];
      const size = elementCount(node.shape);
      const named = isInput ? node.name : node.provenance.name;
      // A table has one type of entries, and tables of one tensor are shared where their operands have one type.
      const single = node.kind === 'function' || (entersFunction && !entersProduct);
      const { groups, groupCount } = single
        ? { groups: new Int32Array(size), groupCount: 1 }
        : numberGroups(this.groups.get(node.id), size);
      const name = this.unique(named, node.id);
      const common = { name, node: node.id, isInput, size, entersProduct, entersFunction, outputs };
      return [{ kind: 'tensor', ...common, groups, groupCount }];
    });
  }

  private isConstant(id: ModelNodeId): boolean {
    return [...this.sources(id)].every((source) => at(this.graph.nodes, source).kind === 'constant');
  }

  /** Results of quantisers have their type; functions inside larger operators take it from their readers. */
  private mayBeQuantised(node: ModelNode): boolean {
    if (node.kind === 'function') return !node.fitted;
    if (node.kind === 'input') return node.types.length === 0 || this.product.has(node.id);
    return !['constant', 'quantize', 'requantize', 'bits', 'bipolar', 'table', 'lessThan', 'equal'].includes(node.kind);
  }

  /** Nodes that compute the elements of a tensor, looking through nodes that only move them. Iterative. */
  private sources(id: ModelNodeId): ReadonlySet<ModelNodeId> {
    const found = new Set<ModelNodeId>();
    const seen = new Set<ModelNodeId>();
    const open = [id];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      const node = at(this.graph.nodes, next);
      if (isMove(node)) for (const operand of operandsOf(node)) open.push(operand);
      else found.add(next);
    }
    return found;
  }

  /** A port has a type whatever reads it; where quantisers of the model alone do, it is theirs. */
  private takesType(node: ModelNodeOf<'input'>): boolean {
    const readers = this.readersOf(node.id);
    return readers.some((reader) => reader.kind !== 'quantize' && reader.kind !== 'requantize');
  }

  private mark(id: ModelNodeId, marks: Set<ModelNodeId>): void {
    for (const source of this.sources(id)) marks.add(source);
  }

  /** Elements that stand in one column of the left operand, over all its rows, belong together. */
  private enterMatmul(node: ModelNodeOf<'matmul'>): void {
    for (const id of [node.left, node.right]) if (!this.isConstant(id)) this.mark(id, this.product);
    if (this.isConstant(node.left) || !this.isConstant(node.right)) return;
    const { shape } = at(this.graph.nodes, node.left);
    const columns = shape.at(-1) ?? 1;
    const rows = elementCount(shape) / columns;
    if (rows === 1) return;
    const origin = elementOrigins(this.graph, node.left);
    for (let column = 0; column < columns; column++) {
      const first = new Map<ModelNodeId, number>();
      for (let row = 0; row < rows; row++) {
        const index = row * columns + column;
        const source = at(origin.node, index);
        const element = at(origin.element, index);
        if (at(this.graph.nodes, source).kind === 'constant') continue;
        const parents = this.parentsOf(source);
        const known = first.get(source);
        if (known === undefined) first.set(source, element);
        else join(parents, known, element);
      }
    }
  }

  private parentsOf(id: ModelNodeId): Int32Array {
    const known = this.groups.get(id);
    if (known !== undefined) return known;
    const made = Int32Array.from({ length: elementCount(at(this.graph.nodes, id).shape) }, (_, index) => index);
    this.groups.set(id, made);
    return made;
  }

  private constantSite(node: ModelNodeOf<'constant'>): readonly ConstantSite[] {
    if (!node.float) return [];
    const readers = this.readersOf(node.id);
    const multiplied = readers.some((reader) => reader.kind === 'matmul' || reader.kind === 'multiply');
    const added = readers.some((reader) => reader.kind === 'add' || reader.kind === 'subtract');
    if (!multiplied && !added) return [];
    const role = multiplied ? 'weight' : 'bias';
    const name = this.unique(
      node.provenance.name === '' ? '' : `${node.provenance.name}.${role}`,
      node.id,
      `#${node.id}.${role}`,
    );
    const [only, ...others] = this.users[node.id] ?? [];
    const single = others.length === 0 ? only : undefined;
    const product =
      single?.kind === 'matmul' && single.right === node.id && node.shape.length === 2 && !this.isConstant(single.left)
        ? { product: single }
        : {};
    const sum = single?.kind === 'add' && role === 'bias' ? { sum: single } : {};
    return [{ kind: 'constant', name, node: node.id, role, size: elementCount(node.shape), ...product, ...sum }];
  }

  /** Nodes that compute with a tensor, looking through nodes that only move it. */
  private readersOf(id: ModelNodeId): readonly ModelNode[] {
    const found: ModelNode[] = [];
    const seen = new Set<ModelNodeId>();
    const open = [id];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      for (const user of this.users[next] ?? []) {
        if (isMove(user)) open.push(user.id);
        else found.push(user);
      }
    }
    return found;
  }

  private unique(name: string, id: ModelNodeId, unnamed = `#${id}`): string {
    const wanted = name === '' ? unnamed : name;
    let made = wanted;
    for (let count = 2; this.names.has(made); count++) made = `${wanted}@${count}`;
    this.names.add(made);
    return made;
  }
}

function rootOf(parents: Int32Array, element: number): number {
  let root = element;
  while (parents[root] !== root) root = at(parents, root);
  // Halve the path, so that long chains of unions stay cheap.
  for (let next = element; parents[next] !== root;) {
    const parent = at(parents, next);
    parents[next] = root;
    next = parent;
  }
  return root;
}

/** The smaller element stays the root, so that groups are numbered in the order of their first elements. */
function join(parents: Int32Array, left: number, right: number): void {
  const [a, b] = [rootOf(parents, left), rootOf(parents, right)];
  if (a < b) parents[b] = a;
  else if (b < a) parents[a] = b;
}

function numberGroups(
  parents: Int32Array | undefined,
  size: number,
): { readonly groups: Int32Array; readonly groupCount: number } {
  if (parents === undefined)
    return { groups: Int32Array.from({ length: size }, (_, index) => index), groupCount: size };
  const groups = new Int32Array(size);
  let groupCount = 0;
  for (let element = 0; element < size; element++) {
    const root = rootOf(parents, element);
    invariant(root <= element, 'the first element of a group is its root');
    groups[element] = root === element ? groupCount++ : at(groups, root);
  }
  return { groups, groupCount };
}
