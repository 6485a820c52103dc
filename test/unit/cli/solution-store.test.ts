import { createHash } from 'node:crypto';
import { readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { searchBuild, SolutionStore } from '../../../src/cli/solution-store.js';
import { cacheFolder } from '../../../src/system/content-cache.js';
import { commandCodes } from '../../../src/diagnostics/codes/command.js';
import { readTree, scratchFolder } from '../../support/command-line.js';

const scratch = scratchFolder();
const key = (text: string): string => createHash('sha256').update(text).digest('hex');
const content = Buffer.from('a solution');

describe('the place of the cache', () => {
  it('is XDG_CACHE_HOME, or .cache below the home folder', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/var/cache/me' })).toBe('/var/cache/me/trigc');
    for (const given of [{}, { XDG_CACHE_HOME: '' }, { XDG_CACHE_HOME: 'relative' }]) {
      expect(cacheFolder(given)).toBe(join(homedir(), '.cache', 'trigc'));
    }
  });
});

describe('SolutionStore', () => {
  it('keeps entries for later stores at the same place, in a folder of this build', () => {
    const root = scratch.path('plain');
    const store = new SolutionStore(root);
    expect(store.get(key('a'))).toBeUndefined();
    store.put(key('a'), content);
    store.put(key('a'), content);
    expect(store.get(key('a'))).toEqual(content);
    expect(store.close()).toEqual([]);
    const later = new SolutionStore(root);
    expect(later.get(key('a'))).toEqual(content);
    expect(later.get(key('b'))).toBeUndefined();
    expect([...readTree(root).keys()]).toEqual([
      `solutions-${searchBuild()}/${key('a').slice(0, 2)}/${key('a').slice(2)}`,
    ]);
  });

  it('lets nobody else read it', () => {
    const root = scratch.path('private');
    new SolutionStore(root).put(key('a'), content);
    expect(statSync(join(root, `solutions-${searchBuild()}`)).mode & 0o077).toBe(0);
  });

  it('takes nothing but a hash as a key', () => {
    const store = new SolutionStore(scratch.path('keys'));
    for (const bad of ['', '../../x', key('a').toUpperCase(), `${key('a')}/..`]) {
      expect(() => store.get(bad)).toThrow(RangeError);
      expect(() => {
        store.put(bad, content);
      }).toThrow(RangeError);
    }
  });

  it('where nothing can be written, stays empty and says so once', () => {
    const file = scratch.write('file', 'not a folder');
    const loop = scratch.path('loop');
    symlinkSync(loop, loop);
    for (const root of [file, join(file, 'below'), loop, undefined]) {
      const store = new SolutionStore(root);
      for (const name of ['a', 'b']) {
        store.put(key(name), content);
        expect(store.get(key(name))).toBeUndefined();
      }
      const notes = store.close();
      expect(notes).toMatchObject([{ code: commandCodes.cacheNotUsable.code, severity: 'note' }]);
    }
  });

  it('still reads where it cannot write', () => {
    const root = scratch.path('partly');
    new SolutionStore(root).put(key('a'), content);
    scratch.write(`partly/solutions-${searchBuild()}/${key('b').slice(0, 2)}`, 'not a folder');
    const store = new SolutionStore(root);
    store.put(key('b'), content);
    expect(store.get(key('a'))).toEqual(content);
    expect(store.close()).toHaveLength(1);
  });

  it('drops the oldest entries beyond its limit, other builds included', () => {
    const root = scratch.path('full');
    const old = scratch.write(`full/solutions-0123456789abcdef/aa/${'b'.repeat(62)}`, Buffer.alloc(8192));
    const tool = scratch.write('full/tool/program', Buffer.alloc(10 * 4096));
    for (const path of [old, tool]) utimesSync(path, 1, 1);
    const due = Array.from({ length: 5000 }, (_, index) => key(`${index}`)).filter((each) => each.startsWith('00'));
    expect(due.length).toBeGreaterThanOrEqual(8);
    const store = new SolutionStore(root, 6 * 4096);
    due.slice(0, 8).forEach((each, index) => {
      store.put(each, content);
      const path = join(root, `solutions-${searchBuild()}`, each.slice(0, 2), each.slice(2));
      utimesSync(path, 100 + index, 100 + index);
    });
    expect(store.close()).toEqual([]);
    expect(due.slice(0, 8).map((each) => store.get(each) !== undefined)).toEqual([
      ...[false, false, false, false],
      ...[true, true, true, true],
    ]);
    expect(readdirSync(join(old, '..'))).toEqual([]);
    // What is no entry neither counts nor goes.
    expect(readdirSync(join(tool, '..'))).toEqual(['program']);
  });

  it('reads no file that is too large to be one of ours', () => {
    const root = scratch.path('large');
    const store = new SolutionStore(root);
    store.put(key('a'), content);
    const [path] = [...readTree(root).keys()];
    writeFileSync(join(root, path ?? ''), Buffer.alloc(65 * 2 ** 20));
    expect(store.get(key('a'))).toBeUndefined();
  });
});
