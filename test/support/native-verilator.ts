import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool, toolVersion } from '../../src/simulation/native/tool.js';
import { OUTPUT_FOLDER } from '../../src/simulation/verilator-wasm/translate.js';
import type { Translator } from '../../src/simulation/verilator-wasm/prepare.js';

/** Verilator as installed, for tests of what follows the translation where its wasm build is not at hand. */
export const nativeTranslator: Translator = {
  identity: () => toolVersion('verilator', 'verilator', '--version'),
  translate: async (files, options) => {
    const folder = await mkdtemp(join(tmpdir(), 'trigc-test-translate-'));
    try {
      for (const { name, text } of files) await writeFile(join(folder, name), text);
      const { stdout, stderr } = await runTool('verilator', 'verilator', options, folder, 120_000);
      const names = await readdir(join(folder, OUTPUT_FOLDER));
      const texts = names.map(async (name) => ({
        name,
        text: await readFile(join(folder, OUTPUT_FOLDER, name), 'utf8'),
      }));
      return { files: await Promise.all(texts), log: stdout + stderr };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
