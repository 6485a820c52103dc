import type { Factor } from '../../../lowering/estimate/dsp-blocks.js';
import type { DenseStage } from './stages.js';
import type { Scope } from './expressions.js';
import { elementOf } from './expressions.js';
import { constantType } from './constants.js';
import { assign, range } from './print-loops.js';
import type { TensorArray } from './tensors.js';
import { isIdentity } from './views.js';

/** How products of a layer are built: all at once, in turns over the reuse factor, or as shifted additions. */
export const strategyNames = ['latency', 'resource', 'distributed_arithmetic'] as const;
export type Strategy = (typeof strategyNames)[number];

/** One layer's product as the header library is told of it. */
export interface DenseConfig {
  readonly name: string;
  /** The ONNX node that multiplies, for people. */
  readonly layer: string;
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly strategy: Strategy;
  /** Clocks that share a multiplier: there are inputs × outputs / reuse of them. */
  readonly reuse: number;
  readonly weightType: string;
  readonly biasType: string;
  readonly accumulatorType: string;
  /** For estimates: the operand, the weights' codes [input][output], and widths. */
  readonly operand: Factor;
  readonly weights: readonly bigint[];
  readonly weightWidth: number;
  readonly accumulatorWidth: number;
  /** Does the accumulator change partial sums? Then they are made in order. */
  readonly declared: boolean;
}

/**
 * The reuse factors of a layer of `inputs` × `outputs` products: those that cut the products, taken input by input,
 * into equal turns such that a turn holds whole inputs, or an equal part of one.
 */
export function legalReuseFactors(inputs: number, outputs: number): readonly number[] {
  const divisors = (value: number): number[] =>
    Array.from({ length: value }, (_, index) => index + 1).filter((divisor) => value % divisor === 0);
  return [
    ...divisors(inputs),
    ...divisors(outputs)
      .filter((part) => part > 1)
      .map((part) => inputs * part),
  ];
}

/** The nearest legal factors, smaller and larger. */
export function legalNeighbours(reuse: number, legal: readonly number[]): readonly number[] {
  const below = legal.filter((factor) => factor < reuse).at(-1);
  const above = legal.find((factor) => factor > reuse);
  return [below, above].filter((factor) => factor !== undefined);
}

/** The operand of a product, after a copy where its rows do not lie one after the other. */
export function denseOperand(
  { input, rows, inputs }: DenseStage,
  scope: Scope,
): { readonly name: string; readonly lines: readonly string[] } {
  const size = rows * inputs;
  const source = scope.tensor(input.source);
  const graph = scope.staged.model.graph;
  const sourceSize = graph.nodes[input.source]?.shape.reduce((count, dimension) => count * dimension, 1) ?? 0;
  if (sourceSize === size && isIdentity(input, size)) return { name: source, lines: [] };
  const operand = elementOf(scope, input.source, input.map);
  const lines = [
    `${source}_t gathered[${size}];`,
    '#pragma HLS ARRAY_PARTITION variable=gathered complete',
    ...assign('gathered', operand, range(0, size)),
  ];
  return { name: 'gathered', lines };
}

/** The call of the library. */
export function densePrint(stage: DenseStage, config: DenseConfig, scope: Scope, writes: TensorArray): string[] {
  const { inputs, outputs, weights, bias, product } = stage;
  const operand = denseOperand(stage, scope);
  const lines = [...operand.lines];
  const weightCodes = scope.constants.codes(
    weights.codes,
    `${writes.name}_weights`,
    `${config.weightType} [${inputs}][${outputs}] of ${product.provenance.operator}`,
  );
  const biasCodes =
    bias === undefined
      ? 'trigc::no_bias'
      : scope.constants.codes(bias.codes, `${writes.name}_biases`, `${constantType(bias)} [${outputs}]`);
  const operands = [operand.name, weightCodes, biasCodes, writes.name];
  const call = `trigc::dense<${config.name}>(`;
  const line = `${call}${operands.join(', ')});`;
  lines.push(...(line.length <= 112 ? [line] : [call, `    ${operands.join(', ')});`]));
  return lines;
}
