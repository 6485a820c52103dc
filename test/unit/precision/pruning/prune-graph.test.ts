import { describe, expect, it } from 'vitest';
import { compileFloatEvaluator } from '../../../../src/backends/emulator/float/compile.js';
import { inferFormats } from '../../../../src/model/formats.js';
import { ModelBuilder, noProvenance } from '../../../../src/model/builder.js';
import type { ModelGraph } from '../../../../src/model/kinds.js';
import { verifyModel } from '../../../../src/model/verify.js';
import { fixedPointType } from '../../../../src/numeric/fixed-point.js';
import { prunableLayers } from '../../../../src/precision/pruning/prunable-layers.js';
import { pruneGraph } from '../../../../src/precision/pruning/prune-graph.js';
import { at, invariant } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';
import { correlatedActivations } from '../../../support/correlated-activations.js';

const EVENTS = 300;
const INPUTS = 8;

const provenance = (name: string) => ({ name, operator: 'Gemm' });

/** Eight 6-bit inputs, a dense layer of six behind a ReLU of 8 bits, and a quantised sum. */
function network(seed: number): { readonly graph: ModelGraph; readonly values: Float64Array } {
  const random = new Random(seed);
  const builder = new ModelBuilder('network');
  const codes = (count: number, most: number): readonly bigint[] =>
    Array.from({ length: count }, () => BigInt(random.integer(-most, most)));
  const type = fixedPointType(false, 6, 6);
  const input = builder.input({ name: 'x', types: [type], rounding: 'RND', overflow: 'SAT' }, [1, INPUTS]);
  const first = builder.constant({ lsb: -5, codes: codes(INPUTS * 6, 31), float: false }, [INPUTS, 6]);
  const bias = builder.constant({ lsb: -5, codes: codes(6, 99), float: false }, [6]);
  const product = builder.add('matmul', { left: input, right: first }, provenance('first'));
  const sum = builder.add('add', { left: product, right: bias }, provenance('first'));
  const types = [fixedPointType(false, 8, 6)];
  const hidden = builder.add('quantize', { operand: sum, types, rounding: 'RND', overflow: 'SAT' }, noProvenance);
  const second = builder.constant({ lsb: -4, codes: codes(6, 15), float: false }, [6, 1]);
  const score = builder.add('matmul', { left: hidden, right: second }, provenance('second'));
  const signed = [fixedPointType(true, 14, 9)];
  const output = builder.add('quantize', { operand: score, types: signed, rounding: 'RND', overflow: 'SAT' });
  builder.output('y', output, signed);
  const graph = builder.finish();
  verifyModel(graph, { typed: true });
  const values = correlatedActivations(random, EVENTS, INPUTS).map((value) => Math.min(63, Math.round(value * 25)));
  return { graph, values };
}

/** Share of the variance of the outputs that is not kept, and the shift of their mean in deviations. */
function change(
  before: ModelGraph,
  after: ModelGraph,
  values: Float64Array,
): { readonly error: number; readonly shift: number } {
  const [left, right] = [before, after].map((graph) => compileFloatEvaluator(graph).run(values));
  invariant(left !== undefined && right !== undefined, 'two graphs');
  const mean = left.reduce((sum, value) => sum + value, 0) / left.length;
  const variance = left.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = left.reduce((sum, value, index) => sum + (value - at(right, index)) ** 2, 0);
  const shift = right.reduce((sum, value) => sum + value, 0) / left.length - mean;
  return { error: error / variance, shift: shift / Math.sqrt(variance / left.length) };
}

describe('pruneGraph', () => {
  it('saves the share of LUTs that was asked for, at little error, with the same types and ports', () => {
    for (const [share, most] of [
      [0.1, 0.005],
      [0.3, 0.03],
      [0.6, 0.3],
    ] as const) {
      const { graph, values } = network(1);
      const pruned = pruneGraph(graph, values, { share, seed: 1 });
      invariant(pruned.ok, 'pruned');
      verifyModel(pruned.value.graph, { typed: true });
      expect(pruned.value.graph.outputs).toEqual(graph.outputs);
      expect(pruned.value.layers.map(({ name }) => name)).toEqual(['first', 'second']);
      const before = pruned.value.layers.reduce((sum, { lutsBefore }) => sum + lutsBefore, 0);
      const after = pruned.value.layers.reduce((sum, { lutsAfter }) => sum + lutsAfter, 0);
      expect(after).toBeLessThanOrEqual((1 - share) * before);
      expect(after).toBeGreaterThan((1 - share - 0.12) * before);
      const { error, shift } = change(graph, pruned.value.graph, values);
      expect(error).toBeLessThan(most);
      expect(Math.abs(shift)).toBeLessThan(0.1);
      expect(pruned.diagnostics.map(({ code }) => code)).toEqual(['TRG1743']);
    }
  });

  it('counts in its rows what is in the graph', () => {
    const { graph, values } = network(2);
    const pruned = pruneGraph(graph, values, { share: 0.4, seed: 1 });
    invariant(pruned.ok, 'pruned');
    const weightsOf = (own: ModelGraph): readonly number[] =>
      prunableLayers(own, inferFormats(own)).map(({ weights }) => weights.codes.filter((code) => code !== 0n).length);
    expect(pruned.value.layers.map(({ weightsBefore }) => weightsBefore)).toEqual(weightsOf(graph));
    expect(pruned.value.layers.map(({ weightsAfter }) => weightsAfter)).toEqual(weightsOf(pruned.value.graph));
    for (const { digitsBefore, digitsAfter, lutsBefore, lutsAfter } of pruned.value.layers) {
      expect(digitsAfter).toBeLessThan(digitsBefore);
      expect(lutsAfter).toBeLessThan(lutsBefore);
    }
  });

  it('is the same for the same seed, and tells how far it is', () => {
    const { graph, values } = network(3);
    const told: number[] = [];
    const first = pruneGraph(graph, values, { share: 0.3, seed: 5, progress: (done) => told.push(done) });
    expect(pruneGraph(graph, values, { share: 0.3, seed: 5 })).toEqual(first);
    expect(told.length).toBeGreaterThan(2);
    expect([...told].sort((a, b) => a - b)).toEqual(told);
    expect(told.at(-1)).toBeLessThanOrEqual(1);
  });

  it('leaves a layer alone whose sums would not fit their port, and says so (TRG1742, TRG1744)', () => {
    const builder = new ModelBuilder('tight');
    const type = fixedPointType(false, 6, 6);
    const input = builder.input({ name: 'x', types: [type], rounding: 'RND', overflow: 'SAT' }, [1, 4]);
    const weights = builder.constant({ lsb: 0, codes: [7n, 8n, 8n, 8n], float: false }, [4, 1]);
    const bias = builder.constant({ lsb: 0, codes: [90n], float: false }, [1]);
    const product = builder.add('matmul', { left: input, right: weights }, provenance('sum'));
    const output = builder.add('add', { left: product, right: bias }, provenance('sum'));
    // 31 × 63 + 90 fits 11 bits, 32 × 63 + 90 - 30 does not.
    builder.output('y', output, [fixedPointType(false, 11, 11)]);
    const graph = builder.finish();
    verifyModel(graph, { typed: true });
    const random = new Random(1);
    const values = new Float64Array(4 * EVENTS);
    for (let event = 0; event < EVENTS; event++) values.fill(random.integer(0, 63), 4 * event, 4 * event + 4);
    const pruned = pruneGraph(graph, values, { share: 0.2, seed: 1 });
    invariant(pruned.ok, 'pruned');
    expect(pruned.diagnostics.map(({ code }) => code)).toEqual(['TRG1742', 'TRG1744']);
    expect(pruned.diagnostics[0]?.location?.node).toBe('sum');
    expect(pruned.diagnostics[0]?.message).toContain('does not hold all values');
    expect(pruned.value.graph).toEqual(graph);
    expect(pruned.value.layers[0]?.lutsAfter).toBe(pruned.value.layers[0]?.lutsBefore);
  });

  it('refuses a model without constant products (TRG1741)', () => {
    const builder = new ModelBuilder('sum');
    const type = fixedPointType(true, 8, 4);
    const input = builder.input({ name: 'x', types: [type], rounding: 'RND', overflow: 'SAT' }, [4]);
    builder.output('y', input, [type]);
    const result = pruneGraph(builder.finish(), new Float64Array(40), { share: 0.5, seed: 1 });
    expect(result.ok).toBe(false);
    expect(result.diagnostics.map(({ code }) => code)).toEqual(['TRG1741']);
  });
});
