import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../../src/dataflow/builder.js';
import type { Kernel } from '../../../src/dataflow/kinds.js';
import type { Instance, Program } from '../../../src/dataflow/program.js';
import { PROGRAM_INPUT } from '../../../src/dataflow/program.js';
import type { FixedPointType } from '../../../src/numeric/fixed-point.js';
import { codeRange, fixedPointType } from '../../../src/numeric/fixed-point.js';
import { intervalWidth } from '../../../src/numeric/interval.js';
import { SIMULATION_ENGINES } from '../../../src/simulation/choose-engine.js';
import { printModule } from '../../../src/backends/verilog/print-module.js';
import { fromPattern } from '../../../src/support/bits.js';
import type { BundleMember } from '../../support/verilog-bundle.js';
import { buildDesign, simulateBundle } from '../../support/verilog-bundle.js';

const { yosys, icarus, ghdl } = SIMULATION_ENGINES;
const icarusMissing = await icarus.unavailable();
const ghdlMissing = await ghdl.unavailable();

type Triple = readonly [FixedPointType, FixedPointType, FixedPointType];

function sums(triple: Triple, subtracts: boolean): Kernel {
  const name = `sum_${triple.map(({ signed, width }) => `${signed ? 's' : 'u'}${width}`).join('')}_${subtracts ? 1 : 0}`;
  const builder = new KernelBuilder(name);
  builder.from({ name, operator: 'Sum' });
  const [a, b, c] = triple.map((type) => builder.input(codeRange(type)));
  if (a === undefined || b === undefined || c === undefined) throw new Error('three operands');
  builder.output(builder.addThree(a, b, c, subtracts));
  return builder.finish();
}

const types = [1, 2, 3].flatMap((width) => [false, true].map((signed) => fixedPointType(signed, width, width)));

/** Every triple of the types, added and subtracted; operand k of a triple is driven by element k × types + type. */
function everyTriple(): Program {
  const kernels: Kernel[] = [];
  const instances: Instance[] = [];
  types.forEach((first, i) => {
    types.forEach((second, j) => {
      types.forEach((third, k) => {
        for (const subtracts of [false, true]) {
          const kernel = sums([first, second, third], subtracts);
          const positions = [[i, types.length + j, 2 * types.length + k]];
          instances.push({
            name: kernel.name,
            kernel: kernels.length,
            positions: positions.map((elements) => elements.map((index) => ({ instance: PROGRAM_INPUT, index }))),
            origin: { name: kernel.name, operator: 'Test' },
          });
          kernels.push(kernel);
        }
      });
    });
  });
  const outputs = kernels.map(({ name, nodes, outputs: ids }, instance) => {
    const range = nodes[ids[0] ?? 0]?.range ?? { low: 0n, high: 0n };
    const width = intervalWidth(range);
    return { name, types: [fixedPointType(range.low < 0n, width, width)], elements: [{ instance, index: 0 }] };
  });
  return {
    name: 'triples',
    inputs: [{ name: 'x', types: [...types, ...types, ...types] }],
    kernels,
    instances,
    outputs,
  };
}

/** Every triple of patterns of 3 bits; a narrower operand takes the low ones. */
const events = Array.from({ length: 512 }, (_, row) =>
  [row & 7, (row >> 3) & 7, row >> 6].flatMap((pattern) =>
    types.map(({ width, signed }) => fromPattern(BigInt(pattern), width, signed)),
  ),
);

function member(): BundleMember {
  return { ...buildDesign(everyTriple(), { latency: 0, registers: 'none' }), events };
}

describe('a sum of three in Verilog', () => {
  it('is one expression of operands of one width, so that synthesis sees one adder', () => {
    const triple: Triple = [fixedPointType(true, 3, 3), fixedPointType(false, 2, 2), fixedPointType(true, 1, 1)];
    const kernel = sums(triple, true);
    const positions = [[0, 1, 2].map((index) => ({ instance: PROGRAM_INPUT, index }))];
    const program: Program = {
      name: 'one',
      inputs: [{ name: 'x', types: triple }],
      kernels: [kernel],
      instances: [{ name: 'sum', kernel: 0, positions, origin: { name: 'sum', operator: 'Test' } }],
      outputs: [{ name: 'y', types: [fixedPointType(true, 4, 4)], elements: [{ instance: 0, index: 0 }] }],
    };
    const { modules } = buildDesign(program, { latency: 0, registers: 'none' });
    const text = modules.modules.map(printModule).join('\n');
    expect(text).toContain("= {in_0[2], in_0} + {2'd0, in_1} - {{3{in_2[0]}}, in_2};");
  });

  it('means what the semantics table says, for all operands of up to 3 bits', async () => {
    expect(await simulateBundle(yosys, [member()])).toEqual([]);
  }, 240_000);

  it.skipIf(icarusMissing !== undefined)(
    'means the same to Icarus Verilog',
    async () => {
      expect(await simulateBundle(icarus, [member()])).toEqual([]);
    },
    240_000,
  );

  it.skipIf(ghdlMissing !== undefined)(
    'means the same to GHDL, printed as VHDL',
    async () => {
      expect(await simulateBundle(ghdl, [member()])).toEqual([]);
    },
    240_000,
  );
});
