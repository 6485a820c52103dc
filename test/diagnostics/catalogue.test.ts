import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { DiagnosticArea } from '../../src/diagnostics/catalogue.js';
import { catalogue, describeCatalogue } from '../../src/diagnostics/catalogue.js';

const root = new URL('../../', import.meta.url);
const areas: readonly (readonly [string, DiagnosticArea])[] = Object.entries(catalogue);
const entries = areas.flatMap(([area, { numbers, kinds }]) =>
  Object.entries(kinds).map(([name, kind]) => ({ area, name, numbers, kind })),
);

/** The TypeScript files of a folder, without the catalogue itself and this file. */
function sources(folder: string): readonly string[] {
  const base = fileURLToPath(new URL(folder, root));
  return readdirSync(base, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/(?:^|\/)(?:codes\/|catalogue\.)/u.test(path.replaceAll('\\', '/')))
    .map((path) => readFileSync(`${base}/${path}`, 'utf8'));
}

/** Whether a text names `importCodes.notOnnx`, or the code itself. */
function names(text: string, area: string, name: string, code: string): boolean {
  return new RegExp(`\\b${area}Codes\\s*\\.\\s*${name}\\b|\\b${code}\\b`, 'u').test(text);
}

/** Whether a text has an entry for the name in a table by the names of the area. */
function hasEntry(text: string, area: string, name: string): boolean {
  return text.includes(`keyof typeof ${area}Codes`) && new RegExp(`^ *${name}:`, 'mu').test(text);
}

describe('the catalogue of diagnostics', () => {
  it('lists every file of src/diagnostics/codes', () => {
    const files = readdirSync(new URL('src/diagnostics/codes', root)).map((name) => name.replace(/\.ts$/u, ''));
    expect(Object.keys(catalogue).sort()).toEqual(files.sort());
  });

  it('has unique codes, each within the numbers of its area', () => {
    const codes = entries.map(({ kind }) => kind.code);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
    for (const { kind, numbers } of entries) {
      const number = Number(kind.code.slice(3));
      expect(number, kind.code).toBeGreaterThanOrEqual(numbers[0]);
      expect(number, kind.code).toBeLessThanOrEqual(numbers[1]);
    }
  });

  it('has a title and a hint for every code, and titles that tell the codes of an area apart', () => {
    for (const { kind } of entries) {
      expect(kind.title, kind.code).toMatch(/^\S.*[^.\s]$/u);
      expect(kind.hint, kind.code).toMatch(/^\S.*\S$/u);
    }
    const titles = entries.map(({ area, kind }) => `${area}: ${kind.title}`);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('has no code that src never gives', () => {
    const texts = sources('src/');
    const unused = entries.filter(({ area, name, kind }) => !texts.some((text) => names(text, area, name, kind.code)));
    expect(unused.map(({ kind, name }) => `${kind.code} ${name}`)).toEqual([]);
  });

  it('has no code without a test that names it', () => {
    const texts = sources('test/');
    const untested = entries.filter(
      ({ area, name, kind }) => !texts.some((text) => names(text, area, name, kind.code) || hasEntry(text, area, name)),
    );
    expect(untested.map(({ kind, name }) => `${kind.code} ${name}`)).toEqual([]);
  });

  it('is the page docs/diagnostics.md (npm run docs)', () => {
    expect(readFileSync(new URL('docs/diagnostics.md', root), 'utf8')).toBe(describeCatalogue());
  });
});
