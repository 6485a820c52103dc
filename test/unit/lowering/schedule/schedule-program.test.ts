import { describe, expect, it } from 'vitest';
import type { Program } from '../../../../src/dataflow/program.js';
import { kernelOf, PROGRAM_INPUT } from '../../../../src/dataflow/program.js';
import { operands } from '../../../../src/dataflow/semantics.js';
import type { Schedule } from '../../../../src/design/design.js';
import { unwrap } from '../../../../src/diagnostics/result.js';
import type { ScheduleOptions, ScheduleResult } from '../../../../src/lowering/schedule/schedule-program.js';
import { scheduleProgram } from '../../../../src/lowering/schedule/schedule-program.js';
import { lowerModel } from '../../../../src/lowering/model/lower-model.js';
import { isPoint } from '../../../../src/numeric/interval.js';
import { Random } from '../../../../src/support/random.js';
import { delayModels, registerDelay } from '../../../../src/targets/delay-model.js';
import { randomMlp } from '../../../support/random-mlp.js';
import { randomProgram } from '../../../support/random-kernel.js';

const options: ScheduleOptions = {
  model: delayModels['ultrascale+'],
  clockPeriod: 5,
  registers: 'none',
  inputDelay: 0,
  outputDelay: 0,
};

const programs = Array.from({ length: 60 }, (_, seed) =>
  seed % 2 === 0 ? randomProgram(new Random(seed), `program ${seed}`) : lowerModel(randomMlp(new Random(seed))),
);

/** Every value after its operands, within the latency, and registered ports where they are asked for. */
function check(program: Program, schedule: Schedule, registers: ScheduleOptions['registers']): void {
  const first = registers === 'in' || registers === 'both' ? 1 : 0;
  const last = schedule.latency - (registers === 'out' || registers === 'both' ? 1 : 0);
  const available = new Map<string, number>();
  program.instances.forEach((instance, which) => {
    const kernel = kernelOf(program, instance);
    const read = new Set(kernel.nodes.flatMap((node) => (isPoint(node.range) ? [] : operands(node))));
    instance.positions.forEach((references, position) => {
      const cycles = schedule.cycles[which]?.[position];
      expect(cycles).toHaveLength(kernel.nodes.length);
      for (const node of kernel.nodes) {
        if (isPoint(node.range)) continue;
        const cycle = cycles?.[node.id] ?? -1;
        expect(cycle).toBeGreaterThanOrEqual(first);
        if (node.kind === 'input') {
          const reference = references[node.index];
          const key = `${reference?.instance ?? ''},${reference?.index ?? ''}`;
          const ready = reference?.instance === PROGRAM_INPUT ? first : available.get(key);
          // A kernel input that nothing reads has no cycle of its own.
          if (read.has(node.id)) expect(cycle).toBeGreaterThanOrEqual(ready ?? Infinity);
          continue;
        }
        for (const id of operands(node)) {
          const operand = kernel.nodes[id];
          if (operand === undefined || isPoint(operand.range)) continue;
          expect(cycle, `${program.name}: node ${node.id} before its operand ${id}`).toBeGreaterThanOrEqual(
            cycles?.[id] ?? 0,
          );
        }
        if (kernel.outputs.includes(node.id)) expect(cycle).toBeLessThanOrEqual(last);
      }
      kernel.outputs.forEach((id, output) => {
        available.set(`${which},${position * kernel.outputs.length + output}`, cycles?.[id] ?? 0);
      });
    });
  });
}

describe('scheduleProgram', () => {
  it('puts every value after its operands, for every choice of port registers', () => {
    for (const registers of ['none', 'in', 'out', 'both'] as const) {
      for (const program of programs) {
        const result = scheduleProgram(program, { ...options, registers });
        expect(result.ok).toBe(true);
        if (result.ok) check(program, result.value.schedule, registers);
      }
    }
  });

  it('keeps segments within the clock, or warns of the longest', () => {
    for (const program of programs) {
      const result = scheduleProgram(program, options);
      if (!result.ok) throw new Error('a free latency is always possible');
      const longest = Math.max(...result.value.segments);
      const warned = result.diagnostics.some(({ code }) => code === 'TRG1403');
      expect(longest > options.clockPeriod + 1e-9).toBe(warned);
    }
  });

  it('keeps a pinned latency, and more ranks never make the longest segment longer', () => {
    for (const program of programs.slice(0, 20)) {
      let previous = Infinity;
      for (const latency of [1, 2, 4, 8]) {
        const result = scheduleProgram(program, { ...options, clockPeriod: 0.5, latency });
        if (!result.ok) throw new Error('unregistered ports allow any latency');
        expect(result.value.schedule.latency).toBe(latency);
        expect(result.value.segments).toHaveLength(latency + 1);
        const longest = Math.max(...result.value.segments);
        // The search stops within 1 ps of the shortest period.
        expect(longest).toBeLessThanOrEqual(Math.max(previous, registerDelay(options.model)) + 0.002);
        previous = longest;
      }
    }
  });

  it('shares the slack of a declared latency, down to 0.6 of the clock, and of no free latency', () => {
    let shorter = 0;
    let balanced = 0;
    for (const program of programs) {
      const free = unwrap(scheduleProgram(program, options));
      if (free.segmentLimit > options.clockPeriod) continue;
      expect(free.segmentLimit).toBe(options.clockPeriod);
      const declare = (clockPeriod: number): ScheduleResult =>
        unwrap(scheduleProgram(program, { ...options, clockPeriod, latency: free.schedule.latency + 1 }));
      const shared = declare(options.clockPeriod);
      expect(shared.segmentLimit).toBeLessThanOrEqual(options.clockPeriod);
      expect(shared.segmentLimit).toBeGreaterThanOrEqual(0.6 * options.clockPeriod);
      for (const segment of shared.segments) expect(segment).toBeLessThanOrEqual(shared.segmentLimit + 1e-9);
      if (shared.segmentLimit < options.clockPeriod) shorter++;
      // With time for everything in one segment, the limit is the floor.
      expect(declare(1e4).segmentLimit).toBe(6e3);
      if (Math.max(...shared.segments) < Math.max(...free.segments) - 1e-9) balanced++;
    }
    expect(shorter).toBeGreaterThan(20);
    expect(balanced).toBeGreaterThan(20);
  });

  it('makes no segment limit shorter than what the ports take of an empty one', () => {
    for (const program of programs.slice(0, 20)) {
      const ports = { clockPeriod: 9, inputDelay: 8, outputDelay: 1, latency: 9 };
      const result = unwrap(scheduleProgram(program, { ...options, ...ports }));
      expect(result.segmentLimit).toBeGreaterThanOrEqual(8);
      expect(result.segments[0]).toBeGreaterThanOrEqual(8);
      expect(Math.max(...result.segments)).toBeLessThanOrEqual(result.segmentLimit + 1e-9);
    }
  });

  it('takes input and output delays from the first and the last segment', () => {
    for (const program of programs.slice(0, 20)) {
      const result = scheduleProgram(program, { ...options, clockPeriod: 3, inputDelay: 1, outputDelay: 0.5 });
      if (!result.ok) throw new Error('a free latency is always possible');
      expect(result.value.segments[0]).toBeGreaterThanOrEqual(1);
      expect(result.value.segments.at(-1)).toBeGreaterThanOrEqual(0.5);
    }
  });

  it('refuses a latency below the registers of the ports, an absurd one, and a clock without time for logic', () => {
    const [program] = programs;
    if (program === undefined) throw new Error('no program');
    const codes = (changes: Partial<ScheduleOptions>): readonly string[] =>
      scheduleProgram(program, { ...options, ...changes }).diagnostics.map(({ code }) => code);
    expect(codes({ registers: 'both', latency: 1 })).toEqual(['TRG1401']);
    expect(codes({ latency: 1_000_000 })).toEqual(['TRG1402']);
    expect(codes({ clockPeriod: 0.1 })).toEqual(['TRG1404']);
  });
});
