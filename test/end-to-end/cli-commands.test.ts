import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { openCompiledFolder } from '../../src/cli/compiled-folder.js';
import { main } from '../../src/cli/main.js';
import { evaluateModel } from '../../src/model/evaluate.js';
import { printDyadic } from '../../src/numeric/dyadic.js';
import { SIMULATION_ENGINES } from '../../src/simulation/choose-engine.js';
import { version } from '../../src/version.js';
import { scratchFolder, trigc } from '../support/command-line.js';
import { float, OnnxBuilder } from '../support/onnx-builder.js';
import { smallModel } from '../support/small-model.js';

const scratch = scratchFolder();
let model = '';
let folder = '';
beforeAll(async () => {
  model = scratch.write('net.onnx', smallModel().bytes());
  folder = scratch.path('out');
  expect((await trigc('compile', model, '-o', folder)).code).toBe(0);
});

const rows = [
  [0, 0, 0, 0],
  [31, -32, 31, -32],
  [-32, 31, -32, 31],
  [5, -7, 11, 13],
  [1, 2, 3, 4],
];

/** Codes of the outputs by the oracle: y is ap_fixed<8,6>. */
function outputs(): readonly (readonly bigint[])[] {
  const { graph } = openCompiledFolder(folder);
  return rows.map((row) => evaluateModel(graph, [row.map(BigInt)]).outputs.flat());
}

const csv = (table: readonly (readonly (string | number | bigint)[])[]): string =>
  table.map((row) => `${row.join(',')}\n`).join('');
const real = (code: number | bigint): string => printDyadic({ code: BigInt(code), lsb: -2 });
const realInputs = (): string => csv(rows.map((row) => row.map(real)));
const realOutputs = (): string => csv(outputs().map((row) => row.map(real)));
const codeInputs = (): string => csv(rows);
const codeOutputs = (): string => csv(outputs());

/** A .npy file of 8-byte elements. */
function npy(descriptor: '<f8' | '<i8', table: readonly (readonly number[])[]): Uint8Array {
  const columns = table[0]?.length ?? 0;
  const head = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': (${table.length}, ${columns}), }`;
  const padded = `${head.padEnd(Math.ceil((head.length + 11) / 64) * 64 - 11)}\n`;
  const data = Buffer.alloc(table.length * columns * 8);
  table.flat().forEach((value, index) => {
    if (descriptor === '<f8') data.writeDoubleLE(value, index * 8);
    else data.writeBigInt64LE(BigInt(value), index * 8);
  });
  const size = Buffer.alloc(2);
  size.writeUInt16LE(padded.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), size, Buffer.from(padded), data]);
}

describe('trigc emulate', () => {
  it('maps real values to real values, exactly, in CSV', async () => {
    const run = await trigc(
      ...['emulate', folder, '--input', scratch.write('in.csv', realInputs()), '--output', scratch.path('out.csv')],
    );
    expect(run).toEqual({ code: 0, stderr: '', stdout: `emulated 5 events to ${scratch.path('out.csv')}` });
    expect(readFileSync(scratch.path('out.csv'), 'utf8')).toBe(realOutputs());
  });

  it('detects a header on input and writes none', async () => {
    const input = scratch.write('headed.csv', `a,b,c,d\n${realInputs()}`);
    await trigc('emulate', folder, '--input', input, '--output', scratch.path('headed-out.csv'));
    expect(readFileSync(scratch.path('headed-out.csv'), 'utf8')).toBe(realOutputs());
  });

  it('maps codes to codes in CSV, compressed or not', async () => {
    const input = scratch.write('codes.csv.gz', gzipSync(codeInputs()));
    const run = await trigc(
      'emulate',
      folder,
      '--input',
      input,
      '--output',
      scratch.path('codes-out.csv.gz'),
      '--codes',
    );
    expect(run.code).toBe(0);
    expect(gunzipSync(readFileSync(scratch.path('codes-out.csv.gz'))).toString()).toBe(codeOutputs());
  });

  it('reads and writes NumPy files: doubles, and int64 for codes', async () => {
    const real64 = scratch.write(
      'in.npy',
      npy(
        '<f8',
        rows.map((row) => row.map((code) => code / 4)),
      ),
    );
    expect((await trigc('emulate', folder, '--input', real64, '--output', scratch.path('out.npy'))).code).toBe(0);
    const codes = scratch.write('codes.npy', npy('<i8', rows));
    expect(
      (await trigc('emulate', folder, '--input', codes, '--output', scratch.path('codes-out.npy'), '--codes')).code,
    ).toBe(0);
    const table = outputs().map((row) => row.map(Number));
    expect(readFileSync(scratch.path('codes-out.npy')).subarray(-80)).toEqual(
      Buffer.from(npy('<i8', table)).subarray(-80),
    );
    expect(readFileSync(scratch.path('out.npy')).subarray(-80)).toEqual(
      Buffer.from(
        npy(
          '<f8',
          table.map((row) => row.map((code) => code / 4)),
        ),
      ).subarray(-80),
    );
    // And back: what was written is read as what it is.
    const again = await trigc(
      'verify',
      folder,
      '--input',
      codes,
      '--codes',
      '--expect',
      scratch.path('codes-out.npy'),
      '--engine',
      'yosys',
    );
    expect(again.code).toBe(0);
  });

  it('rounds and saturates as the port does under --input-policy quantise', async () => {
    // ap_fixed<6,4,AP_RND_CONV,AP_SAT>: 0.125 is a tie and goes to the even code 0, 0.375 to the even code 2.
    const input = scratch.write('between.csv', csv([[0.125, 0.375, 100, -100]]));
    const refused = await trigc('emulate', folder, '--input', input, '--output', scratch.path('no.csv'));
    expect(refused.code).toBe(2);
    expect(existsSync(scratch.path('no.csv'))).toBe(false);
    const output = scratch.path('quantised.csv');
    expect(
      (await trigc('emulate', folder, '--input', input, '--output', output, '--input-policy', 'quantise')).code,
    ).toBe(0);
    const codes = scratch.write('same.csv', csv([[0, 2, 31, -32]]));
    await trigc('emulate', folder, '--input', codes, '--output', scratch.path('same-out.csv'), '--codes');
    const [first = '', second = ''] = readFileSync(scratch.path('same-out.csv'), 'utf8').trim().split(',');
    expect(readFileSync(output, 'utf8')).toBe(`${real(BigInt(first))},${real(BigInt(second))}\n`);
  });

  it.each([
    [
      'a value beside the grid',
      '0.1,0,0,0\n',
      'TRG2007',
      'line 1, column 1',
      '0.1 is not a multiple of 0.25, the step of ap_fixed<6,4>',
    ],
    ['a value out of range', '0,0,0,0\n0,0,7.8,0\n', 'TRG2008', 'line 2, column 3', 'outside -8…7.75'],
    ['a wrong number of columns', '0,0,0\n', 'TRG2004', 'line 1', '3'],
    ['NaN', '0,nan,0,0\n', 'TRG2006', 'line 1, column 2', 'nan'],
    ['text', '0,0,0,0\n0,x,0,0\n', 'TRG2005', 'line 2, column 2', 'x'],
    ['nothing', '', 'TRG2003', '', ''],
  ])('refuses %s with place and hint, and writes nothing', async (_, text, code, place, message) => {
    const input = scratch.write('bad.csv', text);
    const run = await trigc('emulate', folder, '--input', input, '--output', scratch.path('never.csv'));
    expect([run.code, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toContain(`error ${code} [${input}${place === '' ? '' : `, ${place}`}`);
    expect(run.stderr).toContain(message);
    expect(run.stderr).toContain('hint: ');
    expect(existsSync(scratch.path('never.csv'))).toBe(false);
  });

  it.each([
    ['an unknown format', ['out.txt'], 'TRG2002'],
    ['a folder that is not there', ['nowhere', 'out.csv'], 'TRG2020'],
  ])('refuses to write to %s', async (_, parts, code) => {
    const run = await trigc('emulate', folder, '--input', scratch.path('in.csv'), '--output', scratch.path(...parts));
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(`error ${code}`);
  });
});

describe('--max-operations', () => {
  it('is the most that is unrolled: one below the size of the model is refused by layer, the size itself compiles', async () => {
    const layers = JSON.parse((await trigc('inspect', model, '--json', '--no-cost')).stdout) as {
      layers: { operations: number }[];
    };
    const size = layers.layers.reduce((sum, { operations }) => sum + operations, 0);
    const out = scratch.path('limited');
    const refused = await trigc('compile', model, '-o', out, '--max-operations', String(size - 1));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(new RegExp(`error TRG1510: the model has ${size} scalar operations`, 'u'));
    expect(existsSync(out)).toBe(false);
    expect((await trigc('compile', model, '-o', out, '--max-operations', String(size))).code).toBe(0);
    expect((await trigc('compile', model, '-o', out, '--max-operations', 'many')).code).toBe(2);
  });
});

describe('trigc inspect', () => {
  it('reads formulas as compile does, and says what is wrong with them', async () => {
    const formula = scratch.write('score.expr', 'y = 0.5*a + sin(b)\n');
    const run = await trigc('inspect', formula);
    expect(run.code).toBe(0);
    for (const text of [
      'exporter  formula',
      'input     a real',
      'sin',
      'preview of cost: ',
      'This model can be compiled.',
    ]) {
      expect(run.stdout).toContain(text);
    }
    expect(run.stdout).not.toContain('IR version');
    const bad = await trigc('inspect', scratch.write('bad.expr', 'y = gamma(a)\n'));
    expect(bad.code).toBe(2);
    expect(bad.stderr).toContain('error TRG1602');
  });

  it('prints graph, shapes, quantisers and exporter', async () => {
    const run = await trigc('inspect', model);
    expect([run.code, run.stderr]).toEqual([0, '']);
    for (const text of [
      'exporter  test 1.0',
      'input     x float32 [N, 4], per event [1, 4]',
      'output    y float32 [N, 2], per event [1, 2]',
      'qonnx.custom_op.general::Quant × 6',
      'MatMul × 2',
      'quant_h',
      'ap_ufixed<6,5,AP_RND_CONV,AP_SAT>',
      'operations  parameters        zero         LUT',
      'preview of cost: ',
      'latency ',
      'This model can be compiled.',
    ]) {
      expect(run.stdout).toContain(text);
    }
  });

  it('prints the same as JSON', async () => {
    const run = await trigc('inspect', model, '--json');
    expect([run.code, run.stderr]).toEqual([0, '']);
    expect(JSON.parse(run.stdout)).toMatchObject({
      schema: 'trigc-inspect',
      version: 1,
      importable: true,
      exporter: { name: 'test', version: '1.0' },
      inputs: [{ name: 'x', shape: [1, 4] }],
      unsupported: [],
    });
  });

  it('counts operations, parameters and zeros by layer, and previews the cost', async () => {
    const { layers, cost } = JSON.parse((await trigc('inspect', model, '--json')).stdout) as {
      layers: { operator: string; operations: number; parameters: number; zeroParameters: number }[];
      cost: { lut: number; layers: { operator: string; lut: number }[]; basis: string };
    };
    const products = layers.filter(({ operator }) => operator === 'MatMul');
    expect(products.map(({ parameters }) => parameters)).toEqual([12, 6]);
    for (const { operations, parameters, zeroParameters } of products) {
      expect(operations).toBe(parameters - zeroParameters);
    }
    expect(cost.basis).toContain('effort fast');
    expect(cost.layers.reduce((sum, { lut }) => sum + lut, 0)).toBeCloseTo(cost.lut);
    expect(cost.lut).toBeGreaterThan(0);
    const without = JSON.parse((await trigc('inspect', model, '--json', '--no-cost')).stdout) as { cost?: unknown };
    expect(without.cost).toBeUndefined();
  });

  it('lists every unsupported node at once with a remedy, and exits with 2', async () => {
    const bad = new OnnxBuilder()
      .input('x', ['N', 4])
      .node('LRN', ['x'], ['a'], {}, { name: 'local' })
      .node('DeformConv', ['a'], ['b'], { alpha: float(1) }, { name: 'bent' })
      .node('Trilu', ['b'], ['c'], {}, { name: 'triangle' })
      .node('Relu', ['c'], ['y'])
      .output('y');
    const path = scratch.write('bad.onnx', bad.bytes());
    const run = await trigc('inspect', path);
    expect(run.code).toBe(2);
    expect(run.stdout).toContain('unsupported (3):');
    for (const name of ["LRN 'local'", "DeformConv 'bent'", "Trilu 'triangle'"]) expect(run.stdout).toContain(name);
    expect(run.stdout).toContain('This model cannot be compiled');
    expect(run.stderr.match(/^error TRG1040 \[\S+bad\.onnx, node '\w+'\]/gmu)).toHaveLength(3);
    const json = await trigc('inspect', path, '--json');
    expect([json.code, json.stderr]).toEqual([2, '']);
    const parsed = JSON.parse(json.stdout) as {
      importable: boolean;
      unsupported: { operator: string; remedy: string }[];
    };
    expect(parsed.importable).toBe(false);
    expect(parsed.unsupported.map(({ operator }) => operator)).toEqual(['LRN', 'DeformConv', 'Trilu']);
    expect(parsed.unsupported.every(({ remedy }) => remedy !== '')).toBe(true);
    const compiled = await trigc('compile', path, '-o', scratch.path('bad-out'));
    expect(compiled.code).toBe(2);
    expect(compiled.stderr.match(/error TRG1040/gu)).toHaveLength(3);
  });

  it('answers JSON for files that are no models, too', async () => {
    const run = await trigc('inspect', scratch.write('text.onnx', 'hello'), '--json');
    expect(run.code).toBe(2);
    expect(JSON.parse(run.stdout)).toMatchObject({ importable: false, nodes: [], diagnostics: [{ code: 'TRG1001' }] });
  });
});

describe('trigc doctor', () => {
  it('lists the engines for people and for programs', async () => {
    const text = await trigc('doctor');
    expect([text.code, text.stderr]).toEqual([0, '']);
    expect(text.stdout).toMatch(new RegExp(`^trigc ${version.replaceAll('.', '\\.')}, node v\\d+`, 'u'));
    expect(text.stdout).toMatch(/^ {2}yosys +@yowasp\/yosys \d/mu);
    const json = JSON.parse((await trigc('doctor', '--json')).stdout) as {
      engines: { name: string; usable: boolean }[];
    };
    expect(json.engines.map(({ name }) => name)).toEqual(Object.keys(SIMULATION_ENGINES));
    expect(json.engines[0]?.usable).toBe(true);
  });

  it('empties the cache when told to', async () => {
    const home = process.env['XDG_CACHE_HOME'];
    process.env['XDG_CACHE_HOME'] = scratch.path('home');
    try {
      scratch.write(`home/trigc/solutions-0123456789abcdef/ab/${'c'.repeat(62)}`, 'old');
      const run = await trigc('doctor', '--clear-cache', '--json');
      expect(run.code).toBe(0);
      expect(run.stderr).toBe('removed the cache: 1 file, 0.0 MiB; what was built there stays');
      expect(JSON.parse(run.stdout)).toMatchObject({
        cleared: { files: 1, bytes: 4096 },
        cache: { folder: scratch.path('home', 'trigc'), entries: [] },
      });
    } finally {
      process.env['XDG_CACHE_HOME'] = home;
    }
  });
});

describe('the command line', () => {
  it.each([
    [[], 'a command is needed'],
    [['compil', 'm.onnx'], 'compil'],
    [['compile'], 'Not enough non-option arguments'],
    [['compile', 'm.onnx'], 'Missing required argument: output'],
    [['compile', 'm.onnx', '-o', 'x', '--lattency', '3'], 'lattency'],
    [['compile', 'm.onnx', 'second.onnx', '-o', 'x'], 'second.onnx'],
    [['emulate', 'x', '--input', 'a.csv'], 'Missing required argument: output'],
    [['verify'], 'Not enough non-option arguments'],
    [['emulate', 'x', '--input', 'a.csv', '--output', 'b.csv', '--input-policy', 'round'], 'round'],
    [['doctor', 'who'], 'who'],
  ])('%j is refused with usage', async (words, message) => {
    const run = await trigc(...words);
    expect([run.code, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toMatch(/^error TRG4001: /u);
    expect(run.stderr).toContain(message);
    expect(run.stderr).toContain('hint: trigc --help');
  });

  it('prints help and version on stdout', async () => {
    const help = await trigc('--help');
    expect([help.code, help.stderr]).toEqual([0, '']);
    for (const command of ['inspect', 'compile', 'emulate', 'verify', 'doctor'])
      expect(help.stdout).toContain(`trigc ${command}`);
    const compile = await trigc('compile', '--help');
    for (const option of ['--output', '--config', '--target', '--clock', '--latency', '--part', '--name', '--strict']) {
      expect(compile.stdout).toContain(option);
    }
    const verify = await trigc('verify', '--help');
    for (const option of ['--input', '--codes', '--expect', '--vectors', '--seed', '--engine'])
      expect(verify.stdout).toContain(option);
    expect(await trigc('--version')).toEqual({ code: 0, stdout: version, stderr: '' });
  });

  it.each(['emulate', 'verify'])('%s refuses a folder that trigc compile did not write', async (command) => {
    scratch.write('plain/readme.txt', 'nothing here');
    const files = command === 'emulate' ? ['--input', 'a.csv', '--output', 'b.csv'] : [];
    for (const name of ['plain', 'absent']) {
      const run = await trigc(command, scratch.path(name), ...files);
      expect(run.code).toBe(2);
      expect(run.stderr).toMatch(/error TRG4004 \[\S+\]: trigc\.json: ENOENT\n {2}hint: compile a model first/u);
    }
  });

  it('reports what is a bug of Trigc with 70, its version and the stack', async () => {
    const notes: string[] = [];
    const code = await main(['doctor'], {
      note: (text) => notes.push(text),
      result: () => {
        throw new TypeError('broken console');
      },
    });
    expect(code).toBe(70);
    expect(notes.join('\n')).toContain(`internal error of Trigc ${version}: please report it`);
    expect(notes.join('\n')).toContain('TypeError: broken console');
  });
});
