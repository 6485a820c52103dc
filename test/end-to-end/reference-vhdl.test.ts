import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SIMULATION_ENGINES } from '../../src/simulation/choose-engine.js';
import { hasReference, readCodes, referenceFile } from '../support/reference-set.js';
import { runCommand, withFolder } from '../support/run-command.js';

const ghdlMissing = await SIMULATION_ENGINES.ghdl.unavailable();
const full = process.env['TRIGC_TEST_TIER'] === 'full';

/** The fewest user seconds first; all of them in the full tier. */
const networks = [
  { name: 'AXOL1TL_v3', columns: 8, config: '{}\n' },
  { name: 'AXOL1TL_v5', columns: 1, config: '{}\n' },
  { name: 'CICADA_v1', columns: 1, config: 'outputs: { result: { type: "ap_fixed<11,5>" } }\n' },
] as const;

const csv = (rows: readonly (readonly string[])[]): string => rows.map((row) => `${row.join(',')}\n`).join('');

describe.skipIf(!hasReference || ghdlMissing !== undefined)(
  'VHDL of deployed networks in GHDL (skipped without the reference set or GHDL)',
  { timeout: 900_000 },
  () => {
    for (const { name, columns, config } of full ? networks : networks.slice(0, 1)) {
      it(`${name}: the deployed outputs on 500 vectors of every kind`, async () => {
        await withFolder(async (folder) => {
          const compiled = join(folder, 'compiled');
          const configPath = join(folder, 'trigc.yaml');
          writeFileSync(configPath, config);
          const model = referenceFile('deployed', name, 'model.onnx');
          const words = ['--config', configPath, '--language', 'vhdl'];
          const compile = await runCommand('compile', model, '-o', compiled, ...words);
          expect(compile, compile.stderr).toMatchObject({ code: 0 });

          // Every fourth of 2,000: realistic, uniform and corner rows.
          const chosen = (file: string): readonly (readonly string[])[] =>
            readCodes(referenceFile('deployed', name, file)).filter((_, row) => row % 4 === 0);
          const inputs = join(folder, 'inputs.csv');
          const expected = join(folder, 'expected.csv');
          writeFileSync(inputs, csv(chosen('inputs.csv.gz')));
          writeFileSync(expected, csv(chosen('outputs.csv.gz').map((row) => row.slice(0, columns))));
          const verify = await runCommand('verify', compiled, '--input', inputs, '--codes', '--expect', expected);
          expect(verify.stdout, verify.stderr).toMatch(
            /^verified 500 vectors, 0 mismatches, latency \d+ cycles, II 1 \(engine ghdl\)\n$/u,
          );
          expect(verify.code).toBe(0);
        });
      });
    }
  },
);
