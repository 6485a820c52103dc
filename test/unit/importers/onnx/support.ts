import { expect } from 'vitest';
import { formatDiagnostic } from '../../../../src/diagnostics/diagnostic.js';
import type { ImportOptions } from '../../../../src/importers/onnx/import.js';
import { importOnnx } from '../../../../src/importers/onnx/import.js';
import { evaluateModel } from '../../../../src/model/evaluate.js';
import type { ModelGraph, Shape } from '../../../../src/model/kinds.js';
import { printModel } from '../../../../src/model/print.js';
import { dyadicFromNumber, dyadicToNumber } from '../../../../src/numeric/dyadic.js';
import { fixedPointType } from '../../../../src/numeric/fixed-point.js';
import type { Attributes, Dimension, ElementTypeName, OnnxBuilder } from '../../../support/onnx-builder.js';
import { OnnxBuilder as Builder } from '../../../support/onnx-builder.js';

export const options: ImportOptions = { modelName: 'test', modelPath: 'test.onnx' };

/** The graph of a model that must import, with the codes of its warnings and notes. */
export function imported(
  builder: OnnxBuilder,
  extra: Partial<ImportOptions> = {},
): { readonly graph: ModelGraph; readonly codes: readonly string[] } {
  const result = importOnnx(builder.bytes(), { ...options, ...extra });
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  return { graph: result.value.graph, codes: result.diagnostics.map((diagnostic) => diagnostic.code) };
}

/** The codes of the errors of a model that must not import. */
export function refusal(builder: OnnxBuilder, extra: Partial<ImportOptions> = {}): readonly string[] {
  const result = importOnnx(builder.bytes(), { ...options, ...extra });
  expect(result.ok).toBe(false);
  return result.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);
}

/** The nodes of a graph as text, without header and provenance, for mappings. */
export function kindsOf(graph: ModelGraph): readonly string[] {
  return graph.nodes.map((node) => node.kind);
}

export interface Outcome {
  readonly shape: Shape;
  readonly values: readonly number[];
}

const EXACT_LSB = -300;

/** Evaluate an untyped graph exactly on real numbers: the oracle with inputs that lose nothing. */
export function evaluate(graph: ModelGraph, inputs: readonly (readonly number[])[]): readonly Outcome[] {
  const wide = fixedPointType(true, 600, 300);
  const typed = {
    ...graph,
    nodes: graph.nodes.map((node) => (node.kind === 'input' ? { ...node, types: [wide] } : node)),
    outputs: graph.outputs.map((output) => ({ ...output, types: [fixedPointType(true, 4000, 2000)] })),
  };
  const codes = inputs.map((values) =>
    values.map((value) => {
      const { code, lsb } = dyadicFromNumber(value);
      return code << BigInt(lsb - EXACT_LSB);
    }),
  );
  const { tensors } = evaluateModel(typed, codes);
  return graph.outputs.map(({ node }) => {
    const tensor = tensors[node];
    const shape = graph.nodes[node]?.shape;
    if (tensor === undefined || shape === undefined) throw new Error('output without a tensor');
    return { shape, values: tensor.codes.map((code) => dyadicToNumber({ code, lsb: tensor.lsb })) };
  });
}

export interface Case {
  readonly opset?: number;
  readonly domain?: string;
  readonly shape: readonly Dimension[];
  readonly x: readonly number[];
  /** Constants after the first input: name, shape, values; an empty name leaves an optional input out. */
  readonly constants?: readonly (readonly [string, readonly number[], readonly number[], ElementTypeName?])[];
  readonly attributes?: Attributes;
  readonly outputs?: number;
}

/** A model of one node whose first input is the graph input x, without a batch dimension. */
export function single(operator: string, test: Case): OnnxBuilder {
  const builder = new Builder(test.opset ?? 13).input('x', test.shape);
  const names = ['x'];
  for (const [name, dims, values, type] of test.constants ?? []) {
    names.push(name);
    if (name !== '') builder.initializer(name, dims, values, type ?? 'float32');
  }
  const outputs = Array.from({ length: test.outputs ?? 1 }, (_, index) => `y${index}`);
  builder.node(operator, names, outputs, test.attributes ?? {}, { domain: test.domain ?? '', name: 'node' });
  for (const output of outputs) builder.output(output);
  return builder;
}

export const noBatch: Partial<ImportOptions> = { batch: new Map([['x', 'none']]) };

/** Import and evaluate a model of one node; also reads the same node with a constant first operand, folded. */
export function run(operator: string, test: Case): Outcome {
  const computed = outcomeOf(imported(single(operator, test), noBatch).graph, [test.x]);
  return computed;
}

/** The same node on a constant: folding must agree with the computed graph. */
export function folded(operator: string, test: Case): Outcome {
  const builder = single(operator, test);
  const dims = test.shape.map(Number);
  builder.graph.input.length = 0;
  builder.input('dummy', [1]).initializer('x', dims, test.x);
  return outcomeOf(imported(builder).graph, [[0]]);
}

function outcomeOf(graph: ModelGraph, inputs: readonly (readonly number[])[]): Outcome {
  const [outcome] = evaluate(graph, inputs);
  if (outcome === undefined) throw new Error('no output');
  return outcome;
}

/** Text of a graph, for comparing two imports. */
export function textOf(graph: ModelGraph): string {
  return printModel(graph);
}

export function range(count: number, from = 0, step = 1): readonly number[] {
  return Array.from({ length: count }, (_, index) => from + index * step);
}
