import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { scratchFolder, trigc } from '../support/command-line.js';
import type { FloatEvent } from '../support/float-reference.js';
import { evaluateFloats, importFile } from '../support/float-reference.js';
import type { PythonEnvironment } from '../support/python.js';
import { askPython, pythonOf } from '../support/python.js';

/** A written file, and what the framework itself computes. */
interface Written {
  readonly file: string;
  readonly versions: string;
  readonly events: readonly FloatEvent[];
  readonly outputs: readonly FloatEvent[];
}

const frameworks: readonly { environment: PythonEnvironment; script: string; files: readonly string[] }[] = [
  { environment: 'keras', script: 'export_hgq.py', files: ['hgq-dense', 'hgq-wrapping', 'hgq-image', 'hgq-branches'] },
  { environment: 'qkeras', script: 'export_qkeras.py', files: ['qkeras-dense', 'qkeras-image'] },
];

for (const { environment, script, files } of frameworks) {
  const missing = pythonOf(environment) === undefined;
  describe.skipIf(missing)(`keras_to_qonnx.py, ${script} (skipped without build/python/${environment})`, () => {
    const scratch = scratchFolder();
    let written: Readonly<Record<string, Written>> = {};

    beforeAll(async () => {
      const request = { folder: scratch.path() };
      written = (await askPython(environment, `test/support/python/${script}`, request)) as typeof written;
    });

    it.for(files)('%s: every bit of every event is that of the framework', async (name, { annotate }) => {
      const model = written[name];
      if (model === undefined) throw new Error(`${name} was not written`);
      await annotate(model.versions);
      const ours = evaluateFloats(importFile(model.file), model.events);
      expect(ours.map((event) => event['y']?.map((value) => value + 0))).toEqual(
        model.outputs.map((event) => event['y']?.map((value) => value + 0)),
      );
      // Not a comparison of constants.
      expect(new Set(model.outputs.map((event) => event['y']?.join())).size).toBeGreaterThan(100);

      const out = scratch.path(`${name}.out`);
      const compiled = await trigc('compile', model.file, '-o', out, '--effort', 'fast');
      expect(compiled.stderr).not.toMatch(/error TRG|no quantiser/u);
      const rows = model.events.map((event) => (event['x'] ?? []).join());
      const header = (model.events[0]?.['x'] ?? []).map((_, index) => `x[${index}]`).join();
      const input = scratch.write(`${name}.csv`, `${header}\n${rows.join('\n')}\n`);
      const output = scratch.path(`${name}.outputs.csv`);
      const emulated = await trigc('emulate', out, '--input', input, '--output', output, '--input-policy', 'quantise');
      expect(emulated.code, emulated.stderr).toBe(0);
      const lines = readFileSync(output, 'utf8').trim().split('\n');
      expect(lines.map((line) => line.split(',').map(Number))).toEqual(model.outputs.map((event) => event['y']));
      const verified = await trigc('verify', out, '--engine', 'yosys', '--vectors', '100');
      expect(verified.stdout).toMatch(/^verified 100 vectors, 0 mismatches, /mu);
    });
  });
}
