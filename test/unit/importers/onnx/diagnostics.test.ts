import { describe, expect, it } from 'vitest';
import { importCodes } from '../../../../src/diagnostics/codes/import.js';
import type { Diagnostic } from '../../../../src/diagnostics/diagnostic.js';
import { importOnnx, inspectOnnx } from '../../../../src/importers/onnx/import.js';
import { standardOperators } from '../../../../src/importers/onnx/registry.js';
import { isStandardOperator } from '../../../../src/importers/onnx/unsupported.js';
import type { Attributes } from '../../../support/onnx-builder.js';
import {
  externalTensor,
  float,
  int,
  ints,
  OnnxBuilder,
  rawTensor,
  tensorValue,
  text,
} from '../../../support/onnx-builder.js';
import { classifier, ML, randomTrees } from '../../../support/random-trees.js';
import { Random } from '../../../../src/support/random.js';
import { options } from './support.js';

type Name = keyof typeof importCodes;

const model = (opset = 13): OnnxBuilder => new OnnxBuilder(opset).input('x', ['N', 4]);
const unary = (operator: string, attributes: Attributes = {}, opset = 13): OnnxBuilder =>
  model(opset).node(operator, ['x'], ['y'], attributes, { name: 'node' }).output('y');
const withConstant = (
  operator: string,
  dims: readonly number[],
  values: readonly number[],
  attributes: Attributes = {},
): OnnxBuilder =>
  model().initializer('c', dims, values).node(operator, ['x', 'c'], ['y'], attributes, { name: 'node' }).output('y');
const external = (location: string, offset = '0'): OnnxBuilder =>
  model()
    .tensor(externalTensor('c', [4], { location, offset }))
    .node('Add', ['x', 'c'], ['y'], {}, { name: 'node' })
    .output('y');
function quant(scale: number, zero = 0, width = 4, attributes: Attributes = {}, weight = 0): OnnxBuilder {
  return model()
    .initializer('w', [1], [weight])
    .initializer('s', [], [scale])
    .initializer('z', [], [zero])
    .initializer('b', [], [width])
    .node(
      'Quant',
      ['w', 's', 'z', 'b'],
      ['q'],
      { signed: int(1), ...attributes },
      { domain: 'onnx.brevitas', name: 'node' },
    )
    .node('Add', ['x', 'q'], ['y'])
    .output('y');
}
function classified(): OnnxBuilder {
  return classifier(randomTrees(new Random(1), { trees: 2, depth: 1, features: 2, targets: 2, all: true }), 2, 2);
}
function changed(builder: OnnxBuilder, change: (builder: OnnxBuilder) => void): OnnxBuilder {
  change(builder);
  return builder;
}

/** A model or file for every code; the loader's codes, which need files, are tested with the loader. */
const examples: Readonly<Partial<Record<Name, OnnxBuilder | Uint8Array>>> = {
  notOnnx: new TextEncoder().encode('<html>404</html>'),
  truncated: unary('Relu').bytes().subarray(0, 60),
  malformed: Uint8Array.from([...unary('Relu').bytes(), 0, 0]),
  noGraph: Uint8Array.of(8, 7),
  modelTooLarge: deep(),
  missingOpset: unary('Relu', {}, 0),
  opsetTooOld: unary('Relu', {}, 5),
  opsetNewer: unary('Relu', {}, 99),
  duplicateTensor: unary('Relu').node('Neg', ['x'], ['y']),
  missingTensor: model().node('Add', ['x', 'linear.bias'], ['y'], {}, { name: 'node' }).output('y'),
  cyclicGraph: model().node('Add', ['x', 'b'], ['a']).node('Relu', ['a'], ['b']).output('b'),
  noOutputs: model().node('Relu', ['x'], ['y']),
  noInputs: new OnnxBuilder().initializer('c', [1], [1]).node('Relu', ['c'], ['y']).output('y'),
  inputType: new OnnxBuilder().input('x', [1], 'string').node('Relu', ['x'], ['y']).output('y'),
  inputShape: new OnnxBuilder().input('x', undefined).node('Relu', ['x'], ['y']).output('y'),
  symbolicDimension: new OnnxBuilder().input('x', ['N', 'M']).node('Relu', ['x'], ['y']).output('y'),
  zeroSized: new OnnxBuilder().input('x', [1, 0]).node('Relu', ['x'], ['y']).output('y'),
  tooManyElements: new OnnxBuilder()
    .input('x', [1, 10 ** 9])
    .node('Relu', ['x'], ['y'])
    .output('y'),
  graphTooLarge: new OnnxBuilder()
    .input('x', [1, 5000, 2000])
    .node('Transpose', ['x'], ['t'], { perm: ints([0, 2, 1]) })
    .node('MatMul', ['x', 't'], ['y'])
    .output('y'),
  fixedBatch: new OnnxBuilder().input('x', [32, 4]).node('Relu', ['x'], ['y']).output('y'),
  declaredShape: model().node('Relu', ['x'], ['y']).output('y', [1, 5]),
  duplicateNode: model()
    .node('Relu', ['x'], ['a'], {}, { name: 'node' })
    .node('Relu', ['a'], ['y'], {}, { name: 'node' })
    .output('y'),
  annotationIgnored: changed(unary('Relu'), (builder) =>
    builder.graph.quantizationAnnotation.push({ tensorName: 'x' }),
  ),
  elementType: model()
    .tensor({ name: 'c', dims: [1], dataType: 17, rawData: Uint8Array.of(0) })
    .node('Add', ['x', 'c'], ['y'])
    .output('y'),
  tensorData: model()
    .tensor({ name: 'c', dims: [3], dataType: 1, floatData: [1] })
    .node('Add', ['x', 'c'], ['y'])
    .output('y'),
  sparseTensor: changed(model().node('Add', ['x', 'c'], ['y']).output('y'), (builder) =>
    builder.graph.sparseInitializer.push({ values: { name: 'c' } }),
  ),
  externalMissing: external('data.bin'),
  externalOutside: external('../data.bin'),
  externalRange: external('eight.bin', '9'),
  notFinite: withConstant('Add', [4], [1, Number.NaN, 2, 3]),
  integerRange: model()
    .tensor({ name: 'c', dims: [1], dataType: 13, rawData: new Uint8Array(8).fill(255) })
    .node('Add', ['x', 'c'], ['y'])
    .output('y'),
  unsupportedOperator: unary('LRN'),
  unsupportedDomain: model().node('FusedConv', ['x'], ['y'], {}, { domain: 'com.microsoft', name: 'node' }).output('y'),
  unknownOperator: unary('Reul'),
  localFunction: changed(unary('Mine'), (builder) => {
    builder.functions = [{ name: 'Mine', input: ['a'], output: ['b'] }];
  }),
  unsupportedVariant: withConstant('Pow', [2], [3, 2]),
  operandCount: model().node('Relu', ['x', 'x'], ['y'], {}, { name: 'node' }).output('y'),
  attribute: unary('Cast'),
  unknownAttribute: unary('Relu', { inplace: int(1) }),
  shapes: withConstant('Add', [3], [1, 2, 3]),
  notConstant: model().node('Reshape', ['x', 'x'], ['y'], {}, { name: 'node' }).output('y'),
  operandValue: withConstant('Gather', [1], [9], { axis: int(1) }),
  labelDropped: classified(),
  zipMap: changed(classified(), (builder) => {
    builder.node('ZipMap', ['scores'], ['named'], {}, ML).output('named');
  }),
  unsupportedOutput: model().node('Dropout', ['x'], ['d', 'mask'], {}, { name: 'node' }).output('mask'),
  acrossEvents: unary('ReduceMax', { axes: ints([0]) }),
  subgraphOperator: unary('Loop'),
  integerArithmetic: new OnnxBuilder().input('x', [1, 1], 'int8').node('MatMul', ['x', 'x'], ['y']).output('y'),
  scaleNotPositive: quant(-1),
  bitWidth: quant(1, 0, 3.5),
  roundingMode: quant(1, 0, 4, { rounding_mode: text('?') }),
  oneBitSigned: quant(1, 0, 1),
  // 2^24 + 1 needs a bit that float32 does not have: adding the zero point rounds.
  floatRounding: quant(1, 1, 30, {}, 2 ** 24),
  reciprocalRounded: withConstant('Div', [], [3]),
  zeroPoint: quant(1, Number.NaN),
};

function deep(): Uint8Array {
  let inner = new Uint8Array(0);
  for (let level = 0; level < 81; level++) {
    const length = inner.length < 128 ? [inner.length] : [(inner.length % 128) + 128, Math.floor(inner.length / 128)];
    // From the inside out: graph of an attribute, attribute, node, graph …
    inner = Uint8Array.from([[0x32, 0x2a, 0x0a][level % 3] ?? 0, ...length, ...inner]);
  }
  const length = [(inner.length % 128) + 128, Math.floor(inner.length / 128)];
  return Uint8Array.from([0x3a, ...length, ...inner]);
}

function diagnosticsOf(example: OnnxBuilder | Uint8Array): readonly Diagnostic[] {
  const bytes = example instanceof OnnxBuilder ? example.bytes() : example;
  const readExternal = (location: string): Uint8Array | undefined =>
    location === 'eight.bin' ? new Uint8Array(8) : undefined;
  return importOnnx(bytes, { ...options, readExternal }).diagnostics;
}

describe('every import code', () => {
  const names = (Object.keys(importCodes) as Name[]).filter((name) => name !== 'unreadableFile');

  it.each(names)('%s is reported, where it happens and with a hint', (name) => {
    const example = examples[name];
    if (example === undefined) throw new Error(`no example of ${name}`);
    const found = diagnosticsOf(example).find(({ code }) => code === importCodes[name].code);
    expect(found).toBeDefined();
    expect(found?.severity).toBe(importCodes[name].severity);
    expect(found?.location?.model).toBe('test.onnx');
    expect(found?.hint ?? '').not.toBe('');
    expect(found?.message ?? '').not.toBe('');
  });

  it('is used once, inside the range of the importer', () => {
    const codes = Object.values(importCodes).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(Number(code.slice(3)) >= 1001 && Number(code.slice(3)) <= 1299).toBe(true);
  });

  it('names the node', () => {
    for (const name of ['notFinite', 'unsupportedOperator', 'shapes', 'scaleNotPositive', 'missingTensor'] as const) {
      const example = examples[name];
      const found =
        example === undefined ? undefined : diagnosticsOf(example).find(({ code }) => code === importCodes[name].code);
      expect(found?.location?.node).toBe('node');
    }
  });
});

describe('inspection', () => {
  it('reports all problems at once and keeps what it learned', () => {
    const builder = model()
      .node('Relu', ['x'], ['a'])
      .node('LRN', ['a'], ['b'])
      .node('Det', ['b'], ['c'])
      .node('Neg', ['c'], ['d'])
      .node('Add', ['d', 'nothing'], ['e'])
      .node('Abs', ['x'], ['unused'])
      .node('Mine', ['a'], ['f'], {}, { domain: 'my.domain' })
      .node('Concat', ['e', 'f'], ['y'], { axis: int(1) })
      .output('y', ['N', 8])
      .output('a');
    const { summary, diagnostics, importable } = inspectOnnx(builder.bytes(), options);
    expect(importable).toBe(false);
    expect(diagnostics.map(({ code }) => code)).toEqual(['TRG1040', 'TRG1040', 'TRG1011', 'TRG1041']);
    expect(summary.nodes.map(({ status }) => status)).toEqual([
      'supported',
      'unsupported',
      'unsupported',
      'not checked',
      'not checked',
      'unused',
      'unsupported',
      'not checked',
    ]);
    expect(summary.unsupported.map(({ name, operator }) => [name, operator])).toEqual([
      ['#1', 'LRN'],
      ['#2', 'Det'],
      ['#6', 'Mine'],
    ]);
    expect(summary.operators[0]).toEqual({ operator: 'Abs', count: 1 });
    expect(summary.operators).toContainEqual({ operator: 'my.domain::Mine', count: 1 });
    expect(summary.inputs).toEqual([{ name: 'x', elementType: 'float32', declared: ['N', 4], shape: [1, 4] }]);
    expect(summary.outputs.map(({ shape }) => shape)).toEqual([undefined, [1, 4]]);
    expect(summary.exporter).toEqual({ name: 'test', version: '1.0' });
    expect(summary.irVersion).toBe(7);
  });

  it('shows quantisers and constants of a model that imports', () => {
    const { summary, importable } = inspectOnnx(quant(0.25).bytes(), options);
    expect(importable).toBe(true);
    expect(summary.nodes.map(({ name, status, quantizer }) => [name, status, quantizer])).toEqual([
      ['node', 'constant', 'ap_fixed<4,2,AP_RND_CONV,AP_SAT>'],
      ['#1', 'supported', undefined],
    ]);
  });

  it('of something that is no model is empty but for the reason', () => {
    const { summary, diagnostics } = inspectOnnx(new Uint8Array(0), options);
    expect(summary.nodes).toEqual([]);
    expect(diagnostics.map(({ code }) => code)).toEqual(['TRG1001']);
  });

  it('sees through names that lack a type in attributes', () => {
    const untyped = unary('LeakyRelu', { alpha: { f: 0.5 } });
    expect(importOnnx(untyped.bytes(), options).ok).toBe(true);
    const wrong = unary('LeakyRelu', { alpha: int(1) });
    expect(importOnnx(wrong.bytes(), options).diagnostics.map(({ code }) => code)).toEqual(['TRG1046']);
  });

  it('refuses values of attributes and constants that make no sense', () => {
    const codes = (builder: OnnxBuilder): readonly string[] => diagnosticsOf(builder).map(({ code }) => code);
    expect(codes(unary('LeakyRelu', { alpha: float(Number.NaN) }))).toEqual(['TRG1036']);
    expect(codes(unary('Clip', { min: float(Number.NaN) }, 10))).toEqual(['TRG1036']);
    expect(codes(withConstant('Div', [], [0]))).toEqual(['TRG1050']);
    expect(codes(unary('Flatten', { axis: int(3) }))).toEqual(['TRG1050']);
    expect(codes(unary('Transpose', { perm: ints([0, 0]) }))).toEqual(['TRG1050']);
    expect(codes(unary('Squeeze', { axes: ints([1]) }, 11))).toEqual(['TRG1048']);
    const value = tensorValue(rawTensor('', [2], [1, 2]));
    expect(
      codes(model().initializer('c', [1], [2], 'int64').node('ConstantOfShape', ['c'], ['y'], { value }).output('y')),
    ).toEqual(['TRG1050']);
  });
});

describe('the registry', () => {
  it('holds every operator once, and none of the unsupported ones', () => {
    const names = standardOperators.map(({ operator }) => operator);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) {
      expect(isStandardOperator(name), name).toBe(false);
    }
  });
});
