import { describe, expect, it } from 'vitest';
import { codeRange, fixedPointType, lsbExponent, printType } from '../../../src/numeric/fixed-point.js';
import type { Overflow } from '../../../src/numeric/rounding.js';
import { applyOverflow, quantizeCode, quantizedRange, roundShift } from '../../../src/numeric/rounding.js';
import { allOverflows, allRoundings } from '../../support/random-types.js';
import { allCodes, overflowBySearch, roundByDistance } from '../../support/reference-numerics.js';

/** All codes of 8 bits, signed and unsigned. */
const sources = Array.from({ length: 384 }, (_, index) => index - 128);
const SOURCE_LSB = -3;
const WIDEST = 5;

describe('roundShift', () => {
  it.each(allRoundings)('%s is the integer that its definition names, for all codes of 8 bits', (rounding) => {
    for (let shift = -3; shift <= 10; shift++) {
      for (const code of sources) {
        const expected = roundByDistance(code * 2 ** -shift, rounding);
        if (Number(roundShift(BigInt(code), shift, rounding)) !== expected) {
          expect.fail(`${code} × 2^${-shift}: ${roundShift(BigInt(code), shift, rounding)} instead of ${expected}`);
        }
      }
    }
  });

  it('is exact on words of any width', () => {
    const value = (1n << 200n) + (1n << 99n);
    expect(roundShift(value, 100, 'RND_CONV')).toBe(1n << 100n);
    expect(roundShift(value, 100, 'RND')).toBe((1n << 100n) + 1n);
    expect(roundShift(-value, 100, 'RND')).toBe(-(1n << 100n));
    expect(roundShift(-value, 100, 'RND_INF')).toBe(-(1n << 100n) - 1n);
  });
});

describe('applyOverflow', () => {
  it.each(allOverflows)('%s is the code that its definition names, for all types up to 5 bits', (overflow) => {
    for (let width = 1; width <= WIDEST; width++) {
      for (const signed of [true, false]) {
        const type = fixedPointType(signed, width, width);
        const reached = new Set<number>();
        for (let value = -140; value <= 140; value++) {
          const expected = overflowBySearch(value, signed, width, overflow);
          reached.add(expected);
          if (Number(applyOverflow(BigInt(value), type, overflow)) !== expected) {
            expect.fail(`${value} in ${signed ? '' : 'u'}${width}: not ${expected}`);
          }
        }
        const { low, high } = quantizedRange(type, overflow);
        expect([Number(low), Number(high)]).toEqual([Math.min(...reached), Math.max(...reached)]);
      }
    }
  });
});

/** For each type and mode, the integers searched so far. */
const searched = new Map<string, Map<number, number>>();
function searcher(signed: boolean, width: number, overflow: Overflow): (value: number) => number {
  const key = `${signed} ${width} ${overflow}`;
  const known = searched.get(key) ?? new Map<number, number>();
  searched.set(key, known);
  return (value) => {
    const code = known.get(value) ?? overflowBySearch(value, signed, width, overflow);
    known.set(value, code);
    return code;
  };
}

describe('quantizeCode', () => {
  it.each(allRoundings)('%s, then overflow: all codes of 8 bits into all types up to 5 bits', (rounding) => {
    // Integer bits from well below the word (-5) to well above it (9).
    for (let lsb = -6; lsb <= 5; lsb++) {
      const rounded = sources.map((code) => roundByDistance(code * 2 ** (SOURCE_LSB - lsb), rounding));
      for (let width = 1; width <= WIDEST; width++) {
        for (const overflow of allOverflows) {
          for (const signed of [true, false]) {
            const type = fixedPointType(signed, width, lsb + width);
            const search = searcher(signed, width, overflow);
            sources.forEach((code, index) => {
              const expected = search(rounded[index] ?? 0);
              const found = Number(quantizeCode(BigInt(code), SOURCE_LSB, type, rounding, overflow));
              if (found !== expected) {
                expect.fail(`${code} into ${printType(type)} ${overflow}: ${found} instead of ${expected}`);
              }
            });
          }
        }
      }
    }
  });
});

describe('codeRange', () => {
  it('spans the codes of the type', () => {
    for (let width = 1; width <= WIDEST; width++) {
      for (const signed of [true, false]) {
        const codes = allCodes(signed, width);
        expect(codeRange(fixedPointType(signed, width, 3))).toEqual({
          low: BigInt(Math.min(...codes)),
          high: BigInt(Math.max(...codes)),
        });
        expect(lsbExponent(fixedPointType(signed, width, 3))).toBe(3 - width);
      }
    }
  });
});
