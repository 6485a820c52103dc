import { expect, it } from 'vitest';
import { unwrap } from '../../../src/diagnostics/result.js';
import { importOnnx } from '../../../src/importers/onnx/import.js';
import { lowerModel } from '../../../src/lowering/model/lower-model.js';
import { modelEvaluator } from '../../../src/model/evaluate.js';
import { parseQuantizer } from '../../../src/numeric/fixed-point.js';
import { assignTypes, undeclared } from '../../../src/passes/model/assign-types.js';
import { SIMULATION_ENGINES } from '../../../src/simulation/choose-engine.js';
import { Random } from '../../../src/support/random.js';
import { float, int, OnnxBuilder } from '../../support/onnx-builder.js';
import { randomInputs } from '../../support/random-model.js';
import type { BundleMember } from '../../support/verilog-bundle.js';
import { buildDesign, simulateBundle, variedChoices } from '../../support/verilog-bundle.js';

/** The operators whose functions are straight pieces, with octaves and halves among them, and recurrent layers. */
const models: Readonly<Record<string, () => OnnxBuilder>> = {
  softmax: () =>
    new OnnxBuilder()
      .input('x', [1, 3])
      .node('Softmax', ['x'], ['y'], { axis: int(-1) })
      .output('y'),
  normalisation: () =>
    new OnnxBuilder(17)
      .input('x', [1, 3])
      .initializer('scale', [3], [1, 0.5, -2])
      .node('LayerNormalization', ['x', 'scale'], ['y'], { epsilon: float(1e-3) })
      .output('y'),
  quotient: () => new OnnxBuilder().input('x', [2]).input('d', [2]).node('Div', ['x', 'd'], ['y']).output('y'),
  selu: () => new OnnxBuilder().input('x', [2]).node('Selu', ['x'], ['y']).output('y'),
  length: () =>
    new OnnxBuilder(18)
      .input('x', [1, 3])
      .node('ReduceL2', ['x'], ['y'], { keepdims: int(0) })
      .output('y'),
  gru: () =>
    new OnnxBuilder()
      .input('x', [2, 1, 2])
      .initializer('w', [1, 3, 2], [0.5, -0.25, 1, 0.75, -0.5, 0.125])
      .initializer('r', [1, 3, 1], [0.5, -1, 0.25])
      .node('GRU', ['x', 'w', 'r'], ['', 'y'], { hidden_size: int(1) })
      .output('y'),
  lstm: () =>
    new OnnxBuilder()
      .input('x', [2, 1, 1])
      .initializer('w', [1, 4, 1], [0.5, -0.25, 1, 0.75])
      .initializer('r', [1, 4, 1], [0.5, -1, 0.25, 0.5])
      .node('LSTM', ['x', 'w', 'r'], ['', 'y'], { hidden_size: int(1) })
      .output('y'),
};

function member(random: Random, name: string, index: number): BundleMember {
  const bytes = models[name]?.().bytes() ?? new Uint8Array();
  const { graph } = unwrap(importOnnx(bytes, { modelName: name, modelPath: `${name}.onnx` }));
  const fallback = parseQuantizer(
    index % 2 === 0 ? 'ap_fixed<12,5,AP_RND_CONV,AP_SAT>' : 'ap_fixed<14,6,AP_RND,AP_SAT>',
  );
  const typed = unwrap(assignTypes(graph, undeclared(fallback)));
  const evaluate = modelEvaluator(typed);
  const events = randomInputs(random, typed, 40);
  return {
    ...buildDesign(lowerModel(typed), { ...variedChoices(index), name }),
    events: events.map((ports) => ports.flat()),
    expected: events.map((ports) => evaluate(ports).outputs.flat()),
  };
}

it('softmax, normalisations, quotients and recurrent layers equal the oracle in simulated Verilog', async () => {
  const random = new Random(2027);
  const members = Object.keys(models).map((name, index) => member(random, name, index));
  expect(await simulateBundle(SIMULATION_ENGINES.yosys, members)).toEqual([]);
});
