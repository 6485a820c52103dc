import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/support/random.js';
import { scratchFolder, trigc } from '../support/command-line.js';
import { askEvaluators, compareFloats, floatEvents, importFile } from '../support/float-reference.js';
import type { PythonEnvironment } from '../support/python.js';
import { askPython, pythonOf } from '../support/python.js';

const full = process.env['TRIGC_TEST_TIER'] === 'full';

/** The environment that exports, the script, and the files it writes. */
interface Exporter {
  readonly environment: PythonEnvironment;
  readonly script: string;
  readonly files: readonly string[];
  /** PyTorch starts slowly, and its wheels for Linux bring CUDA. */
  readonly fullOnly?: boolean;
}

const exporters: readonly Exporter[] = [
  {
    environment: 'reference',
    script: 'export_light.py',
    files: ['sklearn-regressor', 'sklearn-classifier', 'xgboost-regressor', 'xgboost-classifier'],
  },
  { environment: 'keras', script: 'export_keras.py', files: ['keras-dense', 'keras-image', 'tf2onnx-dense'] },
  {
    environment: 'torch',
    script: 'export_torch.py',
    files: ['dense', 'image', 'set']
      .flatMap((name) => [`torchscript-${name}`, `dynamo-${name}`])
      .concat('brevitas-dense'),
    fullOnly: true,
  },
];

for (const { environment, script, files, fullOnly } of exporters) {
  const skipped =
    fullOnly === true && !full
      ? 'outside the full tier'
      : pythonOf(environment) === undefined || pythonOf('reference') === undefined
        ? `without build/python/${environment}`
        : undefined;
  describe.skipIf(skipped !== undefined)(
    `files that ${script} writes now${skipped === undefined ? '' : ` (skipped ${skipped})`}`,
    () => {
      const scratch = scratchFolder();
      const written = new Map<string, { readonly file: string; readonly versions: string }>();

      beforeAll(async () => {
        const answer = await askPython(environment, `test/support/python/${script}`, { folder: scratch.path() });
        for (const [name, file] of Object.entries(answer as Record<string, { file: string; versions: string }>)) {
          written.set(name, file);
        }
      });

      it.for(files)('%s: float reference, compiled, verified', async (name, { annotate }) => {
        const { file, versions } = written.get(name) ?? { file: '', versions: '' };
        await annotate(versions);
        const model = importFile(file);
        const job = { model: file, events: floatEvents(new Random(3), model, 50) };
        const [answer] = await askEvaluators([job]);
        expect(answer?.engine, JSON.stringify(answer?.refused)).toBe(
          name.startsWith('brevitas') ? 'qonnx' : 'onnxruntime',
        );
        if (answer !== undefined) expect(compareFloats(model, job, answer)).toBeGreaterThan(0);
        const out = scratch.path(`${name}.out`);
        const compiled = await trigc('compile', file, '-o', out, '--effort', 'fast');
        expect(compiled.stderr).not.toContain('error TRG');
        expect(compiled.code).toBe(0);
        const verified = await trigc('verify', out, '--engine', 'yosys', '--vectors', '100');
        expect(verified.stdout).toMatch(/^verified 100 vectors, 0 mismatches, /mu);
      });
    },
  );
}
