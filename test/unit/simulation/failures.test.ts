import { describe, expect, it } from 'vitest';
import { chooseEngine, SIMULATION_ENGINES } from '../../../src/simulation/choose-engine.js';
import { sourceFileNames, splitPorts } from '../../../src/simulation/check-design.js';
import type { SimulationDesign, SimulationEngine, SimulationEngineName } from '../../../src/simulation/engine.js';
import { readLimbs, writeLimbs } from '../../../src/simulation/limbs.js';
import { runProcess } from '../../../src/system/process.js';
import { logExcerpt, SimulationError } from '../../../src/simulation/simulation-error.js';
import { expectCleanTemporaryFolder } from './scratch-folder.js';

const NAMES: readonly SimulationEngineName[] = ['yosys', 'verilator', 'icarus'];
const missing = new Map<SimulationEngineName, string | undefined>();
for (const name of NAMES) missing.set(name, await SIMULATION_ENGINES[name].unavailable());
const TOOL_TIMEOUT = 120_000;

function designOf(text: string, width = 4): SimulationDesign {
  return {
    top: 'broken',
    sources: [{ name: 'some/where/broken.v', text }],
    ports: [
      { name: 'x', direction: 'input', width },
      { name: 'y', direction: 'output', width },
    ],
  };
}

const GOOD = 'module broken (input wire [3:0] x, output wire [3:0] y);\n  assign y = ~x;\nendmodule\n';
const STIMULUS = { stimulus: [[1n]], drain: 0 };

async function failure(promise: Promise<unknown>): Promise<SimulationError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof SimulationError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

expectCleanTemporaryFolder();

describe('text that is wrong', () => {
  for (const name of NAMES) {
    const engine = SIMULATION_ENGINES[name];
    it.skipIf(missing.get(name) !== undefined)(
      `is refused by ${name} with the tool's message, file and line`,
      async () => {
        const design = designOf(GOOD.replace('~x', '~x +* 3'));
        const error = await failure(engine.run({ design, ...STIMULUS }));
        expect(error.engine).toBe(name);
        expect(error.message).toMatch(/broken\.v:2\b.*syntax error/i);
        expect(error.log).toContain('broken.v');
      },
      TOOL_TIMEOUT,
    );

    it.skipIf(missing.get(name) !== undefined)(
      `is refused by ${name} when a port is wider than described`,
      async () => {
        const error = await failure(engine.run({ design: designOf(GOOD, 3), ...STIMULUS }));
        expect(error.message).toMatch(/port/);
      },
      TOOL_TIMEOUT,
    );
  }

  it(
    'is refused by yosys when a module is missing',
    async () => {
      const design = designOf(GOOD.replace('assign y = ~x;', 'absent u (.x(x), .y(y));'));
      const error = await failure(SIMULATION_ENGINES.yosys.run({ design, ...STIMULUS }));
      expect(error.message).toContain('absent');
    },
    TOOL_TIMEOUT,
  );

  for (const name of ['verilator', 'icarus'] as const) {
    it(`cannot be observed by ${name}`, async () => {
      const error = await failure(SIMULATION_ENGINES[name].prepare(designOf(GOOD), ['x']));
      expect(error.message).toContain('yosys engine only');
    });
  }
});

describe('requests that are wrong', () => {
  it('are refused before any tool runs', () => {
    const refused = (change: Partial<SimulationDesign>): (() => unknown) => {
      return () => splitPorts({ ...designOf(GOOD), ...change });
    };
    expect(refused({ top: 'a; delete' })).toThrow(RangeError);
    expect(refused({ clock: 'x' })).toThrow('named twice');
    expect(refused({ reset: 'rst' })).toThrow('a reset needs a clock');
    expect(refused({ sources: [] })).toThrow('no sources');
    expect(refused({ ports: [{ name: 'x', direction: 'input', width: 0 }] })).toThrow('width 0');
  });

  it(
    'are refused with the row when a value does not fit, and the design can still be run',
    async () => {
      const prepared = await SIMULATION_ENGINES.yosys.prepare(designOf(GOOD));
      try {
        await expect(prepared.run({ stimulus: [[15n], [16n]], drain: 0 })).rejects.toThrow(
          'row 1: 16 is no pattern of port x',
        );
        await expect(prepared.run({ stimulus: [[]], drain: 0 })).rejects.toThrow('row 0 has 0 values for 1 ports');
        await expect(prepared.run({ stimulus: [], drain: 2 })).rejects.toThrow('nothing to hold');
        await expect(prepared.run({ stimulus: [[1n]], drain: 0, validIn: [true] })).rejects.toThrow(
          'without a valid input',
        );
        expect((await prepared.run({ stimulus: [[15n], [1n]], drain: 1 })).outputs).toEqual([[0n], [14n], [14n]]);
      } finally {
        await prepared.close();
      }
    },
    TOOL_TIMEOUT,
  );

  it('give sources legal and unique file names', () => {
    const named = (...names: string[]): readonly string[] =>
      sourceFileNames({ ...designOf(GOOD), sources: names.map((name) => ({ name, text: '' })) });
    expect(named('rtl/top.v', 'other/top.v', '-o evil;.v', '..', '')).toEqual([
      'top.v',
      'source1_top.v',
      '_o_evil_.v',
      'source3_.v',
      'source4_.v',
    ]);
  });
});

describe('the choice of an engine', () => {
  const names = Object.keys(SIMULATION_ENGINES) as SimulationEngineName[];
  const engines = (
    reasons: Readonly<Partial<Record<SimulationEngineName, string>>>,
  ): Record<SimulationEngineName, SimulationEngine> => {
    const fake = (name: SimulationEngineName): SimulationEngine => ({
      ...SIMULATION_ENGINES[name],
      unavailable: () => Promise.resolve(reasons[name]),
    });
    return Object.fromEntries(names.map((name) => [name, fake(name)])) as Record<
      SimulationEngineName,
      SimulationEngine
    >;
  };

  it('prefers verilator, native and then as WebAssembly, then yosys, and says why', async () => {
    const all = await chooseEngine('auto', engines({}));
    expect([all.engine.name, all.passedOver]).toEqual(['verilator', []]);
    const some = await chooseEngine('auto', engines({ verilator: 'absent' }));
    expect([some.engine.name, some.passedOver]).toEqual(['verilator-wasm', [{ name: 'verilator', reason: 'absent' }]]);
    const few = await chooseEngine('auto', engines({ verilator: 'absent', 'verilator-wasm': 'not built' }));
    expect([few.engine.name, few.passedOver]).toEqual([
      'yosys',
      [
        { name: 'verilator', reason: 'absent' },
        { name: 'verilator-wasm', reason: 'not built' },
      ],
    ]);
  });

  it('never replaces an engine asked for by name', async () => {
    const fakes = engines({ verilator: 'absent' });
    expect((await chooseEngine('icarus', fakes)).engine.name).toBe('icarus');
    const error = await failure(chooseEngine('verilator', fakes));
    expect([error.engine, error.message]).toEqual(['verilator', 'no usable simulation engine (verilator: absent)']);
  });

  it('finds nothing native on an empty PATH', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '';
    try {
      const { engine, passedOver } = await chooseEngine('auto');
      expect(['verilator-wasm', 'yosys']).toContain(engine.name);
      expect(passedOver[0]).toEqual({ name: 'verilator', reason: 'verilator and g++ not found on PATH' });
      expect(await SIMULATION_ENGINES.yosys.version()).toMatch(/^@yowasp\/yosys 0\.\d+/);
      await expect(SIMULATION_ENGINES.icarus.version()).rejects.toThrow('iverilog is not on PATH');
    } finally {
      process.env['PATH'] = path;
    }
  });
});

describe('helpers', () => {
  it('kill a process that takes too long, and what it started', async () => {
    const started = Date.now();
    const idle = "['-e', 'setTimeout(() => 0, 20000)']";
    const script = `require('child_process').spawn(process.execPath, ${idle}, { stdio: 'inherit' })`;
    const result = await runProcess(process.execPath, ['-e', script], { timeout: 500 });
    expect(result.timedOut).toBe(true);
    expect(Date.now() - started).toBeLessThan(10_000);
  });

  it('keep the end of a long log, whole lines only', () => {
    const log = Array.from({ length: 2000 }, (_, line) => `line ${String(line)}`).join('\n');
    expect(logExcerpt(log)).toMatch(/^\[…\]\nline \d+\n[^]*line 1999$/);
    expect(logExcerpt('short\n')).toBe('short');
  });

  it('carry bit patterns of any width through limbs', () => {
    for (const width of [1, 31, 32, 33, 53, 54, 63, 64, 65, 95, 96, 97, 128, 456, 5000]) {
      const limbs = Math.ceil(width / 32);
      const ones = (1n << BigInt(width)) - 1n;
      for (const value of [0n, 1n, ones, ones / 3n, 1n << BigInt(width - 1)]) {
        const memory = new Int32Array(limbs + 2).fill(-1);
        writeLimbs(memory, 1, limbs, value);
        expect(readLimbs(memory, 1, limbs)).toBe(value);
        expect([memory[0], memory[limbs + 1]]).toEqual([-1, -1]);
      }
    }
  });
});
