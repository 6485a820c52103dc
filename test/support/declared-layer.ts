import { defaultQuantizer } from '../../src/config/config.js';
import type { Result } from '../../src/diagnostics/result.js';
import { ModelBuilder } from '../../src/model/builder.js';
import type { ModelGraph } from '../../src/model/kinds.js';
import type { Quantizer } from '../../src/numeric/fixed-point.js';
import { fixedPointType, lsbExponent } from '../../src/numeric/fixed-point.js';
import { undeclared } from '../../src/passes/model/assign-types.js';
import type { LayerDeclaration } from '../../src/passes/model/layers/declaration.js';
import { typingPipeline } from '../../src/passes/model/pipelines.js';
import { runPipeline } from '../../src/passes/pass.js';
import { at } from '../../src/support/invariant.js';
import type { Random } from '../../src/support/random.js';
import { allOverflows } from './random-types.js';
import { overflowBySearch, roundByDistance } from './reference-numerics.js';

const apRoundings = ['TRN', 'TRN_ZERO', 'RND', 'RND_ZERO', 'RND_INF', 'RND_MIN_INF', 'RND_CONV'] as const;
export const layerProvenance = { name: 'layer', operator: 'Gemm' };

/** Type a graph with declarations for its layers. */
export function typedWith(graph: ModelGraph, layers: Readonly<Record<string, LayerDeclaration>>): Result<ModelGraph> {
  const options = { ...undeclared(defaultQuantizer), layers: new Map(Object.entries(layers)) };
  return runPipeline(graph, typingPipeline(options), {});
}

/** The value of a cast, on the number line. */
export function castValue(value: number, { type, rounding, overflow }: Quantizer): number {
  const lsb = 2 ** lsbExponent(type);
  return overflowBySearch(roundByDistance(value / lsb, rounding), type.signed, type.width, overflow) * lsb;
}

/** hls4ml's sum: from the bias on, each summand cast, each partial sum back in the accumulator. */
export function sumInAccumulator(
  start: number | undefined,
  summands: readonly number[],
  accumulator: Quantizer,
): number {
  let sum = start === undefined ? 0 : castValue(start, accumulator);
  for (const summand of summands) sum = castValue(sum + castValue(summand, accumulator), accumulator);
  return sum;
}

export function randomAccumulator(random: Random): Quantizer {
  const width = random.integer(2, 8);
  return {
    type: fixedPointType(random.integer(0, 3) > 0, width, width + random.integer(-4, -1)),
    rounding: random.pick(apRoundings),
    overflow: random.pick(allOverflows),
  };
}

/** x [rows, inner] of LSB 1/4, weights of LSB 1/2, perhaps a bias of LSB 1/8; the layer's sums are its only output. */
export function randomLayer(
  random: Random,
  name = 'layer',
): {
  readonly graph: ModelGraph;
  readonly expected: (codes: readonly bigint[], accumulator: Quantizer) => readonly number[];
} {
  const [rows, inner, columns] = [random.integer(1, 2), random.integer(1, 5), random.integer(1, 3)];
  const builder = new ModelBuilder(name);
  const types = [fixedPointType(true, 4, 2)];
  const x = builder.input({ name: 'x', types, rounding: 'TRN', overflow: 'WRAP' }, [rows, inner]);
  const weights = Array.from({ length: inner * columns }, () => random.integer(-7, 7));
  const w = builder.constant({ lsb: -1, codes: weights.map(BigInt), float: false }, [inner, columns]);
  let sum = builder.add('matmul', { left: x, right: w }, layerProvenance);
  const bias = random.integer(0, 2) === 0 ? undefined : Array.from({ length: columns }, () => random.integer(-20, 20));
  if (bias !== undefined) {
    const b = builder.constant({ lsb: -3, codes: bias.map(BigInt), float: false }, [columns]);
    const operands = random.integer(0, 1) === 0 ? { left: sum, right: b } : { left: b, right: sum };
    sum = builder.add('add', operands, { name: random.pick(['layer', 'its bias']), operator: 'Add' });
  }
  builder.output('y', sum);
  const expected = (codes: readonly bigint[], accumulator: Quantizer): number[] =>
    Array.from({ length: rows * columns }, (_, index) => {
      const [row, column] = [Math.floor(index / columns), index % columns];
      const products = Array.from(
        { length: inner },
        (_, k) => (Number(at(codes, row * inner + k)) / 4) * (at(weights, k * columns + column) / 2),
      );
      return sumInAccumulator(bias === undefined ? undefined : at(bias, column) / 8, products, accumulator);
    });
  return { graph: builder.finish(), expected };
}
