import { describe, expect, it } from 'vitest';
import { scheduleCodes } from '../../src/diagnostics/codes/schedule.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { KernelBuilder } from '../../src/dataflow/builder.js';
import type { Program } from '../../src/dataflow/program.js';
import { PROGRAM_INPUT } from '../../src/dataflow/program.js';
import { operands } from '../../src/dataflow/semantics.js';
import type { ScheduleOptions } from '../../src/lowering/schedule/schedule-program.js';
import { scheduleProgram } from '../../src/lowering/schedule/schedule-program.js';
import { codeRange, fixedPointType } from '../../src/numeric/fixed-point.js';
import { isPoint } from '../../src/numeric/interval.js';
import { delayModels, registerDelay } from '../../src/targets/delay-model.js';

const ADDERS = 24;
const type = fixedPointType(true, 8, 8);

/** x + x + … in a chain that no tree shortens: each sum is clamped before the next. */
function chain(): Program {
  const builder = new KernelBuilder('chain');
  const x = builder.input(codeRange(type));
  let sum = x;
  for (let index = 0; index < ADDERS; index++) sum = builder.clamp(builder.add(sum, x), codeRange(type));
  builder.output(sum);
  return {
    name: 'chain',
    inputs: [{ name: 'x', types: [type] }],
    kernels: [builder.finish()],
    instances: [
      {
        name: 'chain',
        kernel: 0,
        positions: [[{ instance: PROGRAM_INPUT, index: 0 }]],
        origin: { name: '', operator: '' },
      },
    ],
    outputs: [{ name: 'y', types: [type], elements: [{ instance: 0, index: 0 }] }],
  };
}

const program = chain();
const options: ScheduleOptions = {
  model: delayModels.generic,
  clockPeriod: 5,
  registers: 'both',
  inputDelay: 0,
  outputDelay: 0,
};

function only(changes: Partial<ScheduleOptions>): { code: string; message: string; configPath: string | undefined } {
  const result = scheduleProgram(program, { ...options, ...changes });
  const [diagnostic, ...rest] = result.diagnostics;
  if (diagnostic === undefined || rest.length > 0) expect.fail(JSON.stringify(result.diagnostics));
  expect(result.ok).toBe(diagnostic.severity !== 'error');
  return { code: diagnostic.code, message: diagnostic.message, configPath: diagnostic.location?.configPath };
}

describe('the schedule refuses', () => {
  it('a latency below the registers of the ports', () => {
    const { code, message, configPath } = only({ latency: 1 });
    expect(code).toBe(scheduleCodes.latencyTooShort.code);
    expect(message).toContain('1 ranks is below the 2');
    expect(configPath).toBe('target.latency');
    expect(scheduleProgram(program, { ...options, latency: 0, registers: 'none' }).ok).toBe(true);
  });

  it('an absurd latency', () => {
    expect(only({ latency: 100_000 }).code).toBe(scheduleCodes.latencyTooLong.code);
  });

  it('a clock that a register alone fills, or the delay of a port', () => {
    expect(only({ clockPeriod: registerDelay(options.model) }).code).toBe(scheduleCodes.noTimeLeft.code);
    expect(only({ registers: 'none', inputDelay: 5 }).code).toBe(scheduleCodes.noTimeLeft.code);
    expect(only({ registers: 'none', outputDelay: 6 }).code).toBe(scheduleCodes.noTimeLeft.code);
  });
});

describe('the schedule', () => {
  it('warns with the figure where the ranks do not suffice', () => {
    const { code, message } = only({ latency: 3 });
    expect(code).toBe(scheduleCodes.segmentTooSlow.code);
    expect(message).toMatch(/segment \d of 0 to 3 is estimated at \d+\.\d\d ns, beyond the clock period of 5\.00 ns/u);
  });

  it.each(['in', 'out', 'both', 'none'] as const)('meets the clock with a free latency, registers: %s', (registers) => {
    const result = scheduleProgram(program, { ...options, registers, inputDelay: 1, outputDelay: 2 });
    expect(result.diagnostics).toEqual([]);
    const { schedule, segments } = unwrap(result);
    expect(segments).toHaveLength(schedule.latency + 1);
    for (const segment of segments) expect(segment).toBeLessThanOrEqual(5);
    // One rank less is too slow: the free latency is the smallest.
    expect(only({ registers, inputDelay: 1, outputDelay: 2, latency: schedule.latency - 1 }).code).toBe(
      scheduleCodes.segmentTooSlow.code,
    );
  });

  it.each([2, 3, 7, 30])('places no value before its operands, nor beyond the latency: %i ranks', (latency) => {
    const { schedule } = unwrap(scheduleProgram(program, { ...options, latency }));
    expect(schedule.latency).toBe(latency);
    const cycles = schedule.cycles[0]?.[0] ?? [];
    for (const node of program.kernels[0]?.nodes ?? []) {
      if (isPoint(node.range)) continue;
      const cycle = cycles[node.id] ?? -1;
      expect(cycle).toBeGreaterThanOrEqual(1);
      expect(cycle).toBeLessThanOrEqual(latency - 1);
      for (const operand of operands(node)) expect(cycles[operand] ?? Infinity).toBeLessThanOrEqual(cycle);
    }
  });
});
