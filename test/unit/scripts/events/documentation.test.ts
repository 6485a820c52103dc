import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { load, mean, sample } from './support.js';

const docs = fileURLToPath(new URL('../../../../docs/', import.meta.url));
const page = readFileSync(join(docs, 'events.md'), 'utf8');

/** Cells of the row of a table of the page that begins with a name. */
function cells(table: string, name: string): readonly string[] {
  const text = new RegExp(`<!-- ${table}: [^\\n]*-->([^]*?)<!-- end -->`, 'u').exec(page)?.[1] ?? '';
  const line = text.split('\n').find((row) => row.startsWith(`| \`${name}\``));
  return line?.split('|').map((cell) => cell.trim()) ?? [];
}

describe('docs/events.md', () => {
  it('has a row for every process and class, and its figures', async () => {
    const { processes } = await load<{ processes: Readonly<Record<string, unknown>> }>('processes.mjs');
    const { jetClasses } = await load<{ jetClasses: readonly string[] }>('jets.mjs');
    for (const name of Object.keys(processes)) {
      expect(cells('objects', name), name).toHaveLength(14);
      expect(cells('calorimeter', name), name).toHaveLength(7);
    }
    for (const name of jetClasses) expect(cells('jets', name), name).toHaveLength(12);
    const figures = [...page.matchAll(/\]\((events\/\w+\.svg)\)/gu)].map((match) => match[1] ?? '');
    expect(figures).toHaveLength(3);
    for (const figure of figures) expect(existsSync(join(docs, figure)), figure).toBe(true);
  });

  it('says what the generator makes', async () => {
    const rows = await sample('objects', 'z', 2000);
    const muons = mean(rows.map((row) => ((row[15] ?? 0) > 0 ? 1 : 0)));
    expect(Math.abs(100 * muons - Number.parseFloat(cells('objects', 'z')[5] ?? ''))).toBeLessThan(4);
    const jets = mean(rows.map((row) => row.slice(27).filter((code, index) => index % 3 === 0 && code > 0).length));
    expect(Math.abs(jets - Number(cells('objects', 'z')[8]))).toBeLessThan(0.25);
    const images = (await sample('calorimeter', 'z', 200)).flat();
    expect(Math.abs(mean(images) - Number(cells('calorimeter', 'z')[2]))).toBeLessThan(0.3);
    const constituents = (await sample('jets-features', 'g', 300)).map((row) => row[15] ?? NaN);
    expect(Math.abs(mean(constituents) - Number(cells('jets', 'g')[6]))).toBeLessThan(2.5);
  });
});

describe('histograms', () => {
  it('are shares, with what lies outside in the bins at the ends', async () => {
    const { histogram } = await load<{
      histogram: (values: readonly number[], bins: object) => Float64Array;
    }>('plot.mjs');
    const shares = histogram([-5, 0.5, 1.5, 99], { low: 0, high: 3, bins: 3 });
    expect([...shares]).toEqual([0.5, 0.25, 0.25]);
  });
});
