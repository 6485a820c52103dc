import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LoopedOptions } from '../../src/backends/vitis-hls/looped/emit.js';
import { emitLooped } from '../../src/backends/vitis-hls/looped/emit.js';
import type { ModelGraph } from '../../src/model/kinds.js';
import { Random } from '../../src/support/random.js';
import { runOracle } from '../support/evaluators.js';
import type { HlsMember } from '../support/hls-bundle.js';
import { simulateHlsBundle } from '../support/hls-bundle.js';
import { randomInputs, randomModel } from '../support/random-model.js';

const apTypes = process.env['TRIGC_AP_TYPES'] ?? '';
const EVENTS = 24;

function member(
  seed: number,
  graph: ModelGraph,
  random: Random,
  options: Partial<LoopedOptions> = {},
): HlsMember | undefined {
  const top = `m${seed}`;
  const events = randomInputs(random, graph, EVENTS);
  const made = emitLooped(
    { graph, layerOf: () => undefined, accumulatorOf: () => undefined },
    {
      top,
      header: '// a random model',
      transport: 'parallel',
      control: 'ap_ctrl_none',
      build: { strategy: 'latency', reuse: 1 },
      layers: new Map(),
      ...options,
    },
  );
  if (!made.ok) {
    // Wider than what the testbench takes: refused, and not a model of this test.
    expect(made.diagnostics.map(({ code }) => code)).toContain('TRG1903');
    return undefined;
  }
  const form = made.value;
  const expected = runOracle(graph, events).map(({ outputs }) => outputs.flat());
  const stream = options.transport === 'stream';
  return { top, form, stream, events: events.map((event) => event.flat()), expected };
}

describe.skipIf(apTypes === '')(
  'looped C++ of random models (skipped where TRIGC_AP_TYPES names no headers)',
  { timeout: 600_000 },
  () => {
    it('equals the oracle', async () => {
      const members: HlsMember[] = [];
      for (let seed = 1; seed <= Number(process.env['N'] ?? 10); seed++) {
        const random = new Random(seed);
        const graph = randomModel(random, { maximumWidth: 60, operations: random.integer(2, 8), name: `m${seed}` });
        const made = member(seed, graph, random, { transport: seed % 3 === 0 ? 'stream' : 'parallel' });
        if (made !== undefined) members.push(made);
      }
      const folder = mkdtempSync(join(tmpdir(), 'trigc-hls-'));
      const said = await simulateHlsBundle(folder, members, apTypes);
      expect(said, folder).toEqual(members.map(() => `${EVENTS} events, 0 mismatches`));
    });
  },
);
