import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';

/** Gives the tests of a file a temporary folder of their own and checks that the engines leave nothing in it. */
export function expectCleanTemporaryFolder(): void {
  const previous = process.env['TMPDIR'];
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trigc-test-'));
    process.env['TMPDIR'] = folder;
  });
  afterAll(async () => {
    if (previous === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = previous;
    const left = (await readdir(folder)).filter((name) => name.includes('trigc'));
    await rm(folder, { recursive: true, force: true });
    expect(left).toEqual([]);
  });
}
