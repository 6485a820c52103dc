import { describe, expect, it } from 'vitest';
import { runProcess } from '../../../src/system/process.js';
import { firmwareSimulationFile } from '../../../src/system/temporary-folder.js';
import { at } from '../../../src/support/invariant.js';
import type { FlowName } from '../../../src/synthesis/flow.js';
import { ADDER_MAP, yosysScript } from '../../../src/synthesis/flow.js';
import { readMappedNetlist } from '../../../src/synthesis/netlist.js';
import type { Resources } from '../../../src/synthesis/resources.js';
import { countResources } from '../../../src/synthesis/resources.js';
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

async function map(flow: FlowName): Promise<{ readonly resources: Resources; readonly delay: number }> {
  const names = { adderMap: 'adders.v', netlist: 'netlist.json' };
  const script = yosysScript({ flow, family: '7-series', top: 'sums', sources: ['sums.v'], ...names });
  const files = { 'sums.v': design, 'adders.v': ADDER_MAP, 'script.ys': script };
  const request = { arguments: ['-q', '-s', 'script.ys'], files, output: names.netlist };
  const child = [firmwareSimulationFile('yosys-child.mjs')];
  const result = await runProcess(process.execPath, child, { timeout: TIMEOUT, input: JSON.stringify(request) });
  const answer = JSON.parse(result.stdout) as { readonly log: string; readonly output?: string };
  if (answer.output === undefined) throw new Error(answer.log);
  const netlist = readMappedNetlist(JSON.parse(answer.output));
  const { segments } = analyseTiming(netlist, delayModels['7-series']);
  return { resources: countResources(netlist), delay: at(segments, 0).delay };
}

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
    const { resources, delay } = await map('keep-adders');
    // 8, 9 and 10 bits, of which the highest one of a sum is the carry; one LUT2 before each bit of two operands.
    expect(resources.carryBits).toBeGreaterThanOrEqual(24);
    expect(resources.lut.slice(2)).toEqual([0, 0, 0, 0]);
    expect(delay).toBeGreaterThan(carryDelay(delayModels['7-series'], 8));
    expect(delay).toBeLessThan(3 * carryDelay(delayModels['7-series'], 10));
  }, 120_000);

  // Each run is ten seconds of WebAssembly; the reason why there is a second flow is for the long tier.
  it.skipIf(!full)('makes a carry-save tree of the same text otherwise', async () => {
    const { resources } = await map('standard');
    expect(resources.carryBits).toBeLessThan(12);
    expect(resources.lut.slice(2).some((count) => count > 0)).toBe(true);
  });
});
