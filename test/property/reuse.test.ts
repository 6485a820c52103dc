import { describe, expect, it } from 'vitest';
import { evaluateProgram } from '../../src/dataflow/evaluate.js';
import type { Program } from '../../src/dataflow/program.js';
import { verifyProgram } from '../../src/dataflow/verify.js';
import type { Form } from '../../src/design/sequencing.js';
import { parseDesign } from '../../src/design/parse.js';
import { printDesign } from '../../src/design/print.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { importOnnx } from '../../src/importers/onnx/import.js';
import { lowerModel } from '../../src/lowering/model/lower-model.js';
import { fixedPointType } from '../../src/numeric/fixed-point.js';
import type { ModelGraph } from '../../src/model/kinds.js';
import { defaultSolveOptions } from '../../src/passes/dataflow/distributed-arithmetic/options.js';
import { splitKernels } from '../../src/passes/dataflow/folding/split-kernels.js';
import { dataflowPasses } from '../../src/passes/dataflow/pipelines.js';
import { undeclared } from '../../src/passes/model/assign-types.js';
import { modelPipeline, typingPipeline } from '../../src/passes/model/pipelines.js';
import { runPipeline } from '../../src/passes/pass.js';
import { Random } from '../../src/support/random.js';
import { runOracle } from '../support/evaluators.js';
import { randomConvolution } from '../support/random-convolution.js';
import { randomMlp } from '../support/random-mlp.js';
import { randomInputs, randomModel } from '../support/random-model.js';
import { buildSequenced, runSequenced } from '../support/sequenced-run.js';
import { portPatterns } from '../support/verilog-bundle.js';

const full = process.env['TRIGC_TEST_TIER'] === 'full';
const MODELS = full ? 2000 : 210;
const EVENTS = 12;
const BASE_SEED = 88_000;
const seen = new Map<Form, number>();

/** A third each of networks, convolutions and graphs of any operations. */
function randomGraph(seed: number, random: Random): ModelGraph {
  const name = `reused_${seed}`;
  if (seed % 3 === 0) {
    const layers = Array.from({ length: random.integer(1, 3) }, () => random.integer(1, 8));
    return randomMlp(random, { name, layers, widths: random.pick(['narrow', 'medium', 'wide']) });
  }
  if (seed % 3 === 1) return randomModel(random, { name, promises: 'none' });
  const imported = unwrap(
    importOnnx(randomConvolution(random).builder.bytes(), { modelName: name, modelPath: `${name}.onnx` }),
  );
  const fallback = { type: fixedPointType(true, 9, 5), rounding: 'RND_CONV', overflow: 'SAT' } as const;
  return unwrap(runPipeline(imported.graph, typingPipeline(undeclared(fallback)), {}));
}

/** The passes for an interval; `always` splits even where digits take more than words. */
function lowered(graph: ModelGraph, interval: number, always: boolean): Program {
  const final = unwrap(runPipeline(graph, modelPipeline, {}));
  const passes = dataflowPasses({ ...defaultSolveOptions, effort: 'fast' }, interval).map((pass) =>
    pass.name === 'split-kernels' && always ? splitKernels(interval, Infinity) : pass,
  );
  return unwrap(runPipeline(lowerModel(final), passes, {}, { verify: verifyProgram }));
}

describe('designs that reuse hardware', { timeout: 1_200_000 }, () => {
  it(`give the bits of the oracle at any interval and in any form (${MODELS} random models)`, () => {
    for (let seed = BASE_SEED; seed < BASE_SEED + MODELS; seed++) {
      const random = new Random(seed);
      const graph = randomGraph(seed, random);
      const events = randomInputs(random, graph, EVENTS);
      const expected = runOracle(graph, events).map(({ outputs }) => outputs.flat());
      const interval = random.pick([2, 3, 4, 6, 9, 12, 18, 54]);
      const forms = random.pick<readonly Form[] | undefined>([undefined, undefined, ['serial'], ['shared'], []]);
      const program = lowered(graph, interval, random.integer(0, 1) === 0);
      const where = `seed ${seed}, interval ${interval}, forms ${forms?.join() ?? 'all'}`;
      const flat = events.map((event) => event.flat());
      expect(
        flat.map((event) => evaluateProgram(program, event).outputs),
        `split program, ${where}`,
      ).toEqual(expected);

      const built = buildSequenced(program, {
        interval,
        ...(forms === undefined ? {} : { forms }),
        registers: random.pick(['none', 'in', 'out', 'both']),
        ports: random.pick(['packed', 'elements']),
        clockPeriod: random.pick([1.6, 3, 25]),
      });
      for (const { form } of built.design.sequencing?.units ?? []) seen.set(form, (seen.get(form) ?? 0) + 1);
      const early = random.integer(0, 3) === 0;
      const run = runSequenced(built, flat, random, early);
      expect(run.rows, where).toEqual(expected.map((codes) => portPatterns(built.modules.outputs, codes)));
      expect([...run.latencies], where).toEqual([built.design.schedule.latency]);
      if (!early) expect(run.violation, where).toBe(false);

      const text = printDesign(built.design);
      expect(printDesign(parseDesign(text)), where).toBe(text);
    }
    for (const form of ['parallel', 'shared', 'serial'] as const) {
      expect(seen.get(form) ?? 0, `units of form ${form}`).toBeGreaterThan(MODELS / 4);
    }
  });
});
