import { expect, it } from 'vitest';
import { unwrap } from '../../src/diagnostics/result.js';
import { verifyProgram } from '../../src/dataflow/verify.js';
import { importOnnx } from '../../src/importers/onnx/import.js';
import { lowerModel } from '../../src/lowering/model/lower-model.js';
import { parseQuantizer } from '../../src/numeric/fixed-point.js';
import { undeclared } from '../../src/passes/model/assign-types.js';
import { dataflowPipeline } from '../../src/passes/dataflow/pipelines.js';
import { modelPipeline, typingPipeline } from '../../src/passes/model/pipelines.js';
import { runPipeline } from '../../src/passes/pass.js';
import { defaultSolveOptions } from '../../src/passes/dataflow/distributed-arithmetic/options.js';
import { SIMULATION_ENGINES } from '../../src/simulation/choose-engine.js';
import { Random } from '../../src/support/random.js';
import { runBatched, runOracle } from '../support/evaluators.js';
import { randomInputs } from '../support/random-model.js';
import { classifier, randomTrees, regressor } from '../support/random-trees.js';
import type { BundleMember } from '../support/verilog-bundle.js';
import { buildDesign, simulateBundle, variedChoices } from '../support/verilog-bundle.js';

const ENSEMBLES = 24;
const EVENTS = 60;
const FEATURES = 4;
const LEAF = parseQuantizer('ap_fixed<10,6,AP_RND_CONV,AP_SAT>');

/** One ensemble from ONNX to a design, and what the oracle says of it: the walk through the trees, on the ports' grid. */
function member(seed: number): BundleMember {
  const random = new Random(seed);
  const targets = random.integer(1, 3);
  const options = { trees: random.integer(1, 8), depth: random.integer(1, 5), features: FEATURES, targets };
  const trees = randomTrees(random, { ...options, all: random.integer(0, 1) === 0 });
  const name = `trees_${seed}`;
  // Two labels of which one is named have scores of another form, which the unit tests know.
  const scored = targets === 3 && random.integer(0, 1) === 0;
  const model = scored ? classifier(trees, FEATURES, 3) : regressor(trees, FEATURES);
  const { graph: imported } = unwrap(importOnnx(model.bytes(), { modelName: name, modelPath: name }));
  // Coarse features, so that thresholds fall on their values and between them.
  const type = parseQuantizer(random.pick(['ap_fixed<6,2>', 'ap_fixed<5,2>', 'ap_ufixed<4,1>']));
  const typing = {
    ...undeclared(LEAF),
    inputs: (_: string, count: number) => Array.from({ length: count }, () => ({ type })),
  };
  const typed = unwrap(runPipeline(imported, typingPipeline(typing), {}));
  const graph = unwrap(runPipeline(typed, modelPipeline, {}));
  const events = randomInputs(random, graph, EVENTS);
  const lsb = 2 ** (type.type.integer - type.type.width);
  const output = graph.outputs[0]?.types[0];
  const expected = runOracle(graph, events).map(({ outputs }) => outputs.flat());
  events.forEach((event, index) => {
    const sums = Array.from({ length: targets }, () => 0);
    for (const leaf of trees.leaves(event.flat().map((code) => Number(code) * lsb))) {
      for (const [target, weight] of leaf) sums[target] = (sums[target] ?? 0) + weight;
    }
    const scale = 2 ** ((output?.width ?? 0) - (output?.integer ?? 0));
    expect(expected[index]?.map(Number), `${name}, event ${index}`).toEqual(sums.map((sum) => sum * scale + 0));
  });
  expect(runBatched(graph, events).rows).toEqual(expected);
  const solving = { ...defaultSolveOptions, effort: 'fast' } as const;
  const program = unwrap(dataflowPipeline(lowerModel(graph), {}, { verify: verifyProgram }, solving));
  const built = buildDesign(program, { ...variedChoices(seed), name });
  return { ...built, events: events.map((event) => event.flat()), expected };
}

it(`${ENSEMBLES} random tree ensembles: walk = oracle = batched evaluator = simulated Verilog`, async () => {
  const members = Array.from({ length: ENSEMBLES }, (_, index) => member(7_000 + index));
  expect(await simulateBundle(SIMULATION_ENGINES.yosys, members)).toEqual([]);
}, 120_000);
