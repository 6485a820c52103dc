import type { ModelGraph, ModelNode, ModelNodeId } from '../../model/kinds.js';
import { elementCount, operandsOf } from '../../model/kinds.js';
import { inferFormats } from '../../model/formats.js';
import type { TensorFormat } from '../../model/formats.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { printType } from '../../numeric/fixed-point.js';
import { at } from '../../support/invariant.js';

/** One ONNX node, or a port. */
export interface DrawnNode {
  readonly name: string;
  readonly operator: string;
  /** `57 → 32`, and what is known of its weights. */
  readonly detail: string;
  /** Of its result. */
  readonly type: string;
}

/** ONNX nodes that follow one another without a fork, under the product that they start with. */
export interface DrawnBox {
  readonly nodes: readonly DrawnNode[];
  /** Boxes whose results it reads. */
  readonly from: readonly number[];
  /** From 0 at the top: below everything that it reads. */
  readonly rank: number;
}

interface Group {
  readonly key: string;
  readonly members: ModelNode[];
  readonly operands: Set<number>;
}

/** The graph as boxes: collapsed by ONNX node, chains of them in one box. Outputs are the last boxes. */
export function layoutNetwork(graph: ModelGraph): readonly DrawnBox[] {
  const formats = inferFormats(graph);
  const groups = groupByOrigin(graph);
  const readers = new Map<number, number>();
  for (const { operands } of groups) for (const from of operands) readers.set(from, (readers.get(from) ?? 0) + 1);

  const boxes: { nodes: DrawnNode[]; from: number[]; rank: number }[] = [];
  const boxOf = new Map<number, number>();
  groups.forEach((group, index) => {
    const drawn = describe(group, graph, formats);
    const [only] = group.operands;
    const box = only === undefined ? undefined : boxOf.get(only);
    const joins = box !== undefined && group.operands.size === 1 && readers.get(only ?? -1) === 1 && continues(group);
    if (joins && groups[only ?? -1]?.members[0]?.kind !== 'input') {
      at(boxes, box).nodes.push(drawn);
      boxOf.set(index, box);
      return;
    }
    const from = [...new Set([...group.operands].map((operand) => boxOf.get(operand) ?? 0))];
    const rank = Math.max(-1, ...from.map((other) => at(boxes, other).rank)) + 1;
    boxOf.set(index, boxes.push({ nodes: [drawn], from, rank }) - 1);
  });
  const groupOf = new Map(groups.flatMap(({ members }, index) => members.map(({ id }) => [id, index] as const)));
  for (const { name, node, types } of graph.outputs) {
    const source = boxOf.get(groupOf.get(node) ?? -1);
    const { shape } = at(graph.nodes, node);
    const nodes = [{ name, operator: 'output', detail: printShape(shape), type: printTypes(types) }];
    const rank = (source === undefined ? -1 : at(boxes, source).rank) + 1;
    boxes.push({ nodes, from: source === undefined ? [] : [source], rank });
  }
  return boxes;
}

/** Products begin a box of their own. */
function continues({ members }: Group): boolean {
  return !members.some(({ kind }) => kind === 'matmul');
}

/** Type of the result by ONNX node. */
export function layerTypes(graph: ModelGraph): ReadonlyMap<string, string> {
  const formats = inferFormats(graph);
  return new Map(
    groupByOrigin(graph).flatMap((group) => {
      const { name, type } = describe(group, graph, formats);
      return at(group.members, 0).kind === 'input' ? [] : [[name, type] as const];
    }),
  );
}

/** Constants belong to what reads them. */
function groupByOrigin(graph: ModelGraph): readonly Group[] {
  const groups: Group[] = [];
  const groupOf = new Map<ModelNodeId, number>();
  for (const node of graph.nodes) {
    if (node.kind === 'constant') continue;
    const operands = operandsOf(node).flatMap((id) => groupOf.get(id) ?? []);
    const { name, operator } = node.provenance;
    // What a pass made belongs to what it reads, and so does what is done to a port on its way in.
    const own = (name === '' && operator === '') || (operator === 'Input' && operands.length > 0);
    const key = node.kind === 'input' ? `input\n${node.id}` : `${name}\n${operator}`;
    const found = own ? operands.at(-1) : groups.findLastIndex((group) => group.key === key);
    // Groups stay in topological order: one that reads a later one begins anew.
    const fits = found !== undefined && found >= 0 && operands.every((operand) => operand <= found);
    const index = fits ? found : groups.push({ key, members: [], operands: new Set() }) - 1;
    at(groups, index).members.push(node);
    for (const operand of operands) if (operand !== index) at(groups, index).operands.add(operand);
    groupOf.set(node.id, index);
  }
  return groups;
}

function describe({ members }: Group, graph: ModelGraph, formats: readonly TensorFormat[]): DrawnNode {
  const last = at(members, members.length - 1);
  const first = at(members, 0);
  const { name, operator } = last.provenance;
  const shown = { name: first.kind === 'input' ? first.name : name || 'Trigc', operator: operator || last.kind };
  if (first.kind === 'input') {
    return { ...shown, operator: 'input', detail: printShape(first.shape), type: printTypes(first.types) };
  }
  const product = members.find((node) => node.kind === 'matmul');
  return { ...shown, detail: detailOf(product ?? last, graph), type: typeOf(last, at(formats, last.id)) };
}

function detailOf(node: ModelNode, graph: ModelGraph): string {
  const operands = operandsOf(node).map((id) => at(graph.nodes, id));
  const constant = operands.find((operand) => operand.kind === 'constant');
  const from = operands.find((operand) => operand.kind !== 'constant');
  const shape = from === undefined ? printShape(node.shape) : `${printShape(from.shape)} → ${printShape(node.shape)}`;
  if (node.kind !== 'matmul')
    return from !== undefined && elementCount(from.shape) === elementCount(node.shape) ? '' : shape;
  if (constant === undefined) return shape;
  const nonzero = constant.codes.filter((code) => code !== 0n).length;
  const widest = constant.codes.reduce(
    (bits, code) => Math.max(bits, (code < 0n ? -code - 1n : code).toString(2).length),
    1,
  );
  return `${shape}, ${nonzero.toLocaleString('en-US')} of ${constant.codes.length.toLocaleString('en-US')} weights, up to ${widest + 1} bits`;
}

/** Without the batch dimension. */
function printShape(shape: readonly number[]): string {
  const inner = shape[0] === 1 && shape.length > 1 ? shape.slice(1) : shape;
  return inner.join(' × ') || '1';
}

/** Declared types in full; of an exact tensor, the smallest type that holds all its elements. */
function typeOf(node: ModelNode, { lsb, ranges }: TensorFormat): string {
  if (node.kind === 'quantize' || node.kind === 'requantize' || node.kind === 'bits') return printTypes(node.types);
  if (node.kind === 'table') return printType(node.type);
  let [low, high] = [0n, 0n];
  for (const range of ranges) {
    if (range.low < low) low = range.low;
    if (range.high > high) high = range.high;
  }
  const negative = low < 0n ? (-low - 1n).toString(2).length : 0;
  const width = Math.max(1, high > 0n ? high.toString(2).length : 0, low < -1n ? negative : 0) + (low < 0n ? 1 : 0);
  return `exact ap_${low < 0n ? 'fixed' : 'ufixed'}<${width},${width + lsb}>`;
}

/** Several types: the first and how many others there are. */
export function printTypes(types: readonly FixedPointType[]): string {
  const printed = [...new Set(types.map(printType))];
  const [first = 'untyped', ...others] = printed;
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}
