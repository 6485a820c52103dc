import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadModelFile } from '../../src/importers/onnx/load.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { OnnxRuntimeError } from '../../src/simulation/onnx-runtime/error.js';
import { openOnnxRuntime } from '../../src/simulation/onnx-runtime/model.js';
import { runtimeVersion } from '../../src/simulation/onnx-runtime/runtime.js';
import { Random } from '../../src/support/random.js';
import { importFile } from '../support/float-reference.js';
import { compareWithTruth, runtimeResults, truthEvents } from '../support/float-truth.js';
import { referenceFile } from '../support/reference-set.js';

/** What ONNX Runtime says about the files of exporters that it does not load: QONNX, and an operator set before 7. */
const refusals: Readonly<Record<string, RegExp>> = {
  'exporters/bnn_model_fc_1layer.onnx': /BipolarQuant\(-1\) is not a registered function/u,
  'exporters/brevitas_TFC_2W2A.onnx': /No opset import for domain 'onnx\.brevitas'/u,
  'exporters/qkeras_jettagging.onnx': /No opset import for domain 'finn\.custom_op\.general'/u,
  'exporters/separable_conv_model_ch_last.onnx': /No opset import for domain 'qonnx\.custom_op\.general'/u,
  'exporters/three_layer_bn_pytorch.onnx': /Could not find an implementation for Gemm\(6\)/u,
};

function modelsIn(folder: string, label: string): readonly (readonly [string, string])[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.onnx'))
    .toSorted()
    .map((name) => [`${label}/${name}`, `${folder}/${name}`]);
}

const shipped = modelsIn(fileURLToPath(new URL('../../models', import.meta.url)), 'models');
const exported = modelsIn(referenceFile('exporters'), 'exporters');

/** Millions of products: one event of each style shows as much as ten. */
const eventsOf = (name: string): number => (/residual|mnist/u.test(name) ? 5 : 100);

const missing = [
  ...(runtimeVersion() === undefined ? ['onnxruntime-web'] : []),
  ...(exported.length === 0 ? ['the exporters of the reference set'] : []),
];

describe.skipIf(runtimeVersion() === undefined)(
  `float reference is ONNX Runtime's${missing.length === 0 ? '' : ` (skipped without ${missing.join(', ')})`}`,
  () => {
    it.for([...shipped, ...exported])('%s', async ([name, path], { skip }) => {
      const { bytes } = unwrap(loadModelFile(path));
      let model;
      try {
        model = await openOnnxRuntime(bytes);
      } catch (error) {
        if (!(error instanceof OnnxRuntimeError)) throw error;
        expect(error.reason).toBe('refused');
        expect(name).not.toMatch(/float\.onnx$/u);
        // A shipped QONNX file is refused for the same reason; any other refusal is a fault of ours.
        expect(error.message).toMatch(
          refusals[name] ?? /Quant\(-?\d+\) is not a registered|No opset import for domain/u,
        );
        skip(`ONNX Runtime does not load it: ${error.message}`);
        return;
      }
      try {
        expect(refusals[name]).toBeUndefined();
        const { graph } = importFile(path);
        const events = eventsOf(name);
        const data = truthEvents(new Random(20_261), graph, events);
        const compared = compareWithTruth(graph, data, events, await runtimeResults(model, graph, data, events));
        expect(compared.elements).toBeGreaterThan(0);
        expect(compared.worst, compared.place).toBeLessThanOrEqual(1);
      } finally {
        await model.release();
      }
    });
  },
);
