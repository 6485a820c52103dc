import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { openCompiledFolder } from '../../src/cli/compiled-folder.js';
import { parseFigureFile } from '../../src/report/figure-file.js';
import { evaluateModel } from '../../src/model/evaluate.js';
import type { CommandRun } from '../support/command-line.js';
import { scratchFolder, trigc } from '../support/command-line.js';
import { smallModel } from '../support/small-model.js';

const scratch = scratchFolder();
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The closing line of `trigc verify`: scripts rely on it. */
const CLOSING =
  /^verified (\d+) vectors, (\d+) mismatches, latency (\d+) cycles, II (\d+) \(engine (yosys|verilator|icarus)\)$/u;

async function compileTo(name: string, yaml = '', ...options: readonly string[]): Promise<string> {
  const out = scratch.path(name, 'out');
  const config = yaml === '' ? [] : ['--config', scratch.write(`${name}/trigc.yaml`, yaml)];
  const run = await trigc(
    'compile',
    scratch.write(`${name}/net.onnx`, smallModel().bytes()),
    '-o',
    out,
    ...config,
    ...options,
  );
  expect(run.stderr).not.toContain('error TRG');
  expect(run.code).toBe(0);
  return out;
}

const verify = (folder: string, ...options: readonly string[]): Promise<CommandRun> =>
  trigc('verify', folder, '--engine', 'yosys', ...options);

/** Output codes of the oracle for rows of input codes. */
function oracle(folder: string, rows: readonly (readonly number[])[]): readonly (readonly bigint[])[] {
  const { graph } = openCompiledFolder(folder);
  return rows.map((row) => evaluateModel(graph, [row.map(BigInt)]).outputs.flat());
}

const codeRows = [
  [0, 0, 0, 0],
  [31, -32, 31, -32],
  [-32, 31, -32, 31],
  [5, -7, 11, 13],
];
const csv = (rows: readonly (readonly (number | bigint | string)[])[]): string =>
  rows.map((row) => `${row.join(',')}\n`).join('');

let folder = '';
beforeAll(async () => {
  folder = await compileTo('net');
});

describe('trigc verify', () => {
  it('draws vectors, says so on stderr, and ends with one line on stdout', async () => {
    const run = await verify(folder, '--vectors', '300', '--seed', '11');
    expect(run.code).toBe(0);
    const [, vectors, mismatches, latency, interval, engine] = CLOSING.exec(run.stdout) ?? [];
    expect([vectors, mismatches, interval, engine]).toEqual(['300', '0', '1', 'yosys']);
    expect(Number(latency)).toBe(openCompiledFolder(folder).manifest.latency);
    expect(run.stderr.split('\n')).toEqual([
      'no --input: 300 vectors drawn, 150 uniform over the type, 150 corners (seed 11)',
      'protocol: back-to-back 300; order 300',
    ]);
  });

  it('reads vectors, compares expected codes and prints JSON', async () => {
    const input = scratch.write('codes.csv', csv(codeRows));
    const expected = scratch.write('expected.csv', csv(oracle(folder, codeRows)));
    const run = await verify(folder, '--input', input, '--codes', '--expect', expected, '--json');
    expect(run.code).toBe(0);
    const [protocol, warning] = run.stderr.split('\n');
    expect(protocol).toBe('protocol: back-to-back 4; order 4');
    // Four vectors leave much untried, and that is said.
    expect(warning).toMatch(
      /^warning TRG4041: [1-9]\d* of \d+ branches of quantisers and tables were not taken in 4 events: /u,
    );
    const { latency } = openCompiledFolder(folder).manifest;
    expect(JSON.parse(run.stdout)).toEqual({
      schema: 'trigc-verify',
      version: 1,
      vectors: 4,
      mismatches: 0,
      latency,
      latencyClaimed: latency,
      ii: 1,
      validErrors: 0,
      engine: 'yosys',
      phases: ['back-to-back', 'order'].map((phase) => ({
        phase,
        events: 4,
        discarded: 0,
        mismatches: 0,
        unknown: 0,
        validErrors: 0,
      })),
      coverage: { events: 4, branches: expect.any(Array) as unknown },
      first: null,
    });
    const figures = parseFigureFile(readFileSync(join(folder, 'figures', 'verify.json'), 'utf8'));
    expect(figures.tool.name).toBe('yosys');
    expect(figures.figures).toMatchObject({
      vectors: { value: 4, unit: 'vectors', origin: 'simulation' },
      mismatches: { value: 0 },
      measured_latency: { value: latency, unit: 'clocks' },
      measured_ii: { value: 1, unit: 'clocks' },
      coverage_saturation: { unit: '%', origin: 'simulation' },
    });
  });

  it('fails on expected codes that differ, and says where first', async () => {
    const outputs = oracle(folder, codeRows).map((row) => [...row]);
    const wrong = outputs.map((row, index) => (index >= 2 ? [row[0] ?? 0n, (row[1] ?? 0n) ^ 1n] : row));
    const input = scratch.write('codes.csv', csv(codeRows));
    const run = await verify(folder, '--input', input, '--codes', '--expect', scratch.write('wrong.csv', csv(wrong)));
    expect(run.code).toBe(1);
    expect(CLOSING.exec(run.stdout)?.slice(1, 3)).toEqual(['4', '2']);
    expect(run.stderr).toContain(
      `differ first in event 2, element 1: expected ${String(wrong[2]?.[1])}, emulated ${String(outputs[2]?.[1])}`,
    );
    expect(run.stderr).toContain('2 of 4 events differ from the expected outputs');
  });

  it('warns of a file that has changed, and lets the values decide', async () => {
    const changed = await compileTo('changed');
    appendFileSync(join(changed, 'report.md'), '\nA remark.\n');
    writeFileSync(join(changed, 'tb', 'expected.hex'), '');
    const run = await verify(changed, '--vectors', '20');
    expect(run.code).toBe(0);
    const warnings = run.stderr.split('\n').filter((line) => line.startsWith('warning'));
    expect(warnings).toHaveLength(2);
    expect(warnings.every((line) => /TRG4006 \[\S+(?:report\.md|expected\.hex)\]: its hash is not/u.test(line))).toBe(
      true,
    );
  });

  it('verifies ports of elements, promises, delays and names of a configuration', async () => {
    const elements = await compileTo(
      'elements',
      'inputs: { x: { types: ["ap_fixed<6,4>", "ap_ufixed<3,2>", "ap_fixed<6,4>", "ap_fixed<9,6>"], ranges: { 0: [-2, 3.5] }, constants: { 3: 1.25 } } }\n' +
        'outputs: { y: { type: "ap_fixed<7,5,AP_RND,AP_SAT_SYM>" } }\ninterface: { ports: elements, registers: none }\ntarget: { latency: 1 }\n',
    );
    const { manifest } = openCompiledFolder(elements);
    expect(manifest.inputs[0]?.elements.map(({ port }) => port)).toHaveLength(4);
    expect(new Set(manifest.inputs[0]?.elements.map(({ port }) => port)).size).toBe(4);
    expect(manifest.inputs[0]?.elements.every(({ low }) => low === 0)).toBe(true);
    expect(manifest.inputs[0]?.elements[0]?.promise).toEqual({ low: '-2', high: '3.5' });
    expect(manifest.inputs[0]?.elements[3]?.promise).toEqual({ low: '1.25', high: '1.25' });
    const run = await verify(elements, '--vectors', '200');
    expect([run.code, CLOSING.exec(run.stdout)?.slice(1, 4)]).toEqual([0, ['200', '0', '1']]);
  });

  it('refuses values that break a promise, before anything is simulated', async () => {
    const elements = scratch.path('elements', 'out');
    for (const [value, policy, code] of [
      ['4', 'exact', 'TRG2009'],
      ['100', 'quantise', 'TRG2009'],
      ['-2.25', 'quantise', 'TRG2009'],
    ] as const) {
      const input = scratch.write(
        'broken.csv',
        csv([
          [0, 0, 0, 1.25],
          [value, 0, 0, 1.25],
        ]),
      );
      const run = await verify(elements, '--input', input, '--input-policy', policy);
      expect([run.code, run.stdout]).toEqual([2, '']);
      expect(run.stderr).toContain(`error ${code} [${input}, line 2, column 1]`);
    }
    const constant = scratch.write('constant.csv', csv([[0, 0, 0, 1.5]]));
    expect((await verify(elements, '--input', constant)).stderr).toContain('the constant 1.25');
  });

  it('checks valid bits and reset with idle cycles in between', async () => {
    const valid = await compileTo('valid', 'interface: { valid: true, registers: both }\ntarget: { latency: 4 }\n');
    const run = await verify(valid, '--vectors', '60', '--json');
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ mismatches: 0, validErrors: 0, latency: 4 });
    expect(run.stderr).toContain('protocol: back-to-back 60; pulse 1; gaps 60; reset 25, 10 taken by resets');
  });

  it('notices a valid bit that comes at the wrong time, and a reset that does not clear it', async () => {
    const top = scratch.path('valid', 'out', 'rtl', 'net.v');
    const text = readFileSync(top, 'utf8');
    const late = text.replace(
      /assign valid_out = (\w+);/u,
      'reg late_valid; always @(posedge clk) late_valid <= $1; assign valid_out = late_valid;',
    );
    expect(late).not.toBe(text);
    writeFileSync(top, late);
    const run = await verify(scratch.path('valid', 'out'), '--vectors', '20');
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/valid_out is wrong in \d+ cycles/u);
    expect(CLOSING.exec(run.stdout)?.slice(2, 4)).toEqual(['0', '5']);
    expect(run.stderr).toContain(
      'valid_out comes after 5 cycles: the latency is not the 4 cycles of the manifest, the values are right after 4',
    );
    // A reset that one of the ranks does not have: seen only with valid bits in flight.
    const kept = text.replace("rst ? 1'b0 : w_valid_d2", 'w_valid_d2');
    expect(kept).not.toBe(text);
    writeFileSync(top, kept);
    const inFlight = await verify(scratch.path('valid', 'out'), '--vectors', '20');
    expect(inFlight.code).toBe(1);
    expect(inFlight.stderr).toMatch(/^protocol: .*reset 25, 10 taken by resets, valid wrong in \d cycles$/mu);
    writeFileSync(top, text);
  });

  it('verifies a combinational design, which has no clock', async () => {
    const flat = await compileTo('flat', 'interface: { registers: none }\n', '--latency', '0');
    expect(openCompiledFolder(flat).manifest.clock.port).toBeNull();
    const run = await verify(flat, '--vectors', '50');
    expect([run.code, CLOSING.exec(run.stdout)?.slice(1, 4)]).toEqual([0, ['50', '0', '0']]);
  });

  it('follows a compilation with --verify, whatever engine there is', async () => {
    const words = ['compile', scratch.path('net', 'net.onnx'), '-o', scratch.path('at-once'), '--verify'];
    const run = await trigc(...words);
    expect(run.code).toBe(0);
    const [compiled, closing = '', ...more] = run.stdout.split('\n');
    expect(more).toEqual([]);
    expect(compiled).toMatch(/^compiled /u);
    expect(CLOSING.exec(closing)?.slice(1, 3)).toEqual(['1000', '0']);
    // What does not compile is not verified.
    const refused = await trigc(...words, '--latency', '1');
    expect([refused.code, refused.stdout]).toEqual([2, '']);
  });

  it('uses a sample of events that lies beside the model', async () => {
    const sample = scratch.write(
      'sample/sample.csv',
      csv([
        [1, 2, 3, 4.25],
        [0.3, -1, -2.6, 0],
      ]),
    );
    const out = await compileTo('sample');
    expect(readFileSync(join(out, 'sample.csv'), 'utf8')).toBe(readFileSync(sample, 'utf8'));
    const run = await verify(out, '--vectors', '40');
    expect(run.code).toBe(0);
    expect(run.stderr).toContain(
      'no --input: 40 vectors drawn, 20 from the sample, 10 uniform over the type, 10 corners (seed 1)',
    );
  });
});

describe('what verify refuses', () => {
  it.each([
    [['--vectors', '0'], 'TRG4011', 'there is nothing to verify', ''],
    [['--vectors', 'many'], 'TRG4001', '--vectors many is not a whole number', ''],
    [['--vectors', '-1'], 'TRG4001', '--vectors', ''],
    [['--seed', '4294967296'], 'TRG4001', '--seed 4294967296 is not a whole number', ''],
    [['--engine', 'modelsim'], 'TRG4001', 'modelsim', ''],
    [['--input', 'none.csv'], 'TRG2001', 'none.csv', ''],
  ])('%j: %s', async (options, code, text) => {
    const run = await trigc('verify', folder, ...options);
    expect([run.code, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toContain(`error ${code}`);
    if (code !== 'TRG4011') expect(run.stderr).toContain(text);
    expect(run.stderr).toContain('hint: ');
  });

  it.each([
    ['too few rows', csv(oracleRows(1)), 'TRG4010'],
    ['too few columns', '1\n2\n3\n4\n', 'TRG2004'],
    ['a code beyond the type', '1,2\n3,4\n5,128\n0,0\n', 'TRG2008'],
  ])('expected outputs with %s', async (_, text, code) => {
    const input = scratch.write('codes.csv', csv(codeRows));
    const run = await verify(folder, '--input', input, '--codes', '--expect', scratch.write('expected.csv', text));
    expect([run.code, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toContain(`error ${code} [${scratch.path('expected.csv')}`);
  });
});

function oracleRows(count: number): readonly (readonly number[])[] {
  return Array.from({ length: count }, () => [0, 0]);
}

/** The program itself, as a shell would start it. Needs the build. */
const program = join(root, 'bin', 'trigc.js');
const built = existsSync(join(root, 'dist', 'bundle', 'trigc.js'));

describe.skipIf(!built)('bin/trigc.js (skipped where the build is missing)', () => {
  const start = (words: readonly string[], path?: string): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [program, ...words], {
      encoding: 'utf8',
      cwd: scratch.path(),
      // Without programs there is no built tool either.
      env: { ...process.env, ...(path === undefined ? {} : { PATH: path, XDG_CACHE_HOME: path }) },
    });

  it('is executable and hands the exit code and both streams on', () => {
    expect(statSync(program).mode & 0o111).not.toBe(0);
    const version = start(['--version']);
    expect([version.status, version.stderr]).toEqual([0, '']);
    expect(version.stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/u);
    const usage = start(['compil', 'x']);
    expect([usage.status, usage.stdout]).toEqual([2, '']);
    expect(usage.stderr).toContain('error TRG4001');
  });

  it('exits with 3 where the engine asked for is missing, and names it', () => {
    const run = start(['verify', folder, '--engine', 'verilator'], scratch.path('no-tools'));
    expect([run.status, run.stdout]).toEqual([3, '']);
    expect(run.stderr).toContain('error TRG4008');
    expect(run.stderr).toContain('verilator');
  });

  it('falls back on yosys, says why, and exits with 0', () => {
    const run = start(['verify', folder, '--vectors', '10'], scratch.path('no-tools'));
    expect(run.stderr).toMatch(/^engine verilator is not used: /mu);
    expect(run.stderr).toMatch(/^engine verilator-wasm is not used: .*npm run build:verilator-wasm/mu);
    expect(run.stdout.trim()).toMatch(CLOSING);
    expect(run.status).toBe(0);
  });

  it('compiles through a pipe that reads nothing from it', () => {
    const text = execFileSync(
      process.execPath,
      [program, 'compile', scratch.path('net', 'net.onnx'), '-o', 'piped', '--name', 'piped'],
      {
        encoding: 'utf8',
        cwd: scratch.path(),
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    expect(text).toMatch(/^compiled \S+net\.onnx to piped: top piped, /u);
  });
});
