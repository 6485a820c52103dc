import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../src/diagnostics/result.js';
import { estimateDesign } from '../../../src/lowering/estimate/estimate-design.js';
import { lowerModel } from '../../../src/lowering/model/lower-model.js';
import type { ScheduleResult } from '../../../src/lowering/schedule/schedule-program.js';
import { scheduleProgram } from '../../../src/lowering/schedule/schedule-program.js';
import type { Report } from '../../../src/report/report.js';
import { buildReport, printReport } from '../../../src/report/report.js';
import { Random } from '../../../src/support/random.js';
import { delayModels } from '../../../src/targets/delay-model.js';
import { randomMlp } from '../../support/random-mlp.js';

const program = lowerModel(randomMlp(new Random(1), { layers: [4, 6, 3], widths: 'medium' }));
const scheduled = unwrap(
  scheduleProgram(program, {
    model: delayModels['7-series'],
    clockPeriod: 100,
    latency: 2,
    registers: 'none',
    inputDelay: 0,
    outputDelay: 0,
  }),
);
const ports = { ports: 'elements', registers: 'none', valid: false } as const;

function reportOf(schedule: ScheduleResult): Report {
  const design = {
    name: 'net',
    program,
    schedule: schedule.schedule,
    interface: ports,
    initiationInterval: 1,
  } as const;
  const resources = estimateDesign(design, {
    family: '7-series',
    dsp: false,
    threeOperandAdders: false,
    mergedSums: true,
  });
  return buildReport(
    { summary: { exporter: { name: 'test', version: '1' } }, schedule, statistics: [] },
    { resources, threeOperandAdders: false, capacity: undefined },
    {
      schema: 'trigc-manifest',
      version: 1,
      compiler: '0',
      name: 'net',
      top: 'net',
      model: { file: 'net.onnx', sha256: '0' },
      config: null,
      target: { name: 'generic', part: 'generic' },
      search: { effort: 'default', seed: 0, depthSlack: 1, mostDepthSlack: 3, solver: 1 },
      clock: { periodNanoseconds: 100, port: 'clk' },
      latency: 2,
      initiationInterval: 1,
      interface: ports,
      inputs: [],
      outputs: [],
      names: [],
    },
    [],
  );
}

describe('the report', () => {
  it('says how long segments may be and whether the registers are proven to be the fewest', () => {
    expect(scheduled.segmentLimit).toBeLessThan(100);
    const report = reportOf(scheduled);
    expect(report.registerPlacement).toBe('optimal');
    expect(report.figures['segment_limit']).toEqual({ value: scheduled.segmentLimit, unit: 'ns', origin: 'exact' });
    expect(report.figures['register_bits']?.value).toBe(scheduled.registerBits);
    const text = printReport(report);
    expect(text).toContain(`| limit on segments | ${Number(scheduled.segmentLimit.toFixed(3))} ns |`);
    expect(text).toContain(
      '| register placement | optimal: proven fewest bits for the latency and the limit on segments |',
    );
  });

  it('says where the search for the fewest registers was given up', () => {
    const report = reportOf({ ...scheduled, registerPlacement: 'heuristic' });
    expect(report.registerPlacement).toBe('heuristic');
    expect(printReport(report)).toContain('| register placement | heuristic: the search for the fewest bits');
  });
});
