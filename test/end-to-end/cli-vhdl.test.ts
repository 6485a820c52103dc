import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SIMULATION_ENGINES } from '../../src/simulation/choose-engine.js';
import type { CommandRun } from '../support/command-line.js';
import { readTree, scratchFolder, trigc } from '../support/command-line.js';
import { smallModel } from '../support/small-model.js';
import { runInFolder } from '../support/verilog-files.js';

const scratch = scratchFolder();
const ghdlMissing = await SIMULATION_ENGINES.ghdl.unavailable();

async function compileTo(name: string, yaml: string, ...options: readonly string[]): Promise<CommandRun> {
  const config = yaml === '' ? [] : ['--config', scratch.write(`${name}/trigc.yaml`, yaml)];
  const model = scratch.write(`${name}/net.onnx`, smallModel().bytes());
  return trigc('compile', model, '-o', scratch.path(name, 'out'), ...config, ...options);
}

const paths = (name: string): readonly string[] => [...readTree(scratch.path(name, 'out')).keys()];
const textOf = (name: string, path: string): string => readFileSync(scratch.path(name, 'out', path), 'utf8');

describe('trigc compile, in VHDL', () => {
  it('writes one language where one is asked for, and a Vivado script that reads it', async () => {
    expect((await compileTo('alone', '', '--language', 'vhdl')).code).toBe(0);
    expect(paths('alone').filter((path) => /\.(?:v|vhd|tcl)$/u.test(path))).toEqual([
      'tb/net_tb.vhd',
      'vhdl/net.vhd',
      'vhdl/net_dense_1.vhd',
      'vhdl/net_dense_2.vhd',
      'vhdl/net_pkg.vhd',
      'vivado/ooc.tcl',
    ]);
    expect(textOf('alone', 'vivado/ooc.tcl')).toContain('read_vhdl -vhdl2008 [file join $folder .. vhdl $name]');
    expect((await compileTo('verilog', 'interface: { language: verilog }')).code).toBe(0);
    expect(paths('verilog').some((path) => path.endsWith('.vhd'))).toBe(false);
  });

  it('begins every entity, module and source file with the prefix', async () => {
    expect((await compileTo('prefix', '', '--prefix', 'axo_v5_')).code).toBe(0);
    const sources = paths('prefix').filter((path) => /^(?:rtl|vhdl|tb)\/.*\.(?:v|vhd)$/u.test(path));
    expect(sources).toHaveLength(9);
    for (const path of sources) {
      expect(path).toMatch(/^\w+\/axo_v5_net\w*\.vh?d?$/u);
      const own = /^(?:entity|module|package) (\w+)/mu.exec(textOf('prefix', path))?.[1];
      expect(path).toMatch(new RegExp(`/${own ?? 'none'}\\.vh?d?$`, 'u'));
      for (const [, used] of textOf('prefix', path).matchAll(/entity work\.(\w+)/gu))
        expect(used).toMatch(/^axo_v5_net/u);
    }
  });

  it('lays the sources out as an IPBB component, with every file in its dependency file', async () => {
    const yaml = 'target: { name: ugt-run3 }\ninterface: { prefix: axo_, package: ipbb }\n';
    expect((await compileTo('ipbb', yaml)).code).toBe(0);
    const sources = ['axo_net_pkg.vhd', 'axo_net_dense_1.vhd', 'axo_net_dense_2.vhd', 'axo_net.vhd'];
    const lines = textOf('ipbb', 'firmware/cfg/axo_net.dep').split('\n');
    expect(lines.filter((line) => line !== '' && !line.startsWith('#')).sort()).toEqual(
      sources.map((source) => `src --vhdl2008 ${source}`).sort(),
    );
    for (const source of sources) expect(existsSync(scratch.path('ipbb', 'out', 'firmware/hdl', source))).toBe(true);
    expect(paths('ipbb').some((path) => path.startsWith('vhdl/'))).toBe(false);
  });

  it('refuses a component of the Global Trigger without a prefix, and writes nothing', async () => {
    const run = await compileTo('bare', '', '--target', 'ugt-run3', '--package', 'ipbb');
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('error TRG3041');
    expect(run.stderr).toContain('--prefix');
    expect(existsSync(scratch.path('bare', 'out'))).toBe(false);
    // Where nobody asked for VHDL it is there all the same, and needs none.
    expect((await compileTo('quiet', '', '--target', 'ugt-run3')).code).toBe(0);
  });
});

describe('trigc verify, in VHDL', () => {
  it('refuses an engine whose language the folder lacks', async () => {
    const run = await trigc('verify', scratch.path('alone', 'out'), '--engine', 'yosys');
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('error TRG4040');
    expect(run.stderr).toContain('the engine reads Verilog, and the folder holds none');
  });

  it.skipIf(ghdlMissing !== undefined)('simulates with GHDL, by itself where there is VHDL alone', async () => {
    for (const [name, engine] of [
      ['alone', 'auto'],
      ['ipbb', 'ghdl'],
    ] as const) {
      const run = await trigc('verify', scratch.path(name, 'out'), '--engine', engine, '--vectors', '60');
      expect(run.stdout).toMatch(/^verified 60 vectors, 0 mismatches, latency \d+ cycles, II 1 \(engine ghdl\)$/u);
      expect(run.code).toBe(0);
    }
    const absent = await trigc('verify', scratch.path('verilog', 'out'), '--engine', 'ghdl');
    expect([absent.code, absent.stderr.includes('error TRG4040')]).toEqual([2, true]);
  });

  it.skipIf(ghdlMissing !== undefined)('finds a fault in the VHDL', async () => {
    expect((await compileTo('fault', '')).code).toBe(0);
    const path = 'vhdl/net_dense_2.vhd';
    const text = textOf('fault', path);
    const changed = text.replace(/ \+ (?=signed|resize)/u, ' - ');
    expect(changed).not.toBe(text);
    scratch.write(`fault/out/${path}`, changed);
    const run = await trigc('verify', scratch.path('fault', 'out'), '--engine', 'ghdl', '--vectors', '60');
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('TRG4006');
    expect(run.stdout).toMatch(/^verified 60 vectors, [1-9]\d* mismatches/u);
  });

  it.skipIf(ghdlMissing !== undefined)('emits a testbench that GHDL runs as its comment says', async () => {
    const folder = scratch.path('ipbb', 'out');
    const bench = textOf('ipbb', 'tb/axo_net_tb.vhd');
    const commands = [...bench.matchAll(/^-- +\$ (.*)$/gmu)].map(([, command]) => command ?? '');
    expect(commands).toHaveLength(2);
    const log = await runInFolder(folder, 'sh', ['-c', commands.join(' && ')]);
    expect(log).toMatch(/^TRIGC PASS 1000 vectors$/mu);
  });
});
