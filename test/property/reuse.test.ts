import { describe, expect, it } from 'vitest';
import { evaluateProgram } from '../../src/dataflow/evaluate.js';
import type { Program } from '../../src/dataflow/program.js';
import { verifyProgram } from '../../src/dataflow/verify.js';
import type { DeclaredReuse, Form, Unit, UnitForm } from '../../src/design/sequencing.js';
import { forms } from '../../src/design/sequencing.js';
import { scheduleCodes } from '../../src/diagnostics/codes/schedule.js';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.js';
import { formatDiagnostic } from '../../src/diagnostics/diagnostic.js';
import type { Result } from '../../src/diagnostics/result.js';
import { inputParts } from '../../src/lowering/sequence/input-parts.js';
import type { SequencedProgram } from '../../src/lowering/sequence/sequence-program.js';
import { sequenceProgram } from '../../src/lowering/sequence/sequence-program.js';
import { delayModels } from '../../src/targets/delay-model.js';
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
import { at } from '../../src/support/invariant.js';
import { Random } from '../../src/support/random.js';
import { runOracle } from '../support/evaluators.js';
import { randomConvolution } from '../support/random-convolution.js';
import { randomMlp } from '../support/random-mlp.js';
import { randomInputs, randomModel } from '../support/random-model.js';
import { buildSequenced, runSequenced } from '../support/sequenced-run.js';
import { portPatterns } from '../support/verilog-bundle.js';

const full = process.env['TRIGC_TEST_TIER'] === 'full';
const MODELS = full ? 2000 : 210;
/** The 118th once had a form named as legal that was not. */
const DECLARED = full ? 1000 : 120;
const EVENTS = 12;
const BASE_SEED = 88_000;
const seen = new Map<UnitForm, number>();
let inParts = 0;

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
function lowered(
  graph: ModelGraph,
  interval: number,
  always: boolean,
  declared: ReadonlyMap<string, DeclaredReuse> = new Map(),
  others: { readonly blocks?: number; readonly inputClocks?: readonly number[] } = {},
): Program {
  const final = unwrap(runPipeline(graph, modelPipeline, {}));
  const passes = dataflowPasses({ ...defaultSolveOptions, effort: 'fast' }, { interval, declared, ...others }).map(
    (pass) =>
      pass.name === 'split-kernels' && always ? splitKernels({ interval, worth: Infinity, declared, ...others }) : pass,
  );
  return unwrap(runPipeline(lowerModel(final), passes, {}, { verify: verifyProgram }));
}

/** Anything that may be written for a layer, be it legal or not. */
function drawnDeclaration(random: Random, interval: number): DeclaredReuse {
  const form = random.pick<Form | undefined>([undefined, ...forms]);
  const factor = form === undefined || random.integer(0, 1) === 0 ? random.integer(1, interval + 2) : undefined;
  return { ...(form === undefined ? {} : { form }), ...(factor === undefined ? {} : { factor }) };
}

function pickOf<T>(random: Random, values: readonly T[]): T {
  return at(values, random.integer(0, values.length - 1));
}

/** For every second design, inputs in as many parts as can be drawn, and at times one less. */
function drawnClocks({ inputs }: Program, interval: number, random: Random): readonly number[] {
  const whole = random.integer(0, 1) === 0;
  return inputs.map((input) => {
    const counts = Array.from({ length: interval }, (_, index) => index + 1);
    const legal = counts.filter((clocks) => inputParts([input], new Map([[input.name, clocks]]), interval).ok);
    return whole ? 1 : at(legal, Math.max(0, legal.length - random.integer(1, 2)));
  });
}

/** A refused declaration with what its diagnostic says is legal instead. */
function corrected({ form }: DeclaredReuse, { code, hint = '' }: Diagnostic, random: Random): DeclaredReuse {
  if (code === scheduleCodes.reuseForm.code) {
    return {
      form: pickOf(
        random,
        forms.filter((other) => new RegExp(`\\b${other}\\b`, 'u').test(hint)),
      ),
    };
  }
  expect(code).toBe(scheduleCodes.reuseFactor.code);
  const factor = pickOf(random, [...hint.matchAll(/\d+/gu)].map(Number));
  return { ...(form === undefined ? {} : { form }), factor };
}

function errorsOf({ diagnostics }: Result<unknown>): readonly Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === 'error');
}

const clocksOf = ({ form, slots, spacing }: Unit): number => (form === 'parallel' ? 1 : slots * spacing);

describe('designs that reuse hardware', { timeout: 1_200_000 }, () => {
  it(`give the bits of the oracle at any interval and in any form (${MODELS} random models)`, () => {
    for (let seed = BASE_SEED; seed < BASE_SEED + MODELS; seed++) {
      const random = new Random(seed);
      const graph = randomGraph(seed, random);
      const events = randomInputs(random, graph, EVENTS);
      const expected = runOracle(graph, events).map(({ outputs }) => outputs.flat());
      const interval = random.pick([2, 3, 4, 6, 9, 12, 18, 54]);
      const forms = random.pick<readonly Form[] | undefined>([
        undefined,
        undefined,
        ['serial'],
        ['shared'],
        ['folded'],
        [],
      ]);
      const multipliers = random.pick<{ readonly blocks?: number }>([
        {},
        { blocks: random.integer(1, 20) },
        { blocks: 1000 },
      ]);
      const always = random.integer(0, 1) === 0;
      const inputClocks = drawnClocks(lowered(graph, 1, false), interval, new Random(seed + 2_000_000));
      const program = lowered(graph, interval, always, new Map(), { ...multipliers, inputClocks });
      if (inputClocks.some((clocks) => clocks > 1)) inParts++;
      const where =
        `seed ${seed}, interval ${interval}, forms ${forms?.join() ?? 'all'}, ${JSON.stringify(multipliers)}, ` +
        `inputs in ${inputClocks.join()}`;
      const flat = events.map((event) => event.flat());
      expect(
        flat.map((event) => evaluateProgram(program, event).outputs),
        `split program, ${where}`,
      ).toEqual(expected);

      const built = buildSequenced(program, {
        interval,
        inputClocks,
        ...multipliers,
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
    expect(inParts, 'designs with an input in parts').toBeGreaterThan(MODELS / 6);
    // Most of these networks are so small that no matrix is worth a multiplier.
    for (const form of forms)
      expect(seen.get(form) ?? 0, `units of form ${form}`).toBeGreaterThan(
        form === 'folded' ? MODELS / 20 : MODELS / 4,
      );
  });

  it(`give them in whatever form is declared of a layer, and name legal ones for others (${DECLARED} models)`, () => {
    const followed = new Map<UnitForm, number>();
    let refusals = 0;
    for (let seed = BASE_SEED; seed < BASE_SEED + DECLARED; seed++) {
      const random = new Random(seed + 1_000_000);
      const graph = randomGraph(seed, random);
      const events = randomInputs(random, graph, EVENTS);
      const interval = random.pick([2, 3, 4, 6, 9, 12, 18, 54]);
      const names = new Set(lowered(graph, interval, false).instances.map(({ origin }) => origin.name));
      const declared = new Map([...names].map((name) => [name, drawnDeclaration(random, interval)]));
      const choices = { interval, clockPeriod: random.pick([1.6, 3, 25]) };
      const sequenced = (): Result<SequencedProgram> => {
        const options = {
          ...choices,
          declared,
          model: delayModels.generic,
          family: 'generic',
          registers: 'none',
        } as const;
        return sequenceProgram(lowered(graph, interval, false, declared), options, ({ nodes }) => nodes.length * 6);
      };
      // A form that is refused is replaced by a legal one, a factor by one of its neighbours: both are legal at once.
      for (const diagnostic of errorsOf(sequenced())) {
        const name = [...names].find((other) => diagnostic.location?.configPath?.startsWith(`layers.${other}.`));
        const refused = declared.get(name ?? '');
        if (name === undefined || refused === undefined) throw new Error(formatDiagnostic(diagnostic));
        refusals++;
        // Nothing is left of a layer that hands on what it reads.
        if (diagnostic.code === scheduleCodes.reuseUnknownLayer.code) declared.delete(name);
        else declared.set(name, corrected(refused, diagnostic, random));
      }
      const where = `seed ${seed}, interval ${interval}, ${JSON.stringify([...declared])}`;
      expect(errorsOf(sequenced()).map(formatDiagnostic), where).toEqual([]);

      const program = lowered(graph, interval, false, declared);
      const built = buildSequenced(program, { ...choices, declared });
      const units = built.design.sequencing?.units ?? [];
      for (const [name, { form, factor }] of declared) {
        const own = units.filter((_, index) => program.instances[index]?.origin.name === name);
        const found = own.find(
          (unit) => (form ?? unit.form) === unit.form && (factor ?? clocksOf(unit)) === clocksOf(unit),
        );
        expect(found, `${name}: ${where}`).toBeDefined();
        if (found !== undefined) followed.set(found.form, (followed.get(found.form) ?? 0) + 1);
      }
      const expected = runOracle(graph, events).map(({ outputs }) => outputs.flat());
      const run = runSequenced(
        built,
        events.map((event) => event.flat()),
        random,
      );
      expect(run.rows, where).toEqual(expected.map((codes) => portPatterns(built.modules.outputs, codes)));
      expect([...run.latencies], where).toEqual([built.design.schedule.latency]);
    }
    expect(refusals).toBeGreaterThan(DECLARED / 2);
    for (const form of forms)
      expect(followed.get(form) ?? 0, `layers of form ${form}`).toBeGreaterThan(
        DECLARED / (form === 'folded' ? 20 : 10),
      );
  });
});
