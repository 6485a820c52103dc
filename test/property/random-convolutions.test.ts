import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../src/diagnostics/diagnostic.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { verifyProgram } from '../../src/dataflow/verify.js';
import { importOnnx } from '../../src/importers/onnx/import.js';
import { lowerModel } from '../../src/lowering/model/lower-model.js';
import { fixedPointType } from '../../src/numeric/fixed-point.js';
import { undeclared } from '../../src/passes/model/assign-types.js';
import { modelPipeline, typingPipeline } from '../../src/passes/model/pipelines.js';
import { defaultSolveOptions } from '../../src/passes/dataflow/distributed-arithmetic/options.js';
import { dataflowPipeline } from '../../src/passes/dataflow/pipelines.js';
import { runPipeline } from '../../src/passes/pass.js';
import { SIMULATION_ENGINES } from '../../src/simulation/choose-engine.js';
import { Random } from '../../src/support/random.js';
import { runBatched, runOracle } from '../support/evaluators.js';
import { randomConvolution } from '../support/random-convolution.js';
import { randomInputs } from '../support/random-model.js';
import type { BundleMember } from '../support/verilog-bundle.js';
import { buildDesign, simulateBundle, variedChoices } from '../support/verilog-bundle.js';

/** Networks in all, and in one Verilog file: a tool run costs seconds, a network in it a tenth of one. */
const full = process.env['TRIGC_TEST_TIER'] === 'full';
const NETWORKS = full ? 600 : 120;
const PER_RUN = 20;
const EVENTS = 16;
const BASE_SEED = 30_000;

const seen = new Map<string, number>();
let mapped = 0;

/** One network from its ONNX file through every pass: the events, and what the oracle of its typed graph says. */
function member(seed: number): BundleMember {
  const random = new Random(seed);
  const { builder, operators } = randomConvolution(random);
  for (const operator of new Set(operators)) seen.set(operator, (seen.get(operator) ?? 0) + 1);
  const name = `convolution_${seed}`;
  const imported = importOnnx(builder.bytes(), { modelName: name, modelPath: `${name}.onnx` });
  if (!imported.ok) throw new Error(imported.diagnostics.map(formatDiagnostic).join('\n'));
  const fallback = { type: fixedPointType(true, 9, 5), rounding: 'RND_CONV', overflow: 'SAT' } as const;
  const graph = unwrap(runPipeline(imported.value.graph, typingPipeline(undeclared(fallback)), {}));
  const events = randomInputs(random, graph, EVENTS);
  const expected = runOracle(graph, events).map(({ outputs }) => outputs.flat());
  expect(runBatched(graph, events).rows, `batched evaluator, seed ${seed}`).toEqual(expected);

  const final = unwrap(runPipeline(graph, modelPipeline, {}));
  const lowered = lowerModel(final);
  if (lowered.instances.some(({ positions }) => positions.length > 1)) mapped++;
  const solving = { ...defaultSolveOptions, effort: 'fast' } as const;
  const program = unwrap(dataflowPipeline(lowered, {}, { verify: verifyProgram }, solving));
  const built = buildDesign(program, { ...variedChoices(seed), name });
  return { ...built, events: events.map((event) => event.flat()), expected };
}

describe(`${NETWORKS} random convolutional networks: oracle = batched evaluator = simulated Verilog`, () => {
  for (let first = 0; first < NETWORKS; first += PER_RUN) {
    it(`seeds ${BASE_SEED + first} to ${BASE_SEED + first + PER_RUN - 1}`, async () => {
      const members = Array.from({ length: PER_RUN }, (_, index) => member(BASE_SEED + first + index));
      expect(await simulateBundle(SIMULATION_ENGINES.yosys, members)).toEqual([]);
    });
  }

  it('held every form often, and kernels that are mapped over positions', () => {
    for (const operator of ['Conv', 'grouped Conv', 'padded Conv', 'MaxPool', 'AveragePool', 'Quant', 'Relu']) {
      expect(seen.get(operator) ?? 0, operator).toBeGreaterThan(15);
    }
    for (const operator of ['ConvTranspose', 'Resize', 'Add', 'Gemm', 'GlobalMaxPool', 'GlobalAveragePool']) {
      expect(seen.get(operator) ?? 0, operator).toBeGreaterThan(2);
    }
    expect(mapped).toBeGreaterThan(NETWORKS / 2);
  });
});
