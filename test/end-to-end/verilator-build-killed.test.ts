import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { ARTEFACT_FOLDER, findArtefact } from '../../src/simulation/verilator-wasm/artefact.js';
import { cacheFolder } from '../../src/system/content-cache.js';
import { readTree, scratchFolder } from '../support/command-line.js';
import { isBuilt, killedCommand } from '../support/killed-command.js';

const script = (name: string): string =>
  fileURLToPath(new URL(`../../scripts/verilator-wasm/${name}`, import.meta.url));
const scratch = scratchFolder();
const isThere = (await findArtefact()).usable;

describe.skipIf(!isBuilt || !isThere)(
  'an installation of Verilator that is killed (skipped without a build of Trigc and of Verilator)',
  { timeout: 300_000 },
  () => {
    const { start, changesOf, kill, remains } = killedCommand(scratch, script('build.mjs'));
    const kept = (): string => join(cacheFolder(process.env) ?? '', 'verilator-wasm', ARTEFACT_FOLDER);
    const artefact = (): string => scratch.path('cache', 'trigc', 'verilator-wasm', ARTEFACT_FOLDER);

    beforeAll(() => {
      mkdirSync(scratch.path('tmp'));
    });

    it('leaves the earlier one, the new one or none, and the next run makes it whole', () => {
      cpSync(kept(), artefact(), { recursive: true });
      const packed = scratch.path('verilator.tgz');
      expect(start(['--pack', packed])).toMatchObject({ code: 0, signal: null });
      const whole = readTree(artefact());
      const install = ['--from', packed];
      const changes = changesOf(install);
      const lock = changes.findIndex((change) => change.startsWith('linkSync'));
      const renames = changes.flatMap((change, index) => (change.startsWith('renameSync') ? [index] : []));
      expect([lock >= 0, renames.length]).toEqual([true, 2]);
      // With the lock alone; before the earlier one goes, before the new one comes; before what was aside is removed.
      const [aside = 0, place = 0] = renames;
      let absent = 0;
      for (const point of [lock + 1, aside, place, place + 1]) {
        kill(install, point);
        expect(existsSync(scratch.path('cache', 'trigc', 'verilator-wasm', 'lock'))).toBe(true);
        if (existsSync(artefact())) expect(readTree(artefact())).toEqual(whole);
        else absent += 1;
        expect(start(install)).toMatchObject({ code: 0, signal: null });
        expect(existsSync(scratch.path('cache', 'trigc', 'verilator-wasm', 'lock'))).toBe(false);
        expect([remains(), readTree(artefact())]).toEqual([[], whole]);
      }
      expect(absent).toBe(1);
    });

    it('between its renames loses nothing: any other run puts the earlier one back', () => {
      const whole = readTree(artefact());
      const install = ['--from', scratch.path('verilator.tgz')];
      const renames = changesOf(install).flatMap((change, index) => (change.startsWith('renameSync') ? [index] : []));
      kill(install, renames[1] ?? 0);
      expect(existsSync(artefact())).toBe(false);
      // A file that cannot be unpacked; the lock of the killed run is no obstacle.
      expect(start(['--from', scratch.path('absent.tgz')]).code).toBe(1);
      expect([remains(), readTree(artefact())]).toEqual([[], whole]);
    });
  },
);

describe.skipIf(!isBuilt)('the lock of the build of Verilator (skipped where Trigc is not built)', () => {
  const program = `
    import { appendFileSync } from 'node:fs';
    const [, lock, path, log] = process.argv;
    const { withLock } = await import(lock);
    const say = (what) => appendFileSync(log, what + ' ' + process.pid + '\\n');
    try {
      await withLock(path, async () => {
        say('enter');
        await new Promise((resolve) => setTimeout(resolve, 300));
        say('leave');
      });
    } catch (error) {
      say(/building already/u.test(error.message) ? 'refused' : String(error));
    }`;

  /** Several at once; what they did, in order. */
  async function contend(name: string, count: number): Promise<readonly (readonly string[])[]> {
    const log = scratch.write(`${name}.log`, '');
    const words = ['--input-type=module', '-e', program, script('lock.mjs'), scratch.path(name), log];
    const ends = Array.from(
      { length: count },
      () => new Promise((resolve) => spawn(process.execPath, words, { stdio: 'inherit' }).once('exit', resolve)),
    );
    expect(await Promise.all(ends)).toEqual(ends.map(() => 0));
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    return lines.map((line) => line.split(' '));
  }

  function expectExclusive(steps: readonly (readonly string[])[], count: number): void {
    const inside = steps.filter(([what]) => what === 'enter' || what === 'leave');
    // Whoever enters leaves before another one enters.
    inside.forEach(([what, who], index) => {
      expect(what).toBe(index % 2 === 0 ? 'enter' : 'leave');
      if (what === 'leave') expect(who).toBe(inside[index - 1]?.[1]);
    });
    const refused = steps.filter(([what]) => what === 'refused').length;
    expect(inside.length).toBeGreaterThanOrEqual(2);
    expect(inside.length / 2 + refused).toBe(count);
  }

  it('is held by one of two, and free afterwards', async () => {
    expectExclusive(await contend('lock', 2), 2);
    expect(existsSync(scratch.path('lock'))).toBe(false);
  });

  it('of a process that has ended is taken over by one of several', async () => {
    // Larger than any process number of Linux.
    scratch.write('stale', '4194305');
    expectExclusive(await contend('stale', 4), 4);
    expect(existsSync(scratch.path('stale'))).toBe(false);
    rmSync(scratch.path('stale.log'));
  });

  it('of a process that runs is respected, and left alone', async () => {
    scratch.write('held', String(process.pid));
    expect((await contend('held', 1)).map(([what]) => what)).toEqual(['refused']);
    expect(readFileSync(scratch.path('held'), 'utf8')).toBe(String(process.pid));
  });
});
