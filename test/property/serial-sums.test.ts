import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../src/dataflow/builder.js';
import { evaluateProgram } from '../../src/dataflow/evaluate.js';
import type { Kernel, NodeId } from '../../src/dataflow/kinds.js';
import type { Program } from '../../src/dataflow/program.js';
import { fixedPointType } from '../../src/numeric/fixed-point.js';
import type { FixedPointType } from '../../src/numeric/fixed-point.js';
import type { Interval } from '../../src/numeric/interval.js';
import { intervalWidth, isPoint } from '../../src/numeric/interval.js';
import { at } from '../../src/support/invariant.js';
import { Random } from '../../src/support/random.js';
import { buildSequenced, runSequenced } from '../support/sequenced-run.js';
import { portPatterns } from '../support/verilog-bundle.js';

const full = process.env['TRIGC_TEST_TIER'] === 'full';
const KERNELS = full ? 3000 : 400;
const EVENTS = 10;
const BASE_SEED = 91_000;

/** Sums of some operands with bits cut off here and there, between sums and at both ends. */
function randomSums(random: Random, name: string): Kernel {
  const builder = new KernelBuilder(name);
  const values: NodeId[] = [];
  for (let index = random.integer(1, 4); index > 0; index--) {
    const [width, signed] = [random.integer(1, 11), random.integer(0, 1) === 1];
    const high = 1n << BigInt(signed ? width - 1 : width);
    values.push(builder.input({ low: signed ? -high : 0n, high: high - 1n }));
  }
  if (random.integer(0, 2) === 0) values.push(builder.constant(BigInt(random.integer(-40, 40))));
  for (let count = random.integer(2, 12); count > 0; count--) {
    const any = (): NodeId => at(values, random.integer(0, values.length - 1));
    const [left, right] = [any(), any()];
    const [shift, cut] = [random.integer(1, 5), random.integer(1, 9)];
    const kind = random.integer(0, 7);
    if (kind < 2) values.push(builder.add(left, right));
    else if (kind === 2) values.push(builder.subtract(left, right));
    else if (kind === 3) values.push(builder.negate(left));
    else if (kind === 4) values.push(builder.addThree(left, right, any(), random.integer(0, 1) === 1));
    else if (kind === 5 && intervalWidth(builder.rangeOf(left)) < 24) values.push(builder.shiftLeft(left, shift));
    else values.push(builder.floorShiftRight(left, cut));
  }
  for (let count = random.integer(1, 3); count > 0; count--) builder.output(at(values, values.length - count));
  return builder.finish();
}

function typeOf(range: Interval): FixedPointType {
  const width = Math.max(1, intervalWidth(range));
  return fixedPointType(range.low < 0n, width, width);
}

/** The kernel at some positions, each with operands of its own. */
function programOf(kernel: Kernel, positions: number): Program {
  const operands = kernel.inputs.length;
  const rangeOf = (id: NodeId): Interval => at(kernel.nodes, id).range;
  return {
    name: kernel.name,
    inputs: [
      {
        name: 'x',
        types: Array.from({ length: positions }, () => kernel.inputs.map((id) => typeOf(rangeOf(id)))).flat(),
      },
    ],
    kernels: [kernel],
    instances: [
      {
        name: 'sums',
        kernel: 0,
        positions: Array.from({ length: positions }, (_, position) =>
          kernel.inputs.map((_, operand) => ({ instance: -1, index: position * operands + operand })),
        ),
        origin: { name: 'sums', operator: 'Gemm' },
      },
    ],
    outputs: [
      {
        name: 'y',
        types: Array.from({ length: positions }, () => kernel.outputs.map((id) => typeOf(rangeOf(id)))).flat(),
        elements: Array.from({ length: positions * kernel.outputs.length }, (_, index) => ({ instance: 0, index })),
      },
    ],
  };
}

describe('sums digit by digit', { timeout: 600_000 }, () => {
  it(`with bits cut off anywhere give the bits of the program (${KERNELS} random kernels)`, () => {
    let [serial, cuts, wide] = [0, 0, 0];
    for (let seed = BASE_SEED; seed < BASE_SEED + KERNELS; seed++) {
      const random = new Random(seed);
      const kernel = randomSums(random, `sums_${seed}`);
      const program = programOf(kernel, random.integer(1, 4));
      const [input] = program.inputs;
      const events = Array.from({ length: EVENTS }, () =>
        (input?.types ?? []).map(({ signed, width }) => {
          const high = 2 ** (signed ? width - 1 : width);
          return BigInt(random.pick([random.integer(signed ? -high : 0, high - 1), high - 1, signed ? -high : 0]));
        }),
      );
      const interval = random.pick([4, 6, 9, 16, 40, 96]);
      const built = buildSequenced(program, {
        interval,
        forms: ['serial'],
        registers: random.pick(['none', 'both']),
        clockPeriod: random.pick([1.6, 3, 25]),
      });
      const unit = built.design.sequencing?.units[0];
      if (unit?.form === 'serial') {
        serial += 1;
        const own = kernel.nodes.filter(({ kind, range }) => kind === 'floorShiftRight' && !isPoint(range)).length;
        cuts += own;
        if (unit.digitBits > 1 && own > 0) wide += 1;
      }
      const expected = events.map((event) => evaluateProgram(program, event).outputs);
      const run = runSequenced(built, events, random);
      expect(run.rows, `seed ${seed}, interval ${interval}`).toEqual(
        expected.map((codes) => portPatterns(built.modules.outputs, codes)),
      );
    }
    // Parallel ones are equal, too, but not what is meant here.
    expect(serial).toBeGreaterThan(KERNELS / 4);
    expect(cuts).toBeGreaterThan(KERNELS / 4);
    expect(wide).toBeGreaterThan(KERNELS / 20);
  });
});
