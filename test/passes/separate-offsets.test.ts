import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../src/dataflow/builder.js';
import { evaluateKernel } from '../../src/dataflow/evaluate.js';
import type { DataflowKind, Kernel, NodeId } from '../../src/dataflow/kinds.js';
import type { Program } from '../../src/dataflow/program.js';
import { verifyKernel } from '../../src/dataflow/verify.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { distributeArithmetic } from '../../src/passes/dataflow/distribute-arithmetic.js';
import { liveNodes } from '../../src/passes/dataflow/linear-forms.js';
import { separateOffsets } from '../../src/passes/dataflow/separate-offsets.js';
import type { Pass } from '../../src/passes/pass.js';
import { runPipeline } from '../../src/passes/pass.js';
import { at } from '../../src/support/invariant.js';
import { Random } from '../../src/support/random.js';

function after(kernel: Kernel, passes: readonly Pass<Program>[] = [separateOffsets]): Kernel {
  const program: Program = { name: 'offsets', inputs: [], kernels: [kernel], instances: [], outputs: [] };
  const result = at(unwrap(runPipeline(program, passes, {})).kernels, 0);
  verifyKernel(result);
  return result;
}

/** Inputs that are shifted, offset, rounded down and saturated in random order, and sums over them. */
function randomInputStage(random: Random): Kernel {
  const builder = new KernelBuilder('stage');
  const constant = (bound: bigint): NodeId => builder.constant(random.bigint(-bound, bound));
  const prepared = Array.from({ length: 3 }, () => {
    const low = random.pick([0n, -16n, -37n]);
    let id: NodeId = builder.input({ low, high: low + random.bigint(20n, 60n) });
    for (let step = random.integer(2, 6); step > 0; step--) {
      const draw = random.integer(0, 5);
      if (draw === 0) id = builder.add(id, constant(300n));
      else if (draw === 1) id = builder.subtract(id, constant(300n));
      else if (draw === 2) id = builder.shiftLeft(id, random.integer(1, 6));
      else if (draw === 3) id = builder.floorShiftRight(id, random.integer(1, 4));
      else {
        const bound = random.bigint(-400n, 400n);
        id = builder.clamp(id, { low: bound, high: bound + random.bigint(0n, 900n) });
      }
    }
    return id;
  });
  for (let output = 0; output < 3; output++) {
    const terms = prepared.map((id) => builder.multiply(id, constant(5n)));
    let sum = terms.reduce((left, right) => builder.add(left, right));
    if (output === 1) sum = builder.clamp(sum, { low: 0n, high: 511n });
    builder.output(sum);
  }
  // Sometimes a prepared value is read by more than sums.
  if (random.integer(0, 3) === 0) builder.output(builder.lessThan(at(prepared, 0), at(prepared, 1)));
  return builder.finish();
}

/** Kinds of the nodes that a result needs. */
function kindsOf(kernel: Kernel): readonly DataflowKind[] {
  const live = liveNodes(kernel);
  return kernel.nodes.filter(({ id }) => live[id] === 1).map(({ kind }) => kind);
}

describe('separate-offsets', () => {
  it('preserves values and keeps them in range, alone and before the sums are solved', () => {
    let [changed, saturated] = [0, 0];
    for (let seed = 0; seed < 250; seed++) {
      const random = new Random(seed);
      const before = randomInputStage(random);
      const lists = [[separateOffsets], [separateOffsets, distributeArithmetic()]];
      const kernels = lists.map((passes) => after(before, passes));
      if (kernels[0] !== before) changed++;
      for (let vector = 0; vector < 40; vector++) {
        const inputs = before.inputs.map((id) => {
          const { low, high } = at(before.nodes, id).range;
          return vector < 8 ? random.pick([low, high]) : random.bigint(low, high);
        });
        const values = evaluateKernel(before, inputs);
        for (const node of before.nodes) {
          if (node.kind === 'clamp' && values[node.id] !== values[node.operand]) saturated++;
        }
        for (const kernel of kernels) {
          const own = evaluateKernel(kernel, inputs);
          const [expected, results] = [before, kernel].map((each, index) =>
            each.outputs.map((id) => at(index === 0 ? values : own, id)),
          );
          expect(results, `seed ${seed}`).toEqual(expected);
          for (const node of kernel.nodes) {
            const value = at(own, node.id);
            if (value < node.range.low || value > node.range.high) expect.fail(`seed ${seed}: ${node.kind} ${node.id}`);
          }
        }
      }
    }
    expect(changed).toBeGreaterThan(40);
    expect(saturated).toBeGreaterThan(1000);
  });

  it('leaves a saturated sum without its offset and with free low bits filled', () => {
    // As jets enter AXOL1TL: 16 x - 448 up to 8191.
    const builder = new KernelBuilder('jets');
    const inputs = [0, 1].map(() => builder.input({ low: 0n, high: 2047n }));
    const scaled = inputs.map((id) =>
      builder.clamp(builder.subtract(builder.shiftLeft(id, 4), builder.constant(448n)), { low: -8192n, high: 8191n }),
    );
    builder.output(builder.add(at(scaled, 0), at(scaled, 1)));
    const kernel = after(builder.finish());
    expect(kindsOf(kernel)).not.toContain('clamp');
    expect(kindsOf(kernel)).not.toContain('subtract');
    for (const x of [0n, 539n, 540n, 541n, 2047n]) {
      const expected = 16n * x - 448n > 8191n ? 8191n : 16n * x - 448n;
      expect(at(evaluateKernel(kernel, [x, 0n]), at(kernel.outputs, 0))).toBe(expected - 448n);
    }
  });

  it('moves a constant out of a floor shift', () => {
    const builder = new KernelBuilder('shift');
    const inputs = [0, 1].map(() => builder.input({ low: 0n, high: 255n }));
    const shifted = inputs.map((id) => builder.floorShiftRight(builder.subtract(id, builder.constant(72n)), 1));
    builder.output(builder.subtract(at(shifted, 0), at(shifted, 1)));
    const kernel = after(builder.finish());
    const shift = kernel.nodes.find(({ kind }) => kind === 'floorShiftRight');
    expect(shift?.range).toEqual({ low: 0n, high: 127n });
  });

  it('changes nothing where the offset would have to be added all the same', () => {
    const builder = new KernelBuilder('compared');
    const input = builder.input({ low: 0n, high: 255n });
    const clamped = builder.clamp(builder.subtract(input, builder.constant(30n)), { low: 0n, high: 127n });
    builder.output(clamped);
    const kernel = builder.finish();
    expect(after(kernel)).toBe(kernel);
  });
});
