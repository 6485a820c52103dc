import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseDesign } from '../../../src/design/parse.js';
import { verifyProgram } from '../../../src/dataflow/verify.js';
import { designModules, reservedPortNames } from '../../../src/lowering/rtl/design-modules.js';
import { printModule } from '../../../src/backends/verilog/print-module.js';
import { printModules } from '../../../src/backends/vhdl/print-module.js';
import { NameTable } from '../../../src/support/legal-names.js';

/**
 * A folder per case: `design.txt`, written by hand, `expected.v` and `expected.vhd`, all modules that come of it. With
 * TRIGC_UPDATE_GOLDEN=1 the expected files are written instead of compared; read the difference before committing it.
 */
const root = fileURLToPath(new URL('.', import.meta.url));
const update = process.env['TRIGC_UPDATE_GOLDEN'] === '1';
const cases = readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

describe('golden Verilog and VHDL', () => {
  for (const name of cases) {
    it(name, () => {
      const design = parseDesign(readFileSync(join(root, name, 'design.txt'), 'utf8'));
      verifyProgram(design.program);
      const names = new NameTable(reservedPortNames);
      names.legal(design.name);
      const { modules } = designModules(design, names, [`golden case '${name}'`], []);
      for (const [file, text] of [
        ['expected.v', modules.map(printModule).join('\n')],
        ['expected.vhd', printModules(modules).map((printed) => printed.text).join('\n')],
      ] as const) {
        const expected = join(root, name, file);
        if (update) writeFileSync(expected, text);
        expect(existsSync(expected)).toBe(true);
        expect(text).toBe(readFileSync(expected, 'utf8'));
      }
    });
  }
});
