import { describe, expect, it } from 'vitest';
import { codeMatrix } from '../../../src/backends/emulator/code-matrix.js';
import { fixedPointType } from '../../../src/numeric/fixed-point.js';
import type { PreparedSimulation, SimulationDesign } from '../../../src/simulation/engine.js';
import { readLimbs, writeLimbs } from '../../../src/simulation/limbs.js';
import type { PackedTrace } from '../../../src/simulation/packed.js';
import { packedLayout, RESET_BIT, VALID_BIT } from '../../../src/simulation/packed.js';
import type { VerifyRequest, VerifyResult } from '../../../src/simulation/verify-design.js';
import { verifyDesign } from '../../../src/simulation/verify-design.js';
import { fromPattern, toPattern } from '../../../src/support/bits.js';
import { Random } from '../../../src/support/random.js';

/** y = 3 x + 1 in 42 bits, x in 40, with everything that can be wrong about time. */
interface Faults {
  readonly extraRanks?: number;
  readonly validRanks?: number;
  /** Valid bits that the reset does not clear. */
  readonly keptRank?: number;
  /** The value of the latest row, valid or not, in place of a register that holds. */
  readonly takesLatest?: boolean;
  /** Every other value only. */
  readonly halfRate?: boolean;
  readonly stuckValid?: boolean;
  /** Rows, from the first of the stimulus, in which the output is unknown. */
  readonly unknownFor?: number;
}

const LATENCY = 3;
const type = fixedPointType(true, 40, 40);
const outputType = fixedPointType(true, 42, 42);

function designOf(valid: boolean): SimulationDesign {
  return {
    top: 'line',
    sources: [{ name: 'line.v', text: '' }],
    clock: 'clk',
    ...(valid ? { reset: 'rst', validIn: 'valid_in', validOut: 'valid_out' } : {}),
    ports: [
      { name: 'x', direction: 'input', width: 40 },
      { name: 'y', direction: 'output', width: 42 },
    ],
  };
}

/** A line of registers as a packed simulation. */
function lineOf(design: SimulationDesign, faults: Faults): PreparedSimulation {
  const layout = packedLayout(design);
  const ranks = LATENCY + (faults.extraRanks ?? 0);
  const validRanks = faults.validRanks ?? ranks;
  const run = ({ rows }: { readonly rows: Int32Array }): Promise<PackedTrace> => {
    const cycles = rows.length / layout.stimulusLimbs;
    const response = new Int32Array(cycles * layout.responseLimbs);
    const unknown = new Uint8Array(cycles);
    let data = Array.from({ length: ranks }, () => 0n);
    let valid = Array.from({ length: validRanks }, () => faults.stuckValid ?? false);
    for (let row = 0; row < cycles; row++) {
      const control = rows[row * layout.stimulusLimbs] ?? 0;
      const x = fromPattern(readLimbs(rows, row * layout.stimulusLimbs + 1, 2), 40, true);
      const latest = faults.takesLatest === true ? x : (data.at(-1) ?? 0n);
      writeLimbs(response, row * layout.responseLimbs + 1, 2, toPattern(3n * latest + 1n, 42));
      response[row * layout.responseLimbs] = (faults.stuckValid ?? valid.at(-1) === true) ? 1 : 0;
      if (row < (faults.unknownFor ?? 0)) unknown[row] = 1;
      if (faults.halfRate !== true || row % 2 === 0) data = [x, ...data].slice(0, ranks);
      else data = [data[0] ?? 0n, ...data].slice(0, ranks);
      const before = valid;
      valid = [(control & VALID_BIT) !== 0, ...valid].slice(0, validRanks);
      if ((control & RESET_BIT) !== 0) {
        valid = valid.map((_, rank) => rank === faults.keptRank && before[rank - 1] === true);
      }
    }
    return Promise.resolve({ rows: response, unknown });
  };
  return {
    packed: { layout, run },
    run: () => Promise.reject(new Error('the packed path is there')),
    close: () => Promise.resolve(),
  };
}

function verify(valid: boolean, faults: Faults = {}, constant = false): Promise<VerifyResult> {
  const random = new Random(5);
  const codes = Array.from({ length: 50 }, () => [constant ? 7n : random.bigint(-(2n ** 39n), 2n ** 39n - 1n)]);
  const design = designOf(valid);
  const request: VerifyRequest = {
    design,
    inputs: [{ tensor: 'x', element: 0, port: 'x', low: 0, type }],
    outputs: [{ tensor: 'y', element: 0, port: 'y', low: 0, type: outputType }],
    stimulus: codeMatrix(codes, [type]),
    expected: codeMatrix(
      codes.map(([x = 0n]) => [3n * x + 1n]),
      [outputType],
    ),
    latency: LATENCY,
  };
  return verifyDesign(request, lineOf(design, faults));
}

const errorsOf = ({ phases }: VerifyResult): readonly string[] =>
  phases.filter(({ mismatches, validErrors }) => mismatches + validErrors > 0).map(({ phase }) => phase);

describe('the protocol', () => {
  it.each([true, false])('passes a right design, valid %s, and measures its latency', async (valid) => {
    const result = await verify(valid);
    expect([result.mismatches, result.validErrors, result.first, errorsOf(result)]).toEqual([0, 0, undefined, []]);
    expect([result.measuredLatency, result.fittingDelays, result.measuredInterval]).toEqual([LATENCY, [LATENCY], 1]);
    expect(result.phases.map(({ phase }) => phase)).toEqual(
      valid ? ['back-to-back', 'pulse', 'gaps', 'reset'] : ['back-to-back', 'order'],
    );
  });

  it.each([true, false])('measures another latency, valid %s', async (valid) => {
    for (const extraRanks of [-1, 1, 4]) {
      const result = await verify(valid, { extraRanks });
      expect(result.mismatches).toBe(50);
      expect([result.measuredLatency, result.measuredInterval]).toEqual([LATENCY + extraRanks, undefined]);
    }
  });

  it('sees a valid bit of another latency than the values', async () => {
    const result = await verify(true, { validRanks: LATENCY + 1 });
    expect([result.mismatches, result.measuredLatency, result.fittingDelays]).toEqual([0, LATENCY + 1, [LATENCY]]);
    expect(result.validErrors).toBeGreaterThan(0);
  });

  it.each([1, 2])('sees in the reset phase alone that rank %i is not reset', async (keptRank) => {
    const result = await verify(true, { keptRank });
    expect([result.mismatches, errorsOf(result)]).toEqual([0, ['reset']]);
  });

  it('sees a valid bit that is always high, or always low', async () => {
    const high = await verify(true, { stuckValid: true });
    expect([high.mismatches, errorsOf(high)]).toEqual([0, ['back-to-back', 'pulse', 'gaps', 'reset']]);
    expect(high.measuredLatency).toBe(0);
    const low = await verify(true, { stuckValid: false });
    expect(low.measuredLatency).toBeUndefined();
    expect(low.validErrors).toBeGreaterThan(50);
  });

  it('sees a design that takes a vector every other clock only', async () => {
    const result = await verify(false, { halfRate: true });
    expect(result.mismatches).toBeGreaterThan(10);
    expect([result.measuredLatency, result.measuredInterval]).toEqual([undefined, undefined]);
  });

  it('sees values of idle clocks even where the vectors are all alike', async () => {
    const result = await verify(true, { takesLatest: true }, true);
    expect(errorsOf(result)).toContain('gaps');
    expect(result.first).toMatchObject({ tensor: 'y', element: 0, expected: 22n, unknown: false });
  });

  it('counts unknown outputs as wrong when they are due, and not before', async () => {
    // Four clocks of reset, then three until the first answer.
    expect((await verify(true, { unknownFor: 7 })).mismatches).toBe(0);
    const result = await verify(true, { unknownFor: 9 });
    expect([result.mismatches, result.phases[0]?.unknown, result.first?.unknown]).toEqual([2, 2, true]);
  });

  it('says that vectors which are all alike do not show the latency', async () => {
    const result = await verify(false, {}, true);
    expect([result.mismatches, result.measuredLatency, result.measuredInterval]).toEqual([0, 3, 1]);
    const one = await verify(false, { takesLatest: true }, true);
    expect(one.fittingDelays).toContain(0);
  });
});
