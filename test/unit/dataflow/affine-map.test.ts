import { describe, expect, it } from 'vitest';
import { affineMap } from '../../../src/dataflow/affine-map.js';
import { KernelBuilder } from '../../../src/dataflow/builder.js';
import { evaluateKernel } from '../../../src/dataflow/evaluate.js';
import type { NodeId } from '../../../src/dataflow/kinds.js';
import { at } from '../../../src/support/invariant.js';
import { Random } from '../../../src/support/random.js';

describe('the affine map of a kernel', () => {
  it('gives what the kernel gives, for random sums', () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = new Random(seed);
      const builder = new KernelBuilder('sums');
      const operands = Array.from({ length: random.integer(1, 5) }, () => builder.input({ low: -9n, high: 9n }));
      const nodes: NodeId[] = [...operands, builder.constant(BigInt(random.integer(-50, 50)))];
      const any = (): NodeId => at(nodes, random.integer(0, nodes.length - 1));
      for (let step = 0; step < 12; step++) {
        const makers = [
          () => builder.add(any(), any()),
          () => builder.subtract(any(), any()),
          () => builder.negate(any()),
          () => builder.shiftLeft(any(), random.integer(1, 3)),
          () => builder.addThree(any(), any(), any(), random.integer(0, 1) === 1),
        ];
        nodes.push(at(makers, random.integer(0, makers.length - 1))());
      }
      for (const id of nodes.slice(-3)) builder.output(id);
      const kernel = builder.finish();
      const rows = affineMap(kernel) ?? [];
      expect(rows).toHaveLength(3);
      const values = operands.map(() => BigInt(random.integer(-9, 9)));
      const mapped = rows.map(({ coefficients, constant }) =>
        [...coefficients].reduce((sum, [operand, factor]) => sum + factor * at(values, operand), constant),
      );
      const results = evaluateKernel(kernel, values);
      expect(mapped, `seed ${seed}`).toEqual(kernel.outputs.map((id) => at(results, id)));
      for (const { coefficients } of rows) expect([...coefficients.values()]).not.toContain(0n);
    }
  });

  it('is none where anything is not a sum', () => {
    const builder = new KernelBuilder('cut');
    const x = builder.input({ low: -9n, high: 9n });
    builder.output(builder.floorShiftRight(builder.add(x, builder.constant(1n)), 1));
    expect(affineMap(builder.finish())).toBeUndefined();
  });
});
