import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { SIMULATION_ENGINES } from '../../src/simulation/choose-engine.js';
import { ARTEFACT_FOLDER } from '../../src/simulation/verilator-wasm/artefact.js';
import { cacheFolder } from '../../src/system/content-cache.js';
import { readTree, scratchFolder } from '../support/command-line.js';
import { isBuilt, killedCommand, killPoints, seesProcesses } from '../support/killed-command.js';
import { smallModel } from '../support/small-model.js';
import { csynth, timing, utilisation } from '../unit/report/vendor/reports.js';

const noWasm = (await SIMULATION_ENGINES['verilator-wasm'].unavailable()) !== undefined;
const scratch = scratchFolder();
const { start, changesOf, kill, killWithChildren, remains } = killedCommand(scratch);

/** Entries of the cache, and what is being written to it. */
const cached = (): readonly string[] =>
  [...readTree(scratch.path('cache')).keys()].filter((name) => !name.startsWith('trigc/verilator-wasm/'));

/** The command writes these files; each is the earlier one or the new one wherever it is killed. */
function expectWhole(words: readonly string[], files: readonly string[]): void {
  const read = (): readonly string[] => files.map((file) => readFileSync(scratch.path(file), 'utf8'));
  const points = killPoints(changesOf(words));
  const later = read();
  expect(points.length).toBeGreaterThanOrEqual(2);
  const torn = new Set<number>();
  for (const point of points) {
    for (const file of files) scratch.write(file, 'earlier');
    kill(words, point);
    read().forEach((text, index) => {
      expect(['earlier', later[index]]).toContain(text);
      if (text === 'earlier') torn.add(index);
    });
    // Its own at most: each run first takes away what the one before it left.
    expect(remains().length).toBeLessThanOrEqual(1);
  }
  // Each of the files was about to be replaced at some point.
  expect(torn.size).toBe(files.length);
  for (const file of files) scratch.write(file, 'earlier');
  expect(start(words)).toMatchObject({ code: 0, signal: null });
  expect([remains(), read()]).toEqual([[], later]);
}

describe.skipIf(!isBuilt)(
  'a command with tools or reports that is killed (skipped where the build is missing)',
  { timeout: 600_000 },
  () => {
    beforeAll(() => {
      scratch.write('net.onnx', smallModel().bytes());
      mkdirSync(scratch.path('tmp'));
      const built = ['verilator-wasm', ARTEFACT_FOLDER].join('/');
      const artefact = `${cacheFolder(process.env) ?? ''}/${built}`;
      if (!noWasm) cpSync(artefact, scratch.path('cache', 'trigc', built), { recursive: true });
      const compile = ['compile', 'net.onnx', '-o', 'out', '--name', 'network', '--effort', 'fast', '--threads', '1'];
      expect(start(compile).code).toBe(0);
    }, 120_000);

    it('synth keeps no half of a result, and leaves the earlier figures or the new ones', () => {
      const synth = ['synth', 'out', '--engine', 'wasm'];
      const before = cached();
      // Its first change is the torn entry.
      kill(synth, 0);
      expect(cached().filter((name) => !before.includes(name))).toEqual([
        expect.stringMatching(/^trigc\/partial\/\.entry\.partial-/u),
      ]);
      expect(existsSync(scratch.path('out', 'figures'))).toBe(false);
      const recovered = start(synth);
      expect(recovered.stderr).not.toContain('kept from an earlier run');
      expect(recovered).toMatchObject({ code: 0, signal: null });
      expect(cached().filter((name) => !before.includes(name))).toEqual([
        expect.stringMatching(/^trigc\/synthesis-[0-9a-f]{16}\//u),
      ]);
      expect(start(synth).stderr).toContain('kept from an earlier run');
      expectWhole(synth, ['out/figures/yosys.json']);
    });

    it.skipIf(!seesProcesses)('synth leaves no Yosys behind (skipped without /proc)', async () => {
      expect(await killWithChildren(['synth', 'out', '--engine', 'wasm', '--no-cache'])).toBe(1);
    });

    it('check leaves the earlier baseline and JUnit file or the new ones', () => {
      scratch.write('budget.yaml', 'budgets: ["lut < 100000 LUT"]\n');
      const check = ['check', 'out', '--budget', 'budget.yaml', '--baseline', 'baseline.json'];
      expect(start([...check, '--update-baseline']).code).toBe(0);
      const baseline = readFileSync(scratch.path('baseline.json'), 'utf8');
      expectWhole([...check.slice(0, 4), '--junit', 'junit.xml'], ['junit.xml']);
      // Recording reads the earlier one, so that it has to be one.
      const update = [...check, '--update-baseline'];
      for (const point of killPoints(changesOf(update))) {
        kill(update, point);
        expect(readFileSync(scratch.path('baseline.json'), 'utf8')).toBe(baseline);
      }
      expect(start(update).code).toBe(0);
      expect(remains()).toEqual([]);
    });

    it('import-reports leaves the earlier figures or the new ones', () => {
      scratch.write('utilization.rpt', utilisation({ state: 'Routed' }));
      scratch.write('timing.rpt', timing({}));
      scratch.write('csynth.xml', csynth());
      const vivado = ['--vivado-utilization', 'utilization.rpt', '--vivado-timing', 'timing.rpt'];
      const files = ['out/figures/impl.json', 'out/figures/csynth.json'];
      expectWhole(['import-reports', 'out', ...vivado, '--csynth', 'csynth.xml'], files);
    });

    describe.skipIf(noWasm)('verify with Verilator as WebAssembly (skipped where it is not built)', () => {
      const verify = ['verify', 'out', '--vectors', '40', '--engine', 'verilator-wasm'];
      const simulations = (): readonly string[] => cached().filter((name) => name.startsWith('trigc/simulations-'));

      it('keeps no half of a simulation, and the next run works', () => {
        expect(simulations()).toEqual([]);
        kill(verify, 0);
        expect([simulations(), remains()]).toEqual([[], [expect.stringContaining('.entry.partial-')]]);
        expect(start(verify)).toMatchObject({ code: 0, signal: null });
        expect([simulations().length, remains()]).toEqual([1, []]);
        expectWhole(verify, ['out/figures/verify.json']);
        expect(readdirSync(scratch.path('tmp'))).toEqual([]);
      });

      it.skipIf(!seesProcesses)('leaves no Verilator behind (skipped without /proc)', async () => {
        const cold = { XDG_CACHE_HOME: scratch.path('cold') };
        cpSync(scratch.path('cache', 'trigc', 'verilator-wasm'), scratch.path('cold', 'trigc', 'verilator-wasm'), {
          recursive: true,
        });
        expect(await killWithChildren(verify, cold)).toBe(1);
        expect(existsSync(scratch.path('cold', 'trigc', 'simulations-1'))).toBe(false);
      });
    });
  },
);
