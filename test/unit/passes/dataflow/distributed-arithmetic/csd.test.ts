import { describe, expect, it } from 'vitest';
import { canonicalSignedDigits } from '../../../../../src/passes/dataflow/distributed-arithmetic/csd.js';
import { Random } from '../../../../../src/support/random.js';

function valueOf(digits: ReturnType<typeof canonicalSignedDigits>): bigint {
  return digits.reduce((sum, { shift, negative }) => sum + ((negative ? -1n : 1n) << BigInt(shift)), 0n);
}

describe('canonicalSignedDigits', () => {
  it('gives the value, without adjacent digits, for all small values', () => {
    for (let value = -5000n; value <= 5000n; value++) {
      const digits = canonicalSignedDigits(value);
      expect(valueOf(digits)).toBe(value);
      const adjacent = digits.slice(1).some((digit, index) => digit.shift - (digits[index]?.shift ?? 0) < 2);
      expect(adjacent, String(value)).toBe(false);
    }
  });

  it('has the fewest digits of all signed-digit forms', () => {
    // fewest[v]: by breadth-first search over sums of ±2^k
    const bound = 300;
    const fewest = new Map([[0, 0]]);
    let frontier = [0];
    for (let count = 1; frontier.length > 0; count++) {
      const next: number[] = [];
      for (const value of frontier) {
        for (let shift = 0; shift <= 9; shift++) {
          for (const sum of [value + 2 ** shift, value - 2 ** shift]) {
            if (Math.abs(sum) > 2 * bound || fewest.has(sum)) continue;
            fewest.set(sum, count);
            next.push(sum);
          }
        }
      }
      frontier = next;
    }
    for (let value = -bound; value <= bound; value++) {
      expect(canonicalSignedDigits(BigInt(value)).length).toBe(fewest.get(value));
    }
  });

  it('is exact far beyond 2^53', () => {
    const random = new Random(1);
    for (let round = 0; round < 200; round++) {
      const value = random.bigint(-(1n << 300n), 1n << 300n);
      expect(valueOf(canonicalSignedDigits(value))).toBe(value);
    }
  });
});
