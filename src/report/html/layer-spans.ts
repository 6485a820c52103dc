import { kernelOf } from '../../dataflow/program.js';
import type { Origin } from '../../dataflow/kinds.js';
import type { Design } from '../../design/design.js';

/** The combinational segments in which the values of an ONNX node are computed, from 0, both included. */
export interface LayerSpan {
  readonly name: string;
  /** What the node became under several operators is one span: `MatMul, Add`. */
  readonly operator: string;
  readonly first: number;
  readonly last: number;
}

/** In the order of the design; inputs and constants, which are computed nowhere, do not count. */
export function layerSpans({ program, schedule }: Design): readonly LayerSpan[] {
  const spans = new Map<string, { readonly operators: Set<string>; first: number; last: number }>();
  const add = ({ name, operator }: Origin, first: number, last: number): void => {
    if (name === '' && operator === '') return;
    const span = spans.get(name) ?? { operators: new Set(), first, last };
    spans.set(name, span);
    span.operators.add(operator);
    span.first = Math.min(span.first, first);
    span.last = Math.max(span.last, last);
  };
  program.instances.forEach((instance, index) => {
    const { nodes, origins } = kernelOf(program, instance);
    const first = origins.map(() => Infinity);
    const last = origins.map(() => -Infinity);
    for (const cycles of schedule.cycles[index] ?? []) {
      for (const { id, kind, origin } of nodes) {
        const cycle = cycles[id];
        if (kind === 'input' || kind === 'constant' || cycle === undefined) continue;
        first[origin] = Math.min(first[origin] ?? cycle, cycle);
        last[origin] = Math.max(last[origin] ?? cycle, cycle);
      }
    }
    origins.forEach((own, origin) => {
      const [from = Infinity, to = -Infinity] = [first[origin], last[origin]];
      if (from > to) return;
      // Kernels have an origin without a name for what nothing was told about: that is the instance's.
      add(own.name === '' && own.operator === '' ? instance.origin : own, from, to);
    });
  });
  return [...spans].map(([name, { operators, first, last }]) => ({
    name,
    operator: [...operators].join(', '),
    first,
    last,
  }));
}
