import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/diagnostics/result.js';
import { verifyProgram } from '../../src/dataflow/verify.js';
import { lowerModel } from '../../src/lowering/model/lower-model.js';
import { inferFormats } from '../../src/model/formats.js';
import type { ModelGraph } from '../../src/model/kinds.js';
import { operandsOf, perElement } from '../../src/model/kinds.js';
import { quantizedRange, roundShift } from '../../src/numeric/rounding.js';
import { intervalWidth } from '../../src/numeric/interval.js';
import { lsbExponent } from '../../src/numeric/fixed-point.js';
import { defaultSolveOptions } from '../../src/passes/dataflow/distributed-arithmetic/options.js';
import { dataflowPipeline } from '../../src/passes/dataflow/pipelines.js';
import { modelPipeline } from '../../src/passes/model/pipelines.js';
import { runPipeline } from '../../src/passes/pass.js';
import { SIMULATION_ENGINES } from '../../src/simulation/choose-engine.js';
import { Random } from '../../src/support/random.js';
import { modelEvaluator } from '../../src/model/evaluate.js';
import type { Event } from '../support/evaluators.js';
import { runBatched, runOracle } from '../support/evaluators.js';
import { randomMlp } from '../support/random-mlp.js';
import { randomInputs } from '../support/random-model.js';
import type { BundleMember } from '../support/verilog-bundle.js';
import { buildDesign, simulateBundle, variedChoices } from '../support/verilog-bundle.js';

/** Networks in all, and in one Verilog file: a tool run costs seconds, a network in it milliseconds. */
const full = process.env['TRIGC_TEST_TIER'] === 'full';
const NETWORKS = full ? 2000 : 240;
const PER_RUN = 40;
const EVENTS = 40;
/** Neurons of a layer. Each is a sum over all before it, of ever more digits: the widest would be most of a file. */
const NEURONS = full ? { narrow: 12, medium: 12, wide: 12, huge: 12 } : { narrow: 12, medium: 10, wide: 7, huge: 5 };
const BASE_SEED = 20_000;

interface Coverage {
  saturated: number;
  wrapped: number;
  halfEvenTies: number;
  widest: number;
  above32: number;
  above53: number;
}

const coverage: Coverage = { saturated: 0, wrapped: 0, halfEvenTies: 0, widest: 0, above32: 0, above53: 0 };

/** One network through every pass: the events, and what the oracle of its typed graph says. */
function member(seed: number): BundleMember {
  const random = new Random(seed);
  const widths = random.pick(['narrow', 'medium', 'medium', 'wide', 'huge'] as const);
  const layers = Array.from({ length: random.integer(2, 5) }, () => random.integer(1, NEURONS[widths]));
  // The search is the larger part of the time: every fourth network has the default effort.
  const effort = random.integer(0, 3) === 0 ? 'default' : 'fast';
  const graph = randomMlp(random, { name: `mlp_${seed}`, layers, widths });
  const events = randomInputs(random, graph, EVENTS);
  const expected = runOracle(graph, events).map(({ outputs }) => outputs.flat());
  expect(runBatched(graph, events).rows, `batched evaluator, seed ${seed}`).toEqual(expected);
  count(graph, events);

  const final = unwrap(runPipeline(graph, modelPipeline, {}));
  const solving = { ...defaultSolveOptions, effort } as const;
  const program = unwrap(dataflowPipeline(lowerModel(final), {}, { verify: verifyProgram }, solving));
  const built = buildDesign(program, { ...variedChoices(seed), name: `mlp_${seed}` });
  return { ...built, events: events.map((event) => event.flat()), expected };
}

/** What the events reach: a campaign that never saturates proves little about saturation. */
function count(graph: ModelGraph, events: readonly Event[]): void {
  const formats = inferFormats(graph);
  let widest = 0;
  for (const format of formats) for (const range of format.ranges) widest = Math.max(widest, intervalWidth(range));
  coverage.widest = Math.max(coverage.widest, widest);
  if (widest > 32) coverage.above32++;
  if (widest > 53) coverage.above53++;
  const evaluate = modelEvaluator(graph);
  for (const event of events.slice(0, 12)) {
    const { tensors } = evaluate(event);
    for (const node of graph.nodes) {
      if (node.kind !== 'quantize') continue;
      const operand = tensors[operandsOf(node)[0] ?? -1];
      operand?.codes.forEach((code, index) => {
        const type = perElement(node.types, index);
        const shift = lsbExponent(type) - operand.lsb;
        const rounded = roundShift(code, shift, node.rounding);
        const { low, high } = quantizedRange(type, node.overflow);
        if (rounded < low || rounded > high) coverage[node.overflow === 'WRAP' ? 'wrapped' : 'saturated']++;
        const half = shift > 0 ? 1n << BigInt(shift - 1) : 0n;
        if (node.rounding === 'RND_CONV' && half > 0n && (code & (2n * half - 1n)) === half) coverage.halfEvenTies++;
      });
    }
  }
}

describe(`${NETWORKS} random quantised MLPs: oracle = batched evaluator = simulated Verilog`, () => {
  for (let first = 0; first < NETWORKS; first += PER_RUN) {
    it(`seeds ${BASE_SEED + first} to ${BASE_SEED + first + PER_RUN - 1}`, async () => {
      const members = Array.from({ length: PER_RUN }, (_, index) => member(BASE_SEED + first + index));
      expect(await simulateBundle(SIMULATION_ENGINES.yosys, members)).toEqual([]);
    });
  }

  it('reached saturation, wrapping, half-even ties, and words beyond 32 and 53 bits', () => {
    expect(coverage.saturated).toBeGreaterThan(100);
    expect(coverage.wrapped).toBeGreaterThan(100);
    expect(coverage.halfEvenTies).toBeGreaterThan(20);
    expect(coverage.above32).toBeGreaterThan(20);
    expect(coverage.above53).toBeGreaterThan(10);
  });
});
