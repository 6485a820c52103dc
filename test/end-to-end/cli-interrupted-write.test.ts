import type * as FileSystem from 'node:fs';
import { existsSync, readdirSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { readTree, scratchFolder, trigc } from '../support/command-line.js';
import { smallModel } from '../support/small-model.js';

/** Which call of the file system fails, and how. */
const fault = vi.hoisted(() => ({ write: '', renamesBefore: Number.POSITIVE_INFINITY, code: 'ENOSPC' }));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof FileSystem>();
  const failing = (): Error => Object.assign(new Error(`${fault.code}: the disk says no`), { code: fault.code });
  return {
    ...real,
    writeFileSync: (path: string, content: string | Uint8Array) => {
      if (fault.write !== '' && path.includes('.partial-') && path.endsWith(fault.write)) throw failing();
      real.writeFileSync(path, content);
    },
    renameSync: (from: string, to: string) => {
      if (fault.renamesBefore-- === 0) throw failing();
      real.renameSync(from, to);
    },
  };
});

const scratch = scratchFolder();

describe('a write that fails half-way', () => {
  beforeEach(() => {
    Object.assign(fault, { write: '', renamesBefore: Number.POSITIVE_INFINITY });
  });

  it.each(['rtl/net.v', 'trigc.json', 'report.md'])('at %s leaves no folder and no remains', async (file) => {
    const model = scratch.write('net.onnx', smallModel().bytes());
    fault.write = file;
    const run = await trigc('compile', model, '-o', scratch.path('out'));
    expect([run.code, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toMatch(/^error TRG4003 \[\S+out\]: ENOSPC: .*disk says no\n {2}hint: /mu);
    expect(existsSync(scratch.path('out'))).toBe(false);
    expect(readdirSync(scratch.path())).toEqual(['net.onnx']);
  });

  it.each([
    ['while the files are written', { write: 'tb/expected.hex' }],
    ['when the earlier folder is moved away', { renamesBefore: 0 }],
    ['when the new folder takes its place', { renamesBefore: 1 }],
  ])('%s keeps the earlier folder', async (_, where) => {
    const model = scratch.write('earlier/net.onnx', smallModel().bytes());
    const out = scratch.path('earlier', 'out');
    expect((await trigc('compile', model, '-o', out)).code).toBe(0);
    const before = readTree(out);
    Object.assign(fault, where);
    const run = await trigc('compile', model, '-o', out, '--name', 'other');
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('error TRG4003');
    expect(readTree(out)).toEqual(before);
    expect(readdirSync(scratch.path('earlier')).toSorted()).toEqual(['net.onnx', 'out']);
  });
});
