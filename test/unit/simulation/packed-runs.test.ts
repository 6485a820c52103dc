import { beforeAll, describe, expect, it } from 'vitest';
import { VALID_BIT, VALID_OUT_BIT, type PackedLayout, type PackedTrace } from '../../../src/simulation/packed.js';
import { WorkerPool } from '../../../src/simulation/verilator-wasm/worker-pool.js';
import { wrapDesign } from '../../../src/simulation/native/wrapper.js';
import { ModuleCache } from '../../../src/simulation/verilator-wasm/cached-module.js';
import { simulationModule } from '../../../src/simulation/verilator-wasm/prepare.js';
import { ENGINES_UNDER_TEST, translatorUnderTest } from '../../support/engines-under-test.js';
import { Random } from '../../../src/support/random.js';
import type { SimulationDesign } from '../../../src/simulation/engine.js';

const missing = await ENGINES_UNDER_TEST['verilator-wasm'].unavailable();
const TIMEOUT = 900_000;

/** A pipeline of three ranks with valid; with `remembers` also a sum over all events, and a register nobody loads. */
function design(remembers: boolean): SimulationDesign {
  const sum = remembers ? "sum <= rst ? 8'd0 : sum + x;" : "sum <= x ^ 8'h5a;";
  const text = `module dut(input wire clk, input wire rst, input wire vin, output reg vout,
  input wire [7:0] x, output reg [39:0] y);
  reg [7:0] sum; reg [39:0] wide; reg v1; reg v2;
  always @(posedge clk) begin
    ${sum}
    wide <= {sum, 24'd7, sum} * 40'd12345;
    y <= wide + 40'd1;
    v1 <= vin & ~rst; v2 <= v1 & ~rst; vout <= v2 & ~rst;
  end
endmodule
`;
  return {
    top: 'dut',
    sources: [{ name: 'dut.v', text }],
    clock: 'clk',
    ...{ reset: 'rst', validIn: 'vin', validOut: 'vout' },
    ports: [
      { name: 'x', direction: 'input', width: 8 },
      { name: 'y', direction: 'output', width: 40 },
    ],
  };
}

interface LoadedModule {
  readonly bytes: Uint8Array;
  readonly layout: PackedLayout;
}

async function findModuleFor(simulated: SimulationDesign): Promise<LoadedModule> {
  const wrapper = wrapDesign(simulated);
  const { bytes } = await simulationModule(await translatorUnderTest(), simulated, wrapper, new ModuleCache());
  return { bytes, layout: wrapper };
}

function stimulusRows({ stimulusLimbs }: PackedLayout, count: number): Int32Array {
  const random = new Random(5);
  const rows = new Int32Array(count * stimulusLimbs);
  for (let row = 0; row < count; row++) {
    rows[row * stimulusLimbs] = row < 4 ? 1 : random.integer(0, 3) === 0 ? 0 : VALID_BIT;
    rows[row * stimulusLimbs + 1] = random.integer(0, 255);
  }
  return rows;
}

describe.skipIf(missing !== undefined)('packed rows on worker threads', () => {
  const ROWS = 5000;
  let plain: LoadedModule;
  let remembering: LoadedModule;
  beforeAll(async () => {
    plain = await findModuleFor(design(false));
    remembering = await findModuleFor(design(true));
  }, TIMEOUT);

  async function run(loaded: LoadedModule, workers: number, warmRows: number): Promise<[PackedTrace, number]> {
    const options = { workers, rowsPerWorker: 100, warmRows, timeout: 60_000 };
    const pool = new WorkerPool(loaded.bytes, loaded.layout, options);
    try {
      const trace = await pool.run({ rows: stimulusRows(loaded.layout, ROWS), unknownRows: 4 });
      return [trace, pool.repeatedParts];
    } finally {
      await pool.close();
    }
  }

  it('are one run when a design forgets', { timeout: TIMEOUT }, async () => {
    const [single] = await run(plain, 1, 0);
    const [split, repeated] = await run(plain, 4, 64);
    expect(split.rows).toEqual(single.rows);
    expect(split.unknown).toEqual(single.unknown);
    expect(repeated).toBe(0);
    // The pipeline has three ranks: what is unknown during reset has left it three rows later.
    expect([...single.unknown.slice(0, 9)]).toEqual([1, 1, 1, 1, 1, 1, 1, 0, 0]);
    expect(single.unknown.lastIndexOf(1)).toBe(6);
    const { responseLimbs } = plain.layout;
    const stimulus = stimulusRows(plain.layout, ROWS);
    for (let row = 8; row < ROWS; row++) {
      const sum = BigInt((stimulus[(row - 3) * 2 + 1] ?? 0) ^ 0x5a);
      const expected = BigInt.asUintN(40, ((sum << 32n) | (7n << 8n) | sum) * 12345n + 1n);
      const place = row * responseLimbs;
      const low = BigInt((single.rows[place + 1] ?? 0) >>> 0);
      expect(low | (BigInt((single.rows[place + 2] ?? 0) >>> 0) << 32n)).toBe(expected);
      const valid = ((stimulus[(row - 3) * 2] ?? 0) & VALID_BIT) !== 0 ? VALID_OUT_BIT : 0;
      expect(single.rows[place]).toBe(valid);
    }
  });

  it('are one run when there are too few rows in advance', { timeout: TIMEOUT }, async () => {
    const [single] = await run(plain, 1, 0);
    const [split, repeated] = await run(plain, 4, 0);
    expect(split.rows).toEqual(single.rows);
    expect(split.unknown).toEqual(single.unknown);
    expect(repeated).toBe(3);
  });

  it('are one run when a design remembers everything', { timeout: TIMEOUT }, async () => {
    const [single] = await run(remembering, 1, 0);
    const [split, repeated] = await run(remembering, 3, 64);
    expect(split.rows).toEqual(single.rows);
    expect(split.unknown).toEqual(single.unknown);
    expect(repeated).toBe(2);
  });

  it('end with the reason when the time is up or the module is none', { timeout: TIMEOUT }, async () => {
    const { bytes, layout } = plain;
    const stimulus = { rows: stimulusRows(layout, 200_000) };
    await expect(new WorkerPool(bytes, layout, { timeout: 1 }).run(stimulus)).rejects.toThrow(
      'did not finish in 0.001 s',
    );
    const damaged = new WorkerPool(Uint8Array.of(0, 97, 115, 109), layout, { timeout: 60_000 });
    await expect(damaged.run(stimulus)).rejects.toThrow('the simulation failed');
    await expect(damaged.run({ rows: new Int32Array(3) })).rejects.toThrow(RangeError);
  });

  it('give the same from the native engine', { timeout: TIMEOUT }, async (context) => {
    const reason = await ENGINES_UNDER_TEST.verilator.unavailable();
    if (reason !== undefined) context.skip(reason);
    const [single] = await run(plain, 1, 0);
    const prepared = await ENGINES_UNDER_TEST.verilator.prepare(design(false));
    try {
      const trace = await prepared.packed?.run({ rows: stimulusRows(plain.layout, ROWS), unknownRows: 4 });
      expect(trace?.unknown).toEqual(single.unknown);
      expect(trace?.rows.subarray(24)).toEqual(single.rows.subarray(24));
    } finally {
      await prepared.close();
    }
  });
});
