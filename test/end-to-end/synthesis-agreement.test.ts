import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { FigureFile } from '../../src/report/figure-file.js';
import { parseFigureFile } from '../../src/report/figure-file.js';
import { findExecutable } from '../../src/system/process.js';
import { runCommand, withFolder } from '../support/run-command.js';

const shipped = fileURLToPath(new URL('../../models', import.meta.url));
const full = process.env['TRIGC_TEST_TIER'] === 'full';
const native = (await findExecutable('yosys')) !== undefined;

/** Networks with fixed-point types of their own: the quantisation-aware twin where there is a float model as well. */
const models = [
  'axol1tl-like/model.onnx',
  'dense-autoencoder/qat.onnx',
  'jet-tagger/qat.onnx',
  'deep-sets/qat.onnx',
  'vae/qat.onnx',
  'calo-student/qat.onnx',
  'calo-autoencoder/qat.onnx',
] as const;

/** Figures that the mapper decides about, and by how much of tables the versions may differ (docs/synthesis.md says why). */
const mapped: ReadonlySet<string> = new Set(['lut', 'lut_sites', 'inverters', 'wide_multiplexers']);
const TABLES = 0.025;

describe.skipIf(!full || !native)(
  'counts of a shipped model by Yosys (skipped below the full tier, or without a native yosys)',
  { timeout: 3_600_000 },
  () => {
    it.each(models)('%s: two runs count the same, WebAssembly and native the same adders', async (name) => {
      await withFolder(async (folder) => {
        const compiled = join(folder, 'compiled');
        const config = join(shipped, dirname(name), 'trigc.yaml');
        const compile = await runCommand('compile', join(shipped, name), '--config', config, '-o', compiled);
        expect(compile, compile.stderr).toMatchObject({ code: 0 });

        const count = async (engine: 'wasm' | 'native'): Promise<FigureFile['figures']> => {
          const words = ['--engine', engine, '--flow', 'keep-adders', '--no-cache', '--timeout', '3000'];
          const run = await runCommand('synth', compiled, ...words);
          expect(run, run.stderr).toMatchObject({ code: 0 });
          expect(run.stderr).not.toContain('kept from an earlier run');
          const file = parseFigureFile(readFileSync(join(compiled, 'figures', 'yosys.json'), 'utf8'));
          expect(file.tool.version).toContain(`(${engine})`);
          return file.figures;
        };
        const first = await count('wasm');
        expect(first['lut']?.value).toBeGreaterThan(1000);
        expect(await count('wasm')).toEqual(first);
        const other = await count('native');
        expect(await count('native')).toEqual(other);
        const value = (figures: FigureFile['figures'], figure: string): number => figures[figure]?.value ?? NaN;
        const names = Object.keys(first);
        expect(Object.keys(other)).toEqual(names);
        // Adders, registers and time are alike; what two versions of ABC make of the rest differs by a few tables.
        for (const figure of names.filter((known) => !mapped.has(known))) {
          expect([figure, value(other, figure)]).toEqual([figure, value(first, figure)]);
        }
        for (const figure of ['lut', 'lut_sites']) {
          expect(Math.abs(value(other, figure) / value(first, figure) - 1)).toBeLessThan(TABLES);
        }
      });
    });
  },
);
