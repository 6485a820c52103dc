import { typingCodes } from '../../diagnostics/codes/typing.js';
import { printable } from '../../diagnostics/diagnostic.js';
import type { DiagnosticBag } from '../../diagnostics/result.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { MAXIMUM_WIDTH } from '../../numeric/fixed-point.js';
import { intervalWidth } from '../../numeric/interval.js';
import { exactType, formatOf } from '../../model/formats.js';
import type { TensorFormat } from '../../model/formats.js';
import type { ModelGraph, ModelNodeId } from '../../model/kinds.js';
import { elementCount, perElement } from '../../model/kinds.js';
import { compact } from './assign-types.js';
import { movedElements } from './structure.js';

/**
 * The types of the output ports: a quantiser's own type, seen through nodes that only move elements; otherwise the
 * exact type of the tensor. Undefined, with the reason reported, when a tensor grows beyond the widest word.
 */
export function portTypes(graph: ModelGraph, bag: DiagnosticBag): readonly (readonly FixedPointType[])[] | undefined {
  const formats: TensorFormat[] = [];
  for (const node of graph.nodes) {
    const format = formatOf(node, graph, formats);
    const widest = format.ranges.reduce((width, range) => Math.max(width, intervalWidth(range)), 1);
    if (widest > MAXIMUM_WIDTH) {
      const message = `the result of '${printable(node.provenance.name)}' needs ${widest} bits; the limit is ${MAXIMUM_WIDTH}`;
      bag.add(typingCodes.widthLimit, message, { node: printable(node.provenance.name) });
      return undefined;
    }
    formats.push(format);
  }
  const known = new Map<ModelNodeId, readonly FixedPointType[]>();
  const typesOf = (id: ModelNodeId): readonly FixedPointType[] => {
    const existing = known.get(id);
    if (existing !== undefined) return existing;
    const node = graph.nodes[id];
    if (node === undefined) return [];
    const size = elementCount(node.shape);
    const spread = (types: readonly FixedPointType[]): readonly FixedPointType[] =>
      Array.from({ length: size }, (_, index) => perElement(types, index));
    const moved = movedElements(node, (operand) => graph.nodes[operand]?.shape ?? []);
    let types: readonly FixedPointType[];
    if (moved !== undefined) {
      const sources = moved.operands.map(typesOf);
      types = Array.from(moved.element, (element, index) =>
        perElement(sources[moved.operand[index] ?? 0] ?? [], element),
      );
    } else if (node.kind === 'quantize' || node.kind === 'input') {
      types = spread(node.types);
    } else {
      const format = formats[id];
      types = format === undefined ? [] : spread([exactType(format)]);
    }
    known.set(id, types);
    return types;
  };
  return graph.outputs.map((output) => compact(typesOf(output.node)));
}
