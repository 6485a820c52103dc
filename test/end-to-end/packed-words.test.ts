import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { hasReference, readCodes, referenceFile } from '../support/reference-set.js';
import { runCommand, withFolder } from '../support/run-command.js';

const shipped = (name: string): string => join(import.meta.dirname, '../../models/axol1tl-like', name);

describe('the shipped model on the words of the Global Trigger', { timeout: 300_000 }, () => {
  it('gives the scores of its inputs, decides, and is verified', async () => {
    await withFolder(async (folder) => {
      const compiled = join(folder, 'compiled');
      const words = ['--config', shipped('ugt.yaml'), '--effort', 'fast', '--language', 'verilog'];
      const compile = await runCommand('compile', shipped('model.onnx'), '-o', compiled, ...words);
      expect(compile, compile.stderr).toMatchObject({ code: 0 });
      expect(compile.stderr).not.toContain('the sample is not used');
      // The sample beside the model, packed.
      const emulated = join(folder, 'emulated.csv');
      const run = await runCommand('emulate', compiled, '--input', join(compiled, 'sample.csv'), '--output', emulated);
      expect(run, run.stderr).toMatchObject({ code: 0 });
      const expected = gunzipSync(readFileSync(shipped('expected.csv.gz')))
        .toString('utf8')
        .trim()
        .split('\n');
      const rows = readFileSync(emulated, 'utf8')
        .trim()
        .split('\n')
        .map((row) => row.split(',').map(Number));
      expect(rows.map(([score]) => score)).toEqual(expected.map(Number));
      expect(rows.map(([, loose]) => loose)).toEqual(expected.map((score) => (Number(score) >= 98 ? 1 : 0)));
      expect(rows.map(([, , tight]) => tight)).toEqual(expected.map((score) => (16 * Number(score) >= 5877 ? 1 : 0)));
      expect(run.stderr).toContain('decision loose (score >= 98): 49 of 1000 events');
      expect(run.stderr).toContain('10 of 1000 events');
      expect(readFileSync(join(compiled, 'report.md'), 'utf8')).toContain('| tight | score\\[0\\] &gt;= ');

      const verify = await runCommand('verify', compiled, '--engine', 'yosys', '--vectors', '400');
      expect(verify.stdout, verify.stderr).toBe(
        'verified 400 vectors, 0 mismatches, latency 2 cycles, II 1 (engine yosys)\n',
      );
    });
  });
});

/** The 57 inputs of AXOL1TL as bits of the Global Trigger's objects, and the threshold of the deployed wrapper. */
const deployed = `inputs:
  input:
    from:
      format: ugt
      fields:
        - { word: etm, field: et }
        - { constant: 0 }
        - { word: etm, field: phi }
        - { word: 'egamma[0..3]', fields: [et, eta, phi] }
        - { word: 'muon[0..3]', fields: [pt, eta, phi] }
        - { word: 'jet[0..9]', fields: [et, eta, phi] }
decisions:
  - { name: fires, output: loss, at_least: { code: 4150 } }
effort: fast
`;

describe.skipIf(!hasReference)('the pattern file of one orbit (skipped where the reference set is absent)', () => {
  for (const [version, column] of [
    ['v3', 0],
    ['v5', 1],
  ] as const) {
    it(
      `AXOL1TL ${version}: deployed scores on 3,564 of 3,564, emulator and Verilog`,
      { timeout: 600_000 },
      async () => {
        await withFolder(async (folder) => {
          const compiled = join(folder, 'compiled');
          const config = join(folder, 'trigc.yaml');
          writeFileSync(config, deployed);
          const model = referenceFile('deployed', `AXOL1TL_${version}`, 'model_full.onnx');
          const words = ['--config', config, '--target', 'ugt-run3', '--language', 'verilog'];
          const compile = await runCommand('compile', model, '-o', compiled, ...words);
          expect(compile, compile.stderr).toMatchObject({ code: 0 });

          const pattern = referenceFile('l1events', 'ugt_testvector.txt.gz');
          const emulated = join(folder, 'emulated.csv');
          const run = await runCommand('emulate', compiled, '--input', pattern, '--output', emulated, '--codes');
          expect(run, run.stderr).toMatchObject({ code: 0 });
          const rows = readCodes(emulated);
          const scores = readCodes(referenceFile('l1events', 'scores.csv')).map((row) => row[column]);
          expect(scores).toHaveLength(3564);
          expect(rows.map((row) => row.at(-2))).toEqual(scores);
          expect(rows.map((row) => row.at(-1))).toEqual(scores.map((score) => (Number(score) >= 4150 ? '1' : '0')));

          const verify = await runCommand('verify', compiled, '--input', pattern, '--engine', 'yosys');
          expect(verify.stdout, verify.stderr).toBe(
            'verified 3564 vectors, 0 mismatches, latency 2 cycles, II 1 (engine yosys)\n',
          );
        });
      },
    );
  }
});
