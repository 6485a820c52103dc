import { describe, expect, it } from 'vitest';
import { canonicalSignedDigits } from '../../../../../../src/passes/dataflow/distributed-arithmetic/csd.js';
import { LocalSearch } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/local-search.js';
import type { StartColumn } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/start.js';
import { startNetwork } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/start.js';
import { transposedStart } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/transposed-start.js';
import { at } from '../../../../../../src/support/invariant.js';
import { Random } from '../../../../../../src/support/random.js';
import { formsOf } from './random-networks.js';

const greedy = { used: () => 1 };
const some = { used: (work: number) => work / 20_000 };

function columnsOf(matrix: readonly (readonly number[])[], constant?: number): StartColumn[] {
  return at(matrix, 0).map((_, column) => {
    const coefficients = matrix.map((row) => at(row, column));
    const digits = coefficients.flatMap((coefficient, value) =>
      canonicalSignedDigits(BigInt(coefficient)).map(({ shift, negative }) => ({ value, shift, negative })),
    );
    return { digits, coefficients: Int32Array.from(coefficients), constant };
  });
}

const inputs = (count: number): { low: number; high: number; zeros: number; depth: number }[] =>
  Array.from({ length: count }, () => ({ low: -8, high: 7, zeros: 0, depth: 0 }));

const randomMatrix = (random: Random, rows: number, columns: number): number[][] =>
  Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => (random.integer(0, 4) === 0 ? 0 : random.integer(-99, 99))),
  );

describe('transposedStart', () => {
  it('computes the columns within the depth, however the other side was searched', () => {
    let tight = 0;
    for (let seed = 0; seed < 60; seed++) {
      const random = new Random(seed);
      const [rows, count] = [random.integer(1, 12), random.integer(1, 8)];
      const matrix = randomMatrix(random, rows, count);
      const columns = columnsOf(matrix);
      const longest = Math.max(1, ...columns.map(({ digits }) => digits.length));
      const limit = Math.ceil(Math.log2(longest)) + (seed % 3);
      const uniform = (): number => random.uniform();
      const network = transposedStart(inputs(rows), rows, columns, limit, { uniform }, seed % 2 === 0 ? greedy : some);
      if (network === undefined) {
        // Sums of shared values may need a level that bare digits do not.
        expect(seed % 3).toBe(0);
        tight++;
        continue;
      }
      const forms = formsOf(network);
      expect(network.targets.map((target) => forms[target])).toEqual(
        columns.map(({ coefficients }) => Array.from(coefficients ?? [], BigInt)),
      );
      for (const target of network.targets) expect(network.leastDepth(target)).toBeLessThanOrEqual(limit);
    }
    expect(tight).toBeLessThan(10);
  });

  it('adds the constant of a column to it', () => {
    const columns = columnsOf(
      [
        [3, 5],
        [7, -1],
      ],
      2,
    );
    const constant = { low: 1, high: 1, zeros: 0, depth: 0 };
    const network = transposedStart([...inputs(2), constant], 2, columns, 4, { uniform: () => 0.5 }, greedy);
    const forms = network && formsOf(network);
    expect(network?.targets.map((target) => forms?.[target])).toEqual([
      [3n, 7n, 1n],
      [5n, -1n, 1n],
    ]);
  });

  it('needs fewer additions than the greedy choice where many inputs meet in few results', () => {
    const random = new Random(7);
    const columns = columnsOf(randomMatrix(random, 60, 5));
    const options = { depthLimit: 10, uniform: () => random.uniform() };
    const additions = (network: ReturnType<typeof startNetwork>): number =>
      network === undefined ? Infinity : new LocalSearch(network, options).additions;
    const turned = transposedStart(inputs(60), 60, columns, 10, options, greedy);
    expect(additions(turned)).toBeLessThan(additions(startNetwork(inputs(60), 60, columns, 10, undefined)));
  });

  it('is none where a digit is shifted far', () => {
    const column = {
      digits: [{ value: 0, shift: 31, negative: false }],
      coefficients: undefined,
      constant: undefined,
    };
    expect(transposedStart(inputs(1), 1, [column], 3, { uniform: () => 0.5 }, greedy)).toBeUndefined();
  });
});
