import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emitFlat } from '../../src/backends/vitis-hls/flat/emit.js';
import { legalReuseFactors } from '../../src/backends/vitis-hls/looped/dense.js';
import type { LoopedOptions } from '../../src/backends/vitis-hls/looped/emit.js';
import { emitLooped } from '../../src/backends/vitis-hls/looped/emit.js';
import { stagesOf } from '../../src/backends/vitis-hls/looped/stages.js';
import { unwrap } from '../../src/diagnostics/result.js';
import type { ModelGraph } from '../../src/model/kinds.js';
import { modelPipeline } from '../../src/passes/model/pipelines.js';
import { runPipeline } from '../../src/passes/pass.js';
import { Random } from '../../src/support/random.js';
import { apTypesAbsent, apTypesFolder } from '../support/ap-types.js';
import { distribute } from '../support/distribute.js';
import { runOracle } from '../support/evaluators.js';
import type { HlsMember } from '../support/hls-bundle.js';
import { simulateHlsBundle } from '../support/hls-bundle.js';
import { randomMlp } from '../support/random-mlp.js';
import { randomInputs, randomModel } from '../support/random-model.js';

const full = process.env['TRIGC_TEST_TIER'] === 'full';
const MODELS = full ? 400 : 100;
const NETWORKS = full ? 16 : 4;
/** Models in one program: g++ takes a second or two for each, and the headers once. */
const PER_RUN = 26;
const EVENTS = 24;
const WIDE_CONSTANT = 'TRG1903';

const exact = { layerOf: () => undefined, accumulatorOf: () => undefined };

function options(top: string, changed: Partial<LoopedOptions>): LoopedOptions {
  return {
    top,
    header: '// a random model',
    transport: 'parallel',
    build: { strategy: 'latency', reuse: 1 },
    layers: new Map(),
    distribute,
    ...changed,
  };
}

/** Undefined for a model that is refused because something in it has more than 64 bits. */
function member(
  top: string,
  graph: ModelGraph,
  events: ReturnType<typeof randomInputs>,
  changed: Partial<LoopedOptions>,
): HlsMember | undefined {
  const form = emitLooped({ graph, ...exact }, options(top, changed));
  if (!form.ok) {
    expect(new Set(form.diagnostics.map(({ code }) => code)), top).toEqual(new Set([WIDE_CONSTANT]));
    return undefined;
  }
  const expected = runOracle(graph, events).map(({ outputs }) => outputs.flat());
  const stream = changed.transport === 'stream';
  return { top, form: form.value, stream, events: events.map((event) => event.flat()), expected };
}

/** The same model as the operations of its Verilog. */
function flatMember(top: string, graph: ModelGraph, events: ReturnType<typeof randomInputs>): HlsMember | undefined {
  const program = distribute(unwrap(runPipeline(graph, modelPipeline, {})));
  const form = emitFlat(program, { top, header: '// a random model', control: 'ap_ctrl_none' });
  if (!form.ok) {
    expect(new Set(form.diagnostics.map(({ code }) => code)), top).toEqual(new Set([WIDE_CONSTANT]));
    return undefined;
  }
  const expected = runOracle(graph, events).map(({ outputs }) => outputs.flat());
  return { top, form: form.value, stream: false, events: events.map((event) => event.flat()), expected };
}

describe.skipIf(apTypesFolder === undefined)(`C++ of random models (${apTypesAbsent})`, { timeout: 1_800_000 }, () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'trigc-hls-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function expectEqual(name: string, members: readonly HlsMember[]): Promise<void> {
    const runs: Promise<void>[] = [];
    for (let start = 0; start < members.length; start += PER_RUN) {
      const part = members.slice(start, start + PER_RUN);
      const run = simulateHlsBundle(join(folder, `${name}_${start}`), part, apTypesFolder ?? '').then((said) => {
        expect(said).toEqual(part.map(() => `${EVENTS} events, 0 mismatches`));
      });
      runs.push(run);
      if (runs.length % 2 === 0) await Promise.all(runs);
    }
    await Promise.all(runs);
  }

  it(`${MODELS} of any operations: looped (all elements at once, or streams of rows) and flat as the oracle`, async () => {
    const members: HlsMember[] = [];
    for (let seed = 1; members.length < 2 * MODELS; seed++) {
      const random = new Random(seed);
      const operations = random.integer(2, 8);
      const graph = randomModel(random, { maximumWidth: 60, operations, name: `m${seed}` });
      const events = randomInputs(random, graph, EVENTS);
      const made = member(`m${seed}`, graph, events, { transport: seed % 3 === 0 ? 'stream' : 'parallel' });
      const flat = made === undefined ? undefined : flatMember(`f${seed}`, graph, events);
      if (made !== undefined && flat !== undefined) members.push(made, flat);
    }
    await expectEqual('models', members);
  });

  it(`${NETWORKS} networks: no reuse factor, strategy or transport changes a bit`, async () => {
    const members: HlsMember[] = [];
    for (let seed = 1; members.length < NETWORKS * 7; seed++) {
      const random = new Random(1000 + seed);
      const layers = [random.integer(2, 6), random.integer(2, 6), random.integer(1, 4)];
      const graph = randomMlp(random, { name: `n${seed}`, layers, widths: 'narrow' });
      const events = randomInputs(random, graph, EVENTS);
      const builds = [
        ['latency', 'parallel', 'first'],
        ['latency', 'stream', 'last'],
        ['resource', 'parallel', 'last'],
        ['resource', 'stream', 'middle'],
        ['resource', 'parallel', 'random'],
        ['distributed_arithmetic', seed % 2 === 0 ? 'parallel' : 'stream', 'first'],
      ] as const;
      for (const [index, [strategy, transport, which]] of builds.entries()) {
        const made = member(`n${seed}_${index}`, graph, events, {
          transport,
          build: { strategy, reuse: 1 },
          layers: reuseOf(graph, which, random),
        });
        if (made !== undefined) members.push(made);
      }
      const flat = flatMember(`n${seed}_flat`, graph, events);
      if (flat !== undefined) members.push(flat);
    }
    await expectEqual('networks', members);
  });
});

/** For every product with constant weights one of its legal reuse factors. */
function reuseOf(
  graph: ModelGraph,
  which: 'first' | 'middle' | 'last' | 'random',
  random: Random,
): ReadonlyMap<string, { readonly reuse: number }> {
  const result = new Map<string, { readonly reuse: number }>();
  for (const stage of stagesOf({ graph, ...exact }).stages) {
    if (stage.kind !== 'dense') continue;
    const legal = legalReuseFactors(stage.inputs, stage.outputs);
    const middle = Math.floor(legal.length / 2);
    const index = { first: 0, middle, last: legal.length - 1, random: random.integer(0, legal.length - 1) }[which];
    result.set(stage.product.provenance.name, { reuse: legal[index] ?? 1 });
  }
  return result;
}
