import { success } from '../../diagnostics/result.js';
import { lsbExponent } from '../../numeric/fixed-point.js';
import { contains, shiftInterval } from '../../numeric/interval.js';
import { quantizedRange } from '../../numeric/rounding.js';
import type { TensorFormat } from '../../model/formats.js';
import { inferFormats } from '../../model/formats.js';
import type { ModelGraph, ModelNodeOf } from '../../model/kinds.js';
import { perElement } from '../../model/kinds.js';
import type { Pass } from '../pass.js';
import { rebuild } from './rebuild.js';

/** A quantiser that changes no reachable value goes: every element lies on its type's grid and within its range. */
export const removeRedundantQuantizers: Pass<ModelGraph> = {
  name: 'remove-redundant-quantizers',
  summary: 'drop quantisers that change no reachable value',
  preserves: 'values',
  run: (graph) => {
    const formats = inferFormats(graph);
    let removed = 0;
    const result = rebuild(graph, (node, map) => {
      const format = node.kind === 'quantize' ? formats[node.operand] : undefined;
      if (node.kind !== 'quantize' || format === undefined || !isRedundant(node, format)) return 'keep';
      removed++;
      return map(node.operand);
    });
    return success(removed === 0 ? graph : result);
  },
};

function isRedundant(node: ModelNodeOf<'quantize'>, format: TensorFormat): boolean {
  return format.ranges.every((range, index) => {
    const type = perElement(node.types, index);
    const shift = format.lsb - lsbExponent(type);
    return shift >= 0 && contains(quantizedRange(type, node.overflow), shiftInterval(range, shift));
  });
}
