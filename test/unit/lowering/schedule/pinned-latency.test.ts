import { describe, expect, it } from 'vitest';
import { emptyConfig } from '../../../../src/config/config.js';
import { parseConfig } from '../../../../src/config/parse-config.js';
import { resolveSettings } from '../../../../src/config/settings.js';
import { scheduleCodes } from '../../../../src/diagnostics/codes/schedule.js';
import { unwrap } from '../../../../src/diagnostics/result.js';
import { lowerModel } from '../../../../src/lowering/model/lower-model.js';
import type { ScheduleOptions } from '../../../../src/lowering/schedule/schedule-program.js';
import { scheduleProgram } from '../../../../src/lowering/schedule/schedule-program.js';
import { Random } from '../../../../src/support/random.js';
import { delayModels } from '../../../../src/targets/delay-model.js';
import { randomMlp } from '../../../support/random-mlp.js';

const options: ScheduleOptions = {
  model: delayModels['ultrascale+'],
  clockPeriod: 4,
  registers: 'none',
  inputDelay: 0,
  outputDelay: 0,
};
// One network, trained twice: the same layers with other weights.
const trained = [3, 4].map((seed) => lowerModel(randomMlp(new Random(seed), { layers: [6, 8, 4], widths: 'medium' })));

describe('a pinned latency', () => {
  it('is kept exactly by other weights, by padding', () => {
    const free = trained.map((program) => unwrap(scheduleProgram(program, options)).schedule.latency);
    const latency = Math.max(...free) + 2;
    for (const program of trained) {
      const result = unwrap(scheduleProgram(program, { ...options, latency, pinLatency: true }));
      expect(result.schedule.latency).toBe(latency);
      expect(result.segments).toHaveLength(latency + 1);
      for (const segment of result.segments) expect(segment).toBeLessThanOrEqual(options.clockPeriod + 1e-9);
    }
  });

  it('that does not meet the clock is refused with the ranks that do', () => {
    for (const program of trained) {
      const needed = unwrap(scheduleProgram(program, options)).schedule.latency;
      expect(needed).toBeGreaterThan(0);
      const short = { ...options, latency: needed - 1 };
      const refused = scheduleProgram(program, { ...short, pinLatency: true });
      expect(refused.ok).toBe(false);
      expect(refused.diagnostics.map(({ code }) => code)).toEqual([scheduleCodes.pinnedTooShort.code]);
      const sentence = `the latency is ${needed - 1} ranks, and ${needed} would meet the clock`;
      expect(refused.diagnostics[0]?.message).toContain(sentence);
      // Not pinned, the same is a warning that says as much.
      const warned = scheduleProgram(program, short);
      expect(warned.ok).toBe(true);
      expect(warned.diagnostics[0]?.code).toBe(scheduleCodes.segmentTooSlow.code);
      expect(warned.diagnostics[0]?.message).toContain(sentence);
    }
  });

  it('says so where no number of ranks meets the clock', () => {
    const [program] = trained;
    if (program === undefined) expect.fail('there are two networks');
    const result = scheduleProgram(program, { ...options, clockPeriod: 0.2, latency: 1, pinLatency: true });
    expect(result.diagnostics[0]?.message).toMatch(/more would not meet the clock/u);
  });

  it('is set by trigc.yaml or the command line, and needs a latency', () => {
    const config = unwrap(parseConfig('target: { latency: 3, pin_latency: true }', 'a.yaml'));
    expect(unwrap(resolveSettings(config, {}, 'net')).pinLatency).toBe(true);
    expect(unwrap(resolveSettings(emptyConfig, { latency: '3', pinLatency: true }, 'net')).pinLatency).toBe(true);
    expect(unwrap(resolveSettings(emptyConfig, { latency: '3' }, 'net')).pinLatency).toBeUndefined();
    const lacking = resolveSettings(emptyConfig, { pinLatency: true }, 'net');
    expect(lacking.ok).toBe(false);
    expect(lacking.diagnostics[0]?.location?.configPath).toBe('--pin-latency');
  });
});
