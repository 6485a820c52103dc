import { describe, expect, it } from 'vitest';
import type { Program } from '../../../src/dataflow/program.js';
import { SIMULATION_ENGINES } from '../../../src/simulation/choose-engine.js';
import { Random } from '../../../src/support/random.js';
import { randomCodes, randomProgram } from '../../support/random-kernel.js';
import type { BundleMember } from '../../support/verilog-bundle.js';
import { buildDesign, simulateBundle } from '../../support/verilog-bundle.js';
import { emitFiles, isMissing, lint, withFiles } from '../../support/verilog-files.js';

const withoutVerilator = await isMissing('verilator');
const ghdlMissing = await SIMULATION_ENGINES.ghdl.unavailable();
const hostile = [
  'endmodule',
  'ENDMODULE',
  'a"b',
  'line\nendmodule\nmodule evil',
  '*/ endmodule /*',
  '// synopsys translate_off',
  'verilator lint_off WIDTH',
  '`include "/etc/passwd"',
  '$finish;',
  'back\\',
  'größe/层:0',
  'x'.repeat(300),
  'clk',
  'rst',
  'rtl',
  'to_integer',
  'registers',
  'valid_in',
  'LATENCY',
  'u_wire',
  'w_x_e0',
  'name',
  'NAME',
  'Name',
  '',
  '___',
  '0',
  'signed',
  'always',
  'entity',
  'in_0',
  'out_0',
  '{{top}}',
  '\u202egnp',
] as const;

/** The program with every name replaced by a hostile one. */
function renamed(program: Program, shift: number): Program {
  let next = shift;
  const name = (): string => hostile[next++ % hostile.length] ?? '';
  return {
    name: name(),
    inputs: program.inputs.map((input) => ({ ...input, name: name() })),
    outputs: program.outputs.map((output) => ({ ...output, name: name() })),
    instances: program.instances.map((instance) => ({
      ...instance,
      name: name(),
      origin: { name: name(), operator: name() },
    })),
    kernels: program.kernels.map((kernel) => ({
      ...kernel,
      name: name(),
      origins: kernel.origins.map(() => ({ name: name(), operator: name() })),
    })),
  };
}

const random = new Random(77);
const members = hostile.map((_, index): BundleMember => {
  const program = renamed(randomProgram(random, 'victim', ['assume']), index);
  const choices = {
    latency: index % 3,
    ports: index % 2 === 0 ? 'packed' : 'elements',
    valid: index % 4 === 1,
  } as const;
  const events = Array.from({ length: 12 }, () => randomCodes(random, program));
  return { ...buildDesign(program, { ...choices, name: `victim ${index}` }), events };
});

describe('names made to break the Verilog', () => {
  it('leave a design that computes the same', async () => {
    expect(await simulateBundle(SIMULATION_ENGINES.yosys, members)).toEqual([]);
  });

  it.skipIf(ghdlMissing !== undefined)('leave a design that computes the same in GHDL', async () => {
    expect(await simulateBundle(SIMULATION_ENGINES.ghdl, members)).toEqual([]);
  });

  it('stay inside comments, on lines of their own', () => {
    for (const member of members) {
      const provenance = { version: '1', model: hostile.join(), modelHash: 'line\nendmodule', configHash: '`x' };
      for (const { path, text } of emitFiles(member, { provenance })) {
        expect(path).toMatch(/^[a-z]+\/[A-Za-z0-9_]+\.(?:v|f|tcl|xdc)$/u);
        expect(text).toMatch(/^[\n\x20-\x7e]*$/u);
        if (!path.startsWith('rtl/') || !path.endsWith('.v')) continue;
        const code = text.replace(/\/\/.*$/gmu, '');
        // What is left of a name is letters, digits and underscores.
        expect(code).not.toMatch(/[`"\\]|\$(?!signed)|\/\*|\*\//u);
        expect(code.match(/\bendmodule\b/gu)).toHaveLength(1);
      }
    }
  });

  it.skipIf(withoutVerilator)('pass a strict reader of every warning', async () => {
    for (const member of members.slice(0, 8)) {
      const remarks = await withFiles(emitFiles(member), (folder) => lint(folder, member.design.name));
      expect(remarks.filter((line) => !line.includes('Warning-UNSIGNED'))).toEqual([]);
    }
  });
});
