import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

// The architecture needs no types: without the rules that do, one file is checked in milliseconds.
const eslint = new ESLint({
  cwd: root,
  overrideConfig: [
    { files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked },
    { files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: false } } },
  ],
});

/** Rules that `text` breaks when it stands in the place of the file `path`. */
async function broken(path: string, text: string): Promise<readonly (string | null)[]> {
  const results = await eslint.lintText(text, { filePath: path });
  return results.flatMap((result) => result.messages.map((message) => message.ruleId));
}

describe('the lint', () => {
  it.each([
    ['an upper floor', 'src/numeric/interval.ts', "export * from '../data/csv.js';", 'no-restricted-paths'],
    ['the command line', 'src/compiler.ts', "export * from './cli/main.js';", 'no-restricted-paths'],
    ['a neighbour', 'src/passes/pass.ts', "export * from '../lowering/model/groups.js';", 'no-restricted-paths'],
    ['a test', 'src/support/bits.ts', "export * from '../../test/support/random-types.js';", 'no-restricted-paths'],
    ['the file itself', 'src/support/bits.ts', "export * from './bits.js';", 'no-self-import'],
    ['an importer', 'src/support/invariant.ts', "export * from './legal-names.js';", 'no-cycle'],
  ])('sees an import of %s', async (_, path, text, rule) => {
    expect(await broken(path, text)).toContain(`import-x/${rule}`);
  });

  it('lets a file import its own floor and the ones below', async () => {
    const text = "export * from '../support/bits.js';\nexport * from './interval.js';";
    expect(await broken('src/numeric/rounding.ts', text)).toEqual([]);
  });

  it.each([
    ['files', 'src/passes/pass.ts', "export * from 'node:fs';", ['no-restricted-imports']],
    ['processes', 'src/backends/verilog/emit.ts', "export * from 'node:child_process';", ['no-restricted-imports']],
    ['the environment', 'src/model/kinds.ts', "export const home = process.env['HOME'];", ['no-restricted-globals']],
    ['dates', 'src/simulation/engine.ts', 'export const now = Date.now();', ['no-restricted-globals']],
    ['unseeded numbers', 'src/cli/main.ts', 'export const dice = Math.random();', ['no-restricted-properties']],
    ['nothing where it is allowed', 'src/cli/main.ts', "export * from 'node:fs';", []],
    ['default exports', 'src/model/kinds.ts', 'export default 1;', ['import-x/no-default-export']],
    ['any', 'src/model/kinds.ts', 'export type Anything = any;', ['@typescript-eslint/no-explicit-any']],
    [
      'non-null assertions',
      'test/unit/a.test.ts',
      '[1].at(0)!.toFixed();',
      ['@typescript-eslint/no-non-null-assertion'],
    ],
  ])('sees %s', async (_, path, text, rules) => {
    expect(await broken(path, text)).toEqual(rules);
  });
});
