import { describe, expect, it } from 'vitest';
import { hls4mlCodes } from '../../../../src/diagnostics/codes/hls4ml.js';
import type { DiagnosticKind } from '../../../../src/diagnostics/diagnostic.js';
import { formatDiagnostic } from '../../../../src/diagnostics/diagnostic.js';
import { importProject } from '../../../../src/importers/hls4ml/import-project.js';
import { decodeModel } from '../../../../src/importers/onnx/proto.js';
import { changedProject } from '../../../support/hls4ml-project.js';

const top = 'firmware/small.cpp';
const parameters = 'firmware/parameters.h';
const settings = 'hls4ml_config.yml';
const firstCall = 'nnet::dense<input_t, layer2_t, config2>(x, layer2_out, w2, b2); // first';

describe('a small project', () => {
  const imported = importProject(changedProject({}));
  if (!imported.ok) throw new Error(imported.diagnostics.map(formatDiagnostic).join('\n'));
  const { value } = imported;

  it('becomes one node a layer', () => {
    const { graph, opsets } = decodeModel(value.model, 'model.onnx');
    expect(opsets.get('')).toBe(13);
    expect(graph.nodes.map(({ label, operator, inputs, outputs }) => ({ label, operator, inputs, outputs }))).toEqual([
      { label: 'first', operator: 'Gemm', inputs: ['x', 'first_weight', 'first_bias'], outputs: ['layer2_out'] },
      { label: 'cut', operator: 'Relu', inputs: ['layer2_out'], outputs: ['layer3_out'] },
    ]);
    expect(graph.inputs).toEqual([{ name: 'x', tensor: { elementType: 1, dimensions: ['batch', 2] } }]);
    expect(value.layers).toEqual([
      { name: 'first', function: 'dense' },
      { name: 'cut', function: 'relu' },
    ]);
    expect(value.left).toEqual([]);
  });

  it('has the constants that the cast of C++ makes of the decimals', () => {
    const tensors = decodeModel(value.model, 'model.onnx').graph.initializers;
    const floats = tensors.map(({ rawData }) => [...new Float32Array(new Uint8Array(rawData ?? []).buffer)]);
    // ap_fixed<6,2> truncates to sixteenths, ap_int<4> to whole numbers, both downwards; 1.97 is 31.52 / 16.
    expect(floats).toEqual([
      [0.5, -0.3125, 1.9375, 0.0625],
      [1, -1],
    ]);
  });

  it('says every type in trigc.yaml', () => {
    expect(value.config).toBe(`# From the hls4ml project small: types of ports and of sums, as its firmware has them.
inputs:
  x: { type: 'ap_fixed<8,4,AP_TRN,AP_WRAP>' }
target: { part: xcvu13p-flga2577-2-e, clock: 5ns }
hls: { form: looped, interface: parallel }
layers:
  first: { accumulator: 'ap_fixed<12,6,AP_TRN,AP_WRAP>', weight: 'ap_fixed<6,2,AP_TRN,AP_WRAP>', bias: 'ap_fixed<4,4,AP_TRN,AP_WRAP>', result: 'ap_fixed<10,5,AP_RND,AP_SAT>' }
  cut: { result: 'ap_ufixed<6,4,AP_TRN,AP_SAT>' }
`);
  });
});

describe('what differs from project to project', () => {
  it('reads constants from the headers where there are no text files', () => {
    const header = (list: string): string =>
      `//Numpy array shape [2, 2]\n#ifndef W2_H_\nfloat w2[4] = {${list}};\n#endif\n`;
    const files = {
      'firmware/weights/w2.txt': null,
      'firmware/weights/w2.h': header('0.5, -0.30, 1.97, 0.0625'),
    };
    const [plain, headers] = [importProject(changedProject({})), importProject(changedProject(files))];
    if (!plain.ok || !headers.ok) throw new Error('not imported');
    expect(headers.value.model).toEqual(plain.value.model);
  });

  it('turns the weights of strategy resource, which are stored with the outputs first', () => {
    const read = changedProject({ [parameters]: ['nnet::latency', 'nnet::resource'] });
    const imported = importProject(read);
    if (!imported.ok) throw new Error('not imported');
    const { graph } = decodeModel(imported.value.model, 'model.onnx');
    expect(Number(graph.nodes[0]?.attributes.get('transB')?.i)).toBe(1);
    expect(imported.value.config).toContain('strategy: resource');
  });

  it('writes doubles where floats would lose bits of a weight', () => {
    const read = changedProject({
      'firmware/defines.h': ['ap_fixed<6,2> weight2_t', 'ap_fixed<40,2> weight2_t'],
      'firmware/weights/w2.txt': '0.123456789012, 0, 0, 1',
    });
    const imported = importProject(read);
    if (!imported.ok) throw new Error('not imported');
    const { graph } = decodeModel(imported.value.model, 'model.onnx');
    expect(graph.inputs[0]?.tensor?.elementType).toBe(11);
    const [weights] = graph.initializers;
    expect(new Float64Array(new Uint8Array(weights?.rawData ?? []).buffer)[0]).toBe(
      Math.floor(0.123456789012 * 2 ** 38) / 2 ** 38,
    );
  });

  it('ends at a layer that is named', () => {
    const read = changedProject({
      [top]: ['nnet::relu<layer2_t, result_t, relu_config3>', 'nnet::softmax<layer2_t, result_t, softmax_config3>'],
    });
    const imported = importProject(read, 'first');
    if (!imported.ok) throw new Error('not imported');
    expect(decodeModel(imported.value.model, 'model.onnx').graph.outputs.map(({ name }) => name)).toEqual([
      'layer2_out',
    ]);
  });

  it('says what it leaves out', () => {
    const read = changedProject({
      [settings]: ['xcvu13p-flga2577-2-e', 'xcku115-flvb2104-2-i'],
      [parameters]: ['reuse_factor = 1', 'reuse_factor = 3'],
    });
    const imported = importProject(read);
    expect(imported.ok && imported.value.left).toEqual([
      'first: reuse factor 3, which cuts 2 inputs into unequal turns',
      'part xcku115-flvb2104-2-i, which Trigc does not know',
    ]);
  });
});

describe('projects that cannot be read', () => {
  type Case = readonly [string, DiagnosticKind, Parameters<typeof changedProject>[0], string, string?];
  const cases: readonly Case[] = [
    ['TRG1951: no settings', hls4mlCodes.notProject, { [settings]: null }, 'hls4ml_config.yml'],
    ['TRG1951: no network', hls4mlCodes.notProject, { [top]: null }, 'there is no firmware/small.cpp'],
    ['TRG1951: no constants', hls4mlCodes.notProject, { 'firmware/weights/w2.txt': null }, "no values of 'w2'"],
    ['TRG1952: another back end', hls4mlCodes.otherBackend, { [settings]: ['Vivado', 'oneAPI'] }, "'oneAPI'"],
    [
      'TRG1953: another layer',
      hls4mlCodes.noCounterpart,
      { [top]: ['nnet::relu<', 'nnet::softmax<'] },
      'nnet::softmax',
    ],
    [
      'TRG1953: another strategy',
      hls4mlCodes.noCounterpart,
      { [parameters]: ['nnet::latency', 'nnet::distributed_arithmetic'] },
      'distributed_arithmetic',
    ],
    [
      'TRG1953: weights of one bit',
      hls4mlCodes.noCounterpart,
      { [parameters]: ['product::mult', 'product::weight_binary'] },
      'weight_binary',
    ],
    ['TRG1954: settings that are no YAML', hls4mlCodes.malformed, { [settings]: 'a: [' }, 'hls4ml_config.yml'],
    ['TRG1954: no function', hls4mlCodes.malformed, { [top]: ['void small', 'void other'] }, 'no function small'],
    [
      'TRG1954: no structure',
      hls4mlCodes.malformed,
      { [parameters]: ['struct config2', 'struct config9'] },
      "'config2'",
    ],
    [
      'TRG1954: a size that is no number',
      hls4mlCodes.malformed,
      { [parameters]: ['N_INPUT_1_1', 'N_INPUT'] },
      "is 'N_INPUT'",
    ],
    [
      'TRG1954: a type of another kind',
      hls4mlCodes.malformed,
      { 'firmware/defines.h': ['ap_fixed<12,6> accum_t', 'float accum_t'] },
      'accum_t',
    ],
    ['TRG1954: other sizes', hls4mlCodes.malformed, { [top]: ['x[N_INPUT_1_1]', 'x[3]'] }, 'the layer reads 2'],
    [
      'TRG1954: a layer before its operand',
      hls4mlCodes.malformed,
      { [top]: [firstCall, ''] },
      "written to 'layer2_out'",
    ],
    ['TRG1955: too few constants', hls4mlCodes.wrongWeights, { 'firmware/weights/b2.txt': '1' }, 'has 1 values'],
    ['TRG1955: no number', hls4mlCodes.wrongWeights, { 'firmware/weights/b2.txt': '1, nan' }, "value 1 is 'nan'"],
    ['TRG1957: a layer to end at that is not there', hls4mlCodes.noSuchLayer, {}, "did you mean 'first'", 'firs'],
  ];

  it.for(cases)('%s', ([, kind, changes, words, until]) => {
    const imported = importProject(changedProject(changes), until);
    expect(imported.ok).toBe(false);
    const text = imported.diagnostics.map(formatDiagnostic).join('\n');
    expect(imported.diagnostics.map(({ code }) => code)).toContain(kind.code);
    expect(text).toContain(words);
    expect(imported.diagnostics.every(({ location }) => location !== undefined)).toBe(true);
  });

  it('TRG1956: a saturating sum in an order of its own', () => {
    const read = changedProject({
      'firmware/defines.h': ['ap_fixed<12,6> accum_t', 'ap_fixed<12,6,AP_TRN,AP_SAT> accum_t'],
      [parameters]: [
        'nnet::latency;\n    static const unsigned reuse_factor = 1',
        'nnet::resource;\n    static const unsigned reuse_factor = 2',
      ],
    });
    const imported = importProject(read);
    expect(imported.diagnostics).toMatchObject([
      { code: hls4mlCodes.otherOrder.code, location: { model: top, line: 13, node: 'first' } },
    ]);
  });

  it('collects every layer that has no counterpart', () => {
    const text = `${firstCall}\n    nnet::gru<layer2_t, layer2_t, c>(layer2_out, a, b); // recurrent\n`;
    const read = changedProject({
      [top]: [firstCall, `${text}    nnet::softmax<layer2_t, layer2_t, c>(x, z); // end`],
    });
    const imported = importProject(read);
    expect(imported.diagnostics.map(({ location }) => location?.node)).toEqual(['recurrent', 'end']);
  });
});
