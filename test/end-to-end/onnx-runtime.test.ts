import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importOnnx } from '../../src/importers/onnx/import.js';
import { loadModelFile } from '../../src/importers/onnx/load.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { OnnxRuntimeError } from '../../src/simulation/onnx-runtime/error.js';
import type { OnnxRuntimeModel } from '../../src/simulation/onnx-runtime/model.js';
import { openOnnxRuntime } from '../../src/simulation/onnx-runtime/model.js';
import { runtimeVersion } from '../../src/simulation/onnx-runtime/runtime.js';
import type { ModelGraph } from '../../src/model/kinds.js';
import { Random } from '../../src/support/random.js';
import { importFile } from '../support/float-reference.js';
import { inDoubles } from '../support/in-doubles.js';
import { OnnxBuilder } from '../support/onnx-builder.js';
import type { Comparison } from '../support/float-truth.js';
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

/**
 * Sums of large terms that cancel have no five digits in float32. Then the same model on doubles decides; for operators
 * that ONNX Runtime has in float32 only, the size of the whole tensor is the measure.
 */
async function expectInDoubles(
  bytes: Uint8Array,
  graph: ModelGraph,
  data: Float64Array,
  events: number,
  single: Comparison,
): Promise<void> {
  const model = await unlessRefused(openOnnxRuntime(inDoubles(bytes)));
  if (model === undefined) {
    expect(single.worstOfTensor, single.place).toBeLessThanOrEqual(1);
    return;
  }
  try {
    const compared = compareWithTruth(graph, data, events, await runtimeResults(model, graph, data, events));
    expect(compared.worst, compared.place).toBeLessThanOrEqual(1e-3);
  } finally {
    await model.release();
  }
}

async function unlessRefused(opening: Promise<OnnxRuntimeModel>): Promise<OnnxRuntimeModel | undefined> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof OnnxRuntimeError && error.reason === 'refused') return undefined;
    throw error;
  }
}

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
        if (compared.worst > 1) await expectInDoubles(bytes, graph, data, events, compared);
      } finally {
        await model.release();
      }
    });

    it('an autoencoder whose sums cancel: in doubles to 1e-9, whatever float32 loses', async () => {
      const random = new Random(4);
      const widths = [57, 32, 16, 3, 16, 32, 57];
      const builder = new OnnxBuilder(17).input('x', ['N', 57]).output('y');
      widths.slice(1).forEach((width, layer) => {
        const inner = widths[layer] ?? 0;
        const draw = (): number => Math.fround((2 * random.uniform() - 1) * Math.sqrt(6 / inner));
        builder.initializer(`w${layer}`, [inner, width], Array.from({ length: inner * width }, draw));
        builder.initializer(`b${layer}`, [width], Array.from({ length: width }, draw));
        const last = layer === widths.length - 2;
        builder.node(
          'Gemm',
          [layer === 0 ? 'x' : `r${layer - 1}`, `w${layer}`, `b${layer}`],
          [last ? 'y' : `g${layer}`],
        );
        if (!last) builder.node('Relu', [`g${layer}`], [`r${layer}`]);
      });
      const bytes = builder.bytes();
      const { graph } = unwrap(importOnnx(bytes, { modelName: 'autoencoder', modelPath: 'autoencoder' }));
      const data = truthEvents(random, graph, 100);
      const [single, double] = [await openOnnxRuntime(bytes), await openOnnxRuntime(inDoubles(bytes))];
      const rough = compareWithTruth(graph, data, 100, await runtimeResults(single, graph, data, 100));
      const fine = compareWithTruth(graph, data, 100, await runtimeResults(double, graph, data, 100));
      await Promise.all([single.release(), double.release()]);
      expect(rough.worst, 'float32 agrees: the case shows nothing').toBeGreaterThan(1);
      expect(fine.worst, fine.place).toBeLessThanOrEqual(1e-3);
    });
  },
);
