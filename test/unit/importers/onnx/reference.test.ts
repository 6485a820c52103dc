import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { importOnnx, inspectOnnx } from '../../../../src/importers/onnx/import.js';
import { evaluateModel } from '../../../../src/model/evaluate.js';
import type { FixedPointType } from '../../../../src/numeric/fixed-point.js';
import { lsbExponent } from '../../../../src/numeric/fixed-point.js';
import type { ModelGraph } from '../../../../src/model/kinds.js';
import { shiftBy } from '../../../../src/support/bits.js';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..');
const reference = process.env['TRIGC_REFERENCE'] ?? resolve(root, '../shared/reference');
const present = existsSync(join(reference, 'deployed'));

function inspect(path: string): ReturnType<typeof inspectOnnx> {
  return inspectOnnx(readFileSync(path), { modelName: 'model', modelPath: path });
}

function exporterFiles(): readonly string[] {
  const folder = join(reference, 'exporters');
  return [
    ...readdirSync(folder).filter((name) => name.endsWith('.onnx')),
    ...(existsSync(join(folder, 'mnist-conv')) ? ['mnist-conv/model.onnx'] : []),
  ];
}

/** What each exporter's file is refused for: the operators, each as often as it occurs; nothing when it imports. */
const refusedFor: Readonly<Record<string, readonly string[]>> = {
  'bnn_model_fc_1layer.onnx': [],
  'brevitas_TFC_2W2A.onnx': [],
  'conv1d_small_keras.onnx': [],
  'conv2d_small_mp_keras.onnx': [],
  'mnist-conv/model.onnx': [],
  'qkeras_jettagging.onnx': [],
  'residual_block_clean.onnx': [],
  'separable_conv_model_ch_last.onnx': [],
  'three_layer_bn_pytorch.onnx': [],
  'three_layer_keras.onnx': [],
  'three_layer_pytorch.onnx': [],
  'two_layer_keras.onnx': [],
};

describe.skipIf(!present)('reference exporters (skipped when the reference set is absent)', () => {
  it('are all known here', () => {
    expect(exporterFiles().toSorted()).toEqual(Object.keys(refusedFor).toSorted());
  });

  it.each(Object.entries(refusedFor))('%s imports, or is refused with a complete list', (name, operators) => {
    const inspection = inspect(join(reference, 'exporters', name));
    const { summary } = inspection;
    expect(summary.unsupported.map(({ operator }) => operator).toSorted()).toEqual(operators);
    for (const { remedy } of summary.unsupported) expect(remedy).not.toBe('');
    expect(inspection.importable).toBe(operators.length === 0);
    expect(summary.nodes.filter(({ status }) => status === 'invalid')).toEqual([]);
    expect(summary.nodes).toHaveLength(summary.operators.reduce((sum, { count }) => sum + count, 0));
  });

  it('keep what was learned of a refused file', () => {
    const { summary } = inspect(join(reference, 'exporters', 'three_layer_bn_pytorch.onnx'));
    expect(summary.exporter).toEqual({ name: 'pytorch', version: '0.3' });
    expect(summary.opsets).toEqual([{ domain: '', version: 6 }]);
    expect(summary.inputs).toEqual([{ name: '0', elementType: 'float32', declared: [789444, 16], shape: [1, 16] }]);
    expect(summary.outputs[0]?.shape).toEqual([1, 5]);
    expect(summary.nodes[18]).toMatchObject({ operator: 'Squeeze', status: 'supported', outputs: [{ shape: [1, 5] }] });
  });
});

/** Codes of a file of comma-separated integers, first `count` rows from `first` on. */
function rows(path: string, first: number, count: number): readonly (readonly bigint[])[] {
  const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  return lines.slice(first, first + count).map((line) => line.split(',').map(BigInt));
}

/** Type the only input with the type of its quantiser, as hardware does; the output's tensor is compared as it is. */
function runner(
  graph: ModelGraph,
): (codes: readonly bigint[]) => { readonly lsb: number; readonly codes: readonly bigint[] } {
  const quantizer = graph.nodes.find((node) => node.kind === 'quantize');
  const types: readonly FixedPointType[] = quantizer?.types ?? [];
  const nodes = graph.nodes.map((node) => (node.kind === 'input' ? { ...node, types } : node));
  const output = graph.outputs[0]?.node ?? 0;
  return (codes) => {
    const { tensors } = evaluateModel({ ...graph, nodes, outputs: [] }, [codes]);
    const tensor = tensors[output];
    if (tensor === undefined) throw new Error('no output tensor');
    return tensor;
  };
}

describe.skipIf(!present)('deployed models (skipped when the reference set is absent)', () => {
  it.each([
    ['AXOL1TL_v3', 8, -3],
    ['AXOL1TL_v5', 1, -4],
    ['CICADA_v1', 1, -6],
  ] as const)('%s gives the deployed outputs', (name, outputs, lsb) => {
    const folder = join(reference, 'deployed', name);
    const path = join(folder, 'model.onnx');
    const result = importOnnx(readFileSync(path), { modelName: name, modelPath: path });
    expect(result.ok).toBe(true);
    if (!result.ok) return;
    const evaluate = runner(result.value.graph);
    for (const first of [0, 1000, 1500]) {
      const inputs = rows(join(folder, 'inputs.csv.gz'), first, 20);
      const expected = rows(join(folder, 'outputs.csv.gz'), first, 20);
      inputs.forEach((input, index) => {
        const tensor = evaluate(input);
        const codes = tensor.codes.map((code) => shiftBy(code, tensor.lsb - lsb));
        expect(codes).toEqual(expected[index]?.slice(0, outputs));
      });
    }
  });

  it('keep the LSB of the input quantiser', () => {
    const path = join(reference, 'deployed', 'AXOL1TL_v3', 'model.onnx');
    const result = importOnnx(readFileSync(path), { modelName: 'm', modelPath: path });
    if (!result.ok) throw new Error('AXOL1TL_v3 does not import');
    const quantizer = result.value.graph.nodes.find((node) => node.kind === 'quantize');
    expect(quantizer?.types.map(lsbExponent)).toEqual([-2]);
  });

  it('are refused with all that is missing', () => {
    const operators = (name: string): readonly string[] =>
      inspect(join(reference, 'deployed', name, 'model.onnx')).summary.unsupported.map(({ operator }) => operator);
    expect(operators('CICADA_v2')).toEqual([]);
    expect(operators('TOoLLiP_v1')).toEqual([]);
  });
});
