import { describe, expect, it } from 'vitest';
import { runProcess } from '../../../src/system/process.js';
import { firmwareSimulationFile } from '../../../src/system/temporary-folder.js';
import { at } from '../../../src/support/invariant.js';
import type { FlowName, FlowRequest } from '../../../src/synthesis/flow.js';
import { ADDER_MAP, yosysScript } from '../../../src/synthesis/flow.js';
import { readMappedNetlist } from '../../../src/synthesis/netlist.js';
import type { Resources } from '../../../src/synthesis/resources.js';
import { countResources } from '../../../src/synthesis/resources.js';
import type { TimingReport } from '../../../src/synthesis/timing.js';
import { analyseTiming } from '../../../src/synthesis/timing.js';
import { carryDelay, delayModels } from '../../../src/targets/delay-model.js';

const full = process.env['TRIGC_TEST_TIER'] === 'full';
const TIMEOUT = 600_000;

/** A sum of four in three additions, wide enough that `alumacc` may merge them. */
const design = `module sums(input [7:0] a, b, c, d, output [9:0] y);
  wire [9:0] ab = a + b;
  wire [9:0] abc = ab + c;
  assign y = abc + d;
endmodule
`;

/** Products with a register of their own, and one plus a word that comes with the operands: for blocks. */
const multipliers = `module products(input clk, input signed [7:0] a, b, input signed [15:0] c, output reg signed [16:0] y, z);
  reg signed [15:0] product, word;
  always @(posedge clk) begin
    product <= a * b;
    word <= c;
    y <= product + word;
    z <= a * c[7:0] + b;
  end
endmodule
`;

type Mapped = TimingReport & { readonly resources: Resources };

async function map(text: string, request: Pick<FlowRequest, 'flow' | 'family' | 'top' | 'dsp'>): Promise<Mapped> {
  const names = { adderMap: 'adders.v', netlist: 'netlist.json' };
  const script = yosysScript({ ...request, sources: ['design.v'], ...names });
  const files = { 'design.v': text, 'adders.v': ADDER_MAP, 'script.ys': script };
  const run = { arguments: ['-q', '-s', 'script.ys'], files, output: names.netlist };
  const child = [firmwareSimulationFile('yosys-child.mjs')];
  const result = await runProcess(process.execPath, child, { timeout: TIMEOUT, input: JSON.stringify(run) });
  const answer = JSON.parse(result.stdout) as { readonly log: string; readonly output?: string };
  if (answer.output === undefined) throw new Error(answer.log);
  const netlist = readMappedNetlist(JSON.parse(answer.output));
  return { resources: countResources(netlist), ...analyseTiming(netlist, delayModels[request.family]) };
}

const sums = (flow: FlowName): Promise<Mapped> => map(design, { flow, family: '7-series', top: 'sums' });

describe('the script', () => {
  const request = { top: 'm', sources: ['a.v', 'b.v'], adderMap: 'map.v', netlist: 'n.json' } as const;

  it('is the published command in the standard flow', () => {
    expect(yosysScript({ ...request, flow: 'standard', family: '7-series' })).toBe(
      'read_verilog a.v\nread_verilog b.v\n' +
        'synth_xilinx -top m -family xc7 -flatten -noiopad -noclkbuf -nodsp\nwrite_json n.json\n',
    );
  });

  it('is interrupted before the additions are merged in the other', () => {
    expect(
      yosysScript({ ...request, flow: 'keep-adders', family: 'ultrascale+' })
        .split('\n')
        .slice(2, 5),
    ).toEqual([
      'synth_xilinx -top m -family xcup -flatten -noiopad -noclkbuf -nodsp -run begin:coarse',
      'techmap -map map.v',
      'synth_xilinx -top m -family xcup -flatten -noiopad -noclkbuf -nodsp -run coarse:',
    ]);
  });
});

describe('Yosys', () => {
  it('keeps one carry chain per addition where it is told to', async () => {
    const { resources, segments } = await sums('keep-adders');
    const { delay } = at(segments, 0);
    // 8, 9 and 10 bits, of which the highest one of a sum is the carry; one LUT2 before each bit of two operands.
    expect(resources.carryBits).toBeGreaterThanOrEqual(24);
    expect(resources.lut.slice(2)).toEqual([0, 0, 0, 0]);
    expect(delay).toBeGreaterThan(carryDelay(delayModels['7-series'], 8));
    expect(delay).toBeLessThan(3 * carryDelay(delayModels['7-series'], 10));
  }, 120_000);

  it('puts registers and sums into blocks, and the model finds them there', async () => {
    const request = { flow: 'keep-adders', family: 'ultrascale+', top: 'products', dsp: true } as const;
    const report = await map(multipliers, request);
    expect(report.resources).toMatchObject({ dsp: 2, lutSum: 0, flipFlops: 0 });
    expect(report).toMatchObject({ latency: 2, mixedEnds: 0 });
    // A net and the way from A to the sum; from the word's register to the sum; the sum's to P.
    const expected = [0.18 + 2.739, 1.687 - 1.325 + 1.244, 0.329];
    expect(report.segments.map(({ rank }) => rank)).toEqual([0, 1, 2]);
    report.segments.forEach(({ delay }, rank) => expect(delay).toBeCloseTo(at(expected, rank), 9));
  }, 120_000);

  // Each run is ten seconds of WebAssembly; the reason why there is a second flow is for the long tier.
  it.skipIf(!full)('makes a carry-save tree of the same text otherwise', async () => {
    const { resources } = await sums('standard');
    expect(resources.carryBits).toBeLessThan(12);
    expect(resources.lut.slice(2).some((count) => count > 0)).toBe(true);
  });
});
