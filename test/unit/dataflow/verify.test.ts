import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../../src/dataflow/builder.js';
import type { Kernel, NodeId } from '../../../src/dataflow/kinds.js';
import type { Program } from '../../../src/dataflow/program.js';
import { PROGRAM_INPUT } from '../../../src/dataflow/program.js';
import { MAXIMUM_BITS, verifyKernel, verifyProgram } from '../../../src/dataflow/verify.js';
import { fixedPointType } from '../../../src/numeric/fixed-point.js';
import { InvariantError } from '../../../src/support/invariant.js';

const nibble = { low: -8n, high: 7n };

function goodKernel(): Kernel {
  const builder = new KernelBuilder('good');
  const x = builder.input(nibble);
  const y = builder.input(nibble);
  const sum = builder.add(x, builder.shiftLeft(y, 1));
  builder.output(builder.wrap(sum, 4, true));
  return builder.finish();
}

/** The good kernel with some fields of one node replaced. */
function withNode(id: number, fields: Readonly<Record<string, unknown>>): Kernel {
  const kernel = goodKernel();
  const nodes = kernel.nodes.map((node, index) => (index === id ? { ...node, ...fields } : node));
  return { ...kernel, nodes };
}

describe('verifyKernel', () => {
  it('accepts what the builder makes', () => {
    verifyKernel(goodKernel());
    verifyKernel(new KernelBuilder('empty').finish());
  });

  it('accepts a refined range, but not of an input', () => {
    verifyKernel(withNode(4, { range: { low: -8n, high: 5n } }));
    expect(() => {
      verifyKernel(withNode(0, { range: { low: -8n, high: 5n } }));
    }).toThrow('not within');
  });

  it.each([
    ['a node with the id of another', withNode(3, { id: 2 }), /calls itself 2/u],
    ['an operand that comes later', withNode(2, { operand: 4 }), /does not come before/u],
    ['an operand that is itself', withNode(2, { operand: 2 }), /does not come before/u],
    ['an operand that is no index', withNode(2, { operand: 0.5 }), /does not come before/u],
    ['an operand before the first', withNode(2, { operand: -1 }), /does not come before/u],
    ['a wider range', withNode(3, { range: { low: -25n, high: 21n } }), /not within/u],
    ['an empty range', withNode(3, { range: { low: 2n, high: 1n } }), /not within/u],
    ['an origin that does not exist', withNode(3, { origin: 1 }), /no origin 1/u],
    ['a negative shift', withNode(2, { amount: -1 }), /shift by -1/u],
    ['half a shift', withNode(2, { amount: 0.5 }), /shift by 0.5/u],
    ['an absurd shift', withNode(2, { amount: MAXIMUM_BITS + 1 }), /shift by/u],
    ['no width', withNode(4, { width: 0 }), /width of 0/u],
    ['empty bounds', withNode(0, { bounds: { low: 1n, high: 0n } }), /empty/u],
    ['an input given twice', withNode(1, { index: 0 }), /given twice/u],
    ['an input left out', withNode(1, { index: 2 }), /input 2 among 2/u],
    ['inputs in another order', { ...goodKernel(), inputs: [1, 0] as NodeId[] }, /input 0 is node 0/u],
    ['inputs that are not listed', { ...goodKernel(), inputs: [0] as NodeId[] }, /it has 2 inputs/u],
    ['an output that does not exist', { ...goodKernel(), outputs: [5] as NodeId[] }, /no node 5/u],
    ['an unused table without entries', withNode(4, { kind: 'table', first: 0n, values: [] }), /needs entries/u],
    ['a slice below bit 0', withNode(4, { kind: 'slice', low: -1, width: 1 }), /lowest bit of -1/u],
    ['a concatenation of nothing', withNode(4, { kind: 'concat', high: 0, low: 1, lowWidth: 0 }), /lower width of 0/u],
  ] as const)('refuses %s', (_, kernel, message) => {
    expect(() => {
      verifyKernel(kernel);
    }).toThrow(InvariantError);
    expect(() => {
      verifyKernel(kernel);
    }).toThrow(message);
  });

  it('refuses values of absurd width before computing with them', () => {
    const builder = new KernelBuilder('huge');
    const huge = builder.shiftLeft(builder.shiftLeft(builder.input(nibble), 10), MAXIMUM_BITS);
    builder.output(builder.wrap(huge, 4, true));
    expect(() => {
      verifyKernel(builder.finish());
    }).toThrow(InvariantError);
  });
});

describe('verifyProgram', () => {
  const origin = { name: '', operator: '' };
  const input = (index: number): { instance: number; index: number } => ({ instance: PROGRAM_INPUT, index });
  const type = fixedPointType(true, 4, 4);
  const good: Program = {
    name: 'p',
    inputs: [{ name: 'x', types: [type, fixedPointType(false, 3, 0), fixedPointType(true, 5, 5)] }],
    kernels: [goodKernel()],
    instances: [
      { name: 'a', kernel: 0, positions: [[input(0), input(1)]], origin },
      { name: 'b', kernel: 0, positions: [[{ instance: 0, index: 0 }, input(1)]], origin },
    ],
    outputs: [{ name: 'y', types: [type], elements: [{ instance: 1, index: 0 }] }],
  };
  const calling = (positions: Program['instances'][number]['positions'], kernel = 0): Program => ({
    ...good,
    instances: [{ name: 'a', kernel, positions, origin }],
  });
  const returning = (port: Partial<Program['outputs'][number]>): Program => ({
    ...good,
    outputs: [{ name: 'y', types: [type], elements: [input(0)], ...port }],
  });

  it('accepts a good one', () => {
    verifyProgram(good);
    verifyProgram(returning({}));
  });

  it.each([
    ['a broken kernel', { ...good, kernels: [withNode(3, { id: 2 })] }, /calls itself/u],
    ['a kernel that does not exist', calling([[input(0), input(1)]], 1), /no kernel 1/u],
    ['no positions', calling([]), /no positions/u],
    ['too few operands', calling([[input(0)]]), /1 operands for 2 inputs/u],
    ['too many operands', calling([[input(0), input(1), input(1)]]), /3 operands for 2 inputs/u],
    ['an input element that does not exist', calling([[input(0), input(3)]]), /no in\.3, only 3/u],
    ['an operand of its own making', calling([[input(0), { instance: 0, index: 0 }]]), /does not come before/u],
    ['an operand from below', calling([[input(0), { instance: -2, index: 0 }]]), /does not come before/u],
    ['an operand outside the bounds', calling([[input(2), input(0)]]), /in\.2 in \[-16, 15\] leaves input 0/u],
    ['types missing', returning({ types: [] }), /0 types for 1 elements/u],
    ['a port too narrow', returning({ elements: [input(2)] }), /does not hold \[-16, 15\]/u],
    ['a port of the wrong sign', returning({ types: [fixedPointType(false, 9, 9)] }), /does not hold/u],
    ['a result that does not exist', returning({ elements: [{ instance: 1, index: 1 }] }), /no i1\.1, only 1/u],
    ['an instance that does not exist', returning({ elements: [{ instance: 2, index: 0 }] }), /does not come before/u],
  ] as const)('refuses %s', (_, program, message) => {
    expect(() => {
      verifyProgram(program);
    }).toThrow(InvariantError);
    expect(() => {
      verifyProgram(program);
    }).toThrow(message);
  });
});
