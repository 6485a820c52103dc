import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../../../src/dataflow/builder.js';
import type { Design } from '../../../../src/design/design.js';
import { fixedPointType } from '../../../../src/numeric/fixed-point.js';
import { layerSpans } from '../../../../src/report/html/layer-spans.js';

const byte = { low: 0n, high: 255n };

/** Two positions of one kernel, the second a segment later: a + b (unnamed), then twice `act`, then `gemm`. */
function design(): Design {
  const builder = new KernelBuilder('k');
  const [a, b] = [builder.input(byte), builder.input(byte)];
  const sum = builder.add(a, b);
  builder.from({ name: 'act', operator: 'Relu' });
  const doubled = builder.add(sum, a);
  builder.from({ name: 'act', operator: 'Clip' });
  const tripled = builder.add(doubled, b);
  builder.from({ name: 'gemm', operator: 'Gemm' });
  builder.output(builder.add(tripled, a));
  const kernel = builder.finish();
  const types = (count: number): ReturnType<typeof fixedPointType>[] =>
    Array.from({ length: count }, () => fixedPointType(false, 11, 11));
  const cycles = [9, 9, 0, 1, 2, 4];
  return {
    name: 'd',
    program: {
      name: 'p',
      inputs: [{ name: 'x', types: types(4) }],
      kernels: [kernel],
      instances: [
        {
          name: 'k',
          kernel: 0,
          positions: [0, 2].map((first) => [0, 1].map((index) => ({ instance: -1, index: first + index }))),
          origin: { name: 'conv', operator: 'Conv' },
        },
      ],
      outputs: [{ name: 'y', types: types(2), elements: [0, 1].map((index) => ({ instance: 0, index })) }],
    },
    schedule: { latency: 5, cycles: [[Int32Array.from(cycles), Int32Array.from(cycles, (cycle) => cycle + 1)]] },
    interface: { ports: 'packed', registers: 'none', valid: false },
    initiationInterval: 1,
  };
}

describe('the segments of a layer', () => {
  it('are those of its own values, over all positions; what has no node is of the instance, inputs are of none', () => {
    expect(layerSpans(design())).toEqual([
      { name: 'conv', operator: 'Conv', first: 0, last: 1 },
      { name: 'act', operator: 'Relu, Clip', first: 1, last: 3 },
      { name: 'gemm', operator: 'Gemm', first: 4, last: 5 },
    ]);
  });
});
