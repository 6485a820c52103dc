import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SIMULATION_ENGINES } from '../../src/simulation/choose-engine.js';
import { hasReference, readCodes, referenceFile } from '../support/reference-set.js';
import { runCommand, withFolder } from '../support/run-command.js';

const full = process.env['TRIGC_TEST_TIER'] === 'full';

/** Interpreters take seconds for what compiled simulators do at once: a part of the reference vectors is for them. */
const engines = [
  { engine: 'ghdl', language: 'vhdl', missing: await SIMULATION_ENGINES.ghdl.unavailable() },
  { engine: 'icarus', language: 'verilog', missing: await SIMULATION_ENGINES.icarus.unavailable() },
] as const;

/** The fewest user seconds first; all of them in the full tier. */
const networks = [
  { name: 'AXOL1TL_v3', columns: 8, config: '{}\n' },
  { name: 'AXOL1TL_v5', columns: 1, config: '{}\n' },
  { name: 'CICADA_v1', columns: 1, config: 'outputs: { result: { type: "ap_fixed<11,5>" } }\n' },
] as const;

const csv = (rows: readonly (readonly string[])[]): string => rows.map((row) => `${row.join(',')}\n`).join('');

describe.each(engines)('deployed networks in $engine', { timeout: 900_000 }, ({ engine, language, missing }) => {
  describe.skipIf(!hasReference || missing !== undefined)(`(skipped without the reference set or ${engine})`, () => {
    it.each(full ? networks : networks.slice(0, 1))(
      '$name: the deployed outputs on 500 vectors of every kind',
      async ({ name, columns, config }) => {
        await withFolder(async (folder) => {
          const compiled = join(folder, 'compiled');
          const configPath = join(folder, 'trigc.yaml');
          writeFileSync(configPath, config);
          const model = referenceFile('deployed', name, 'model.onnx');
          const words = ['--config', configPath, '--language', language];
          const compile = await runCommand('compile', model, '-o', compiled, ...words);
          expect(compile, compile.stderr).toMatchObject({ code: 0 });

          // Every fourth of 2,000: realistic, uniform and corner rows.
          const chosen = (file: string): readonly (readonly string[])[] =>
            readCodes(referenceFile('deployed', name, file)).filter((_, row) => row % 4 === 0);
          const inputs = join(folder, 'inputs.csv');
          const expected = join(folder, 'expected.csv');
          writeFileSync(inputs, csv(chosen('inputs.csv.gz')));
          writeFileSync(expected, csv(chosen('outputs.csv.gz').map((row) => row.slice(0, columns))));
          const vectors = ['--input', inputs, '--codes', '--expect', expected];
          const verify = await runCommand('verify', compiled, '--engine', engine, ...vectors);
          expect(verify.stdout, verify.stderr).toMatch(
            /^verified 500 vectors, 0 mismatches, latency \d+ cycles, II 1 \(engine (?:ghdl|icarus)\)\n$/u,
          );
          expect(verify.stdout).toContain(`(engine ${engine})`);
          expect(verify.code).toBe(0);
        });
      },
    );
  });
});
