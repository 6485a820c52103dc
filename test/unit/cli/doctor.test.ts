import { describe, expect, it } from 'vitest';
import { doctorCommand } from '../../../src/cli/doctor-command.js';
import type { Findings } from '../../../src/cli/doctor-findings.js';
import { findAll } from '../../../src/cli/doctor-findings.js';
import type { CommandRun } from '../../support/command-line.js';
import { scratchFolder } from '../../support/command-line.js';
import { SIMULATION_ENGINES } from '../../../src/simulation/choose-engine.js';
import { SimulationError } from '../../../src/simulation/simulation-error.js';

const scratch = scratchFolder();

const missing = { unavailable: () => Promise.resolve('it is not on PATH') };
const noEngine = Object.fromEntries(
  Object.entries(SIMULATION_ENGINES).map(([name, engine]) => [name, { ...engine, ...missing }]),
) as unknown as typeof SIMULATION_ENGINES;

async function doctor(find: () => Promise<Findings>, json = false): Promise<CommandRun> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const console = { result: (text: string) => stdout.push(text), note: (text: string) => stderr.push(text) };
  const code = await doctorCommand({ json, clearCache: false }, console, find);
  return { code, stdout: stdout.join('\n'), stderr: stderr.join('\n') };
}

describe('trigc doctor', () => {
  it('exits with 3 where no engine is usable, and says how to get each', async () => {
    const run = await doctor(() => findAll({ XDG_CACHE_HOME: scratch.path() }, noEngine));
    expect(run.code).toBe(3);
    for (const [name, command] of [
      ['yosys', 'npm ci'],
      ['verilator', 'sudo apt-get install -y verilator g++'],
      ['icarus', 'sudo apt-get install -y iverilog'],
      ['ghdl', 'sudo apt-get install -y ghdl'],
    ] as const) {
      const rest = `not usable: it is not on PATH\n +to get it: ${command.replaceAll('+', '\\+')}$`;
      expect(run.stdout).toMatch(new RegExp(`^ {2}${name} +${rest}`, 'mu'));
    }
    expect(run.stdout).not.toContain('auto takes this one');
  });

  it('names a tool that is there and broken, and how to mend it', async () => {
    const broken = {
      ...noEngine,
      icarus: {
        ...SIMULATION_ENGINES.icarus,
        unavailable: () => Promise.resolve(undefined),
        version: () => Promise.reject(new SimulationError('icarus', 'iverilog failed: exit code 127')),
      },
    };
    const { engines } = await findAll({ XDG_CACHE_HOME: scratch.path() }, broken);
    expect(engines.find(({ name }) => name === 'icarus')).toEqual({
      name: 'icarus',
      usable: false,
      detail: 'iverilog failed: exit code 127',
      get: 'sudo apt-get install -y iverilog',
      automatic: false,
    });
  });

  it('says which engine auto takes', async () => {
    const { engines } = await findAll(
      { XDG_CACHE_HOME: scratch.path() },
      { ...noEngine, yosys: SIMULATION_ENGINES.yosys },
    );
    expect(engines.filter(({ automatic }) => automatic).map(({ name }) => name)).toEqual(['yosys']);
    expect(engines.filter(({ usable }) => usable).map(({ name }) => name)).toEqual(['yosys']);
  });

  it('checks the checksums of Verilator as WebAssembly', async () => {
    const absent = await findAll({ XDG_CACHE_HOME: scratch.path('none') }, noEngine);
    expect(absent.artefacts).toMatchObject([{ usable: false, get: 'npm run build:verilator-wasm' }]);
    const names = ['verilator.cjs', 'verilator.wasm', 'verilated_std.sv', 'LICENSE'];
    const manifest = {
      schema: 'trigc-verilator-wasm',
      version: 1,
      verilator: '5.006-3',
      emscripten: '3.1.6',
      sha256: Object.fromEntries(names.map((name) => [name, '0'.repeat(64)])),
    };
    for (const name of names) scratch.write(`built/trigc/verilator-wasm/artefact-v1/${name}`, name);
    scratch.write('built/trigc/verilator-wasm/artefact-v1/manifest.json', JSON.stringify(manifest));
    const damaged = await findAll({ XDG_CACHE_HOME: scratch.path('built') }, noEngine);
    expect(damaged.artefacts).toEqual([
      {
        name: 'verilator.wasm',
        usable: false,
        detail: 'verilator.cjs is not the file that was built',
        get: 'npm run build:verilator-wasm -- --rebuild',
      },
    ]);
  });

  it('lists the cache by kind, with its limit', async () => {
    scratch.write(`full/trigc/solutions-0123456789abcdef/ab/${'c'.repeat(62)}`, Buffer.alloc(5000));
    scratch.write('full/trigc/verilator-wasm/artefact-v1/LICENSE', 'text');
    const find = (): Promise<Findings> => findAll({ XDG_CACHE_HOME: scratch.path('full') }, noEngine);
    const { stdout } = await doctor(find);
    expect(stdout).toContain(`\ncache in ${scratch.path('full', 'trigc')}\n  0.0 MiB of at most 256.0 MiB; `);
    expect(stdout).toContain('\n  solutions: 1 file, 0.0 MiB\n  verilator-wasm: 1 file, 0.0 MiB, not counted');
    const json = JSON.parse((await doctor(find, true)).stdout) as Record<string, unknown>;
    expect(json).toMatchObject({
      schema: 'trigc-doctor',
      version: 1,
      cache: {
        folder: scratch.path('full', 'trigc'),
        limit: 2 ** 28,
        entries: [{ kind: 'solutions', files: 1, bytes: 8192 }],
        others: [{ kind: 'verilator-wasm', files: 1, bytes: 4096 }],
      },
    });
  });

  it('says why a cache cannot be used', async () => {
    scratch.write('no-folder/trigc', 'a file');
    const { cache } = await findAll({ XDG_CACHE_HOME: scratch.path('no-folder') }, noEngine);
    expect(cache.problem).toContain('ENOTDIR');
  });
});
