import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateScript, load, sample } from './support.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'events-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const run = (...options: readonly string[]): { readonly status: number | null; readonly stderr: string } =>
  spawnSync(process.execPath, [generateScript, ...options], { cwd: folder, encoding: 'utf8' });
const wanted = ['--process', 'all', '--kind', 'jets-features', '--events', '7', '--seed', '1'];

describe('generate.mjs', () => {
  it('writes .npy with its shape, and labels', async () => {
    const { status, stderr } = run(...wanted, '--output', 'jets.npy', '--labels', 'classes.npy');
    expect(stderr).toContain('7 events, seed 1');
    expect(status).toBe(0);
    const file = readFileSync(join(folder, 'jets.npy'));
    const size = 10 + file.readUInt16LE(8);
    expect(size % 64).toBe(0);
    expect(file.toString('latin1', 10, size)).toContain("'descr': '<f4', 'fortran_order': False, 'shape': (7, 16), }");
    expect(file.length).toBe(size + 7 * 16 * 4);
    const values = Array.from({ length: 16 }, (_, index) => file.readFloatLE(size + 4 * index));
    expect(values).toEqual((await sample('jets-features', 'all', 1))[0]);
    expect([...readFileSync(join(folder, 'classes.npy')).subarray(-7)]).toEqual([0, 1, 2, 3, 4, 0, 1]);
  });

  it('writes .csv.gz with a header, the same values', async () => {
    const options = ['--process', 'w', '--kind', 'objects', '--events', '5', '--units', 'hardware'];
    expect(run(...options, '--output', 'w.csv.gz').status).toBe(0);
    const lines = gunzipSync(readFileSync(join(folder, 'w.csv.gz')))
      .toString()
      .trimEnd()
      .split('\n');
    expect(lines[0]).toMatch(/^met_pt,met_eta,met_phi,eg0_pt,.*,jet9_phi$/u);
    expect(lines.slice(1).map((line) => line.split(',').map(Number))).toEqual(await sample('objects', 'w', 5));
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  const good = ['--process', 'w', '--kind', 'objects', '--events', '5', '--output', 'bad.npy'];
  it.each([
    [good.slice(0, 6), '--output is missing'],
    [[...good, '--kind', 'images'], "no kind 'images'; kinds: objects, calorimeter, jets-features, jets-constituents"],
    [[...good, '--process', 'q'], "no process 'q' of kind objects; processes: zero-bias, qcd"],
    [[...good, '--process', 'toString'], "no process 'toString'"],
    [[...good, '--events', '0'], '--events is 0, outside 1'],
    [[...good, '--events', '1e3'], "--events takes an integer, not '1e3'"],
    [[...good, '--seed=-1'], "--seed takes an integer, not '-1'"],
    [[...good, '--pileup', '500'], "--pileup takes a number from 0 to 200, not '500'"],
    [[...good, '--units', 'metres'], "--units is real or hardware, not 'metres'"],
    [[...good, '--labels', 'classes.npy'], '--labels is for jets with --process all'],
    [[...wanted, '--output', 'jets.npy', '--labels', './jets.npy'], 'are the same file'],
    [[...wanted, '--output', 'jets.npy', '--pileup', '3'], '--pileup is for objects and calorimeter'],
    [[...wanted, '--output', 'jets.npy', '--units', 'real'], '--units is for objects'],
    [[...good, '--output', 'bad.txt'], '--output must end in .npy or .csv.gz: bad.txt'],
    [[...good, '--output', 'missing/bad.npy'], '--output: no folder'],
    [[...good, '--colour', 'red'], "Unknown option '--colour'"],
  ])('refuses %j', async (options, message) => {
    const { readArguments } = await load<{ readArguments: (list: readonly string[]) => unknown }>('generate.mjs');
    expect(() => readArguments(options)).toThrow(message);
  });

  it('ends with status 2 and a hint where the command line is wrong, and writes nothing', () => {
    const { status, stderr } = run(...good, '--events', '0');
    expect(stderr).toMatch(/^error: --events is 0.*\n {2}hint: --help/u);
    expect(status).toBe(2);
    expect(readdirSync(folder).filter((name) => name.startsWith('bad'))).toEqual([]);
  });
});
