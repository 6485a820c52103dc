import { describe, expect, it } from 'vitest';
import { evaluateProgram } from '../../src/dataflow/evaluate.js';
import type { Kernel } from '../../src/dataflow/kinds.js';
import type { Program } from '../../src/dataflow/program.js';
import { PROGRAM_INPUT } from '../../src/dataflow/program.js';
import { verifyProgram } from '../../src/dataflow/verify.js';
import { fixedPointType } from '../../src/numeric/fixed-point.js';
import { intervalWidth } from '../../src/numeric/interval.js';
import { distributeArithmetic } from '../../src/passes/dataflow/distribute-arithmetic.js';
import { defaultSolveOptions } from '../../src/passes/dataflow/distributed-arithmetic/options.js';
import { expandProducts } from '../../src/passes/dataflow/expand-products.js';
import { dataflowPasses } from '../../src/passes/dataflow/pipelines.js';
import { removeDeadNodes } from '../../src/passes/dataflow/remove-dead-nodes.js';
import type { Pass } from '../../src/passes/pass.js';
import { runPipeline } from '../../src/passes/pass.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { Random } from '../../src/support/random.js';
import { randomCodes, randomProgram } from '../support/random-kernel.js';
import { randomLayers } from '../support/random-linear-kernel.js';

/** One kernel as a program: its operands and results are the ports, whose types may hold more than the operands. */
function programOf(kernel: Kernel): Program {
  const holding = (id: number): ReturnType<typeof fixedPointType> => {
    const range = kernel.nodes[id]?.range ?? { low: 0n, high: 0n };
    const width = intervalWidth(range);
    return fixedPointType(range.low < 0n, width, width);
  };
  return {
    name: kernel.name,
    inputs: [{ name: 'x', types: kernel.inputs.map(holding) }],
    kernels: [kernel],
    instances: [
      {
        name: 'only',
        kernel: 0,
        positions: [kernel.inputs.map((_, index) => ({ instance: PROGRAM_INPUT, index }))],
        origin: { name: '', operator: '' },
      },
    ],
    outputs: [
      {
        name: 'y',
        types: kernel.outputs.map(holding),
        elements: kernel.outputs.map((_, index) => ({ instance: 0, index })),
      },
    ],
  };
}

function expectInRange(program: Program, values: ReturnType<typeof evaluateProgram>): void {
  program.instances.forEach((instance, index) => {
    values.nodes[index]?.forEach((position) => {
      program.kernels[instance.kernel]?.nodes.forEach((node) => {
        const value = position[node.id] ?? 0n;
        if (value < node.range.low || value > node.range.high) {
          expect.fail(
            `${program.name}: ${node.kind} ${node.id} is ${value}, outside ${node.range.low}..${node.range.high}`,
          );
        }
      });
    });
  });
}

const passes: readonly Pass<Program>[] = [
  removeDeadNodes,
  expandProducts,
  distributeArithmetic(),
  distributeArithmetic({ ...defaultSolveOptions, depthSlack: 0, mostDepthSlack: 0, effort: 'fast' }),
];

describe.each([...passes.map((pass) => [pass.name, [pass]] as const), ['all passes', dataflowPasses()] as const])(
  '%s',
  (_, list) => {
    it('preserves the values of random programs of all kinds of nodes', () => {
      let changed = 0;
      for (let seed = 0; seed < 150; seed++) {
        const random = new Random(seed);
        // Random operands do not keep promises.
        const before = randomProgram(random, `program ${seed}`, ['assume']);
        const after = unwrap(runPipeline(before, list, {}, { verify: verifyProgram }));
        if (after !== before) changed++;
        for (let vector = 0; vector < 8; vector++) {
          const codes = randomCodes(random, before);
          const values = evaluateProgram(after, codes);
          expect(values.outputs, `seed ${seed}`).toEqual(evaluateProgram(before, codes).outputs);
          expectInRange(after, values);
        }
      }
      expect(changed).toBeGreaterThan(20);
    });

    it('preserves the values of random layers, within the old ranges', () => {
      for (let seed = 0; seed < 60; seed++) {
        const random = new Random(1000 + seed);
        const kernel = randomLayers(random, `layers ${seed}`);
        const before = programOf(kernel);
        const after = unwrap(runPipeline(before, list, {}));
        const bounds = kernel.inputs.map((id) => kernel.nodes[id]?.range ?? { low: 0n, high: 0n });
        for (let vector = 0; vector < 8; vector++) {
          const codes = bounds.map((range) =>
            vector < 2 ? random.pick([range.low, range.high]) : random.bigint(range.low, range.high),
          );
          const values = evaluateProgram(after, codes);
          expect(values.outputs, `seed ${seed}`).toEqual(evaluateProgram(before, codes).outputs);
          expectInRange(after, values);
        }
        after.outputs[0]?.elements.forEach((element, index) => {
          const [old, own] = [kernel.outputs[index], after.kernels[0]?.outputs[element.index]];
          const range = after.kernels[0]?.nodes[own ?? 0]?.range;
          const wide = kernel.nodes[old ?? 0]?.range;
          if (range === undefined || wide === undefined || element.instance < 0) return;
          expect(range.low >= wide.low && range.high <= wide.high).toBe(true);
        });
      }
    });
  },
);
