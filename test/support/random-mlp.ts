import type { ModelGraph, ModelNodeId } from '../../src/model/kinds.js';
import { at } from '../../src/support/invariant.js';
import type { Random } from '../../src/support/random.js';
import { RandomGraph } from './random-model.js';
import type { WidthClass } from './random-types.js';

export interface RandomMlpOptions {
  /** Neurons: inputs, hidden layers, outputs; drawn by default (up to 12, up to four layers). */
  readonly layers?: readonly number[];
  /** Width of words and weights; drawn by default. `huge` goes beyond 53 bits. */
  readonly widths?: WidthClass;
  /** End in a score: the wrapped or saturated sum of squares of the last layer (or its residual); drawn by default. */
  readonly score?: boolean;
  readonly name?: string;
}

const weightBits: Readonly<Record<WidthClass, readonly [number, number]>> = {
  narrow: [1, 5],
  medium: [3, 10],
  wide: [8, 20],
  huge: [16, 32],
};
const wordBits: Readonly<Record<WidthClass, number>> = { narrow: 8, medium: 18, wide: 40, huge: 66 };

/**
 * A quantised multilayer perceptron as trigger models are: matrix product, bias, sometimes ReLU, then a quantiser that
 * may round in any mode and saturate or wrap, with one type or one per neuron.
 */
export function randomMlp(random: Random, options: RandomMlpOptions = {}): ModelGraph {
  const widths = options.widths ?? random.pick(['narrow', 'medium', 'medium', 'wide', 'huge']);
  const graph = new RandomGraph(random, options.name ?? 'mlp', 200);
  const sizes = options.layers ?? Array.from({ length: random.integer(2, 5) }, () => random.integer(1, 12));
  const batch = random.integer(0, 1) === 0 ? [] : [1];
  let tensor = graph.input('x', [...batch, at(sizes, 0)], widths);
  if (random.integer(0, 2) === 0) tensor = graph.quantize(tensor, wordBits[widths]);
  const input = tensor;
  for (let layer = 1; layer < sizes.length; layer++) {
    tensor = dense(graph, tensor, at(sizes, layer), widths);
    const last = layer === sizes.length - 1;
    if (!last || random.integer(0, 1) === 0) tensor = graph.quantize(tensor, wordBits[widths]);
  }
  if (options.score ?? random.integer(0, 2) === 0) tensor = score(graph, tensor, input, wordBits[widths]);
  graph.output('y', tensor);
  return graph.finish();
}

function dense(graph: RandomGraph, operand: ModelNodeId, size: number, widths: WidthClass): ModelNodeId {
  const { random } = graph;
  const bits = random.integer(...weightBits[widths]);
  const inner = at(graph.shape(operand), graph.shape(operand).length - 1);
  let tensor = graph.add('matmul', { left: operand, right: graph.constant([inner, size], bits) });
  if (random.integer(0, 3) > 0) tensor = graph.add('add', { left: tensor, right: graph.constant([size], bits) });
  return random.integer(0, 1) === 0 ? graph.add('relu', { operand: tensor }) : tensor;
}

/** Sum of squares, of the residual where the shapes allow it, then a quantiser that may wrap. */
function score(graph: RandomGraph, tensor: ModelNodeId, input: ModelNodeId, bits: number): ModelNodeId {
  const { random } = graph;
  const same = graph.shape(tensor).join() === graph.shape(input).join();
  const residual = same ? graph.add('subtract', { left: tensor, right: input }) : tensor;
  // A square costs the square of its width in Verilog: those of a few neurons beyond 30 bits would be all of a file.
  const narrow = graph.within(residual, Math.min(bits, graph.shape(residual).at(-1) === 1 ? 40 : 24));
  const square = graph.add('multiply', { left: narrow, right: narrow });
  const axes = [graph.shape(square).length - 1];
  const sum = graph.add('reduce', { operand: square, operation: 'sum', axes, keepDimensions: true });
  return random.integer(0, 2) > 0 ? graph.quantize(sum) : sum;
}
