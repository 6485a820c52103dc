import { describe, expect, it } from 'vitest';
import { printType } from '../../../src/numeric/fixed-point.js';
import type { TensorSite } from '../../../src/passes/model/precision/sites.js';
import type { ModelNodeId } from '../../../src/model/kinds.js';
import { chooseTensorTypes, integerBits } from '../../../src/precision/tensor-bits.js';

const site = (groups: readonly number[]): TensorSite => ({
  kind: 'tensor',
  name: 't',
  node: 0 as ModelNodeId,
  isInput: false,
  size: groups.length,
  groups: Int32Array.from(groups),
  groupCount: Math.max(...groups) + 1,
  entersProduct: true,
  entersFunction: false,
  outputs: [],
});
const facts = (
  low: readonly number[],
  high: readonly number[],
  damage: readonly number[],
  groups = [...low.keys()],
) => ({
  site: site(groups),
  low: Float64Array.from(low),
  high: Float64Array.from(high),
  damage: Float64Array.from(damage),
  bitCost: new Float64Array(low.length).fill(10),
  tables: 0,
});
const types = (...of: Parameters<typeof chooseTensorTypes>): readonly string[] =>
  chooseTensorTypes(...of).types.map(printType);

describe('integerBits', () => {
  it.each([
    [0, 0.9, false, 0],
    [0, 1, false, 1],
    [0, 7.99, false, 3],
    [-8, 7, true, 3],
    [-8.1, 7, true, 4],
    [0, 0.2, false, -2],
  ])('%d to %d, signed %s: %d', (low, high, signed, bits) => {
    expect(integerBits(low, high, signed)).toBe(bits);
  });
});

describe('chooseTensorTypes', () => {
  it('adds bits until the next one costs more than the damage that it takes away', () => {
    // A bit from f to f + 1 takes away damage × 4^-f / 16.
    const price = (fraction: number): number => 4 ** -fraction / 16 / 10;
    expect(types(facts([0], [3], [1]), price(3) * 1.01, 0)).toEqual(['ap_ufixed<5,2>']);
    expect(types(facts([0], [3], [1]), price(3) * 0.99, 0)).toEqual(['ap_ufixed<6,2>']);
    expect(types(facts([0], [3], [4]), price(3) * 1.01, 0)).toEqual(['ap_ufixed<6,2>']);
  });

  it('gives each group its own sign, range and bits, and elements of a group one type', () => {
    const found = types(facts([0, -1], [3, 1], [1, 64], [0, 1]), 1e-3, 0);
    expect(found[0]).toMatch(/^ap_ufixed/u);
    expect(found[1]).toMatch(/^ap_fixed/u);
    expect(types(facts([0], [3], [1], [0, 0, 0]), 1e-3, 0)).toHaveLength(1);
  });

  it('keeps one bit of what does not matter', () => {
    expect(types(facts([0], [3], [0]), 1e-3, 0)).toEqual(['ap_ufixed<1,2>']);
    expect(types(facts([0], [0], [0]), 1e-3, 0)[0]).toMatch(/^ap_ufixed<1,/u);
  });

  it('leaves the margin that is asked for', () => {
    expect(types(facts([0], [3], [0]), 1e-3, 2)).toEqual(['ap_ufixed<1,4>']);
  });
});
