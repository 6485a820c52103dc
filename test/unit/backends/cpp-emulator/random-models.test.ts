import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../../src/diagnostics/result.js';
import { lowerModel } from '../../../../src/lowering/model/lower-model.js';
import { modelEvaluator } from '../../../../src/model/evaluate.js';
import type { ModelGraph } from '../../../../src/model/kinds.js';
import { Random } from '../../../../src/support/random.js';
import { randomAccumulator, randomLayer, typedWith } from '../../../support/declared-layer.js';
import { compilerMissing, runPackages } from '../../../support/emulator-packages.js';
import { randomMlp } from '../../../support/random-mlp.js';
import { randomInputs, randomModel } from '../../../support/random-model.js';

const skipped = compilerMissing === undefined ? 'nothing is missing' : `skipped: ${compilerMissing}`;

/** The packages of graphs against the oracle, on events that keep all promises. */
async function compare(random: Random, graphs: readonly ModelGraph[]): Promise<void> {
  const members = graphs.map((graph) => {
    const events = randomInputs(random, graph, 20);
    const evaluate = modelEvaluator(graph);
    const expected = events.map((ports) => evaluate(ports).outputs.flat());
    return { program: lowerModel(graph), events: events.map((ports) => ports.flat()), expected };
  });
  const runs = await runPackages(members);
  expect(runs).toHaveLength(graphs.length);
  runs.forEach(({ outputs, violations }, index) => {
    expect(outputs).toEqual(members[index]?.expected);
    expect(violations).toBe(0);
  });
}

describe.skipIf(compilerMissing !== undefined)(`random models as C++ (${skipped})`, { timeout: 600_000 }, () => {
  it('of every kind of node equal the oracle', async () => {
    const random = new Random(2031);
    const options = { operations: 8, maximumElements: 8 };
    const draw = (_: unknown, index: number): ModelGraph => randomModel(random, { name: `model_${index}`, ...options });
    await compare(random, Array.from({ length: 60 }, draw));
  });

  it('with layers and a score equal it too', async () => {
    const random = new Random(2032);
    const draw = (_: unknown, index: number): ModelGraph =>
      randomMlp(random, { name: `mlp_${index}`, layers: [4, 5, 3] });
    await compare(random, Array.from({ length: 20 }, draw));
  });

  it('with declared accumulators equal it too', async () => {
    const random = new Random(2033);
    const draw = (_: unknown, index: number): ModelGraph => {
      const { graph } = randomLayer(random, `layer_${index}`);
      return unwrap(typedWith(graph, { layer: { accumulator: randomAccumulator(random) } }));
    };
    await compare(random, Array.from({ length: 20 }, draw));
  });
});
