import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../../../src/dataflow/builder.js';
import { evaluateProgram } from '../../../../src/dataflow/evaluate.js';
import type { Kernel } from '../../../../src/dataflow/kinds.js';
import type { Program } from '../../../../src/dataflow/program.js';
import { PROGRAM_INPUT } from '../../../../src/dataflow/program.js';
import type { FixedPointType } from '../../../../src/numeric/fixed-point.js';
import { codeRange, fixedPointType } from '../../../../src/numeric/fixed-point.js';
import { intervalWidth } from '../../../../src/numeric/interval.js';
import { Random } from '../../../../src/support/random.js';
import { compilerMissing, runPackages } from '../../../support/emulator-packages.js';
import { randomKernel } from '../../../support/random-kernel.js';

const skipped = compilerMissing === undefined ? 'nothing is missing' : `skipped: ${compilerMissing}`;
const integer = (signed: boolean, width: number): FixedPointType => fixedPointType(signed, width, width);

/** One kernel on elements of the given types, its results the elements of one port. */
function programOf(kernel: Kernel, types: readonly FixedPointType[]): Program {
  const outputs = kernel.outputs.map((id) => {
    const range = kernel.nodes[id]?.range ?? { low: 0n, high: 0n };
    return integer(range.low < 0n, intervalWidth(range));
  });
  const positions = [types.map((_, index) => ({ instance: PROGRAM_INPUT, index }))];
  return {
    name: kernel.name,
    inputs: [{ name: 'x', types }],
    kernels: [kernel],
    instances: [{ name: 'call', kernel: 0, positions, origin: { name: 'call', operator: 'Call' } }],
    outputs: [{ name: 'y', types: outputs, elements: outputs.map((_, index) => ({ instance: 0, index })) }],
  };
}

function cornered(random: Random, types: readonly FixedPointType[]): readonly bigint[] {
  return types.map((type) => {
    const { low, high } = codeRange(type);
    return random.integer(0, 1) === 0 ? random.pick([low, high]) : random.bigint(low, high);
  });
}

describe.skipIf(compilerMissing !== undefined)(`ports of a package (${skipped})`, { timeout: 300_000 }, () => {
  it('have elements of any width, in as many words as they need', async () => {
    const types = [1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 200].flatMap((width) => [
      integer(false, width),
      integer(true, width),
    ]);
    const random = new Random(7);
    // More nodes than one function takes.
    const kernel = randomKernel(random, 'wide', {
      inputs: types.map(codeRange),
      operations: 3200,
      outputs: 60,
      without: ['assume'],
    });
    const builder = new KernelBuilder('same');
    for (const type of types) builder.output(builder.input(codeRange(type)));
    const members = [programOf(kernel, types), programOf(builder.finish(), types)].map((program) => ({
      program,
      events: Array.from({ length: 40 }, () => cornered(random, types)),
    }));
    const runs = await runPackages(members);
    runs.forEach(({ outputs, violations }, index) => {
      const { program, events } = members[index] ?? { program: undefined, events: [] };
      if (program === undefined) throw new Error('a program for each run');
      expect(outputs).toEqual(events.map((event) => evaluateProgram(program, event).outputs));
      expect(violations).toBe(0);
    });
  });

  it('count the events that break a promise or leave a type', async () => {
    const types = [integer(true, 8), integer(false, 8), integer(true, 40), integer(false, 70)];
    const builder = new KernelBuilder('promised');
    const ids = types.map((type) => builder.input(codeRange(type)));
    const [first, ...rest] = ids;
    if (first === undefined) throw new Error('an input');
    const assumed = builder.assume(first, { low: -3n, high: 4n });
    // A table that an event outside of the promise would read beyond.
    builder.output(builder.table(builder.add(assumed, builder.constant(3n)), 0n, [1n, 5n, 9n, 2n, 6n, 3n, 8n, 7n]));
    for (const id of rest) builder.output(id);
    const program = programOf(builder.finish(), types);
    const good = [4n, 255n, -(1n << 39n), (1n << 70n) - 1n];
    const bad = [
      [5n, 0n, 0n, 0n],
      [-128n, 0n, 0n, 0n],
      [128n, 0n, 0n, 0n],
      [1n << 32n, 0n, 0n, 0n],
      [0n, -1n, 0n, 0n],
      [0n, 0n, 1n << 39n, 0n],
      [0n, 0n, 0n, 1n << 70n],
    ];
    const events = [...Array.from({ length: 70 }, () => good), ...bad];
    const [result] = await runPackages([{ program, events }]);
    expect(result?.violations).toBe(bad.length);
    expect(result?.outputs.slice(0, 70)).toEqual(
      Array.from({ length: 70 }, () => evaluateProgram(program, good).outputs),
    );
  });
});
