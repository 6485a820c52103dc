import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../../../src/dataflow/builder.js';
import { estimateKernel } from '../../../../src/lowering/estimate/estimate-kernel.js';

/**
 * What Yosys 0.23 makes of single adders as they are printed: operation, signed, bits of the left and the right operand,
 * places by which the right one is shifted, then tables of two and more inputs, and CARRY4. Recorded by
 * `yosys -p "read_verilog M.v; synth_xilinx -top M -family xc7 -flatten -noiopad -noclkbuf -nodsp; stat"`, with M the
 * module of the kernel below.
 */
const recorded: readonly (readonly ['add' | 'subtract', boolean, number, number, number, number, number])[] = [
  ['add', false, 2, 1, 0, 1, 1],
  ['add', false, 2, 1, 2, 0, 0],
  ['add', false, 2, 1, 4, 0, 0],
  ['add', false, 3, 3, 0, 3, 1],
  ['add', false, 3, 3, 2, 1, 1],
  ['add', false, 3, 3, 4, 0, 0],
  ['add', false, 5, 3, 0, 3, 2],
  ['add', false, 5, 3, 2, 3, 1],
  ['add', false, 5, 3, 4, 1, 1],
  ['add', false, 4, 6, 0, 4, 2],
  ['add', false, 4, 6, 2, 2, 2],
  ['add', false, 4, 6, 4, 0, 0],
  ['subtract', false, 2, 1, 0, 1, 1],
  ['subtract', false, 2, 1, 2, 0, 0],
  ['subtract', false, 2, 1, 4, 0, 1],
  ['subtract', false, 3, 3, 0, 3, 1],
  ['subtract', false, 3, 3, 2, 1, 1],
  ['subtract', false, 3, 3, 4, 0, 2],
  ['subtract', false, 5, 3, 0, 3, 2],
  ['subtract', false, 5, 3, 2, 3, 1],
  ['subtract', false, 5, 3, 4, 1, 1],
  ['subtract', false, 4, 6, 0, 4, 2],
  ['subtract', false, 4, 6, 2, 2, 2],
  ['subtract', false, 4, 6, 4, 0, 2],
  ['add', true, 2, 1, 0, 2, 1],
  ['add', true, 2, 1, 2, 2, 0],
  ['add', true, 2, 1, 4, 2, 0],
  ['add', true, 3, 3, 0, 3, 1],
  ['add', true, 3, 3, 2, 3, 1],
  ['add', true, 3, 3, 4, 3, 1],
  ['add', true, 5, 3, 0, 5, 2],
  ['add', true, 5, 3, 2, 3, 1],
  ['add', true, 5, 3, 4, 3, 1],
  ['add', true, 4, 6, 0, 6, 2],
  ['add', true, 4, 6, 2, 6, 2],
  ['add', true, 4, 6, 4, 6, 2],
  ['subtract', true, 2, 1, 0, 2, 1],
  ['subtract', true, 2, 1, 2, 2, 0],
  ['subtract', true, 2, 1, 4, 2, 0],
  ['subtract', true, 3, 3, 0, 3, 1],
  ['subtract', true, 3, 3, 2, 3, 1],
  ['subtract', true, 3, 3, 4, 3, 1],
  ['subtract', true, 5, 3, 0, 5, 2],
  ['subtract', true, 5, 3, 2, 3, 1],
  ['subtract', true, 5, 3, 4, 3, 1],
  ['subtract', true, 4, 6, 0, 6, 2],
  ['subtract', true, 4, 6, 2, 6, 2],
  ['subtract', true, 4, 6, 4, 6, 2],
];

const word = (bits: number, signed: boolean): { low: bigint; high: bigint } => {
  const half = 1n << BigInt(bits - 1);
  return signed ? { low: -half, high: half - 1n } : { low: 0n, high: 2n * half - 1n };
};

describe('the cost of a single adder', () => {
  it.each(recorded)('%s, signed %s, %i and %i bits, shifted by %i', (kind, signed, left, right, shift, lut, blocks) => {
    const builder = new KernelBuilder('adder');
    const [a, b] = [builder.input(word(left, signed)), builder.input(word(right, signed))];
    builder.output(builder[kind](a, builder.shiftLeft(b, shift)));
    const kernel = builder.finish();
    const options = { family: '7-series', dsp: false, threeOperandAdders: false, mergedSums: true } as const;
    const { resources } = estimateKernel(kernel, new Int32Array(kernel.nodes.length), options);
    const sums = [...resources.values()].flatMap((byCycle) => [...byCycle.values()]).map((sum) => sum.finish());
    expect(sums.reduce((total, sum) => total + sum.lut, 0)).toBe(lut);
    expect(sums.reduce((total, sum) => total + sum.carryBlocks, 0)).toBe(blocks);
  });
});
