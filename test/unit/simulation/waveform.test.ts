import { describe, expect, it } from 'vitest';
import type { SimulationDesign } from '../../../src/simulation/engine.js';
import { readLimbs } from '../../../src/simulation/limbs.js';
import { packedLayout, VALID_BIT } from '../../../src/simulation/packed.js';
import { packedSimulation } from '../../../src/simulation/packed-adapter.js';
import { planProtocol } from '../../../src/simulation/protocol.js';
import type { WaveformRequest } from '../../../src/simulation/yosys/waveform.js';
import { traceWaveform } from '../../../src/simulation/yosys/waveform.js';
import { yosysEngine } from '../../../src/simulation/yosys/yosys-engine.js';
import { at } from '../../../src/support/invariant.js';
import { Random } from '../../../src/support/random.js';
import type { VcdDump } from '../../support/parse-vcd.js';
import { parseVcd } from '../../support/parse-vcd.js';
import { PIPELINE_LATENCY, pipelineDesign } from './pipeline.js';

const PERIOD = 4166.7;

async function trace(
  request: Pick<WaveformRequest, 'design' | 'stimulus' | 'first' | 'end'> & Partial<WaveformRequest>,
): Promise<VcdDump> {
  const fixed = { picoseconds: PERIOD, markers: [], version: 'Trigc', comment: [] };
  return parseVcd(await traceWaveform({ ...fixed, ...request }));
}

const timeOf = (row: number): number => Math.round(row * PERIOD);

describe('a waveform of a pipeline', () => {
  const design = pipelineDesign({ registered: true });
  const layout = packedLayout(design);
  const random = new Random(9);
  const vectors = Int32Array.from({ length: 40 * layout.stimulusLimbs }, (_, index) =>
    index % layout.stimulusLimbs === 0 ? 0 : random.integer(0, 255),
  );
  const { stimulus } = planProtocol(design, layout, vectors, { latency: PIPELINE_LATENCY, interval: 1 });
  const rows = stimulus.rows.length / layout.stimulusLimbs;
  const field = (row: number, limb: number): number => at(stimulus.rows, row * layout.stimulusLimbs + limb);

  it('shows the same inputs, outputs and unknown cycles as the run itself, reset included', async () => {
    const dump = await trace({ design, stimulus, first: 0, end: rows });
    const prepared = await yosysEngine.prepare(design);
    const run = await packedSimulation(prepared, design).simulation.run(stimulus);
    let unknown = 0;
    for (let row = 0; row < rows; row++) {
      const [time, start] = [timeOf(row), row * layout.responseLimbs];
      const outputs = ['product', 'squared'].map((name) => dump.bitsAt(`pipeline.${name}`, time));
      if (row >= stimulus.unknownRows) {
        expect(Number.parseInt(dump.bitsAt('pipeline.x', time), 2), `x in row ${row}`).toBe(field(row, 1));
        expect(Number.parseInt(dump.bitsAt('pipeline.y', time), 2)).toBe(field(row, 2));
        expect(dump.bitsAt('pipeline.valid_in', time)).toBe((field(row, 0) & VALID_BIT) === 0 ? '0' : '1');
      }
      expect(dump.bitsAt('pipeline.rst', time)).toBe(String(field(row, 0) & 1));
      if (outputs.some((bits) => bits.includes('x')) || dump.bitsAt('pipeline.valid_out', time) === 'x') {
        unknown++;
        expect(run.unknown[row], `row ${row}`).toBe(1);
        continue;
      }
      expect(run.unknown[row], `row ${row}`).toBe(0);
      expect(outputs.map((bits) => BigInt(`0b${bits}`))).toEqual(
        layout.outputs.map(({ limb, limbs }) => readLimbs(run.rows, start + limb, limbs)),
      );
      expect(dump.bitsAt('pipeline.valid_out', time)).toBe(String(at(run.rows, start) & 1));
    }
    expect(unknown).toBe(stimulus.unknownRows + PIPELINE_LATENCY);
  });

  it('has the hierarchy, a clock that rises where values change, and the signals of a window alone', async () => {
    const [first, end] = [30, 40];
    const markers = [{ name: 'cycle', width: 32, valueAt: (row: number) => row }];
    const dump = await trace({ design, stimulus, first, end, markers });
    expect(dump.timescale).toBe('1ps');
    expect(dump.names).toEqual(
      expect.arrayContaining(['trigc.cycle', 'pipeline.clk', 'pipeline.u_stage.clk', 'pipeline.u_stage.sum']),
    );
    expect(dump.names.filter((name) => name.includes('$'))).toEqual([]);
    expect([dump.widthOf('pipeline.product'), dump.widthOf('pipeline.u_stage.total')]).toEqual([16, 9]);
    expect([dump.times[0], dump.times.at(-1), dump.times.length]).toEqual([timeOf(first), timeOf(end), 21]);
    const signed = (bits: string): number => Number(BigInt.asIntN(bits.length, BigInt(`0b${bits}`)));
    for (let row = first; row < end; row++) {
      const bits = (name: string): string => dump.bitsAt(name, timeOf(row));
      expect(Number.parseInt(bits('trigc.cycle'), 2)).toBe(row);
      expect([bits('pipeline.clk'), bits('pipeline.u_stage.clk')]).toEqual(['1', '1']);
      expect(dump.bitsAt('pipeline.clk', Math.round((row + 0.5) * PERIOD))).toBe('0');
      // Inside: a sum of this row, and the register of the sum of the row before.
      const sum = (of: number): number => ((field(of, 1) << 24) >> 24) + ((field(of, 2) << 24) >> 24);
      expect(signed(bits('pipeline.u_stage.sum'))).toBe(sum(row));
      expect(signed(bits('pipeline.first_total'))).toBe(sum(row - 1));
    }
  });
});

describe('a waveform of logic without a clock', () => {
  const design: SimulationDesign = {
    top: 'logic',
    sources: [
      {
        name: 'logic.v',
        text: "module logic(input wire [39:0] x, output wire [39:0] y); wire [39:0] inner = ~x; assign y = {inner[39:1], 1'bx}; endmodule",
      },
    ],
    ports: [
      { name: 'x', direction: 'input', width: 40 },
      { name: 'y', direction: 'output', width: 40 },
    ],
  };

  it('has a value per cycle, and x where the text has one', async () => {
    const dump = await trace({ design, stimulus: { rows: Int32Array.of(0, -1, 15, 0, 5, 0) }, first: 0, end: 2 });
    expect(dump.names.toSorted()).toEqual(['logic.inner', 'logic.x', 'logic.y']);
    expect(dump.times).toEqual([0, 1, 2].map(timeOf));
    expect(dump.bitsAt('logic.inner', timeOf(0))).toBe('1111' + '0'.repeat(36));
    expect(dump.bitsAt('logic.y', timeOf(0))).toBe('1111' + '0'.repeat(35) + 'x');
    expect(dump.bitsAt('logic.y', timeOf(1))).toBe('1'.repeat(36) + '101x');
  });
});
