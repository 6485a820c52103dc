import { describe, expect, it } from 'vitest';
import type { EmittedFile } from '../../../src/backends/verilog/emit.js';
import { STIMULUS_FILE } from '../../../src/backends/verilog/testbench.js';
import { KernelBuilder } from '../../../src/dataflow/builder.js';
import type { Program } from '../../../src/dataflow/program.js';
import { PROGRAM_INPUT } from '../../../src/dataflow/program.js';
import { codeRange, fixedPointType } from '../../../src/numeric/fixed-point.js';
import { Random } from '../../../src/support/random.js';
import type { BuiltDesign, DesignChoices } from '../../support/verilog-bundle.js';
import { buildDesign } from '../../support/verilog-bundle.js';
import { emitFiles, isMissing, runInFolder, vectorFiles, withFiles } from '../../support/verilog-files.js';

const withoutIcarus = await isMissing('iverilog', 'vvp');
const withoutVerilator = await isMissing('verilator', 'g++');

/** Two inputs and a negative constant; outputs of three widths, two of them in one port. */
function smallProgram(): Program {
  const types = [fixedPointType(true, 5, 5), fixedPointType(false, 3, 3)];
  const builder = new KernelBuilder('sum and product');
  const [a, b] = types.map((type) => builder.input(codeRange(type)));
  if (a === undefined || b === undefined) throw new Error('two inputs');
  for (const id of [builder.add(a, b), builder.multiply(a, b), builder.xor(a, b)]) builder.output(id);
  const own = (index: number): { instance: number; index: number } => ({ instance: 0, index });
  return {
    name: 'duo',
    inputs: [{ name: 'x', types }],
    kernels: [builder.finish()],
    instances: [
      {
        name: 'node',
        kernel: 0,
        positions: [[0, 1].map((index) => ({ instance: PROGRAM_INPUT, index }))],
        origin: { name: 'node', operator: 'Test' },
      },
    ],
    outputs: [
      { name: 'y', types: [fixedPointType(true, 6, 6), fixedPointType(true, 8, 8)], elements: [own(0), own(1)] },
      { name: 'z', types: [fixedPointType(true, 5, 5)], elements: [own(2)] },
    ],
  };
}

const random = new Random(4);
const events = Array.from({ length: 60 }, () => [random.bigint(-16n, 15n), random.bigint(0n, 7n)]);

function files(choices: DesignChoices, promised = 15n): { built: BuiltDesign; all: EmittedFile[] } {
  const built = buildDesign(smallProgram(), choices);
  const port = choices.ports === 'elements' ? 'x_0' : 'x';
  const promises = [{ port, low: 0, width: 5, signed: true, range: { low: -16n, high: promised } }];
  return { built, all: [...emitFiles(built, { promises }), ...vectorFiles(built, events)] };
}

async function icarus(folder: string, parameters: readonly string[] = []): Promise<string> {
  const compile = ['-g2005', '-Wall', ...parameters, '-s', 'duo_tb', '-o', 'tb/bench.vvp'];
  const log = await runInFolder(folder, 'iverilog', [...compile, '-f', 'rtl/files.f', 'tb/duo_tb.v']);
  expect(log).toBe('');
  return (await runInFolder(folder, 'vvp', ['-n', 'tb/bench.vvp'])).trim();
}

const choices: readonly DesignChoices[] = [
  { latency: 0 },
  { latency: 0, valid: true },
  { latency: 1, ports: 'elements' },
  { latency: 3 },
  { latency: 2, valid: true },
  { latency: 3, valid: true, ports: 'elements', registers: 'both' },
];

describe.skipIf(withoutIcarus)('the testbench in Icarus Verilog', () => {
  for (const choice of choices) {
    it(`passes with ${JSON.stringify(choice)}`, async () => {
      expect(await withFiles(files(choice).all, icarus)).toBe('TRIGC PASS 60 vectors');
    });
  }

  it('fails on one wrong bit and says where', async () => {
    const { all } = files({ latency: 2 });
    const wrong = all.map((file) => {
      if (file.path !== 'tb/expected.hex') return file;
      const lines = file.text.split('\n');
      // The lowest bit of the second element of y lies at bit 6 of the line.
      lines[17] = (BigInt(`0x${lines[17] ?? ''}`) ^ 64n).toString(16).padStart(5, '0');
      return { ...file, text: lines.join('\n') };
    });
    expect(await withFiles(wrong, icarus)).toBe('TRIGC FAIL 1 mismatches (first: vector 17, port y, element 1)');
  });

  for (const latency of [1, 3]) {
    it(`fails when told a latency of ${latency} instead of 2`, async () => {
      const { all } = files({ latency: 2, valid: true });
      const log = await withFiles(all, (folder) => icarus(folder, [`-Pduo_tb.LATENCY=${latency}`]));
      expect(log).toMatch(
        /^TRIGC VALID valid_out is wrong in \d+ cycles\nTRIGC FAIL \d+ mismatches \(first: vector 0, /u,
      );
    });
  }

  it('fails on values outside a declared range', async () => {
    const { all } = files({ latency: 1 }, 9n);
    const outside = events.filter(([a]) => (a ?? 0n) > 9n).length;
    const first = events.findIndex(([a]) => (a ?? 0n) > 9n);
    const promise = `TRIGC PROMISE ${outside} values outside their declared range (first: vector ${first}, port x, element 0)`;
    expect(await withFiles(all, icarus)).toBe(`${promise}\nTRIGC FAIL 0 mismatches`);
  });

  it('fails where there are no vectors, and where there are too many', async () => {
    const { all } = files({ latency: 1 });
    const empty = all.map((file) => (file.path === STIMULUS_FILE ? { ...file, text: '' } : file));
    expect(await withFiles(empty, icarus)).toBe('TRIGC FAIL 0 vectors and 60 results to compare with');
    expect(await withFiles(all, (folder) => icarus(folder, ['-Pduo_tb.CAPACITY=50']))).toBe(
      'TRIGC FAIL 60 vectors exceed the parameter CAPACITY of 50',
    );
  });
});

describe.skipIf(withoutVerilator)('the testbench in Verilator', () => {
  it('passes, with no remark but about unused bits', async () => {
    const { all } = files({ latency: 2, valid: true });
    await withFiles(all, async (folder) => {
      const build = ['--binary', '--timing', '-Wall', '-Wno-UNUSED', '-Wno-fatal', '--top-module', 'duo_tb'];
      const log = await runInFolder(folder, 'verilator', [...build, '-f', 'rtl/files.f', 'tb/duo_tb.v']);
      expect(log.split('\n').filter((line) => line.startsWith('%'))).toEqual([]);
      expect(await runInFolder(folder, 'obj_dir/Vduo_tb', [])).toMatch(/^TRIGC PASS 60 vectors$/mu);
    });
  });
});
