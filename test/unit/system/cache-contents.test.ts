import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cacheContents, clearCache } from '../../../src/system/cache-contents.js';
import { ContentCache } from '../../../src/system/content-cache.js';
import { installedPackageVersion } from '../../../src/system/installed-package.js';
import { scratchFolder } from '../../support/command-line.js';

const scratch = scratchFolder();
const key = (digit: string): string => digit.repeat(64);

function fill(name: string): string {
  const root = scratch.path(name);
  for (const kind of ['solutions-0123456789abcdef', 'solutions-fedcba9876543210', 'simulations-v1']) {
    const cache = new ContentCache(root, () => kind);
    for (const digit of ['a', 'b']) cache.put(key(digit), Buffer.alloc(4097));
    expect(cache.close()).toBeUndefined();
  }
  scratch.write(`${name}/verilator-wasm/artefact-v1/LICENSE`, 'text');
  scratch.write(`${name}/partial/.entry.partial-someone`, 'half');
  return root;
}

describe('what is in a cache', () => {
  it('is listed by kind, whatever the build that made it, apart from what is no entry', () => {
    expect(cacheContents(fill('list'))).toEqual({
      entries: [
        { kind: 'simulations-v1', files: 2, bytes: 2 * 8192 },
        { kind: 'solutions', files: 4, bytes: 4 * 8192 },
      ],
      others: [
        { kind: 'partial', files: 1, bytes: 4096 },
        { kind: 'verilator-wasm', files: 1, bytes: 4096 },
      ],
    });
  });

  it('is nothing where there is none', () => {
    expect(cacheContents(scratch.path('absent'))).toEqual({ entries: [], others: [] });
    expect(clearCache(scratch.path('absent'))).toEqual({ files: 0, bytes: 0 });
    expect(existsSync(scratch.path('absent'))).toBe(false);
  });

  it('can be cleared, and built tools stay', () => {
    const root = fill('clear');
    expect(clearCache(root)).toEqual({ files: 6, bytes: 6 * 8192 });
    expect(readdirSync(root).sort()).toEqual(['partial', 'verilator-wasm']);
    expect(readdirSync(scratch.path('clear', 'verilator-wasm', 'artefact-v1'))).toEqual(['LICENSE']);
    const cache = new ContentCache(root, () => 'solutions-0123456789abcdef');
    cache.put(key('a'), Buffer.from('again'));
    expect(cache.get(key('a'))).toEqual(Buffer.from('again'));
  });
});

describe('the version of an npm package', () => {
  it('is found without running it, and absent where it is not installed', () => {
    expect(installedPackageVersion('@yowasp/yosys')).toMatch(/^\d+\.\d+/u);
    expect(installedPackageVersion('@yowasp/no-such-package')).toBeUndefined();
  });
});
