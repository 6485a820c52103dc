import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeOperators } from '../../../../src/importers/onnx/describe-operators.js';
import { operatorFamilies } from '../../../../src/importers/onnx/registry.js';
import { restrictions } from '../../../../src/importers/onnx/restrictions.js';

const names = operatorFamilies.flatMap(({ entries }) => entries.map(({ operator }) => operator));

describe('the support table', () => {
  it('is up to date (npm run docs)', () => {
    const text = readFileSync(new URL('../../../../docs/operators.md', import.meta.url), 'utf8');
    expect(text).toBe(describeOperators());
  });

  it('has a row for every operator of the registry', () => {
    const text = describeOperators();
    for (const name of names) expect(text).toContain(`\n| ${name} | `);
  });

  it('is Markdown: every line of a table is one row', () => {
    const rows = describeOperators()
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(rows.filter((line) => !line.endsWith(' |'))).toEqual([]);
  });

  it('states restrictions of supported operators only', () => {
    expect([...restrictions.keys()].filter((name) => !names.includes(name))).toEqual([]);
  });
});
