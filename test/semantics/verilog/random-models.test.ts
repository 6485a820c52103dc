import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../src/diagnostics/result.js';
import { lowerModel } from '../../../src/lowering/model/lower-model.js';
import { modelEvaluator } from '../../../src/model/evaluate.js';
import type { ModelGraph } from '../../../src/model/kinds.js';
import { SIMULATION_ENGINES } from '../../../src/simulation/choose-engine.js';
import { Random } from '../../../src/support/random.js';
import { randomAccumulator, randomLayer, typedWith } from '../../support/declared-layer.js';
import { randomMlp } from '../../support/random-mlp.js';
import { randomInputs, randomModel } from '../../support/random-model.js';
import type { BundleMember } from '../../support/verilog-bundle.js';
import { buildDesign, simulateBundle, variedChoices } from '../../support/verilog-bundle.js';

const ghdlMissing = await SIMULATION_ENGINES.ghdl.unavailable();

function member(random: Random, graph: ModelGraph, index: number): BundleMember {
  const evaluate = modelEvaluator(graph);
  const events = randomInputs(random, graph, 24);
  return {
    ...buildDesign(lowerModel(graph), variedChoices(index)),
    events: events.map((ports) => ports.flat()),
    expected: events.map((ports) => evaluate(ports).outputs.flat()),
  };
}

describe('random models', () => {
  it('of every kind of node equal the oracle in simulated Verilog', async () => {
    const random = new Random(2024);
    const members = Array.from({ length: 30 }, (_, index) =>
      member(random, randomModel(random, { name: `model_${index}`, operations: 8, maximumElements: 8 }), index),
    );
    expect(await simulateBundle(SIMULATION_ENGINES.yosys, members)).toEqual([]);
  });

  it('with layers and a score equal it too', async () => {
    const random = new Random(2025);
    const layers = [4, 5, 3];
    const members = Array.from({ length: 12 }, (_, index) =>
      member(random, randomMlp(random, { name: `mlp_${index}`, layers }), index),
    );
    expect(await simulateBundle(SIMULATION_ENGINES.yosys, members)).toEqual([]);
  });

  it('with declared accumulators equal it too', async () => {
    const random = new Random(2026);
    const members = Array.from({ length: 24 }, (_, index) => {
      const { graph } = randomLayer(random, `layer_${index}`);
      return member(random, unwrap(typedWith(graph, { layer: { accumulator: randomAccumulator(random) } })), index);
    });
    expect(await simulateBundle(SIMULATION_ENGINES.yosys, members)).toEqual([]);
  });

  it.skipIf(ghdlMissing !== undefined)('of every kind equal the oracle in GHDL, printed as VHDL', async () => {
    const random = new Random(2027);
    const members = Array.from({ length: 16 }, (_, index) =>
      member(random, randomModel(random, { name: `model_${index}`, operations: 8, maximumElements: 8 }), index),
    );
    expect(await simulateBundle(SIMULATION_ENGINES.ghdl, members)).toEqual([]);
  });
});
