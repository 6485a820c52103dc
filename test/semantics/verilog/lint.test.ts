import { expect, it } from 'vitest';
import { lowerModel } from '../../../src/lowering/model/lower-model.js';
import { Random } from '../../../src/support/random.js';
import { randomMlp } from '../../support/random-mlp.js';
import { randomProgram } from '../../support/random-kernel.js';
import { randomModel } from '../../support/random-model.js';
import { buildDesign, variedChoices } from '../../support/verilog-bundle.js';
import { emitFiles, isMissing, lint, withFiles } from '../../support/verilog-files.js';

const withoutVerilator = await isMissing('verilator');

it.skipIf(withoutVerilator)('emitted Verilog has no remark of Verilator -Wall but about unused bits', async () => {
  const random = new Random(31);
  const programs = Array.from({ length: 24 }, (_, index) => {
    const name = `lint_${index}`;
    if (index % 3 === 0) return randomProgram(random, name, ['assume']);
    if (index % 3 === 1) return lowerModel(randomModel(random, { name, operations: 8, maximumElements: 6 }));
    return lowerModel(randomMlp(random, { name, layers: [4, 4, 2] }));
  });
  const remarks: string[] = [];
  for (const [index, program] of programs.entries()) {
    const built = buildDesign(program, variedChoices(index));
    for (const line of await withFiles(emitFiles(built), (folder) => lint(folder, built.design.name))) {
      // Random constants make comparisons that Verilator sees to be always true once it has folded them.
      if (!/Warning-(?:UNSIGNED|CMPCONST)|Exiting due to/u.test(line)) remarks.push(line);
    }
  }
  expect(remarks).toEqual([]);
});
