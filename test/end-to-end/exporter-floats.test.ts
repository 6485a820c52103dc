import { existsSync, readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/support/random.js';
import type { FloatAnswer, FloatJob } from '../support/float-reference.js';
import { askEvaluators, compareFloats, floatEvents, importFile } from '../support/float-reference.js';
import { pythonOf } from '../support/python.js';
import { referenceFile } from '../support/reference-set.js';

const folder = referenceFile('exporters');
const files = existsSync(folder)
  ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.onnx'))
      .toSorted()
  : [];
const missing = files.length === 0 ? 'the reference set' : pythonOf('reference') === undefined ? 'build/python' : '';

/** Why ONNX Runtime does not load a file: what the file needs, and who evaluates it instead. */
const refusedByRuntime: Readonly<Record<string, string>> = {
  'bnn_model_fc_1layer.onnx': 'qonnx',
  'brevitas_TFC_2W2A.onnx': 'qonnx',
  'qkeras_jettagging.onnx': 'qonnx',
  'separable_conv_model_ch_last.onnx': 'qonnx',
  'three_layer_bn_pytorch.onnx': 'onnx',
};

/** Images of many megabytes: one event shows as much as ten. */
const eventsOf = (file: string): number => (/residual|separable/u.test(file) ? 1 : 10);

const full = process.env['TRIGC_TEST_TIER'] === 'full';
const leftOut = (file: string): boolean => file.includes('separable') && !full;

describe.skipIf(missing !== '')(
  `float reference on files of exporters${missing === '' ? '' : ` (skipped without ${missing})`}`,
  () => {
    const jobs = new Map<string, FloatJob>();
    const answers = new Map<string, FloatAnswer>();

    beforeAll(async () => {
      const random = new Random(7);
      for (const file of files.filter((name) => !leftOut(name))) {
        const model = referenceFile('exporters', file);
        // Every file is read: one that is refused throws here.
        jobs.set(file, { model, events: floatEvents(random, importFile(model), eventsOf(file), 2) });
      }
      const results = await askEvaluators([...jobs.values()]);
      [...jobs.keys()].forEach((file, index) => {
        const answer = results[index];
        if (answer !== undefined) answers.set(file, answer);
      });
    }, 1_800_000);

    it.for(files)('%s', (file, { skip }) => {
      if (leftOut(file)) skip('4 million results: outside the full tier');
      const [job, answer] = [jobs.get(file), answers.get(file)];
      expect(answer?.engine, JSON.stringify(answer?.refused)).toBe(refusedByRuntime[file] ?? 'onnxruntime');
      if (job === undefined || answer === undefined) throw new Error('no answer');
      expect(compareFloats(importFile(job.model), job, answer)).toBeGreaterThan(0);
    });
  },
);
