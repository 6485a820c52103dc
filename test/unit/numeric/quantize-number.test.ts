import { describe, expect, it } from 'vitest';
import { dyadicToNumber } from '../../../src/numeric/dyadic.js';
import { fixedPointType, lsbExponent } from '../../../src/numeric/fixed-point.js';
import { quantizeNumber, roundNumber } from '../../../src/numeric/quantize-number.js';
import { quantizeCode, roundShift } from '../../../src/numeric/rounding.js';
import { allOverflows, allRoundings } from '../../support/random-types.js';

describe('quantizeNumber', () => {
  it.each(allRoundings)('%s rounds eighths as roundShift does', (rounding) => {
    for (let code = -40; code <= 40; code++) {
      expect(roundNumber(code / 8, rounding) + 0).toBe(Number(roundShift(BigInt(code), 3, rounding)));
    }
  });

  it.each(allOverflows)('%s is that of quantizeCode, for every rounding and sign', (overflow) => {
    for (const rounding of allRoundings) {
      for (const type of [fixedPointType(true, 3, 2), fixedPointType(false, 3, 5), fixedPointType(true, 1, 1)]) {
        for (let code = -200; code <= 200; code++) {
          const exact = quantizeCode(BigInt(code), -3, type, rounding, overflow);
          const expected = dyadicToNumber({ code: exact, lsb: lsbExponent(type) });
          expect(quantizeNumber(code / 8, type, rounding, overflow) + 0).toBe(expected);
        }
      }
    }
  });

  it('reaches types whose LSB is no double on its own', () => {
    expect(quantizeNumber(2 ** -1060, fixedPointType(true, 8, -1053), 'TRN', 'SAT')).toBe(2 ** -1060);
  });

  it('brings infinities to the bound on their side and keeps NaN', () => {
    const type = fixedPointType(true, 4, 4);
    expect(quantizeNumber(Number.POSITIVE_INFINITY, type, 'RND', 'SAT')).toBe(7);
    expect(quantizeNumber(Number.NEGATIVE_INFINITY, type, 'RND', 'SAT_SYM')).toBe(-7);
    expect(quantizeNumber(Number.NEGATIVE_INFINITY, type, 'RND', 'SAT_ZERO')).toBe(0);
    expect(quantizeNumber(Number.NaN, type, 'RND', 'SAT')).toBeNaN();
  });
});
