import type { FixedPointType } from '../numeric/fixed-point.js';
import { codeRange, lsbExponent } from '../numeric/fixed-point.js';
import type { Interval } from '../numeric/interval.js';
import { contains, intersect, shiftInterval } from '../numeric/interval.js';
import type { ModelGraph, ModelNode, ModelNodeId } from '../model/kinds.js';
import { perElement } from '../model/kinds.js';
import { movedElements } from '../passes/model/structure.js';
import { at } from '../support/invariant.js';

/** A promise about bits of a packed word. */
export interface FieldPromise {
  /** Position of the least significant bit. */
  readonly low: number;
  readonly type: FixedPointType;
  /** Codes of the type. */
  readonly promised: Interval;
}

/** Promises about the fields of input words, by `wordKey` of input node and element. */
export function fieldPromises(graph: ModelGraph): ReadonlyMap<string, readonly FieldPromise[]> {
  const sourceOf = tracer(graph);
  const found = new Map<string, FieldPromise[]>();
  for (const node of graph.nodes) {
    if (node.kind !== 'assume') continue;
    for (let index = 0; index < at(graph.nodes, node.operand).shape.reduce((a, b) => a * b, 1); index++) {
      const field = sourceOf(node.operand, index);
      if (field.node.kind !== 'bits') continue;
      const word = sourceOf(field.node.operand, field.element);
      if (word.node.kind !== 'input') continue;
      const type = perElement(field.node.types, field.element);
      const promised = intersect(
        codeRange(type),
        shiftInterval(perElement(node.ranges, index), node.lsb - lsbExponent(type)),
      );
      if (promised === undefined || contains(promised, codeRange(type))) continue;
      const key = wordKey(word.node.id, word.element);
      const list = found.get(key) ?? [];
      list.push({ low: perElement(field.node.lows, field.element), type, promised });
      found.set(key, list);
    }
  }
  return found;
}

export function wordKey(input: ModelNodeId, element: number): string {
  return `${input},${element}`;
}

/** Where an element comes from, looking through nodes that only move elements. */
function tracer(
  graph: ModelGraph,
): (id: ModelNodeId, element: number) => { readonly node: ModelNode; readonly element: number } {
  const shapeOf = (id: ModelNodeId): readonly number[] => at(graph.nodes, id).shape;
  const known = new Map<ModelNodeId, ReturnType<typeof movedElements>>();
  return (from, index) => {
    let [id, element] = [from, index];
    for (;;) {
      const node = at(graph.nodes, id);
      if (!known.has(id)) known.set(id, movedElements(node, shapeOf));
      const moved = known.get(id);
      if (moved === undefined) return { node, element };
      id = at(moved.operands, at(moved.operand, element));
      element = at(moved.element, element);
    }
  };
}
