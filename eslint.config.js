import { readdirSync } from 'node:fs';
import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/**
 * The floors of src/, from the ground up. What stands on a row imports the rows above it in this list and itself,
 * never a later row, and never its neighbours in the row. This table is the only place where the order is written.
 */
const floors = [
  ['support', 'version.ts'],
  ['diagnostics'],
  ['numeric'],
  ['model'],
  ['dataflow'],
  ['targets'],
  ['design'],
  ['rtl'],
  ['importers', 'passes', 'lowering'],
  ['backends'],
  ['evaluation'],
  ['system'],
  ['simulation', 'synthesis', 'data'],
  ['report'],
  ['budget'],
  ['config'],
  ['compiler.ts'],
  ['precision'],
  ['cli', 'index.ts'],
];

/** Where files, processes and the environment may be touched. */
const outsideWorld = [
  'src/cli/**',
  'src/system/**',
  'src/simulation/**',
  'src/synthesis/**',
  'src/data/**',
  'src/importers/onnx/load.ts',
];

const everything = floors.flat();
const unlisted = readdirSync(new URL('src', import.meta.url)).filter((name) => !everything.includes(name));
if (unlisted.length > 0) throw new Error(`eslint.config.js: no floor for src/${unlisted.join(', src/')}`);

const zones = floors.flatMap((row, floor) =>
  row.map((name) => ({
    target: `./src/${name}`,
    from: everything
      .filter((other) => other !== name && floors.findIndex((peers) => peers.includes(other)) >= floor)
      .map((other) => `./src/${other}`),
    message: `src/${name} stands on an earlier floor, or beside it; see the table in eslint.config.js.`,
  })),
);
const notFromTests = { target: './src', from: ['./test', './scripts'], message: 'src never depends on its tests.' };

const outsideModules = [
  'fs',
  'fs/promises',
  'child_process',
  'process',
  'os',
  'worker_threads',
  'http',
  'https',
  'net',
];

export default defineConfig(
  globalIgnores(['dist/', 'build/', 'coverage/', 'models/', 'test/golden/', '**/*.hbs']),
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers print the same in every locale and at every width that we use them for.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // `() => log(line)` is no more confusing than with braces.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // tsconfig's noPropertyAccessFromIndexSignature wants the brackets that dot-notation would remove.
      '@typescript-eslint/dot-notation': 'off',
      // `type` where a union or a mapped type may follow, `interface` where not: a matter of the file.
      '@typescript-eslint/consistent-type-definitions': 'off',
    },
  },
  {
    files: ['**/*.ts', '**/*.js', '**/*.mjs'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createNodeResolver({ extensions: ['.ts', '.js', '.mjs'], extensionAlias: { '.js': ['.ts', '.js'] } }),
      ],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/extensions': ['.ts', '.js', '.mjs'],
    },
    rules: {
      'import-x/no-default-export': 'error',
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-self-import': 'error',
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones: [...zones, notFromTests] }],
      eqeqeq: 'error',
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Use the seeded generator of src/support/random.ts.' },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: { 'import-x/no-extraneous-dependencies': ['error', { devDependencies: false }] },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/cli/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'Date', message: 'Output must not depend on when it was made; clocks belong in src/cli.' },
        { name: 'console', message: 'Return diagnostics; only src/cli prints.' },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: outsideWorld,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: outsideModules
            .flatMap((name) => [name, `node:${name}`])
            .map((name) => ({
              name,
              message: `Files, processes and the environment are for ${outsideWorld.join(', ')}.`,
            })),
        },
      ],
      'no-restricted-globals': [
        'error',
        { name: 'Date', message: 'Output must not depend on when it was made; clocks belong in src/cli.' },
        { name: 'console', message: 'Return diagnostics; only src/cli prints.' },
        { name: 'process', message: 'The environment is read in src/cli and handed down.' },
      ],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'performance', 'URL', 'Buffer', 'setTimeout', 'clearTimeout', 'TextDecoder'].map(
          (name) => [name, 'readonly'],
        ),
      ),
    },
  },
  {
    // Their readers ask for a default export.
    files: ['eslint.config.js', 'vitest.config.ts', 'scripts/test-reporter.mjs'],
    rules: { 'import-x/no-default-export': 'off' },
  },
);
