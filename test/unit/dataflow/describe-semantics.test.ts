import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeSemantics } from '../../../src/dataflow/describe-semantics.js';
import { dataflowKinds } from '../../../src/dataflow/schema.js';

describe('docs/semantics.md', () => {
  it('is what the semantics table generates (npm run docs)', () => {
    const text = readFileSync(new URL('../../../docs/semantics.md', import.meta.url), 'utf8');
    expect(text).toBe(describeSemantics());
    for (const kind of dataflowKinds) expect(text).toContain(`| \`${kind}\` `);
  });
});
