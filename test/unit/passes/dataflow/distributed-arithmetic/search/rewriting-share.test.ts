import { describe, expect, it } from 'vitest';
import { canonicalSignedDigits } from '../../../../../../src/passes/dataflow/distributed-arithmetic/csd.js';
import {
  REWRITING,
  rewritingShare,
} from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/rewriting-share.js';

const shareOf = (columns: readonly (readonly bigint[])[]) =>
  rewritingShare(
    columns.map((column) => ({
      digits: column.flatMap((coefficient, value) =>
        canonicalSignedDigits(coefficient).map((digit) => ({ value, ...digit })),
      ),
      coefficients: undefined,
      constant: undefined,
    })),
    columns[0]?.length ?? 0,
  );

describe('the share of steps that write sums anew', () => {
  it('is less where nearly all coefficients are there and have few digits', () => {
    expect(shareOf([[1n, 2n, 3n, 4n]])).toBeLessThan(REWRITING);
    expect(shareOf([[1n, 3n, -3n, 7n, 5n, 6n, 8n, 0n]])).toBeLessThan(REWRITING);
  });

  it.each([
    ['sparse', [[1n, 0n, 3n, 4n]]],
    ['of many bits', [[3n, 43n, 3n, 3n]]],
    ['empty', [[0n, 0n]]],
  ])('is as always where a matrix is %s', (_, columns) => {
    expect(shareOf(columns)).toBe(REWRITING);
  });
});
