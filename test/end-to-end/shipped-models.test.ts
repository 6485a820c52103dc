import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compileFloatEvaluator } from '../../src/backends/emulator/float/compile.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { importOnnx } from '../../src/importers/onnx/import.js';
import { loadModelFile } from '../../src/importers/onnx/load.js';
import { at } from '../../src/support/invariant.js';
import { scratchFolder, trigc } from '../support/command-line.js';

/** Models that are shipped as a float network and a quantisation-aware twin or two. */
const models = ['dense-autoencoder', 'jet-tagger', 'deep-sets', 'calo-autoencoder', 'calo-student', 'vae'];
const scratch = scratchFolder();

function readRows(path: string, header: boolean): readonly (readonly number[])[] {
  const text = path.endsWith('.gz') ? gunzipSync(readFileSync(path)).toString() : readFileSync(path, 'utf8');
  const lines = text.trim().split('\n');
  return (header ? lines.slice(1) : lines).map((line) => line.split(',').map(Number));
}

describe.each(models)('models/%s', (name) => {
  const folder = `models/${name}`;
  const sample = readRows(`${folder}/sample.csv.gz`, true);

  const records = [
    { record: 'provenance.json', twin: 'qat' },
    ...(existsSync(`${folder}/hgq.onnx`) ? [{ record: 'provenance-hgq.json', twin: 'hgq' }] : []),
  ];
  it.each(records)('files are those that $record names', ({ record, twin }) => {
    const provenance: unknown = JSON.parse(readFileSync(`${folder}/${record}`, 'utf8'));
    const float = twin === 'qat' ? ['expected_float.csv.gz'] : [];
    const files = ['float.onnx', 'sample.csv.gz', ...float, `${twin}.onnx`, `expected_${twin}.csv.gz`];
    const hash = (file: string) =>
      createHash('sha256')
        .update(readFileSync(`${folder}/${file}`))
        .digest('hex');
    expect(provenance).toMatchObject({ sha256: Object.fromEntries(files.map((file) => [file, hash(file)])) });
  });

  it('float.onnx gives what ONNX Runtime gave', () => {
    const loaded = unwrap(loadModelFile(`${folder}/float.onnx`));
    const options = { modelName: name, modelPath: folder, batch: new Map(), readExternal: loaded.readExternal };
    const evaluator = compileFloatEvaluator(unwrap(importOnnx(loaded.bytes, options)).graph);
    const found = evaluator.run(Float64Array.from(sample.flat()));
    const expected = readRows(`${folder}/expected_float.csv.gz`, false);
    expect(found.length).toBe(expected.flat().length);
    // ONNX Runtime sums in float32, which rounds by the size of the terms: a logit near zero is what is left of large ones,
    // so the largest of its event is the measure.
    const bad = expected.flatMap((row, event) => {
      const bound = 1e-6 + 1e-5 * Math.max(...row.map(Math.abs));
      return row.filter((value, index) => !(Math.abs(at(found, event * row.length + index) - value) <= bound));
    });
    expect(bad).toEqual([]);
  });

  const twins = ['qat', 'hgq'].filter((twin) => existsSync(`${folder}/${twin}.onnx`));
  it.each(twins)('%s.onnx, compiled, gives what its framework gave, to the last bit', async (twin) => {
    const out = scratch.path(`${name}-${twin}`);
    const words = ['--config', `${folder}/trigc.yaml`, '--effort', 'fast'];
    expect((await trigc('compile', `${folder}/${twin}.onnx`, '-o', out, ...words)).code).toBe(0);
    const scores = scratch.path(`${name}-${twin}.csv`);
    const input = `${folder}/sample.csv.gz`;
    expect((await trigc('emulate', out, '--input', input, '--output', scores)).code).toBe(0);
    expect(readRows(scores, false)).toEqual(readRows(`${folder}/expected_${twin}.csv.gz`, false));
  });
});
