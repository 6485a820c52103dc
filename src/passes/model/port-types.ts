import { typingCodes } from '../../diagnostics/codes/typing.js';
import { printable } from '../../diagnostics/diagnostic.js';
import type { DiagnosticBag } from '../../diagnostics/result.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { MAXIMUM_WIDTH, sameType } from '../../numeric/fixed-point.js';
import { intervalWidth } from '../../numeric/interval.js';
import { exactType, formatOf } from '../../model/formats.js';
import type { TensorFormat } from '../../model/formats.js';
import type { ModelGraph, ModelNodeId } from '../../model/kinds.js';
import { perElement } from '../../model/kinds.js';
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
  // Forward over all nodes, so that a long chain of reshapes needs no recursion.
  const quantized: (readonly FixedPointType[] | undefined)[] = [];
  const typesOf = (id: ModelNodeId): readonly FixedPointType[] => {
    const format = formats[id];
    return quantized[id] ?? (format === undefined ? [] : [exactType(format)]);
  };
  for (const node of graph.nodes) {
    const moved = movedElements(node, (operand) => graph.nodes[operand]?.shape ?? []);
    if (node.kind === 'table') quantized.push([node.type]);
    else if (node.kind === 'quantize' || node.kind === 'requantize' || node.kind === 'bits' || node.kind === 'input')
      quantized.push(node.types);
    else if (moved === undefined || moved.operands.every((id) => quantized[id] === undefined))
      quantized.push(undefined);
    else {
      const sources = moved.operands.map(typesOf);
      const types = Array.from(moved.element, (element, index) =>
        perElement(sources[moved.operand[index] ?? 0] ?? [], element),
      );
      quantized.push(compact(types));
    }
  }
  return graph.outputs.map((output) => compact(typesOf(output.node)));
}

/** One element when all are equal. */
export function compact(types: readonly FixedPointType[]): readonly FixedPointType[] {
  const [first] = types;
  return first !== undefined && types.every((type) => sameType(type, first)) ? [first] : types;
}
