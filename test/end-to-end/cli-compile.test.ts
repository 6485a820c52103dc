import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/report/manifest.js';
import { parseManifest } from '../../src/report/parse-manifest.js';
import type { Report } from '../../src/report/report.js';
import { readTree, scratchFolder, trigc } from '../support/command-line.js';
import { OnnxBuilder } from '../support/onnx-builder.js';
import { smallModel } from '../support/small-model.js';

const scratch = scratchFolder();
const model = (): string => scratch.write('net.onnx', smallModel().bytes());
const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(`${folder}/trigc.json`, 'utf8')) as Manifest;

describe('trigc compile', () => {
  it('writes a folder, says so on stdout in one line, and nothing else', async () => {
    const out = scratch.path('plain');
    const run = await trigc('compile', model(), '-o', out);
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(
      /^compiled \S+net\.onnx to \S+plain: top net, latency \d+ cycles \(\d+(?:\.\d+)? ns\), II 1, clock 5 ns, target generic, in \d+\.\d\d s$/u,
    );
    expect([...readTree(out).keys()]).toEqual([
      'design.trigc',
      'float.trigc',
      'model.trigc',
      'report.html',
      'report.json',
      'report.md',
      'rtl/files.f',
      'rtl/net.v',
      'rtl/net_dense_1.v',
      'rtl/net_dense_2.v',
      'tb/expected.hex',
      'tb/net_tb.v',
      'tb/net_tb.vhd',
      'tb/stimulus.hex',
      'trigc.json',
      'typed.trigc',
      'vhdl/files.f',
      'vhdl/net.vhd',
      'vhdl/net_dense_1.vhd',
      'vhdl/net_dense_2.vhd',
      'vhdl/net_pkg.vhd',
      'vivado/net.xdc',
      'vivado/ooc.tcl',
    ]);
  });

  it('says in manifest and report what the integers of a port mean that takes those of a quantiser', async () => {
    const net = new OnnxBuilder(13)
      .input('x', ['N', 4])
      .initializer('scale', [], [0.1])
      .initializer('zero', [], [128], 'uint8')
      .node('QuantizeLinear', ['x', 'scale', 'zero'], ['q'])
      .node('DequantizeLinear', ['q', 'scale', 'zero'], ['d'])
      .node('Relu', ['d'], ['y'])
      .output('y', ['N', 4]);
    const out = scratch.path('scaled');
    expect((await trigc('compile', scratch.write('scaled.onnx', net.bytes()), '-o', out)).code).toBe(0);
    // The integers less their zero point: -128 to 127.
    const scaled = { scale: '13421773/134217728' };
    const manifest = parseManifest(readFileSync(`${out}/trigc.json`, 'utf8'));
    expect(manifest.inputs[0]).toMatchObject({ name: 'x', ...scaled });
    expect(manifest.inputs[0]?.elements[0]?.type).toBe('ap_fixed<8,8>');
    expect(manifest.outputs[0]).not.toHaveProperty('scale');
    const report = JSON.parse(readFileSync(`${out}/report.json`, 'utf8')) as Report;
    expect(report.ports[0]).toMatchObject({ name: 'x', ...scaled });
    expect(readFileSync(`${out}/report.md`, 'utf8')).toContain('| x | input | 4 | 32 | 13421773/134217728 |');
    for (const [right, wrong] of [
      ['13421773/134217728', '0.1'],
      ['13421773/134217728', '1/0'],
      ['"scale": "13421773/134217728"', '"scale": 1'],
      ['"scale"', '"zeroPoint": "one", "scale"'],
    ] as const) {
      const changed = readFileSync(`${out}/trigc.json`, 'utf8').replace(right, wrong);
      expect(() => parseManifest(changed)).toThrow("its entry 'inputs' is missing or wrong");
    }
  });

  it('prints the estimate with its error for people, and everything as JSON when asked', async () => {
    const out = scratch.path('json');
    const run = await trigc('compile', model(), '-o', out, '--json', '--target', 'ugt-run3');
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(
      /^estimate of xc7vx690tffg1927-2: \d+ LUT \(0\.\d+ %, [+-]\d+ % … [+-]\d+ % against Yosys 0\.23 on \d+ designs\), \d+ LUT sites \(0\.\d+ %\), \d+ FF \(0\.\d+ %\), \d+ carry bits, 0 DSP \(0 %\)$/mu,
    );
    const answer = JSON.parse(run.stdout) as Report & { schema: string };
    expect(answer).toMatchObject({ schema: 'trigc-compile', version: 1, folder: out, part: 'xc7vx690tffg1927-2' });
    const report = JSON.parse(readFileSync(`${out}/report.json`, 'utf8')) as Report;
    expect(answer.figures).toEqual(report.figures);
    expect(answer.resources).toEqual(report.resources);
    const { lut } = report.figures;
    expect(lut).toMatchObject({ unit: 'LUT', origin: 'estimate' });
    expect(lut?.value).toBeGreaterThan(0);
    expect(lut?.share).toBeCloseTo((lut?.value ?? 0) / 433_200, 9);
    const { layers, segments } = report.resources;
    const total = (rows: readonly { readonly lut: number }[]): number => rows.reduce((sum, row) => sum + row.lut, 0);
    expect(total(layers)).toBe(lut?.value);
    expect(total(segments)).toBe(lut?.value);
    expect(segments).toHaveLength(3);
    expect(readTree(out).get('report.md')).toContain(
      '| ONNX node | operator | LUT | LUT sites | FF | carry bits | DSP |',
    );
  });

  it('records names, types and bit positions of the ports, latency, clock and hashes', () => {
    const manifest = manifestOf(scratch.path('plain'));
    expect(manifest).toMatchObject({ schema: 'trigc-manifest', version: 1, top: 'net', initiationInterval: 1 });
    expect(manifest.inputs).toEqual([
      {
        name: 'x',
        rounding: 'AP_RND_CONV',
        overflow: 'AP_SAT',
        elements: [0, 6, 12, 18].map((low) => ({ port: 'x', low, type: 'ap_fixed<6,4>' })),
      },
    ]);
    expect(manifest.outputs).toEqual([
      { name: 'y', elements: [0, 8].map((low) => ({ port: 'y', low, type: 'ap_fixed<8,6>' })) },
    ]);
    expect(manifest.model).toEqual({ file: 'net.onnx', sha256: expect.stringMatching(/^[0-9a-f]{64}$/u) as string });
    expect(manifest.config).toBeNull();
    expect(manifest.files.map(({ path }) => path).toSorted()).toEqual(
      [...readTree(scratch.path('plain')).keys()].filter((path) => path !== 'trigc.json' && path !== 'report.html'),
    );
    expect(readFileSync(scratch.path('plain', 'rtl', 'net.v'), 'utf8')).toContain(manifest.model.sha256);
  });

  it('gives the same bytes wherever it reads from and writes to', async () => {
    const config = 'inputs: { x: { range: [-4, 4] } }\ntarget: { latency: 2 }\n';
    // Warnings that name the model's file must not carry its folder either.
    const withWarning = smallModel();
    withWarning.graph.output.length = 0;
    withWarning.output('y', ['N', 7]);
    const trees: ReadonlyMap<string, string>[] = [];
    for (const folder of ['here', 'somewhere/else/deep']) {
      const run = await trigc(
        ...['compile', scratch.write(`${folder}/same.onnx`, withWarning.bytes()), '-o', scratch.path(folder, 'out')],
        ...['--config', scratch.write(`${folder}/trigc.yaml`, config)],
      );
      expect(run.stderr).toContain('warning TRG1022');
      expect(run.code).toBe(0);
      trees.push(readTree(scratch.path(folder, 'out')));
    }
    expect(trees[1]).toEqual(trees[0]);
    expect(trees[0]?.get('report.md')).toContain('TRG1022');
    expect([...(trees[0]?.values() ?? [])].join('\n')).not.toContain(scratch.path());
  });

  it('draws the vectors of the testbench from the seed', async () => {
    const vectors: (string | undefined)[] = [];
    for (const seed of ['1', '1', '2']) {
      await trigc('compile', model(), '-o', scratch.path('seeded'), '--seed', seed);
      vectors.push(readTree(scratch.path('seeded')).get('tb/stimulus.hex'));
    }
    expect(vectors[1]).toBe(vectors[0]);
    expect(vectors[2]).not.toBe(vectors[0]);
  });
});

describe('settings', () => {
  const config = (): string =>
    scratch.write(
      'vu13p.yaml',
      'target: { name: vu13p-360, clock: 320MHz, latency: 6 }\ninterface: { registers: none }\n',
    );
  const compiled = async (...options: readonly string[]): Promise<Manifest> => {
    const out = scratch.path('settings');
    const run = await trigc('compile', model(), '-o', out, ...options);
    expect(run.code).toBe(0);
    return manifestOf(out);
  };

  it('of the command line go before those of trigc.yaml, those before the target, that before the defaults', async () => {
    expect(await compiled()).toMatchObject({ target: { name: 'generic' }, clock: { periodNanoseconds: 5 } });
    const target = await compiled('--target', 'vu13p-360');
    expect(target).toMatchObject({ target: { name: 'vu13p-360' }, interface: { registers: 'both' } });
    expect(target.clock.periodNanoseconds).toBeCloseTo(1000 / 360, 3);
    const file = await compiled('--config', config());
    expect(file).toMatchObject({ target: { name: 'vu13p-360' }, latency: 6, interface: { registers: 'none' } });
    expect(file.clock.periodNanoseconds).toBe(3.125);
    const line = await compiled('--config', config(), '--clock', '4ns', '--latency', '3', '--target', 'ugt-run3');
    expect(line).toMatchObject({ target: { name: 'ugt-run3' }, latency: 3, clock: { periodNanoseconds: 4 } });
    const all = await compiled('--config', config(), '--part', 'generic', '--name', 'trigger_top', '--clock', '240MHz');
    expect(all).toMatchObject({ top: 'trigger_top', target: { name: 'vu13p-360', part: 'generic' } });
    expect(all.clock.periodNanoseconds).toBeCloseTo(1000 / 240, 9);
    expect(readdirSync(scratch.path('settings', 'rtl'))).toContain('trigger_top.v');
  });

  it('of ugt-run3 are two ranks between unregistered ports at 25 ns', async () => {
    expect(await compiled('--target', 'ugt-run3')).toMatchObject({
      latency: 2,
      clock: { periodNanoseconds: 25 },
      interface: { registers: 'none' },
      target: { part: expect.stringContaining('xc7vx690t') as string },
    });
  });

  it('under --strict turn warnings into errors, and nothing is written', async () => {
    const out = scratch.path('strict');
    const loose = await trigc('compile', model(), '-o', out, '--clock', '1GHz', '--latency', '2');
    expect(loose.code).toBe(0);
    expect(loose.stderr).toContain('warning TRG1403');
    const before = readTree(out);
    const strict = await trigc('compile', model(), '-o', out, '--clock', '1GHz', '--latency', '2', '--strict');
    expect(strict.code).toBe(2);
    expect(strict.stdout).toBe('');
    expect(strict.stderr).toMatch(/error TRG4012: TRG1403: segment/u);
    expect(readTree(out)).toEqual(before);
    expect((await trigc('compile', model(), '-o', out, '--strict')).code).toBe(0);
  });

  it('under --strict make an unusable sample beside the model an error', async () => {
    const beside = scratch.write('sampled/net.onnx', smallModel().bytes());
    scratch.write('sampled/sample.csv', '1,2,3\n');
    const loose = await trigc('compile', beside, '-o', scratch.path('sampled', 'out'));
    expect(loose.code).toBe(0);
    expect(loose.stderr).toContain('warning TRG2004');
    expect(loose.stderr).toContain('the sample is not used');
    expect(existsSync(scratch.path('sampled', 'out', 'sample.csv'))).toBe(false);
    const strict = await trigc('compile', beside, '-o', scratch.path('sampled', 'new'), '--strict');
    expect(strict.code).toBe(2);
    expect(existsSync(scratch.path('sampled', 'new'))).toBe(false);
  });
});

describe('the output folder', () => {
  it('may exist empty, and an earlier output is replaced whole', async () => {
    const out = scratch.path('replaced');
    mkdirSync(out);
    expect((await trigc('compile', model(), '-o', out, '--name', 'first')).code).toBe(0);
    writeFileSync(`${out}/mine.txt`, 'goes with the folder');
    expect((await trigc('compile', model(), '-o', out, '--name', 'second')).code).toBe(0);
    const names = [...readTree(out).keys()];
    expect(names).toContain('rtl/second.v');
    expect(names.filter((name) => /first|mine/u.test(name))).toEqual([]);
  });

  it('has the permissions that a new folder has', () => {
    mkdirSync(scratch.path('ordinary'));
    expect(statSync(scratch.path('replaced')).mode).toBe(statSync(scratch.path('ordinary')).mode);
  });

  it('behind a link is replaced, and the link stays', async () => {
    symlinkSync(scratch.path('replaced'), scratch.path('link'));
    expect((await trigc('compile', model(), '-o', scratch.path('link'), '--name', 'third')).code).toBe(0);
    expect(existsSync(scratch.path('replaced', 'rtl', 'third.v'))).toBe(true);
  });

  it('that holds anything else is refused and left as it is', async () => {
    const file = scratch.write('foreign/notes.txt', 'keep me');
    const run = await trigc('compile', model(), '-o', scratch.path('foreign'));
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/^error TRG4002 \[\S+foreign\]: it is not empty and has no trigc\.json\n {2}hint: /u);
    expect(readFileSync(file, 'utf8')).toBe('keep me');
    expect(readdirSync(scratch.path('foreign'))).toEqual(['notes.txt']);
  });

  it('that is a file is refused', async () => {
    const file = scratch.write('file', 'keep me');
    const run = await trigc('compile', model(), '-o', file);
    expect([run.code, run.stderr]).toEqual([2, expect.stringContaining('error TRG4002')]);
    expect(readFileSync(file, 'utf8')).toBe('keep me');
  });

  it('below a file cannot be written', async () => {
    const run = await trigc('compile', model(), '-o', `${scratch.write('file', 'keep me')}/inner/out`);
    expect([run.code, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toMatch(/error TRG4003 \[\S+inner\/out\]: E\w+: /u);
    expect(run.stderr).toContain('hint: check that the folder above it exists');
  });

  it('below a folder without write permission cannot be written', async () => {
    const parent = scratch.path('locked');
    mkdirSync(parent);
    chmodSync(parent, 0o555);
    // Root writes everywhere, except where the system itself says no.
    const out = process.getuid?.() === 0 ? '/proc/trigc-out' : `${parent}/out`;
    const run = await trigc('compile', model(), '-o', out);
    chmodSync(parent, 0o755);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('error TRG4003');
  });

  it('is not touched by a compilation that fails', async () => {
    const out = scratch.path('replaced');
    const before = readTree(out);
    const run = await trigc('compile', scratch.write('broken.onnx', 'not a model'), '-o', out);
    expect(run.code).toBe(2);
    expect(readTree(out)).toEqual(before);
    const fresh = await trigc('compile', scratch.path('broken.onnx'), '-o', scratch.path('never'));
    expect(fresh.code).toBe(2);
    expect(existsSync(scratch.path('never'))).toBe(false);
  });

  it('leaves nothing beside it', () => {
    expect(readdirSync(scratch.path()).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});
