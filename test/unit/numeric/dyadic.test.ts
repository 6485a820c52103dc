import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dyadic } from '../../../src/numeric/dyadic.js';
import {
  commonDyadic,
  dyadicFromNumber,
  dyadicToNumber,
  parseDecimal,
  printDyadic,
} from '../../../src/numeric/dyadic.js';

const SEED = 20_250_101;
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const dyadic = fc.record({
  code: fc.bigInt({ min: -(1n << 90n), max: 1n << 90n }),
  lsb: fc.integer({ min: -80, max: 80 }),
});

/** Equality of exact values, whatever the LSB. */
function sameValue(left: Dyadic, right: Dyadic): boolean {
  const lsb = Math.min(left.lsb, right.lsb);
  return left.code << BigInt(left.lsb - lsb) === right.code << BigInt(right.lsb - lsb);
}

describe('doubles', () => {
  it('come back from their exact value', () => {
    fc.assert(
      fc.property(finite, (value) => {
        const exact = dyadicFromNumber(value);
        expect(exact.code === 0n || (exact.code & 1n) === 1n).toBe(true);
        // Zero has one exact value, without a sign.
        expect(dyadicToNumber(exact)).toBe(value + 0);
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it.each([0, 1, -1.5, 5e-324, -2.2250738585072014e-308, Number.MAX_VALUE, 2 ** -1060 * 3])('%d', (value) => {
    expect(dyadicToNumber(dyadicFromNumber(value))).toBe(value);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%d has no exact value', (value) => {
    expect(() => dyadicFromNumber(value)).toThrow(RangeError);
  });

  it('are the nearest to any exact value, ties to even, subnormal and huge ones included', () => {
    expect(dyadicToNumber({ code: (1n << 53n) + 1n, lsb: 0 })).toBe(2 ** 53);
    expect(dyadicToNumber({ code: (1n << 53n) + 3n, lsb: 0 })).toBe(2 ** 53 + 4);
    expect(dyadicToNumber({ code: 3n, lsb: -1075 })).toBe(2 * 2 ** -1074);
    expect(dyadicToNumber({ code: 1n, lsb: -1075 })).toBe(0);
    expect(dyadicToNumber({ code: (1n << 60n) + 1n, lsb: -1135 })).toBe(2 ** -1074);
    // More digits than a double has exponents: the value is still an ordinary one.
    expect(dyadicToNumber({ code: (1n << 1100n) + 1n, lsb: -1100 })).toBe(1);
    expect(dyadicToNumber({ code: -((1n << 3000n) + (1n << 2999n)), lsb: -3000 })).toBe(-1.5);
    expect(dyadicToNumber({ code: 1n, lsb: 5000 })).toBe(Number.POSITIVE_INFINITY);
    expect(dyadicToNumber({ code: 0n, lsb: 5000 })).toBe(0);
  });

  it('agree with the conversion of big integers', () => {
    fc.assert(
      fc.property(dyadic, ({ code }) => {
        expect(dyadicToNumber({ code, lsb: 0 })).toBe(Number(code));
      }),
      { seed: SEED },
    );
  });
});

describe('decimals', () => {
  it('are printed exactly and read back', () => {
    fc.assert(
      fc.property(dyadic, (value) => {
        const text = printDyadic(value);
        expect(text).toMatch(/^-?\d+(?:\.\d*[1-9])?$/u);
        const read = parseDecimal(text);
        expect(read !== undefined && sameValue(read, value)).toBe(true);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  it('of doubles agree with the language', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), (value) => {
        expect(Number(printDyadic(dyadicFromNumber(value)))).toBe(value + 0);
      }),
      { seed: SEED },
    );
  });

  it.each([
    ['-0.1875', -3n, -4],
    ['1e3', 1000n, 0],
    ['+2.5E-1', 1n, -2],
    ['.5', 1n, -1],
    ['7.', 7n, 0],
    [' 12 ', 12n, 0],
    ['-0', 0n, 0],
    ['125e-3', 1n, -3],
  ])('%s', (text, code, lsb) => {
    const read = parseDecimal(text);
    expect(read !== undefined && sameValue(read, { code, lsb })).toBe(true);
  });

  it.each(['0.1', '1e-3', '0.3333333'])('%s has no finite binary form', (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });

  it.each(['', '.', '-', 'e5', '1e', '0x10', 'NaN', 'Infinity', '1,5', '1_000', '--1', '1e99999'])(
    '%j is not a number',
    (text) => {
      expect(() => parseDecimal(text)).toThrow(RangeError);
    },
  );
});

describe('commonDyadic', () => {
  it('is exact, on the coarsest LSB', () => {
    fc.assert(
      fc.property(fc.array(dyadic, { maxLength: 6 }), (values) => {
        const { lsb, codes } = commonDyadic(values);
        values.forEach((value, index) => {
          expect(sameValue({ code: codes[index] ?? 0n, lsb }, value)).toBe(true);
        });
        const nonzero = codes.filter((code) => code !== 0n);
        expect(nonzero.length === 0 ? lsb === 0 : nonzero.some((code) => (code & 1n) === 1n)).toBe(true);
      }),
      { seed: SEED },
    );
  });
});
