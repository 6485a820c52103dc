import { describe, expect, it } from 'vitest';
import { digitAdderLuts, digitBits, digitCount, multiplexerLuts } from '../../../../src/design/digits.js';
import type { DeclaredReuse, Unit } from '../../../../src/design/sequencing.js';
import { outputClock, positionsOf } from '../../../../src/design/sequencing.js';
import { KernelBuilder } from '../../../../src/dataflow/builder.js';
import type { Program } from '../../../../src/dataflow/program.js';
import { formatDiagnostic } from '../../../../src/diagnostics/diagnostic.js';
import { unwrap } from '../../../../src/diagnostics/result.js';
import { splitKernels } from '../../../../src/passes/dataflow/folding/split-kernels.js';
import { fixedPointType } from '../../../../src/numeric/fixed-point.js';
import { sequenceProgram } from '../../../../src/lowering/sequence/sequence-program.js';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';
import { delayModels } from '../../../../src/targets/delay-model.js';
import { buildSequenced, runSequenced } from '../../../support/sequenced-run.js';

const byte = fixedPointType(true, 8, 8);
const origin = { name: 'layer', operator: 'Gemm' };

/** `count` positions of 3 x[p] + 5 y[p] - 7, or of x[p] × y[p]. */
function mapped(count: number, kind: 'sum' | 'product'): Program {
  const builder = new KernelBuilder('kernel');
  const [x, y] = [builder.input({ low: -128n, high: 127n }), builder.input({ low: -128n, high: 127n })];
  const three = builder.add(x, builder.shiftLeft(x, 1));
  const five = builder.add(y, builder.shiftLeft(y, 2));
  const sum = builder.subtract(builder.add(three, five), builder.constant(7n));
  builder.output(kind === 'sum' ? sum : builder.multiply(x, y));
  const kernel = builder.finish();
  const range = at(kernel.nodes, at(kernel.outputs, 0)).range;
  const width = Math.max(range.high.toString(2).length, (-range.low - 1n).toString(2).length) + 1;
  return {
    name: 'mapped',
    inputs: [{ name: 'in', types: Array.from({ length: 2 * count }, () => byte) }],
    kernels: [kernel],
    instances: [
      {
        name: 'layer',
        kernel: 0,
        positions: Array.from({ length: count }, (_, p) => [
          { instance: -1, index: 2 * p },
          { instance: -1, index: 2 * p + 1 },
        ]),
        origin,
      },
    ],
    outputs: [
      {
        name: 'out',
        types: Array.from({ length: count }, () => fixedPointType(true, width, width)),
        elements: Array.from({ length: count }, (_, index) => ({ instance: 0, index })),
      },
    ],
  };
}

const options = { model: delayModels.generic, clockPeriod: 4, family: 'generic', registers: 'none' } as const;

describe('the form of a unit', () => {
  it('walks over positions with as few kernels as the interval needs', () => {
    for (const [count, interval, lanes] of [
      [8, 8, 1],
      [8, 4, 2],
      [9, 4, 3],
      [5, 50, 1],
    ] as const) {
      const { design } = buildSequenced(mapped(count, 'product'), { interval, forms: ['shared'] });
      const unit = at(design.sequencing?.units ?? [], 0);
      expect([unit.form, unit.lanes], `${count} positions, interval ${interval}`).toEqual(['shared', lanes]);
      expect(unit.slots * unit.spacing).toBeLessThanOrEqual(interval);
      const places = Array.from({ length: lanes }, (_, lane) => positionsOf(unit, lane, count)).flat();
      expect(places).toEqual(Array.from({ length: count }, (_, p) => p));
    }
  });

  it('takes words digit by digit where the digits are through within the interval', () => {
    const { design } = buildSequenced(mapped(1, 'sum'), { interval: 6, forms: ['serial'], clockPeriod: 25 });
    const unit = at(design.sequencing?.units ?? [], 0);
    // 3 x + 5 y - 7 has 11 bits and a sign of -1031 … 1009: 12 bits, two a clock.
    expect([unit.form, unit.digitBits, unit.digits]).toEqual(['serial', 2, 6]);
    expect(outputClock(unit, 0, 0)).toBe(unit.start + 6);
  });

  it('TRG1406 names the fewest clocks where a latency is too short, and takes a longer one', () => {
    const program = mapped(8, 'product');
    const fewest = buildSequenced(program, { interval: 8, forms: ['shared'] }).design.schedule.latency;
    const sequence = (latency: number) =>
      sequenceProgram(program, { ...options, interval: 8, forms: ['shared'], latency, clockPeriod: 3 }, () => 100);
    const refused = sequence(fewest - 1);
    expect(refused.ok).toBe(false);
    expect(refused.diagnostics.map(formatDiagnostic).join()).toMatch(
      new RegExp(`TRG1406 \\[target.latency\\].*of which this design takes ${fewest}`, 'u'),
    );
    const longer = buildSequenced(program, { interval: 8, forms: ['shared'], latency: fewest + 11 });
    const events = Array.from({ length: 6 }, (_, e) =>
      Array.from({ length: 16 }, (_, i) => BigInt(((e + 3) * i) % 100)),
    );
    const run = runSequenced(longer, events, new Random(3));
    expect([...run.latencies]).toEqual([fewest + 11]);
  });
});

describe('what is declared of a layer', () => {
  const refusals = (program: Program, interval: number, declared: Readonly<Record<string, DeclaredReuse>>) =>
    sequenceProgram(
      program,
      { ...options, clockPeriod: 25, interval, declared: new Map(Object.entries(declared)) },
      () => 100,
    ).diagnostics.map(formatDiagnostic);
  const declaredUnit = (program: Program, interval: number, layer: DeclaredReuse): Unit => {
    const { design } = buildSequenced(program, { interval, declared: new Map([['layer', layer]]) });
    return at(design.sequencing?.units ?? [], 0);
  };

  it('goes before the cheapest form', () => {
    const sums = mapped(6, 'sum');
    expect(declaredUnit(sums, 12, { form: 'parallel' })).toMatchObject({ form: 'parallel', lanes: 6, slots: 1 });
    expect(declaredUnit(sums, 12, { factor: 1 })).toMatchObject({ form: 'parallel', lanes: 6, slots: 1 });
    expect(declaredUnit(sums, 12, { form: 'shared', factor: 3 })).toMatchObject({ form: 'shared', lanes: 2, slots: 3 });
    // 12 bits: three turns of four digits, or two of six, in twelve clocks.
    const serial = declaredUnit(sums, 12, { form: 'serial', factor: 12 });
    expect(serial.form).toBe('serial');
    expect(serial.slots * serial.digits).toBe(12);
    expect(declaredUnit(mapped(1, 'sum'), 12, { factor: 4 })).toMatchObject({
      form: 'serial',
      digits: 4,
      digitBits: 3,
    });
  });

  it('TRG1408 names the nearest factors that the positions and the interval allow', () => {
    // Nine positions: 4 in turn take three kernels, as 3 do.
    expect(refusals(mapped(9, 'product'), 9, { layer: { form: 'shared', factor: 4 } })).toEqual([
      "error TRG1408 [layers.layer.reuse_factor]: nothing of 'layer' in the form shared is at work 4 clocks of each event\n" +
        '  hint: the nearest legal values are 3 or 5',
    ]);
    expect(refusals(mapped(9, 'product'), 6, { layer: { factor: 9 } }).join()).toMatch(
      /TRG1408.*at work 9 clocks of each event, beyond the 6 clocks between events\n.*values are 5$/u,
    );
    // 12 bits in digits of 2 take 6 clocks, in digits of 3 take 4; none takes 5.
    expect(refusals(mapped(1, 'sum'), 6, { layer: { form: 'serial', factor: 5 } }).join()).toMatch(
      /values are 4 or 6$/u,
    );
    expect(refusals(mapped(1, 'sum'), 6, { layer: { form: 'parallel', factor: 2 } }).join()).toMatch(/values are 1$/u);
  });

  it('TRG1407 names the forms that the layer can take', () => {
    expect(refusals(mapped(4, 'product'), 6, { layer: { form: 'serial' } })).toEqual([
      "error TRG1407 [layers.layer.form]: 'layer' cannot be serial: nothing of it is a sum of values that vary\n" +
        '  hint: it can be parallel or shared',
    ]);
    expect(refusals(mapped(1, 'sum'), 6, { layer: { form: 'shared', factor: 2 } }).join()).toMatch(
      /TRG1407.*cannot be shared: nothing of it is there more than once\n.*it can be parallel or serial$/u,
    );
  });

  it('TRG1409 names the layers that there are', () => {
    expect(refusals(mapped(2, 'sum'), 6, { layr: { form: 'serial' } })).toEqual([
      "error TRG1409 [layers.layr.form]: no hardware of the design belongs to a layer 'layr'\n" +
        "  hint: did you mean 'layer'? known: layer",
    ]);
  });
});

describe('kernels that are split', () => {
  it('carry out a product of products a round later', () => {
    const builder = new KernelBuilder('fourth');
    const x = builder.input({ low: -8n, high: 7n });
    const y = builder.input({ low: -8n, high: 7n });
    const square = builder.square(x);
    builder.output(builder.multiply(builder.multiply(builder.square(square), y), square));
    const kernel = builder.finish();
    const nibble = fixedPointType(true, 4, 4);
    const program: Program = {
      name: 'fourth',
      inputs: [{ name: 'in', types: [nibble, nibble] }],
      kernels: [kernel],
      instances: [{ name: 'fourth', kernel: 0, positions: [[0, 1].map((index) => ({ instance: -1, index }))], origin }],
      outputs: [{ name: 'out', types: [fixedPointType(true, 30, 30)], elements: [{ instance: 0, index: 0 }] }],
    };
    const split = unwrap(splitKernels({ interval: 4 }).run(program, {}));
    const events = [-8n, -3n, 0n, 5n, 7n].flatMap((a) => [-8n, 7n].map((b) => [a, b]));
    const built = buildSequenced(split, { interval: 4 });
    const { rows } = runSequenced(built, events, new Random(4));
    expect(rows).toEqual(events.map(([a = 0n, b = 0n]) => [BigInt.asUintN(30, a ** 6n * b)]));
  });
});

describe('an event that comes too early', () => {
  it('is not taken, is told until reset, and changes no other event', () => {
    const built = buildSequenced(mapped(4, 'sum'), { interval: 7 });
    const random = new Random(12);
    const events = Array.from({ length: 30 }, () => Array.from({ length: 8 }, () => random.bigint(-128n, 127n)));
    const calm = runSequenced(built, events, new Random(1));
    const disturbed = runSequenced(built, events, new Random(2), true);
    expect(calm.rows).toHaveLength(30);
    expect(disturbed.rows).toEqual(calm.rows);
    expect([calm.violation, disturbed.violation]).toEqual([false, true]);
  });
});

describe('costs of digits', () => {
  it('cover a word with as many digits as fit', () => {
    for (let width = 1; width <= 40; width++) {
      for (let interval = 1; interval <= 60; interval++) {
        const bits = digitBits(width, interval);
        expect(digitCount(width, bits) * bits).toBeGreaterThanOrEqual(width);
        expect(digitCount(width, bits)).toBeLessThanOrEqual(interval);
      }
    }
    expect([1, 2, 3, 4, 8].map(digitAdderLuts)).toEqual([2, 2, 3, 4, 8]);
    expect([1, 2, 4, 5, 16].map(multiplexerLuts)).toEqual([0, 1, 1, 2, 5]);
  });
});
