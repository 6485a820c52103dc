import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitLength, fromPattern, shiftBy, toPattern, trailingZeros } from '../../../src/support/bits.js';

const SEED = 7;
const anyInteger = fc.bigInt({ min: -(1n << 300n), max: 1n << 300n });

describe('bitLength', () => {
  it('is the length of the binary text of the magnitude', () => {
    expect(bitLength(0n)).toBe(0);
    fc.assert(
      fc.property(anyInteger, (value) => {
        const magnitude = value < 0n ? -value : value;
        expect(bitLength(value)).toBe(magnitude === 0n ? 0 : magnitude.toString(2).length);
      }),
      { seed: SEED },
    );
  });

  it('is right on both sides of every power of two', () => {
    for (let exponent = 1; exponent < 200; exponent++) {
      expect(bitLength(1n << BigInt(exponent))).toBe(exponent + 1);
      expect(bitLength((1n << BigInt(exponent)) - 1n)).toBe(exponent);
    }
  });
});

describe('trailingZeros', () => {
  it('is the exponent of the power of two in a number', () => {
    expect(trailingZeros(0n)).toBe(0);
    fc.assert(
      fc.property(anyInteger, fc.integer({ min: 0, max: 200 }), (value, exponent) => {
        const odd = value * 2n + 1n;
        expect(trailingZeros(odd << BigInt(exponent))).toBe(exponent);
      }),
      { seed: SEED },
    );
  });
});

describe('shiftBy', () => {
  it.each([
    [5n, 2, 20n],
    [5n, -1, 2n],
    [-5n, -1, -3n],
    [-1n, -100, -1n],
    [3n, 0, 3n],
  ])('%d by %i is %d', (value, amount, expected) => {
    expect(shiftBy(value, amount)).toBe(expected);
  });
});

describe('patterns', () => {
  it('stand for every value of the word, and for nothing else', () => {
    for (let width = 1; width <= 6; width++) {
      const size = 1n << BigInt(width);
      for (let pattern = 0n; pattern < size; pattern++) {
        expect(fromPattern(pattern, width, false)).toBe(pattern);
        const signed = fromPattern(pattern, width, true);
        expect(signed).toBe(pattern >= size / 2n ? pattern - size : pattern);
        expect(toPattern(signed, width)).toBe(pattern);
      }
    }
  });
});
