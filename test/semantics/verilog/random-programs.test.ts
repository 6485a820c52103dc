import { describe, expect, it } from 'vitest';
import { SIMULATION_ENGINES } from '../../../src/simulation/choose-engine.js';
import { Random } from '../../../src/support/random.js';
import { randomCodes, randomProgram } from '../../support/random-kernel.js';
import type { BundleMember, DesignChoices } from '../../support/verilog-bundle.js';
import { buildDesign, simulateBundle } from '../../support/verilog-bundle.js';

const icarusMissing = await SIMULATION_ENGINES.icarus.unavailable();

/** Latencies, register choices and port styles in turn, so that every combination meets many programs. */
export function variedChoices(index: number): DesignChoices {
  const registers = (['none', 'in', 'out', 'both'] as const)[index % 4] ?? 'none';
  const ranks = { none: 0, in: 1, out: 1, both: 2 }[registers];
  const extra = Math.floor(index / 4) % 5;
  return {
    registers,
    ports: index % 3 === 0 ? 'elements' : 'packed',
    valid: index % 5 === 1,
    ...(extra === 4 ? { clockPeriod: 1.5 + (index % 7) / 4 } : { latency: ranks + extra }),
  };
}

function members(seed: number, count: number): BundleMember[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, index) => {
    const program = randomProgram(random, `random ${index}`, ['assume']);
    const events = Array.from({ length: 48 }, () => randomCodes(random, program));
    return { ...buildDesign(program, variedChoices(index)), events };
  });
}

describe('random programs of every operation', () => {
  it('compute in simulated Verilog what the semantics say, in the scheduled clock', async () => {
    expect(await simulateBundle(SIMULATION_ENGINES.yosys, members(1, 80))).toEqual([]);
  }, 240_000);

  it.skipIf(icarusMissing !== undefined)(
    'compute the same in Icarus Verilog',
    async () => {
      expect(await simulateBundle(SIMULATION_ENGINES.icarus, members(2, 40))).toEqual([]);
    },
    240_000,
  );
});
