import { beforeAll, describe, expect, it } from 'vitest';
import { ENGINES_UNDER_TEST as SIMULATION_ENGINES } from '../../support/engines-under-test.js';
import type { SimulationDesign, SimulationEngineName, SimulationTrace } from '../../../src/simulation/engine.js';
import { EXPRESSION_CASES, expressionModule } from './expressions.js';
import { pipelineDesign, pipelineExpectation, PIPELINE_LATENCY } from './pipeline.js';
import { expectCleanTemporaryFolder } from './scratch-folder.js';

const NAMES: readonly SimulationEngineName[] = ['yosys', 'verilator', 'verilator-wasm', 'icarus'];
const missing = new Map<SimulationEngineName, string | undefined>();
for (const name of NAMES) missing.set(name, await SIMULATION_ENGINES[name].unavailable());
// Seconds by itself; compilers share a machine with other tests.
const TOOL_TIMEOUT = 900_000;

/** A reproducible pattern of `width` bits (a multiplicative generator; quality does not matter here). */
function patterns(seed: bigint): (width: number) => bigint {
  let state = seed;
  return (width) => {
    let value = 0n;
    for (let bits = 0; bits < width; bits += 32) {
      state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
      value = (value << 32n) | (state >> 32n);
    }
    return BigInt.asUintN(width, value);
  };
}

expectCleanTemporaryFolder();

describe('expressions', () => {
  const design: SimulationDesign = {
    top: 'expressions',
    sources: [{ name: 'rtl/expressions.v', text: expressionModule() }],
    ports: [
      { name: 'a', direction: 'input', width: 6 },
      { name: 'b', direction: 'input', width: 6 },
      { name: 'p', direction: 'input', width: 100 },
      { name: 'q', direction: 'input', width: 100 },
      ...EXPRESSION_CASES.map(({ width }, index) => ({
        name: `e${String(index)}`,
        direction: 'output' as const,
        width,
      })),
    ],
  };
  // Exhaustive over 5 bits of a and 4 of b (every pair of narrow operands but the widest), random over the rest, and
  // the corners of the wide operands.
  const next = patterns(7n);
  const corners = [0n, (1n << 100n) - 1n, 1n << 99n, (1n << 99n) - 1n, 1n, 1n << 31n, 1n << 32n, 1n << 53n];
  const stimulus = Array.from({ length: 512 }, (_, row): readonly bigint[] => {
    const index = BigInt(row);
    const corner = (at: number): bigint => corners[at % corners.length] ?? 0n;
    return [
      (next(1) << 5n) | (index & 31n),
      (next(2) << 4n) | (index >> 5n),
      row % 5 === 0 ? corner(row / 5) : next(100),
      row % 7 === 0 ? corner(row / 7) : next(100),
    ];
  });
  let reference: SimulationTrace;

  beforeAll(async () => {
    reference = await SIMULATION_ENGINES.yosys.run({ design, stimulus, drain: 0 });
  }, TOOL_TIMEOUT);

  it('agree with an independent model', () => {
    let checked = 0;
    EXPRESSION_CASES.forEach(({ text, width, model }, index) => {
      if (model === undefined) return;
      checked += 1;
      const expected = stimulus.map(([a = 0n, b = 0n, p = 0n, q = 0n]) => model({ a, b, p, q }));
      const actual = reference.outputs.map((row) => row[index]);
      expect(actual, `${text} in ${String(width)} bits`).toEqual(expected);
    });
    expect(checked).toBeGreaterThan(100);
  });

  it('have no unknown value and no warning', () => {
    expect(reference.unknown).not.toContain(true);
    expect(reference.warnings).toEqual([]);
  });

  for (const name of ['verilator', 'verilator-wasm', 'icarus'] as const) {
    it.skipIf(missing.get(name) !== undefined)(
      `mean the same in ${name}`,
      async () => {
        const trace = await SIMULATION_ENGINES[name].run({ design, stimulus, drain: 0 });
        EXPRESSION_CASES.forEach(({ text, width }, index) => {
          const row = stimulus.findIndex((_, at) => trace.outputs[at]?.[index] !== reference.outputs[at]?.[index]);
          if (row < 0) return;
          const values = [trace, reference].map(({ outputs }) => String(outputs[row]?.[index]));
          expect.fail(`${text} in ${String(width)} bits, row ${String(row)}: ${name} ${values.join(', yosys ')}`);
        });
        expect(trace.unknown).not.toContain(true);
      },
      TOOL_TIMEOUT,
    );
  }
});

describe('a pipeline with reset and valid', () => {
  const stimulus = Array.from({ length: 40 }, (_, row): readonly bigint[] => [
    BigInt((row * 97 + 5) & 255),
    BigInt((row * 41 + 128) & 255),
  ]);
  const validIn = stimulus.map((_, row) => row % 3 !== 1);
  const expected = pipelineExpectation(stimulus);
  for (const name of NAMES) {
    it.skipIf(missing.get(name) !== undefined)(
      `answers back to back after its latency in ${name}`,
      async () => {
        const design = pipelineDesign({ registered: true });
        const request = { design, stimulus, validIn, drain: PIPELINE_LATENCY };
        const trace = await SIMULATION_ENGINES[name].run(request);
        expect(trace.outputs).toHaveLength(stimulus.length + PIPELINE_LATENCY);
        expect(trace.outputs.slice(PIPELINE_LATENCY)).toEqual(expected);
        expect(trace.validOut?.slice(PIPELINE_LATENCY)).toEqual(validIn);
        expect(trace.validOut?.slice(0, PIPELINE_LATENCY)).toEqual([false, false, false]);
        // Data registers have no reset and the data inputs are unknown during it: unknown until row 0 arrives.
        expect(trace.unknown.map((bit) => (bit ? 1 : 0)).join('')).toBe('111'.padEnd(43, '0'));
      },
      TOOL_TIMEOUT,
    );
  }

  it('holds the last row while draining, with valid low', { timeout: TOOL_TIMEOUT }, async () => {
    const design = pipelineDesign({ registered: true });
    const trace = await SIMULATION_ENGINES.yosys.run({
      design,
      stimulus,
      drain: 6,
      observe: ['u_stage.product', 'u_stage.sum'],
    });
    expect(trace.outputs.slice(-3)).toEqual(Array.from({ length: 3 }, () => expected[39]));
    expect(trace.validOut?.slice(-4)).toEqual([true, false, false, false]);
    const [first = 0n, second = 0n] = stimulus[4] ?? [];
    expect(trace.observed?.get('u_stage.product')?.[5]).toBe(
      BigInt.asUintN(16, BigInt.asIntN(8, first) * BigInt.asIntN(8, second)),
    );
    expect(trace.observed?.get('u_stage.sum')?.[4]).toBe(
      BigInt.asUintN(9, BigInt.asIntN(8, first) + BigInt.asIntN(8, second)),
    );
  });
});
