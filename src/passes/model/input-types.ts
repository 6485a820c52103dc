import type { DiagnosticBag } from '../../diagnostics/result.js';
import { typingCodes } from '../../diagnostics/codes/typing.js';
import { printable } from '../../diagnostics/diagnostic.js';
import type { Quantizer } from '../../numeric/fixed-point.js';
import { printQuantizer, sameQuantizer } from '../../numeric/fixed-point.js';
import type { ModelGraph, ModelNode, ModelNodeOf } from '../../model/kinds.js';
import { elementCount, perElement } from '../../model/kinds.js';
import { movedElements } from './structure.js';

/**
 * The quantiser that each element of an input meets first, looking through nodes that only move elements. An element
 * that meets none is undefined. Disagreeing quantisers are reported. `users` are those of `usersOf`.
 */
export function firstQuantizers(
  graph: ModelGraph,
  users: readonly (readonly ModelNode[])[],
  input: ModelNodeOf<'input'>,
  bag: DiagnosticBag,
): readonly (Quantizer | undefined)[] {
  const found = new Array<Quantizer | undefined>(elementCount(input.shape)).fill(undefined);
  const shapeOf = (id: number): readonly number[] => graph.nodes[id]?.shape ?? [];
  let direct = false;
  let conflict: string | undefined;
  // For each node reached: which element of the input stands at each of its elements, -1 for none.
  const reached: { node: ModelNode; sources: Int32Array }[] = [
    { node: input, sources: Int32Array.from(found, (_, index) => index) },
  ];
  for (let next = reached.pop(); next !== undefined; next = reached.pop()) {
    const { node, sources } = next;
    if (graph.outputs.some((output) => output.node === node.id)) direct = true;
    for (const user of users[node.id] ?? []) {
      if (user.kind === 'quantize') {
        sources.forEach((source, index) => {
          if (source < 0) return;
          const quantizer = { type: perElement(user.types, index), rounding: user.rounding, overflow: user.overflow };
          const earlier = found[source];
          if (earlier === undefined) found[source] = quantizer;
          else if (!sameQuantizer(earlier, quantizer)) {
            conflict ??= `element ${source} meets ${printQuantizer(earlier)} and ${printQuantizer(quantizer)} (node '${printable(user.provenance.name)}')`;
          }
        });
        continue;
      }
      const moved = movedElements(user, shapeOf);
      if (moved === undefined) {
        direct = true;
        continue;
      }
      const mapped = moved.element.map((element, index) =>
        moved.operands[moved.operand[index] ?? 0] === node.id ? (sources[element] ?? -1) : -1,
      );
      reached.push({ node: user, sources: mapped });
    }
  }
  const location = { node: input.provenance.name === '' ? input.name : input.provenance.name };
  if (conflict !== undefined) {
    bag.add(typingCodes.inputQuantisersDisagree, `input '${printable(input.name)}': ${conflict}`, location);
  } else if (direct && found.some((quantizer) => quantizer !== undefined)) {
    bag.add(
      typingCodes.unquantisedInputUse,
      `input '${printable(input.name)}' is quantised on one path and used directly on another`,
      location,
    );
  }
  return found;
}
