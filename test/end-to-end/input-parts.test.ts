import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/report/parse-manifest.js';
import { SIMULATION_ENGINES } from '../../src/simulation/choose-engine.js';
import { Random } from '../../src/support/random.js';
import { int } from '../support/onnx-builder.js';
import { runCommand, withFolder } from '../support/run-command.js';
import { QonnxBuilder } from '../support/small-model.js';

const OBJECTS = 6;

/** A layer on each of six objects of two values, their sum, and beside it one value that comes at once. */
function setModel(): QonnxBuilder {
  const random = new Random(41);
  const drawn = (count: number): number[] => Array.from({ length: count }, () => random.integer(-7, 7) / 4);
  return new QonnxBuilder()
    .input('objects', ['N', OBJECTS, 2])
    .input('pileup', ['N', 3])
    .quant('objects', 'oq', { lsb: -2, bits: 7, name: 'quant_objects' })
    .quant('pileup', 'pq', { lsb: 0, bits: 5, signed: false, name: 'quant_pileup' })
    .initializer('w1', [2, 3], drawn(6))
    .quant('w1', 'w1q', { lsb: -2, bits: 4, name: 'quant_w1' })
    .node('MatMul', ['oq', 'w1q'], ['m1'], {}, { name: 'phi' })
    .node('Relu', ['m1'], ['r1'], {}, { name: 'relu' })
    .quant('r1', 'h', { lsb: -1, bits: 7, signed: false, name: 'quant_h' })
    .node('ReduceSum', ['h', 'axes'], ['s'], { keepdims: int(0) }, { name: 'sum' })
    .initializer('axes', [1], [1], 'int64')
    .node('Add', ['s', 'pq'], ['y'], {}, { name: 'add' })
    .output('y', ['N', 3]);
}

async function compiledIn(folder: string, config: string, ...words: string[]) {
  const [model, file, out] = [join(folder, 'set.onnx'), join(folder, 'trigc.yaml'), join(folder, 'out')];
  writeFileSync(model, setModel().bytes());
  writeFileSync(file, config);
  const run = await runCommand('compile', model, '--config', file, '-o', out, '--clock', '360MHz', ...words);
  return { ...run, out };
}

describe('inputs in parts', { timeout: 600_000 }, () => {
  for (const ports of ['packed', 'elements'] as const) {
    it(`come an object a clock on the same wires, to every engine (${ports} ports)`, async () => {
      await withFolder(async (folder) => {
        const config = `inputs: { objects: { clocks: ${OBJECTS} } }\ninterface: { ports: ${ports} }\n`;
        const { out, ...compiled } = await compiledIn(folder, config, '--ii', '9', '--language', 'both');
        expect(compiled, compiled.stderr).toMatchObject({ code: 0 });
        const text = readFileSync(join(out, 'trigc.json'), 'utf8');
        const [objects, pileup] = parseManifest(text).inputs;
        expect(() => parseManifest(text.replace('"clock": 5', '"clock": 9'))).toThrow('comes after the interval');
        expect(() => parseManifest(text.replace('"clock": 5', '"clock": -1'))).toThrow("entry 'inputs'");
        expect(objects?.elements.map(({ clock = 0 }) => clock)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
        const places = new Set(objects?.elements.map(({ port, low }) => `${port} ${low}`));
        expect(places.size).toBe(2);
        expect(pileup?.elements.every(({ clock }) => clock === undefined)).toBe(true);
        expect(readFileSync(join(out, 'report.md'), 'utf8')).toMatch(/\| objects \| input in 6 clocks \| 12 \| 14 \|/u);

        const engines = ports === 'packed' ? (['yosys', 'icarus', 'ghdl', 'verilator', 'verilator-wasm'] as const) : [];
        for (const engine of engines) {
          const reason = await SIMULATION_ENGINES[engine].unavailable();
          if (reason !== undefined) {
            console.warn(`not run here: engine ${engine} with an input in parts (${reason})`);
            continue;
          }
          const verify = await runCommand('verify', out, '--engine', engine, '--vectors', '200');
          expect(verify.stdout, verify.stderr).toMatch(
            /^verified 200 vectors, 0 mismatches, latency \d+ cycles, II 9 /u,
          );
          expect(verify.stderr).toContain('early 200');
        }
        // The testbenches, as their comments say.
        for (const [bench, tool] of [
          ['tb/set_tb.v', 'iverilog'],
          ['tb/set_tb.vhd', 'ghdl'],
        ] as const) {
          if (spawnSync(tool, ['--version']).error !== undefined) {
            console.warn(`not run here: ${bench} (no ${tool})`);
            continue;
          }
          const text = readFileSync(join(out, bench), 'utf8');
          const commands = [...text.matchAll(/^(?:\/\/|--) +\$ ((?:iverilog|ghdl) .*)$/gmu)].map(
            ([, command]) => command,
          );
          const log = spawnSync('sh', ['-c', commands.join(' && ')], { cwd: out, encoding: 'utf8' });
          expect(`${log.stdout}${log.stderr}`, bench).toMatch(/^TRIGC PASS 1000 vectors$/mu);
          // A vector whose parts come in another order is another vector.
          const rows = readFileSync(join(out, 'tb/stimulus.hex'), 'utf8').split('\n');
          const wrong = rows.map((row) => (row === '' ? row : `${row.slice(0, -7)}0000000`)).join('\n');
          writeFileSync(join(out, 'tb/stimulus.hex'), wrong);
          const failed = spawnSync('sh', ['-c', commands.join(' && ')], { cwd: out, encoding: 'utf8' });
          expect(`${failed.stdout}${failed.stderr}`, bench).toMatch(/TRIGC FAIL [1-9]/u);
          writeFileSync(join(out, 'tb/stimulus.hex'), rows.join('\n'));
        }
      });
    });
  }

  it('take fewer registers, and no multiplexers, where each part is read as it comes', async () => {
    await withFolder(async (folder) => {
      const figures = async (config: string): Promise<{ lut: number; flipFlops: number }> => {
        const { out, ...compiled } = await compiledIn(folder, config, '--ii', '6');
        expect(compiled, compiled.stderr).toMatchObject({ code: 0 });
        const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as {
          readonly figures: Readonly<Record<string, { readonly value: number }>>;
        };
        return { lut: report.figures['lut']?.value ?? NaN, flipFlops: report.figures['flip_flops']?.value ?? NaN };
      };
      const whole = await figures('{}\n');
      const inParts = await figures(`inputs: { objects: { clocks: ${OBJECTS} } }\n`);
      expect(inParts.lut).toBeLessThan(whole.lut);
      expect(inParts.flipFlops).toBeLessThan(whole.flipFlops);
    });
  });

  it('are refused with the nearest that can be: TRG1411', async () => {
    await withFolder(async (folder) => {
      const refused = async (clocks: string, interval: string, rest = ''): Promise<string> => {
        const run = await compiledIn(folder, `inputs: { objects: { clocks: ${clocks}${rest} } }\n`, '--ii', interval);
        expect(run.code).toBe(2);
        return run.stderr;
      };
      expect(await refused('5', '9')).toMatch(
        /TRG1411 \[inputs\.objects\.clocks\][^]*has 12 elements, of which 5 equal parts cannot be made\n {2}hint: 4 or 6 clocks/u,
      );
      expect(await refused('6', '5')).toMatch(
        /TRG1411[^]*comes in 6 clocks, and an event every 5\n[^]*--ii 6\), or the input in 4/u,
      );
      expect(await refused('2', '1')).toMatch(/TRG1411[^]*comes in 2 clocks, and an event every 1\n/u);
      const types = ', types: { 3: "ap_fixed<4,2>" }';
      expect(await refused('6', '6', types)).toMatch(/TRG1411[^]*come on the same wires\n {2}hint: declare one type/u);
      expect(await refused('0', '6')).toMatch(
        /TRG3009[^]*inputs\.objects\.clocks\]: '0' is not a whole number from 1/u,
      );
      const words = ', from: { words: [{ name: w, width: 8 }], fields: [] }';
      expect(await refused('2', '6', words)).toMatch(/'from' and 'clocks' are both given/u);
    });
  });
});
