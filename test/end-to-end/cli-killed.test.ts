import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { SIMULATION_ENGINES } from '../../src/simulation/choose-engine.js';
import { readTree, scratchFolder } from '../support/command-line.js';
import { isBuilt, killedCommand, killPoints } from '../support/killed-command.js';
import { smallModel } from '../support/small-model.js';

const noIcarus = (await SIMULATION_ENGINES.icarus.unavailable()) !== undefined;
const scratch = scratchFolder();
const { start, changesOf, kill, remains } = killedCommand(scratch);

describe.skipIf(!isBuilt)('a command that is killed (skipped where the build is missing)', () => {
  const compile = ['compile', 'net.onnx', '-o', 'out', '--threads', '1', '--effort', 'fast'];

  beforeAll(() => {
    scratch.write('net.onnx', smallModel().bytes());
    mkdirSync(scratch.path('tmp'));
  });

  it('compile leaves the earlier folder, the new one or none, and the next run makes it whole', () => {
    expect(start([...compile, '--name', 'earlier']).code).toBe(0);
    const earlier = readTree(scratch.path('out'));
    cpSync(scratch.path('out'), scratch.path('kept'), { recursive: true });
    const points = killPoints(changesOf(compile));
    const later = readTree(scratch.path('out'));
    expect(points.length).toBeGreaterThanOrEqual(5);
    let absent = 0;
    for (const point of points) {
      rmSync(scratch.path('out'), { recursive: true, force: true });
      cpSync(scratch.path('kept'), scratch.path('out'), { recursive: true });
      kill(compile, point);
      // Its own at most: each run first takes away what the one before it left.
      expect(new Set(remains().map((name) => name.split('/')[0])).size).toBeLessThanOrEqual(1);
      if (existsSync(scratch.path('out'))) expect([earlier, later]).toContainEqual(readTree(scratch.path('out')));
      else absent += 1;
    }
    // Only between moving the earlier folder away and putting the new one in its place.
    expect(absent).toBe(1);
    expect(start(compile).code).toBe(0);
    expect([remains(), readTree(scratch.path('out'))]).toEqual([[], later]);
  });

  it('compile that dies between its renames loses nothing: even a refused one puts the earlier folder back', () => {
    const changes = changesOf(compile);
    const whole = readTree(scratch.path('out'));
    const aside = changes.findIndex((change) => change === `renameSync ${scratch.path('out')}`);
    expect(aside).toBeGreaterThan(0);
    kill(compile, aside + 1);
    expect(existsSync(scratch.path('out'))).toBe(false);
    expect(start(['compile', 'absent.onnx', '-o', 'out']).code).toBe(2);
    expect([remains(), readTree(scratch.path('out'))]).toEqual([[], whole]);
  });

  it('compile that dies while it keeps a solution leaves a cache that the next one can use', () => {
    const cache = { XDG_CACHE_HOME: scratch.path('fresh') };
    const kept = changesOf(compile).filter((change) => change.includes(scratch.path('cache')));
    expect(kept).toEqual([]);
    const writes = start(compile, { ...cache, TRIGC_KILL_LIST: scratch.path('changes.json') });
    expect(writes.code).toBe(0);
    const changes = JSON.parse(readFileSync(scratch.path('changes.json'), 'utf8')) as readonly string[];
    const first = changes.findIndex((change) => change.startsWith(`writeFileSync ${scratch.path('fresh')}`));
    expect(first).toBeGreaterThanOrEqual(0);
    for (const [index, point] of [first, first + 1].entries()) {
      const again = { XDG_CACHE_HOME: scratch.path(`fresh${index}`) };
      expect(start(compile, { ...again, TRIGC_KILL_AT: String(point) }).signal).toBe('SIGKILL');
      expect(remains()).toHaveLength(1);
      expect(start(compile, again).code).toBe(0);
      expect(remains()).toEqual([]);
    }
  });

  it('emulate leaves the earlier file or the new one', () => {
    expect(start(compile).code).toBe(0);
    const columns = JSON.parse(readFileSync(scratch.path('out', 'trigc.json'), 'utf8')) as {
      inputs: readonly { elements: readonly unknown[] }[];
    };
    const count = columns.inputs.reduce((sum, { elements }) => sum + elements.length, 0);
    scratch.write('events.csv', `${Array.from({ length: count }, () => '0').join(',')}\n`.repeat(50));
    const emulate = ['emulate', 'out', '--input', 'events.csv', '--output', scratch.path('scores.csv'), '--codes'];
    const points = killPoints(changesOf(emulate));
    const whole = readFileSync(scratch.path('scores.csv'), 'utf8');
    expect(points.length).toBeGreaterThanOrEqual(2);
    for (const point of points) {
      scratch.write('scores.csv', 'earlier');
      kill(emulate, point);
      expect(['earlier', whole]).toContain(readFileSync(scratch.path('scores.csv'), 'utf8'));
    }
    expect(start(emulate).code).toBe(0);
    expect([remains(), readFileSync(scratch.path('scores.csv'), 'utf8')]).toEqual([[], whole]);
  });

  it.skipIf(noIcarus)('verify leaves the compiled folder as it was (with Icarus, skipped without)', () => {
    expect(start(compile).code).toBe(0);
    const verify = ['verify', 'out', '--vectors', '5', '--engine', 'icarus'];
    const changes = changesOf(verify);
    const whole = [...readTree(scratch.path('out')).keys()];
    const points = [...new Set([1, changes.length - 1, ...killPoints(changes)])];
    for (const point of points) {
      kill(verify, point);
      expect([...readTree(scratch.path('out')).keys()].filter((name) => !name.includes('.partial-'))).toEqual(whole);
    }
    expect(start(verify).code).toBe(0);
    expect(remains()).toEqual([]);
  });
});
