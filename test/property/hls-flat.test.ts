import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emitFlat } from '../../src/backends/vitis-hls/flat/emit.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { verifyProgram } from '../../src/dataflow/verify.js';
import { lowerModel } from '../../src/lowering/model/lower-model.js';
import { defaultSolveOptions } from '../../src/passes/dataflow/distributed-arithmetic/options.js';
import { dataflowPipeline } from '../../src/passes/dataflow/pipelines.js';
import { modelPipeline } from '../../src/passes/model/pipelines.js';
import { runPipeline } from '../../src/passes/pass.js';
import { Random } from '../../src/support/random.js';
import { apTypesAbsent, apTypesFolder } from '../support/ap-types.js';
import { runOracle } from '../support/evaluators.js';
import type { HlsMember } from '../support/hls-bundle.js';
import { simulateHlsBundle } from '../support/hls-bundle.js';
import { randomMlp } from '../support/random-mlp.js';
import { randomInputs, randomModel } from '../support/random-model.js';

const full = process.env['TRIGC_TEST_TIER'] === 'full';
const MODELS = full ? 200 : 50;
const EVENTS = 24;

/** Undefined for a model that is refused because something in it has more than 64 bits. */
function member(seed: number): HlsMember | undefined {
  const random = new Random(3000 + seed);
  const top = `f${seed}`;
  const graph =
    seed % 3 === 0
      ? randomMlp(random, { name: top, layers: [4, 4, 2], widths: 'narrow' })
      : randomModel(random, { maximumWidth: 56, operations: random.integer(2, 8), name: top });
  const events = randomInputs(random, graph, EVENTS);
  const expected = runOracle(graph, events).map(({ outputs }) => outputs.flat());
  const lowered = lowerModel(unwrap(runPipeline(graph, modelPipeline, {})));
  const solving = { ...defaultSolveOptions, effort: 'fast' } as const;
  const program = unwrap(dataflowPipeline(lowered, {}, { verify: verifyProgram }, solving));
  const form = emitFlat(program, { top, header: '// a random model', control: 'ap_ctrl_none' });
  if (!form.ok) {
    expect(new Set(form.diagnostics.map(({ code }) => code)), top).toEqual(new Set(['TRG1903']));
    return undefined;
  }
  return { top, form: form.value, stream: false, events: events.map((event) => event.flat()), expected };
}

describe.skipIf(apTypesFolder === undefined)(`flat C++ of random models (${apTypesAbsent})`, () => {
  it(`${MODELS} models as the oracle`, { timeout: 1_800_000 }, async () => {
    const members: HlsMember[] = [];
    for (let seed = 1; members.length < MODELS; seed++) {
      const made = member(seed);
      if (made !== undefined) members.push(made);
    }
    const folder = mkdtempSync(join(tmpdir(), 'trigc-hls-'));
    try {
      const half = Math.ceil(members.length / 2);
      const parts = [members.slice(0, half), members.slice(half)];
      const said = await Promise.all(
        parts.map((part, index) => simulateHlsBundle(join(folder, String(index)), part, apTypesFolder ?? '')),
      );
      expect(said.flat()).toEqual(members.map(() => `${EVENTS} events, 0 mismatches`));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
