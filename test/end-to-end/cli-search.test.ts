import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/report/manifest.js';
import { readTree, scratchFolder, trigc } from '../support/command-line.js';
import { QonnxBuilder, smallModel } from '../support/small-model.js';

const scratch = scratchFolder();
const before = process.env['XDG_CACHE_HOME'];
const cache = (): string => scratch.path('cache');

beforeAll(() => {
  process.env['XDG_CACHE_HOME'] = cache();
  scratch.write('cache/README', 'the user has other things here');
});
afterAll(() => {
  process.env['XDG_CACHE_HOME'] = before;
});

/** 17 → 2, for high effort: 17 inputs are one too many for the search over single additions, the longest of all. */
function quickModel(): QonnxBuilder {
  const weights = Array.from({ length: 34 }, (_, index) => (((5 * index) % 15) - 7) / 4);
  return new QonnxBuilder()
    .input('x', ['N', 17])
    .quant('x', 'xq', { lsb: -1, bits: 4 })
    .initializer('w', [17, 2], weights)
    .quant('w', 'wq', { lsb: -2, bits: 4 })
    .node('MatMul', ['xq', 'wq'], ['m'], {}, { name: 'dense' })
    .quant('m', 'y', { lsb: -2, bits: 10 })
    .output('y', ['N', 2]);
}

/** Files of the small model, compiled with more options; with high effort, of the quick one. */
async function compiled(name: string, ...options: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const builder = options.some((option) => option.endsWith('high')) ? quickModel() : smallModel();
  const model = scratch.write('net.onnx', builder.bytes());
  const run = await trigc('compile', model, '-o', scratch.path(name), ...options);
  expect(run.code).toBe(0);
  expect(run.stderr).not.toMatch(/TRG\d/u);
  return readTree(scratch.path(name));
}

const entries = (): readonly string[] => [...readTree(cache()).keys()].filter((path) => path.startsWith('trigc/'));
const manifestOf = (files: ReadonlyMap<string, string>): Manifest =>
  JSON.parse(files.get('trigc.json') ?? '') as Manifest;

describe('the cache of trigc compile', () => {
  it('changes no byte: without it, filling it, from it, and from a damaged one', async () => {
    const without = await compiled('without', '--no-cache');
    expect(entries()).toEqual([]);
    expect(await compiled('filling')).toEqual(without);
    const kept = entries();
    expect(kept.length).toBeGreaterThan(0);
    expect(await compiled('from')).toEqual(without);
    const contents = kept.map((path) => readFileSync(join(cache(), path), 'utf8'));
    for (const path of kept) writeFileSync(join(cache(), path), 'damaged');
    expect(await compiled('damaged')).toEqual(without);
    expect(kept.map((path) => readFileSync(join(cache(), path), 'utf8'))).toEqual(contents);
  });

  it('where it cannot be written, is a note and nothing else', async () => {
    const without = await compiled('without', '--no-cache');
    rmSync(join(cache(), 'trigc'), { recursive: true });
    scratch.write('cache/trigc', 'a file');
    const run = await trigc('compile', scratch.path('net.onnx'), '-o', scratch.path('no-place'));
    expect(run.code).toBe(0);
    expect(run.stderr.split('\n').filter((line) => line.startsWith('note TRG4015'))).toHaveLength(1);
    expect(readTree(scratch.path('no-place'))).toEqual(without);
    const strict = await trigc('compile', scratch.path('net.onnx'), '-o', scratch.path('strict'), '--strict');
    expect(strict.code).toBe(0);
    rmSync(join(cache(), 'trigc'));
  });
});

describe('effort, seed and threads of trigc compile', () => {
  it('the number of threads is nowhere in the result', async () => {
    const one = await compiled('one', '--threads', '1', '--no-cache', '--effort', 'high');
    expect(await compiled('five', '--threads', '5', '--no-cache', '--effort=high')).toEqual(one);
  });

  it.each([
    [['--effort', 'fast', '--depth-slack', '3'], { effort: 'fast', seed: 1, depthSlack: 3, mostDepthSlack: 3 }],
    [['--effort', 'high', '--seed', '7'], { effort: 'high', seed: 7, depthSlack: 1, mostDepthSlack: 3 }],
    [['--effort', '0.2s'], { effort: '0.2s', seed: 1, depthSlack: 1, mostDepthSlack: 3 }],
    [['--latency', '3'], { effort: 'default', seed: 1, depthSlack: 1, mostDepthSlack: 1 }],
    [[], { effort: 'default', seed: 1, depthSlack: 1, mostDepthSlack: 3 }],
  ])('%j is recorded, and the same again gives the same bytes', async (options, search) => {
    const files = await compiled('recorded', ...options);
    expect(manifestOf(files).search).toEqual({ ...search, solver: expect.any(Number) as number });
    expect(JSON.parse(files.get('report.json') ?? '')).toMatchObject({ search });
    expect(files.get('report.md')).toContain(
      `| effort of the search | ${search.effort}, seed ${search.seed}, depth slack `,
    );
    expect(await compiled('again', ...options)).toEqual(files);
  });

  it('trigc.yaml sets effort and seed, the command line goes before it', async () => {
    const config = scratch.write('trigc.yaml', 'effort: fast\nseed: 3\n');
    expect(manifestOf(await compiled('file', '--config', config)).search).toMatchObject({ effort: 'fast', seed: 3 });
    const typed = await compiled('typed', '--config', config, '--effort', 'default');
    expect(manifestOf(typed).search).toMatchObject({ effort: 'default', seed: 3 });
  });

  it('refuses what is no number of threads', async () => {
    for (const threads of ['0', '-1', 'x', '1.5', '257']) {
      const run = await trigc('compile', scratch.path('net.onnx'), '-o', scratch.path('no'), `--threads=${threads}`);
      expect([run.code, run.stdout]).toEqual([2, '']);
      expect(run.stderr).toContain(`--threads ${threads} is not a whole number from 1 to 256`);
    }
  });
});
