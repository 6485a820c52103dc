import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../../../src/dataflow/builder.js';
import type { NodeId } from '../../../../src/dataflow/kinds.js';
import { evaluateProgram } from '../../../../src/dataflow/evaluate.js';
import type { Program } from '../../../../src/dataflow/program.js';
import { verifyProgram } from '../../../../src/dataflow/verify.js';
import type { Unit } from '../../../../src/design/sequencing.js';
import { unwrap } from '../../../../src/diagnostics/result.js';
import { fixedPointType } from '../../../../src/numeric/fixed-point.js';
import { intervalWidth } from '../../../../src/numeric/interval.js';
import { splitKernels } from '../../../../src/passes/dataflow/folding/split-kernels.js';
import { runPipeline } from '../../../../src/passes/pass.js';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';
import { buildSequenced, runSequenced } from '../../../support/sequenced-run.js';
import { portPatterns } from '../../../support/verilog-bundle.js';

const byte = fixedPointType(true, 6, 6);

/** 2^shift times a constant and the squares of all operands, and of every other one; `odd`: the first counts 2^odd more. */
function squares(count: number, shift: number, constant: bigint, odd = 0): Program {
  const builder = new KernelBuilder('squares');
  const parts = Array.from({ length: count }, () => builder.square(builder.input({ low: -32n, high: 31n })));
  const sumOf = (terms: readonly NodeId[]): NodeId => {
    let sum = builder.constant(constant << BigInt(shift));
    for (const term of terms) sum = builder.add(sum, builder.shiftLeft(term, shift));
    return sum;
  };
  const all = sumOf(parts);
  builder.output(odd === 0 ? all : builder.add(all, builder.shiftLeft(at(parts, 0), shift + odd)));
  builder.output(sumOf(parts.filter((_, index) => index % 2 === 0)));
  const kernel = builder.finish();
  return {
    name: 'squares',
    inputs: [{ name: 'in', types: Array.from({ length: count }, () => byte) }],
    kernels: [kernel],
    instances: [
      {
        name: 'score',
        kernel: 0,
        positions: [Array.from({ length: count }, (_, index) => ({ instance: -1, index }))],
        origin: { name: 'score', operator: 'ReduceSum' },
      },
    ],
    outputs: [
      {
        name: 'out',
        types: kernel.outputs.map((id) => {
          const { range } = at(kernel.nodes, id);
          return fixedPointType(range.low < 0n, intervalWidth(range), intervalWidth(range));
        }),
        elements: kernel.outputs.map((_, index) => ({ instance: 0, index })),
      },
    ],
  };
}

function split(program: Program, interval: number): Program {
  return unwrap(runPipeline(program, [splitKernels({ interval })], {}, { verify: verifyProgram }));
}

describe('sums of values that come in turn', () => {
  it('take an adder for each wire, whatever part of the values is in a sum, at any pace of events', () => {
    let gathered = 0;
    for (let seed = 0; seed < 60; seed++) {
      const random = new Random(seed);
      const count = random.integer(17, 40);
      const interval = random.integer(3, 24);
      const program = split(squares(count, random.integer(0, 2), BigInt(random.integer(-5, 50))), interval);
      const built = buildSequenced(program, { interval, clockPeriod: random.pick([3, 25]) });
      const forms = built.design.sequencing?.units.map(({ form }: Unit) => form) ?? [];
      if (forms.includes('gathered')) gathered++;
      const events = Array.from({ length: 8 }, () =>
        Array.from({ length: count }, () => BigInt(random.integer(-32, 31))),
      );
      const run = runSequenced(built, events, random, random.integer(0, 1) === 1);
      const expected = events.map((event) => evaluateProgram(program, event).outputs);
      const where = `seed ${seed}, ${count} values, interval ${interval}: ${forms.join()}`;
      expect(run.rows, where).toEqual(expected.map((codes) => portPatterns(built.modules.outputs, codes)));
      expect([...run.latencies], where).toEqual([built.design.schedule.latency]);
    }
    expect(gathered).toBeGreaterThan(40);
  });

  it('are added as they are where one counts more than another', () => {
    const units = (program: Program): readonly Unit[] =>
      buildSequenced(split(program, 12), { interval: 12 }).design.sequencing?.units ?? [];
    expect(units(squares(24, 1, 0n)).map(({ form }) => form)).toEqual(['shared', 'gathered']);
    expect(units(squares(24, 1, 0n, 2)).map(({ form }) => form)).not.toContain('gathered');
  });

  it('end so many clocks after the first value as there are turns and levels of adders', () => {
    const { design } = buildSequenced(split(squares(24, 0, 0n), 12), { interval: 12 });
    const [products, sums] = design.sequencing?.units ?? [];
    // Two multipliers, twelve turns each: one level of adders between the two wires.
    expect(products).toMatchObject({ form: 'shared', lanes: 2, slots: 12 });
    expect(sums).toMatchObject({ form: 'gathered', digits: 12, outputs: [13, 13] });
  });
});
