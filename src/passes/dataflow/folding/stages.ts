import { digitAdderLuts, digitBits, digitCount, multiplexerLuts } from '../../../design/digits.js';
import type { DataflowNode, Kernel, NodeId } from '../../../dataflow/kinds.js';
import type { Instance } from '../../../dataflow/program.js';
import { operands } from '../../../dataflow/semantics.js';
import { intervalWidth, isPoint } from '../../../numeric/interval.js';
import { at } from '../../../support/invariant.js';
import type { NodeClass } from './classify.js';
import { sourceOf, stageClasses } from './classify.js';

/** By node, the stage that makes it; -1 for wiring that stages write for themselves, and for operands. */
export function stagesOf(kernel: Kernel, classes: readonly NodeClass[]): readonly number[] {
  const count = stageClasses.length;
  const stages = kernel.nodes.map(() => -1);
  const place = (node: DataflowNode, kind: (typeof stageClasses)[number]): void => {
    const after = operands(node).reduce((last, id) => Math.max(last, at(stages, sourceOf(kernel, id).id)), 0);
    const own = stageClasses.indexOf(kind);
    const steps = (((own - after) % count) + count) % count;
    // Products of a stage are carried out in any order: one that reads another comes a round later.
    stages[node.id] = after + (kind === 'product' && steps === 0 ? count : steps);
  };
  for (const node of kernel.nodes) {
    const kind = at(classes, node.id);
    if (kind !== 'wiring') place(node, kind);
  }
  // What leaves the kernel must be made by some stage, be it a shift or a constant.
  for (const id of kernel.outputs) {
    const node = at(kernel.nodes, id);
    if (stages[id] === -1 && node.kind !== 'input') place(node, 'word');
  }
  return stages;
}

/** Values that a later stage or the outside reads. */
export function leavingOf(kernel: Kernel, stages: readonly number[]): ReadonlySet<NodeId> {
  const leaving = new Set<NodeId>();
  for (const node of kernel.nodes) {
    const stage = at(stages, node.id);
    if (stage < 0) continue;
    for (const id of operands(node)) {
      const source = sourceOf(kernel, id);
      const made = at(stages, source.id);
      if (made >= 0 && made !== stage && !isPoint(source.range)) leaving.add(source.id);
    }
  }
  for (const id of kernel.outputs) if (at(stages, id) >= 0) leaving.add(id);
  return leaving;
}

/** Whether walking over the positions with whole kernels takes fewer tables than splitting them. */
export function wholeIsCheaper(
  kernel: Kernel,
  classes: readonly NodeClass[],
  { positions }: Instance,
  interval: number,
): boolean {
  const count = positions.length;
  const width = (id: NodeId): number => intervalWidth(at(kernel.nodes, id).range);
  const inputBits = kernel.inputs.reduce((sum, id) => sum + width(id), 0);
  const lanes = (slots: number): number => Math.ceil(count / Math.min(count, Math.max(1, slots)));
  let [whole, words, sums, widest] = [0, 0, 0, 1];
  for (const node of kernel.nodes) {
    const kind = at(classes, node.id);
    if (kind === 'wiring') continue;
    const luts = node.kind === 'multiply' || node.kind === 'square' ? width(node.id) ** 2 / 4 : width(node.id);
    whole += luts;
    if (kind === 'sum') {
      sums += node.kind === 'addThree' ? 2 : 1;
      widest = Math.max(widest, width(node.id));
    } else words += luts;
  }
  if (sums === 0) return true;
  const digit = digitBits(widest, interval);
  const slots = Math.floor(interval / digitCount(widest, digit));
  const walked = lanes(interval) * (whole + inputBits * multiplexerLuts(Math.min(count, interval)));
  const serial =
    lanes(slots) * (sums * digitAdderLuts(digit) + inputBits * (1 + multiplexerLuts(Math.min(count, slots)))) +
    lanes(interval) * words;
  return walked <= serial;
}
