import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SIMULATION_ENGINES } from '../../src/simulation/choose-engine.js';
import { precisionConfig } from '../support/precision-config.js';
import { hasReference, readCodes, referenceFile } from '../support/reference-set.js';
import { runCommand, withFolder } from '../support/run-command.js';

/** Those that are fast enough for every vector; the first is always there. */
const engineNames = ['yosys', 'verilator', 'verilator-wasm'] as const;
const reasons = new Map(
  await Promise.all(engineNames.map(async (name) => [name, await SIMULATION_ENGINES[name].unavailable()] as const)),
);
const engines = engineNames.filter((name) => reasons.get(name) === undefined);
const absent = 'the reference set is absent';

/** Deployed networks: the columns of `outputs.csv.gz` that `model.onnx` computes, and what has to be declared. */
const networks = [
  { name: 'AXOL1TL_v3', columns: 8, config: '' },
  { name: 'AXOL1TL_v5', columns: 1, config: '' },
  { name: 'CICADA_v1', columns: 1, config: 'outputs: { result: { type: "ap_fixed<11,5>" } }\n' },
  // These rely on declared accumulators, whose types the file cannot say.
  { name: 'CICADA_v2', columns: 1, config: hasReference ? `${precisionConfig('CICADA_v2').yaml}effort: fast\n` : '' },
  { name: 'TOoLLiP_v1', columns: 1, config: hasReference ? precisionConfig('TOoLLiP_v1').yaml : '' },
] as const;

/** The types of the 57 hardware inputs of the Global Trigger; MET eta does not exist and is zero. */
const hardwareInputs = `inputs:
  input:
    types:
      - "ap_ufixed<12,11>"
      - "ap_fixed<8,8>"
      - "ap_ufixed<8,8>"
      - { types: ["ap_ufixed<9,8>", "ap_fixed<8,8>", "ap_ufixed<8,8>"], count: 4 }
      - { types: ["ap_ufixed<9,8>", "ap_fixed<9,9>", "ap_ufixed<10,10>"], count: 4 }
      - { types: ["ap_ufixed<11,10>", "ap_fixed<8,8>", "ap_ufixed<8,8>"], count: 10 }
    constants: { 1: 0 }
`;

describe.skipIf(!hasReference)(`deployed networks, all vectors (skipped where ${absent})`, { timeout: 900_000 }, () => {
  for (const { name, columns, config } of networks) {
    it(`${name}: emulator = deployed outputs, RTL = emulator`, async () => {
      await withFolder(async (folder) => {
        const compiled = join(folder, 'compiled');
        const configPath = join(folder, 'trigc.yaml');
        writeFileSync(configPath, config === '' ? '{}\n' : config);
        const model = referenceFile('deployed', name, 'model.onnx');
        const compile = await runCommand('compile', model, '-o', compiled, '--config', configPath);
        expect(compile, compile.stderr).toMatchObject({ code: 0 });

        const inputs = referenceFile('deployed', name, 'inputs.csv.gz');
        const emulated = join(folder, 'emulated.csv');
        const run = await runCommand('emulate', compiled, '--input', inputs, '--output', emulated, '--codes');
        expect(run, run.stderr).toMatchObject({ code: 0 });
        const expected = readCodes(referenceFile('deployed', name, 'outputs.csv.gz'))
          .map((row) => row.slice(0, columns).join(','))
          .join('\n');
        expect(expected.split('\n')).toHaveLength(2000);
        expect(readFileSync(emulated, 'utf8').trim()).toBe(expected);

        const expectPath = join(folder, 'expected.csv');
        writeFileSync(expectPath, `${expected}\n`);
        for (const engine of engines) {
          const words = ['--input', inputs, '--codes', '--expect', expectPath, '--engine', engine];
          const verify = await runCommand('verify', compiled, ...words);
          expect(verify.stdout, verify.stderr).toMatch(
            new RegExp(
              `^verified 2000 vectors, 0 mismatches, latency \\d+ cycles, II 1 \\(engine ${engine}\\)\\n$`,
              'u',
            ),
          );
          expect(verify.code).toBe(0);
        }
      });
    });
  }
});

describe.skipIf(!hasReference)(`full path on ugt-run3, all bunch crossings (skipped where ${absent})`, () => {
  for (const [version, column] of [
    ['v3', 0],
    ['v5', 1],
  ] as const) {
    it(`AXOL1TL ${version}: the score of the deployed RTL on 3,564 of 3,564`, async () => {
      await withFolder(async (folder) => {
        const compiled = join(folder, 'compiled');
        const configPath = join(folder, 'trigc.yaml');
        writeFileSync(configPath, hardwareInputs);
        const model = referenceFile('deployed', `AXOL1TL_${version}`, 'model_full.onnx');
        const words = ['--config', configPath, '--target', 'ugt-run3'];
        const compile = await runCommand('compile', model, '-o', compiled, ...words);
        expect(compile, compile.stderr).toMatchObject({ code: 0 });
        expect(compile.stdout).toContain('latency 2 cycles (50 ns), II 1, clock 25 ns, target ugt-run3');

        const events = referenceFile('l1events', 'events.csv.gz');
        const emulated = join(folder, 'emulated.csv');
        const run = await runCommand('emulate', compiled, '--input', events, '--output', emulated, '--codes');
        expect(run, run.stderr).toMatchObject({ code: 0 });
        const scores = readCodes(emulated).map((row) => row.at(-1));
        const deployed = readCodes(referenceFile('l1events', 'scores.csv')).map((row) => row[column]);
        expect(deployed).toHaveLength(3564);
        expect(scores).toEqual(deployed);

        for (const engine of engines) {
          const verify = await runCommand('verify', compiled, '--input', events, '--codes', '--engine', engine);
          expect(verify.stdout, verify.stderr).toBe(
            `verified 3564 vectors, 0 mismatches, latency 2 cycles, II 1 (engine ${engine})\n`,
          );
          expect(verify.code).toBe(0);
        }
      });
    });
  }
});

// The checks above leave out the engines that are absent; these lines make that visible in the count.
for (const name of engineNames) {
  const reason = reasons.get(name);
  it.skipIf(reason !== undefined)(
    `${name} took part${reason === undefined ? '' : ` (skipped: ${reason})`}`,
    async () => {
      expect(await SIMULATION_ENGINES[name].version()).toMatch(/\d/u);
    },
  );
}
