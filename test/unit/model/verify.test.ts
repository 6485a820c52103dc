import { describe, expect, it } from 'vitest';
import { fixedPointType } from '../../../src/numeric/fixed-point.js';
import type { ModelGraph, ModelOutput } from '../../../src/model/kinds.js';
import { parseModel } from '../../../src/model/parse.js';
import { verifyModel } from '../../../src/model/verify.js';
import { at } from '../../../src/support/invariant.js';

const graph = parseModel(`model 1 "sound"
%0 = input {name: "x", types: [ap_fixed<4,2>], rounding: TRN, overflow: WRAP} : [2] @ "" ""
%1 = constant {lsb: 0, codes: [1, 2], float: false} : [2] @ "" ""
%2 = add(%0, %1) : [2] @ "" ""
%3 = quantize(%2) {types: [ap_fixed<3,3>, ap_fixed<6,3>], rounding: TRN, overflow: SAT} : [2] @ "" ""
%4 = assume(%0) {lsb: -2, ranges: [[-4, 4]]} : [2] @ "" ""
%5 = reduce(%4) {operation: sum, axes: [0], keepDimensions: false} : [] @ "" ""
output "y" = %3 : [ap_fixed<3,3>, ap_fixed<6,3>]
output "z" = %5 : [ap_fixed<5,3>]
`);

/** The graph with some fields of one node replaced. */
function withNode(id: number, fields: object): ModelGraph {
  const nodes = graph.nodes.map((node) => (node.id === id ? { ...node, ...fields } : node));
  return { ...graph, nodes };
}

function withOutput(index: number, fields: Partial<ModelOutput>): ModelGraph {
  const outputs = graph.outputs.map((output, at_) => (at_ === index ? { ...output, ...fields } : output));
  return { ...graph, outputs };
}

const narrow = fixedPointType(true, 4, 2);

describe('verifyModel', () => {
  it('accepts a sound graph, with output types as coarse as each element by itself', () => {
    verifyModel(graph, { typed: true });
  });

  it.each([
    ['an id that is not the index', withNode(2, { id: 3 }), /node 2 calls itself 3/u],
    ['an operand that comes later', withNode(2, { left: 3 }), /operand %3 does not come before it/u],
    ['an operand that is itself', withNode(2, { left: 2 }), /operand %2 does not come before it/u],
    ['a negative operand', withNode(2, { left: -1 }), /operand %-1/u],
    ['a shape that does not follow', withNode(2, { shape: [3] }), /its shape is \[2\], not \[3\]/u],
    ['an empty dimension', withNode(0, { shape: [0] }), /dimensions are positive/u],
    ['an absurd size', withNode(0, { shape: [100_000, 100_000] }), /10000000000 elements/u],
    ['operands that do not fit', withNode(1, { shape: [1, 3], codes: [1n, 2n, 3n] }), /cannot be broadcast together/u],
    ['too many types', withNode(3, { types: [narrow, narrow, narrow] }), /3 types for 2 elements/u],
    ['a quantiser without type', withNode(3, { types: [] }), /0 types for 2 elements/u],
    ['too few codes', withNode(1, { codes: [1n] }), /1 codes for 2 elements/u],
    ['a fractional LSB', withNode(1, { lsb: 0.5 }), /0.5 is not a valid LSB/u],
    ['an empty range', withNode(4, { ranges: [{ low: 1n, high: 0n }] }), /a range is empty/u],
    ['too many ranges', withNode(4, { ranges: Array.from({ length: 3 }, () => ({ low: 0n, high: 0n })) }), /3 ranges/u],
    ['an axis twice', withNode(5, { axes: [0, 0] }), /an axis is given twice/u],
    ['an axis that is not there', withNode(5, { axes: [1] }), /there is no axis 1/u],
    ['an output of nothing', withOutput(0, { node: 9 as ModelOutput['node'] }), /refers to %9, which does not exist/u],
    ['an output with too many types', withOutput(1, { types: [narrow, narrow] }), /2 types for 1 elements/u],
  ])('refuses %s', (_, broken, message) => {
    expect(() => verifyModel(broken, { typed: false })).toThrow(
      expect.objectContaining({ name: 'InvariantError', message: expect.stringMatching(message) as string }),
    );
  });

  it.each([
    ['an input without type', withNode(0, { types: [] }), /the input has no type/u],
    ['a float constant', withNode(1, { float: true }), /still float/u],
    ['an output without type', withOutput(1, { types: [] }), /has no type/u],
    [
      'an output that is too narrow',
      withOutput(1, { types: [fixedPointType(true, 4, 2)] }),
      /does not hold all values/u,
    ],
    ['an unsigned output', withOutput(1, { types: [fixedPointType(false, 9, 7)] }), /does not hold all values/u],
    ['an output that is too coarse', withOutput(1, { types: [fixedPointType(true, 4, 3)] }), /too coarse/u],
    [
      'types in the wrong order',
      withOutput(0, { types: [fixedPointType(true, 6, 3), fixedPointType(true, 3, 3)] }),
      /element 1 of output "y": ap_fixed<3,3> is too coarse/u,
    ],
  ])('refuses %s in a typed graph only', (_, broken, message) => {
    verifyModel(broken, { typed: false });
    expect(() => verifyModel(broken, { typed: true })).toThrow(
      expect.objectContaining({ name: 'InvariantError', message: expect.stringMatching(message) as string }),
    );
  });

  it('starts from a graph in which each of these nodes is what the cases say', () => {
    expect(graph.nodes.map((node) => node.kind)).toEqual(['input', 'constant', 'add', 'quantize', 'assume', 'reduce']);
    expect(at(graph.outputs, 0).types).toHaveLength(2);
  });
});
