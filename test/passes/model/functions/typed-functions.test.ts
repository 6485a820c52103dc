import { describe, expect, it } from 'vitest';
import { evaluateProgram } from '../../../../src/dataflow/evaluate.js';
import { importOnnx } from '../../../../src/importers/onnx/import.js';
import { lowerModel } from '../../../../src/lowering/model/lower-model.js';
import { floatEvaluator } from '../../../../src/model/evaluate-float.js';
import type { ModelGraph } from '../../../../src/model/kinds.js';
import { verifyModel } from '../../../../src/model/verify.js';
import { lsbExponent, parseQuantizer } from '../../../../src/numeric/fixed-point.js';
import { assignTypes, undeclared } from '../../../../src/passes/model/assign-types.js';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';
import { runBatched, runOracle } from '../../../support/evaluators.js';
import { float, int, OnnxBuilder, text } from '../../../support/onnx-builder.js';
import type { Attributes } from '../../../support/onnx-builder.js';

const fallback = parseQuantizer('ap_fixed<16,6,AP_RND_CONV,AP_SAT>');

interface Case {
  readonly operator: string;
  readonly attributes?: Attributes;
  readonly opset?: number;
  /** Constants that follow the input. */
  readonly constants?: readonly (readonly number[])[];
  readonly shape?: readonly number[];
  /** Inputs are drawn from here. */
  readonly range?: readonly [number, number];
  /** ONNX's definition. */
  readonly value: (x: readonly number[]) => readonly number[];
  /** Largest distance of the typed graph from it, in units of the result's last place; half a unit is rounding alone. */
  readonly within: number;
}

const each =
  (f: (x: number) => number) =>
  (x: readonly number[]): readonly number[] =>
    x.map(f);
const sum = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0);
const softmax = (x: readonly number[]): readonly number[] => x.map((a) => Math.exp(a) / sum(x.map(Math.exp)));
const standardize =
  (epsilon: number) =>
  (x: readonly number[]): readonly number[] => {
    const mean = sum(x) / x.length;
    const variance = sum(x.map((a) => (a - mean) ** 2)) / x.length;
    return x.map((a) => (a - mean) / Math.sqrt(variance + epsilon));
  };
const rows =
  (f: (row: readonly number[]) => readonly number[], size: number) =>
  (x: readonly number[]): readonly number[] =>
    Array.from({ length: x.length / size }, (_, row) => f(x.slice(row * size, (row + 1) * size))).flat();

const epsilon = { epsilon: float(1e-2) };
const cases: Readonly<Record<string, Case>> = {
  Sigmoid: { operator: 'Sigmoid', value: each((x) => 1 / (1 + Math.exp(-x))), within: 0.9 },
  Tanh: { operator: 'Tanh', value: each(Math.tanh), within: 0.9 },
  Elu: {
    operator: 'Elu',
    attributes: { alpha: float(0.5) },
    value: each((x) => (x > 0 ? x : 0.5 * Math.expm1(x))),
    within: 0.8,
  },
  Selu: {
    operator: 'Selu',
    value: each((x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x))),
    within: 0.8,
  },
  'Gelu, tanh': {
    operator: 'Gelu',
    opset: 20,
    attributes: { approximate: text('tanh') },
    value: each((x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))),
    within: 0.9,
  },
  Log: { operator: 'Log', range: [0.5, 8], value: each(Math.log), within: 1 },
  'Pow of a half': { operator: 'Pow', constants: [[0.5]], range: [0.5, 8], value: each(Math.sqrt), within: 0.9 },
  'Pow of three': { operator: 'Pow', constants: [[3]], range: [-3, 3], value: each((x) => x ** 3), within: 2.2 },
  Softmax: { operator: 'Softmax', value: rows(softmax, 4), shape: [1, 3, 4], within: 1 },
  'Softmax of axis 1 before opset 13': {
    operator: 'Softmax',
    opset: 11,
    attributes: { axis: int(1) },
    value: softmax,
    shape: [1, 3, 4],
    within: 1,
  },
  'Softmax of another axis': {
    operator: 'Softmax',
    attributes: { axis: int(1) },
    shape: [1, 2, 3],
    value: (x) => {
      const columns = [0, 1, 2].map((column) => softmax([at(x, column), at(x, column + 3)]));
      return [0, 1].flatMap((row) => columns.map((column) => at(column, row)));
    },
    within: 1,
  },
  LogSoftmax: {
    operator: 'LogSoftmax',
    value: (x) => softmax(x).map(Math.log),
    within: 1,
  },
  LayerNormalization: {
    operator: 'LayerNormalization',
    opset: 17,
    attributes: epsilon,
    constants: [[1, 1, 1, 1]],
    value: standardize(1e-2),
    within: 0.6,
  },
  'LayerNormalization of small values, with the default epsilon': {
    operator: 'LayerNormalization',
    opset: 17,
    range: [-0.05, 0.05],
    constants: [[1, 1, 1, 1]],
    value: standardize(1e-5),
    within: 0.6,
  },
  'LayerNormalization over the whole range of the type': {
    operator: 'LayerNormalization',
    opset: 17,
    range: [-32, 31.9],
    shape: [1, 6],
    constants: [[1, -0.5, 2, 1, 0.25, 3]],
    value: (x) => standardize(1e-5)(x).map((a, index) => a * at([1, -0.5, 2, 1, 0.25, 3], index)),
    within: 0.8,
  },
  RMSNormalization: {
    operator: 'RMSNormalization',
    opset: 23,
    range: [-2, 2],
    constants: [[1, 1, 1, 1]],
    value: (x) => x.map((a) => a / Math.sqrt(sum(x.map((b) => b * b)) / 4 + 1e-5)),
    within: 0.7,
  },
  'LpNormalization, p = 2': {
    operator: 'LpNormalization',
    range: [0.1, 8],
    value: (x) => x.map((a) => a / Math.sqrt(sum(x.map((b) => b * b)))),
    within: 0.7,
  },
  'LpNormalization, p = 1': {
    operator: 'LpNormalization',
    attributes: { p: int(1) },
    range: [0.1, 8],
    value: (x) => x.map((a) => a / sum(x.map(Math.abs))),
    within: 0.7,
  },
  ReduceL2: {
    operator: 'ReduceL2',
    opset: 18,
    attributes: { keepdims: int(0) },
    value: (x) => [Math.sqrt(sum(x.map((a) => a * a)))],
    within: 0.8,
  },
  ReduceLogSumExp: {
    operator: 'ReduceLogSumExp',
    opset: 18,
    attributes: { keepdims: int(0) },
    value: (x) => [Math.log(sum(x.map(Math.exp)))],
    within: 1,
  },
  'Reciprocal of both signs': {
    operator: 'Reciprocal',
    value: each((x) => Math.max(Math.min(1 / x, 32 - 2 ** -10), -32)),
    within: 1,
  },
  InstanceNormalization: {
    operator: 'InstanceNormalization',
    attributes: epsilon,
    shape: [1, 2, 4],
    constants: [
      [1, 2],
      [0, 1],
    ],
    value: (x) => [...standardize(1e-2)(x.slice(0, 4)), ...standardize(1e-2)(x.slice(4)).map((a) => 2 * a + 1)],
    within: 0.6,
  },
};

function importCase({ operator, attributes, opset, constants, shape }: Case): ModelGraph {
  const builder = new OnnxBuilder(opset ?? 13).input('x', shape ?? [1, 4]);
  const names = (constants ?? []).map((values, index) => {
    builder.initializer(`c${index}`, values.length === 1 ? [] : [values.length], values);
    return `c${index}`;
  });
  builder.node(operator, ['x', ...names], ['y'], attributes ?? {}, { name: 'node' }).output('y');
  const imported = importOnnx(builder.bytes(), { modelName: 'test', modelPath: 'test.onnx' });
  if (!imported.ok) throw new Error(imported.diagnostics.map(({ message }) => message).join('; '));
  return imported.value.graph;
}

describe.each(Object.entries(cases))('%s', (_, each) => {
  const graph = importCase(each);
  const [low, high] = each.range ?? [-4, 4];
  const random = new Random(7);
  const size = (each.shape ?? [4]).reduce((product, dimension) => product * dimension, 1);
  const events = Array.from({ length: 60 }, () =>
    Array.from({ length: size }, () => random.integer(Math.ceil(low * 1024), Math.floor(high * 1024))),
  );

  it('means on real numbers what ONNX says', () => {
    const evaluate = floatEvaluator(graph);
    for (const codes of events) {
      const x = codes.map((code) => code / 1024);
      const found = Array.from(at(evaluate([Float64Array.from(x)]).outputs, 0));
      const expected = each.value(x);
      expect(found).toHaveLength(expected.length);
      found.forEach((value, index) => expect(value).toBeCloseTo(at(expected, index), 5));
    }
  });

  it('is near to it once it is typed, the same in all evaluators, and says how near its tables are', () => {
    const typed = assignTypes(graph, undeclared(fallback));
    if (!typed.ok) throw new Error(typed.diagnostics.map(({ message }) => message).join('; '));
    const { value } = typed;
    verifyModel(value, { typed: true });
    expect(value.nodes.some(({ kind }) => kind === 'function')).toBe(false);
    const functions = graph.nodes.filter(({ kind }) => kind === 'function').length;
    expect(typed.diagnostics.filter(({ code }) => code === 'TRG1315')).toHaveLength(functions);
    const inputs = events.map((codes) => [codes.map(BigInt)]);
    const oracle = runOracle(value, inputs);
    expect(runBatched(value, inputs).rows).toEqual(oracle.map(({ outputs }) => outputs.flat()));
    const program = lowerModel(value);
    const unit = 2 ** lsbExponent(at(at(value.outputs, 0).types, 0));
    events.forEach((codes, event) => {
      const { outputs } = at(oracle, event);
      expect(evaluateProgram(program, codes.map(BigInt)).outputs.flat()).toEqual(outputs.flat());
      const expected = each.value(codes.map((code) => code / 1024));
      outputs.flat().forEach((code, index) => {
        expect(Math.abs(Number(code) * unit - at(expected, index)) / unit).toBeLessThan(each.within);
      });
    });
  });
});

describe('a function in a typed graph', () => {
  it('that a quantiser follows has its entries in that type, and the quantiser changes nothing', () => {
    const builder = new OnnxBuilder()
      .input('x', [1, 2])
      .node('Tanh', ['x'], ['t'], {}, { name: 'node' })
      .initializer('s', [], [2 ** -5])
      .initializer('z', [], [0])
      .initializer('b', [], [6])
      .importDomain('qonnx.custom_op.general', 1)
      .node('Quant', ['t', 's', 'z', 'b'], ['y'], {}, { domain: 'qonnx.custom_op.general' })
      .output('y');
    const imported = importOnnx(builder.bytes(), { modelName: 'test', modelPath: 'test.onnx' });
    if (!imported.ok) throw new Error('imported');
    const typed = assignTypes(imported.value.graph, undeclared(fallback));
    if (!typed.ok) throw new Error('typed');
    const table = typed.value.nodes.find(({ kind }) => kind === 'table');
    const quantizer = typed.value.nodes.find(({ kind }) => kind === 'quantize');
    expect(table?.kind === 'table' && [table.type]).toEqual(quantizer?.kind === 'quantize' && quantizer.types);
    const event = [[700n, -3000n]];
    const { tensors } = at(runOracle(typed.value, [event]), 0);
    expect(at(tensors, table?.id ?? -1)).toEqual(at(tensors, quantizer?.id ?? -1));
  });

  it('outside its domain draws a warning: TRG1316', () => {
    const typed = assignTypes(importCase({ ...at(Object.values(cases), 0), operator: 'Sqrt' }), undeclared(fallback));
    const found = typed.diagnostics.find(({ code }) => code === 'TRG1316');
    expect(found?.message).toBe('sqrt: its operand can be from -32 to 32');
    expect(found?.location?.node).toBe('node');
  });
});
