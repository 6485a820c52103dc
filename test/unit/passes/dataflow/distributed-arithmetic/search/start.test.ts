import { describe, expect, it } from 'vitest';
import { canonicalSignedDigits } from '../../../../../../src/passes/dataflow/distributed-arithmetic/csd.js';
import { spanningTree } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/spanning-tree.js';
import type { StartColumn } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/start.js';
import { startNetwork } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/start.js';
import { Random } from '../../../../../../src/support/random.js';
import { formsOf } from './random-networks.js';

function columnOf(coefficients: readonly number[]): StartColumn {
  const digits = coefficients.flatMap((coefficient, value) =>
    canonicalSignedDigits(BigInt(coefficient)).map(({ shift, negative }) => ({ value, shift, negative })),
  );
  return { digits, coefficients: Int32Array.from(coefficients), constant: undefined };
}

const inputs = (count: number): { low: number; high: number; zeros: number; depth: number }[] =>
  Array.from({ length: count }, () => ({ low: -8, high: 7, zeros: 0, depth: 0 }));

describe('startNetwork', () => {
  it('computes the columns, from their digits or from differences', () => {
    let trees = 0;
    for (let seed = 0; seed < 40; seed++) {
      const random = new Random(seed);
      const first = Array.from({ length: 6 }, () => random.integer(-99, 99));
      const matrix = [first, ...[1, 2, 3].map((input) => first.map((entry, at) => (at === input ? 1 : -entry)))];
      const columns = matrix.map(columnOf);
      const tree =
        seed % 2 === 0
          ? undefined
          : spanningTree(
              columns.map(({ coefficients }) => coefficients),
              2,
            );
      if (tree !== undefined) trees++;
      const network = startNetwork(inputs(6), 6, columns, 9, tree);
      const forms = network && formsOf(network);
      expect(network?.targets.map((target) => forms?.[target])).toEqual(matrix.map((entries) => entries.map(BigInt)));
      network?.targets.forEach((target, index) => {
        const height = tree?.heights[index] ?? 0;
        expect(network.depth[target]).toBe(height > 0 ? 9 - height : network.leastDepth(target));
      });
    }
    expect(trees).toBe(20);
  });

  it('makes very long sums of blocks', () => {
    const coefficients = Array.from({ length: 251 }, (_, index) => 85 * (index % 2 === 0 ? 1 : -1));
    const network = startNetwork(inputs(251), 251, [columnOf(coefficients)], 12, undefined);
    const [target = -1] = network?.targets ?? [];
    expect(network?.lists[target]).toHaveLength(2);
    expect(network && formsOf(network)[target]).toEqual(coefficients.map(BigInt));
  });

  it('is none where a shift does not fit a term', () => {
    const column = (shift: number): StartColumn => ({
      digits: [{ value: 0, shift, negative: false }],
      coefficients: undefined,
      constant: undefined,
    });
    expect(startNetwork(inputs(1), 1, [column(127)], 3, undefined)).toBeDefined();
    expect(startNetwork(inputs(1), 1, [column(128)], 3, undefined)).toBeUndefined();
  });
});
