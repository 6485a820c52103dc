import { typingCodes } from '../../diagnostics/codes/typing.js';
import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import { diagnose, printable } from '../../diagnostics/diagnostic.js';
import { printDyadic } from '../../numeric/dyadic.js';
import { codeRange, lsbExponent, printQuantizer, sameQuantizer } from '../../numeric/fixed-point.js';
import { roundShift } from '../../numeric/rounding.js';
import { inferFormats } from '../../model/formats.js';
import type { ModelGraph, ModelNodeOf } from '../../model/kinds.js';
import { perElement, uniformQuantizer } from '../../model/kinds.js';
import type { LayerDeclarations } from './layers/declaration.js';

/**
 * A warning for each quantiser that wraps and whose operand can, by intervals, leave its type: with the value. A note
 * where the layer that the quantiser belongs to is declared to have exactly this type: then the wrap is asked for.
 */
export function warnWraps(graph: ModelGraph, layers: LayerDeclarations = new Map()): readonly Diagnostic[] {
  const formats = inferFormats(graph);
  const warnings: Diagnostic[] = [];
  for (const node of graph.nodes) {
    if (node.kind !== 'quantize' || node.overflow !== 'WRAP') continue;
    const format = formats[node.operand];
    if (format === undefined) continue;
    let count = 0;
    let first: string | undefined;
    format.ranges.forEach((range, index) => {
      const type = perElement(node.types, index);
      const shift = lsbExponent(type) - format.lsb;
      const codes = codeRange(type);
      const beyond = [range.high, range.low].find((code) => {
        const rounded = roundShift(code, shift, node.rounding);
        return rounded > codes.high || rounded < codes.low;
      });
      if (beyond === undefined) return;
      count++;
      const quantizer = printQuantizer({ type, rounding: node.rounding, overflow: node.overflow });
      first ??= `element ${index} can reach ${printDyadic({ code: beyond, lsb: format.lsb })}, which ${quantizer} wraps`;
    });
    if (first === undefined) continue;
    const more = count > 1 ? ` (and ${count - 1} more elements)` : '';
    const kind = isDeclared(node, layers) ? typingCodes.declaredWrap : typingCodes.reachableWrap;
    warnings.push(diagnose(kind, `${first}${more}`, { node: printable(node.provenance.name) }));
  }
  return warnings;
}

/** Is the quantiser the accumulator or the result that is declared for the layer of its name? */
function isDeclared(node: ModelNodeOf<'quantize'>, layers: LayerDeclarations): boolean {
  const own = uniformQuantizer(node);
  const layer = layers.get(node.provenance.name);
  if (own === undefined || layer === undefined) return false;
  return [layer.accumulator, layer.result].some((declared) => declared !== undefined && sameQuantizer(declared, own));
}
