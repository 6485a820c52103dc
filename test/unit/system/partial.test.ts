import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ContentCache } from '../../../src/system/content-cache.js';
import {
  abandonedPartials,
  machine,
  makePartialFolder,
  partialPath,
  removeAbandonedPartials,
} from '../../../src/system/partial.js';
import { replaceFile } from '../../../src/system/replace-file.js';
import { scratchFolder } from '../../support/command-line.js';

const scratch = scratchFolder();

/** The number of a process that has ended. */
const ended = spawnSync(process.execPath, ['--version']).pid;
const foreign = machine() === '0000000' ? '1111111' : '0000000';
const partialOf = (name: string, maker: string): string => `.${name}.partial-${maker}-0-1`;
const secondsAgo = (seconds: number): number => Date.now() / 1000 - seconds;

describe('partial names', () => {
  it('lie beside the place, and no two are the same', () => {
    const place = scratch.path('unique', 'out.json');
    const paths = Array.from({ length: 100 }, () => partialPath(place));
    expect(new Set(paths).size).toBe(100);
    for (const path of paths) expect(path.startsWith(scratch.path('unique', '.out.json.partial-'))).toBe(true);
  });

  it.each([
    ['a process that has ended', `${machine()}-${ended}`, 0, true],
    ['a process that runs', `${machine()}-${process.ppid}`, 0, false],
    ['a process that runs, yesterday', `${machine()}-${process.ppid}`, 90_000, true],
    ['this process', `${machine()}-${process.pid}`, 0, false],
    ['an earlier process with our number', `${machine()}-${process.pid}`, 40_000, true],
    ['another machine', `${foreign}-${ended}`, 0, false],
    ['another machine, yesterday', `${foreign}-${ended}`, 90_000, true],
    ['nobody that we know', 'someone', 90_000, false],
  ])('of %s', (title, maker, age, abandoned) => {
    const folder = title.replaceAll(/\W/gu, '-');
    const path = scratch.write(join(folder, partialOf('out', maker)), 'half');
    utimesSync(path, secondsAgo(age), secondsAgo(age));
    const place = scratch.path(folder, 'out');
    expect(abandonedPartials(place)).toEqual(abandoned ? [path] : []);
    removeAbandonedPartials(place);
    expect(existsSync(path)).toBe(!abandoned);
  });

  it('of another place stay, and oldest come first', () => {
    const first = scratch.write(`order/${partialOf('out', `${machine()}-${ended}`)}0`, '');
    const second = scratch.write(`order/${partialOf('out', `${machine()}-${ended}`)}/deep/file`, '');
    scratch.write(`order/${partialOf('out2', `${machine()}-${ended}`)}`, '');
    utimesSync(first, secondsAgo(5), secondsAgo(5));
    const found = abandonedPartials(scratch.path('order', 'out'));
    expect(found).toEqual([first, join(second, '..', '..')]);
    removeAbandonedPartials(scratch.path('order', 'out'));
    expect(readdirSync(scratch.path('order'))).toEqual([partialOf('out2', `${machine()}-${ended}`)]);
  });

  it('where there is no folder, nothing is abandoned', () => {
    expect(abandonedPartials(scratch.path('absent', 'out'))).toEqual([]);
  });

  it('a partial folder is there at once, for its owner alone', () => {
    scratch.write('folders/x', '');
    const place = scratch.path('folders', 'out');
    const made = makePartialFolder(place);
    expect(basename(made).startsWith('.out.partial-')).toBe(true);
    expect(readdirSync(made)).toEqual([]);
    expect(abandonedPartials(place)).toEqual([]);
  });
});

describe('after a run that was killed', () => {
  it('the next write of the same file takes its remains away', () => {
    scratch.write(`file/${partialOf('figures.json', `${machine()}-${ended}`)}`, '{"hal');
    replaceFile(scratch.path('file', 'figures.json'), '{}');
    expect(readdirSync(scratch.path('file'))).toEqual(['figures.json']);
  });

  it('the next entry of the cache takes its remains away', () => {
    scratch.write(`cache/partial/${partialOf('entry', `${machine()}-${ended}`)}`, 'hal');
    const cache = new ContentCache(scratch.path('cache'), () => 'things');
    cache.put('ab'.repeat(32), Buffer.from('whole'));
    expect(cache.get('ab'.repeat(32))).toEqual(Buffer.from('whole'));
    expect(readdirSync(scratch.path('cache', 'partial'))).toEqual([]);
  });
});
