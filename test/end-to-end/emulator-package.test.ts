import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apTypesFolder } from '../support/ap-types.js';
import { compilerMissing, run } from '../support/emulator-packages.js';
import { precisionConfig } from '../support/precision-config.js';
import { hasReference, readCodes, referenceFile } from '../support/reference-set.js';
import { runCommand, withFolder } from '../support/run-command.js';

const skipped = compilerMissing === undefined ? 'nothing is missing' : `skipped: ${compilerMissing}`;
const cppFolder = resolve('test/support/cpp');
// Compiling is most of the time of these tests, and optimisation changes no result.
const MAKE_OPTIONS = ['CXXFLAGS=-O1 -Werror'];

/** AXOL1TL v5 in scores.csv. */
const SCORE_COLUMN = 1;

/** Compile a model with its package; the folder of the package. */
async function packageOf(model: string, folder: string, config = '{}\n'): Promise<string> {
  const path = `${folder}.yaml`;
  writeFileSync(path, config);
  const words = ['compile', model, '-o', folder, '--config', path, '--emulator-package', '--effort', 'fast'];
  const compiled = await runCommand(...words);
  expect(compiled, compiled.stderr).toMatchObject({ code: 0 });
  return join(folder, 'emulator');
}

describe.skipIf(compilerMissing !== undefined)(`the emulator package (${skipped})`, { timeout: 900_000 }, () => {
  it('of two models loads in one process, over and over, in every order of destruction', async () => {
    await withFolder(async (folder) => {
      const packages = [
        await packageOf('models/axol1tl-like/model.onnx', join(folder, 'first')),
        // The same name: a clash would be seen.
        await packageOf('models/dense-autoencoder/qat.onnx', join(folder, 'second')),
      ];
      const libraries: string[] = [];
      for (const path of packages) {
        const manifest = JSON.parse(readFileSync(join(path, '../trigc.json'), 'utf8')) as { top: string };
        await run('make', ['all', ...MAKE_OPTIONS], path);
        expect(await run('make', ['check', ...MAKE_OPTIONS], path)).toContain('vectors.out is reproduced');
        const library = join(path, `${manifest.top}.so`);
        libraries.push(library);
        const symbols = (await run('nm', ['-D', '--defined-only', library], path)).trim().split('\n');
        expect(symbols.map((line) => line.replace(/^\w+ /u, ''))).toEqual(['T create_model', 'T destroy_model']);
        // The only initialiser is the one that the compiler puts into every library.
        const objects = await run('nm', ['-C', library], path);
        expect(objects).not.toMatch(/_GLOBAL__sub_I|static initializ/u);
      }
      const [first = '', second = ''] = packages;
      const driver = join(folder, 'load-models');
      const source = join(cppFolder, 'load-models.cc');
      await run('g++', ['-std=c++17', '-O1', '-I', first, '-o', driver, source, '-ldl'], folder);
      const words = [first, second].flatMap((path, index) => [
        libraries[index] ?? '',
        join(path, 'vectors.in'),
        join(path, 'vectors.out'),
      ]);
      expect(await run(driver, ['3', ...words], folder)).toBe(`${3 * 8 * 2 * 1000}\n`);
    });
  });

  it('is written where trigc.yaml asks for it, and its files are in the manifest', async () => {
    await withFolder(async (folder) => {
      const config = join(folder, 'trigc.yaml');
      writeFileSync(config, 'emulator: { package: true }\neffort: fast\n');
      const out = join(folder, 'out');
      const model = 'models/dense-autoencoder/qat.onnx';
      const compiled = await runCommand('compile', model, '-o', out, '--config', config);
      expect(compiled, compiled.stderr).toMatchObject({ code: 0 });
      const manifest = JSON.parse(readFileSync(join(out, 'trigc.json'), 'utf8')) as { files: { path: string }[] };
      const paths = manifest.files.map(({ path }) => path).filter((path) => path.startsWith('emulator/'));
      expect(paths).toEqual(expect.arrayContaining(['emulator/Makefile', 'emulator/model.h', 'emulator/kernels_0.cc']));
      for (const path of paths) expect(existsSync(join(out, path))).toBe(true);
      const without = await runCommand('compile', model, '-o', join(folder, 'plain'), '--effort', 'fast');
      expect(without.code).toBe(0);
      expect(existsSync(join(folder, 'plain', 'emulator'))).toBe(false);
    });
  });

  const absent = hasReference ? '' : ' (skipped: the reference set is absent)';
  /** Columns of the reference outputs that `model.onnx` computes, and what has to be declared. */
  const networks = [
    { name: 'AXOL1TL_v3', columns: 8, config: () => '{}\n' },
    { name: 'AXOL1TL_v5', columns: 1, config: () => '{}\n' },
    { name: 'CICADA_v1', columns: 1, config: () => 'outputs: { result: { type: "ap_fixed<11,5>" } }\n' },
    { name: 'CICADA_v2', columns: 1, config: () => precisionConfig('CICADA_v2').yaml },
    { name: 'TOoLLiP_v1', columns: 1, config: () => precisionConfig('TOoLLiP_v1').yaml },
  ] as const;
  it.skipIf(!hasReference).each(networks)(
    `of $name gives the deployed outputs on all vectors${absent}`,
    async ({ name, columns, config }) => {
      await withFolder(async (folder) => {
        const path = await packageOf(referenceFile('deployed', name, 'model.onnx'), join(folder, 'out'), config());
        await run('make', ['check', '-j2', ...MAKE_OPTIONS], path);
        const inputs = readCodes(referenceFile('deployed', name, 'inputs.csv.gz'));
        const text = `${inputs.map((row) => row.join()).join('\n')}\n`;
        const expected = readCodes(referenceFile('deployed', name, 'outputs.csv.gz')).map((row) =>
          row.slice(0, columns).join(),
        );
        expect(expected).toHaveLength(2000);
        expect((await run(join(path, 'emulate'), [], path, text)).trim().split('\n')).toEqual(expected);
      });
    },
  );

  const headers = apTypesFolder === undefined ? ' (skipped: TRIGC_AP_TYPES names no headers)' : '';
  it.skipIf(apTypesFolder === undefined)(`takes and gives the vendor's types${headers}`, async () => {
    await withFolder(async (folder) => {
      const path = await packageOf('models/axol1tl-like/model.onnx', join(folder, 'out'));
      const vendor = apTypesFolder ?? '';
      await run('make', ['all', `AP_TYPES=${vendor}`, ...MAKE_OPTIONS], path);
      const symbols = await run('nm', ['-D', '--defined-only', join(path, 'model.so')], path);
      expect(symbols.trim().split('\n')).toHaveLength(2);
      const driver = join(folder, 'vendor-types');
      const source = join(cppFolder, 'vendor-types.cc');
      const options = ['-std=c++17', '-O1', '-w', '-isystem', vendor, '-I', path];
      await run('g++', [...options, '-o', driver, source, '-ldl'], folder);
      const vectors = [join(path, 'vectors.in'), join(path, 'vectors.out')];
      expect(await run(driver, [join(path, 'model.so'), ...vectors], folder)).toBe('1000\n');
    });
  });

  it.skipIf(apTypesFolder === undefined || !hasReference)(
    `of AXOL1TL v5 in full gives the scores of the deployed RTL through the types of CMSSW${headers}${absent}`,
    async () => {
      await withFolder(async (folder) => {
        const types = [
          '"ap_ufixed<12,11>", "ap_fixed<8,8>", "ap_ufixed<8,8>"',
          '{ types: ["ap_ufixed<9,8>", "ap_fixed<8,8>", "ap_ufixed<8,8>"], count: 4 }',
          '{ types: ["ap_ufixed<9,8>", "ap_fixed<9,9>", "ap_ufixed<10,10>"], count: 4 }',
          '{ types: ["ap_ufixed<11,10>", "ap_fixed<8,8>", "ap_ufixed<8,8>"], count: 10 }',
        ];
        const config = `inputs: { input: { types: [${types.join(', ')}], constants: { 1: 0 } } }
emulator: { types: { input: "ap_fixed<18,13>" } }
`;
        const model = referenceFile('deployed', 'AXOL1TL_v5', 'model_full.onnx');
        const path = await packageOf(model, join(folder, 'out'), config);
        const vendor = apTypesFolder ?? '';
        await run('make', ['all', `AP_TYPES=${vendor}`, ...MAKE_OPTIONS], path);
        const driver = join(folder, 'score-events');
        const options = ['-std=c++17', '-O1', '-w', '-DRESULTS=1', '-isystem', vendor, '-I', path];
        await run('g++', [...options, '-o', driver, join(cppFolder, 'score-events.cc'), '-ldl'], folder);
        const events = join(folder, 'events.csv');
        const rows = readCodes(referenceFile('l1events', 'events.csv.gz'));
        writeFileSync(events, `${rows.map((row) => row.join()).join('\n')}\n`);
        const scores = (await run(driver, [join(path, 'model_full.so'), events], folder)).trim().split('\n');
        const deployed = readCodes(referenceFile('l1events', 'scores.csv')).map((row) => row[SCORE_COLUMN]);
        expect(deployed).toHaveLength(3564);
        expect(scores).toEqual(deployed);
      });
    },
  );

  it('refuses types that ports do not have, and writes nothing', async () => {
    await withFolder(async (folder) => {
      const config = join(folder, 'trigc.yaml');
      writeFileSync(
        config,
        'emulator: { package: true, types: { missing: "ap_fixed<8,8>", score: "ap_ufixed<8,8>" } }\n',
      );
      const out = join(folder, 'out');
      const words = ['compile', 'models/axol1tl-like/model.onnx', '-o', out, '--config', config, '--effort', 'fast'];
      const compiled = await runCommand(...words);
      expect(compiled.code).toBe(2);
      expect(compiled.stderr).toContain('TRG3026');
      expect(compiled.stderr).toContain("the model has no port 'missing'");
      expect(compiled.stderr).toContain("ap_ufixed<8,8> does not hold all codes of output 'score'");
      expect(existsSync(out)).toBe(false);
    });
  });
});
