import { describe, expect, it } from 'vitest';
import { canonicalSignedDigits } from '../../../../../../src/passes/dataflow/distributed-arithmetic/csd.js';
import { spanningTree } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/spanning-tree.js';
import { at } from '../../../../../../src/support/invariant.js';
import { Random } from '../../../../../../src/support/random.js';

/** Columns that are at times another one, changed in one place and negated. */
function relatedColumns(random: Random, count: number, inputs: number): Int32Array[] {
  const columns: Int32Array[] = [];
  for (let index = 0; index < count; index++) {
    const other = columns[random.integer(0, columns.length)];
    if (other === undefined) columns.push(Int32Array.from({ length: inputs }, () => random.integer(-60, 60)));
    else {
      const column = other.map((entry) => (index % 2 === 0 ? entry : -entry));
      column[random.integer(0, inputs - 1)] = random.integer(-60, 60);
      columns.push(column);
    }
  }
  return columns;
}

const digitsOf = (column: ArrayLike<number>): number =>
  Array.from(column).reduce((sum, entry) => sum + canonicalSignedDigits(BigInt(entry)).length, 0);

/** Digits of the column less (sign 0) or plus (sign 1) another one. */
const distance = (column: Int32Array, other: Int32Array, sign: number): number =>
  digitsOf(column.map((entry, input) => entry - (sign === 1 ? -at(other, input) : at(other, input))));

/** Weight of the lightest tree over all columns and zero (Kruskal). */
function leastWeight(columns: readonly Int32Array[]): number {
  const edges = columns.flatMap((column, index) => [
    { weight: digitsOf(column), left: index, right: columns.length },
    ...columns.slice(0, index).map((other, right) => ({
      weight: 1 + Math.min(distance(column, other, 0), distance(column, other, 1)),
      left: index,
      right,
    })),
  ]);
  const roots = Array.from({ length: columns.length + 1 }, (_, index) => index);
  let sum = 0;
  for (const { weight, left, right } of edges.sort((a, b) => a.weight - b.weight)) {
    const [from, to] = [at(roots, left), at(roots, right)];
    if (from === to) continue;
    sum += weight;
    roots.forEach((root, index) => {
      if (root === from) roots[index] = to;
    });
  }
  return sum;
}

describe('spanningTree', () => {
  it('orders parents first, within the levels, by the differences it says', () => {
    let found = 0;
    for (let seed = 0; seed < 100; seed++) {
      const random = new Random(seed);
      const [count, levels] = [random.integer(2, 12), random.integer(1, 3)];
      const columns = relatedColumns(random, count, random.integer(1, 6));
      const tree = spanningTree(columns, levels);
      if (tree === undefined) continue;
      found++;
      const { order, parents, signs, heights } = tree;
      expect([...order].sort((a, b) => a - b)).toEqual(columns.map((_, index) => index));
      const depth: number[] = [];
      const below = columns.map(() => 0);
      for (const index of order) {
        const parent = at(parents, index);
        depth[index] = parent < 0 ? 0 : at(depth, parent) + 1;
        expect(depth[index]).toBeLessThanOrEqual(levels);
        if (parent < 0) continue;
        const weight = 1 + distance(at(columns, index), at(columns, parent), at(signs, index));
        expect(weight).toBeLessThan(digitsOf(at(columns, index)));
        for (let up = parent, height = 1; up >= 0; up = at(parents, up), height++) {
          below[up] = Math.max(at(below, up), height);
        }
      }
      expect([...heights]).toEqual(below);
    }
    expect(found).toBeGreaterThan(50);
  });

  it('is the lightest tree where the levels do not bind', () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = new Random(seed);
      const columns = relatedColumns(random, random.integer(2, 10), random.integer(1, 5));
      const tree = spanningTree(columns, columns.length);
      const weight = columns.reduce((sum, column, index) => {
        const parent = tree?.parents[index] ?? -1;
        if (parent < 0) return sum + digitsOf(column);
        return sum + 1 + distance(column, at(columns, parent), tree?.signs[index] ?? NaN);
      }, 0);
      expect(weight).toBe(leastWeight(columns));
    }
  });

  it('is none without levels, without a pair, with unknown columns or where no difference pays', () => {
    const columns = [Int32Array.of(5, 9, 3), Int32Array.of(5, 9, 7)];
    expect(spanningTree(columns, 1)).toBeDefined();
    expect(spanningTree(columns, 0)).toBeUndefined();
    expect(spanningTree(columns.slice(1), 1)).toBeUndefined();
    expect(spanningTree([...columns, undefined], 1)).toBeUndefined();
    expect(spanningTree([Int32Array.of(1, 0), Int32Array.of(0, 1)], 1)).toBeUndefined();
  });
});
