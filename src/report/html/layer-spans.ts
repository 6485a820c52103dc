import { kernelOf } from '../../dataflow/program.js';
import type { Design } from '../../design/design.js';

/** The combinational segments in which the values of an ONNX node are computed, from 0, both included. */
export interface LayerSpan {
  readonly name: string;
  readonly operator: string;
  readonly first: number;
  readonly last: number;
}

/** In the order of the design; inputs and constants, which are computed nowhere, do not count. */
export function layerSpans({ program, schedule }: Design): readonly LayerSpan[] {
  const spans = new Map<string, { name: string; operator: string; first: number; last: number }>();
  program.instances.forEach((instance, index) => {
    const kernel = kernelOf(program, instance);
    for (const cycles of schedule.cycles[index] ?? []) {
      kernel.nodes.forEach((node, id) => {
        if (node.kind === 'input' || node.kind === 'constant') return;
        const own = kernel.origins[id];
        const { name, operator } =
          own === undefined || (own.name === '' && own.operator === '') ? instance.origin : own;
        const cycle = cycles[id];
        if (cycle === undefined || (name === '' && operator === '')) return;
        const key = `${name}\n${operator}`;
        const span = spans.get(key);
        if (span === undefined) spans.set(key, { name, operator, first: cycle, last: cycle });
        else {
          span.first = Math.min(span.first, cycle);
          span.last = Math.max(span.last, cycle);
        }
      });
    }
  });
  return [...spans.values()];
}
