import { describe, expect, it } from 'vitest';
import {
  fixedPointType,
  parseQuantizer,
  printQuantizer,
  printType,
  sameQuantizer,
  sameType,
} from '../../../src/numeric/fixed-point.js';
import { overflowNames, roundingNames } from '../../../src/numeric/rounding.js';

describe('parseQuantizer', () => {
  it.each([
    ['ap_fixed<16,6>', 'ap_fixed<16,6,AP_TRN,AP_WRAP>'],
    ['ap_ufixed< 8 , -2 , AP_RND >', 'ap_ufixed<8,-2,AP_RND,AP_WRAP>'],
    ['fixed<16,6,RND_CONV,SAT>', 'ap_fixed<16,6,AP_RND_CONV,AP_SAT>'],
    ['ufixed<1,+1>', 'ap_ufixed<1,1,AP_TRN,AP_WRAP>'],
    ['ap_int<12>', 'ap_fixed<12,12,AP_TRN,AP_WRAP>'],
    [' ap_uint<4096> ', 'ap_ufixed<4096,4096,AP_TRN,AP_WRAP>'],
    ['ap_fixed<4,9,SC_TRN_ZERO,SC_SAT_SYM>', 'ap_fixed<4,9,AP_TRN_ZERO,AP_SAT_SYM>'],
  ])('%s', (text, canonical) => {
    expect(printQuantizer(parseQuantizer(text))).toBe(canonical);
  });

  it('reads back what it prints, in every mode', () => {
    for (const rounding of roundingNames) {
      for (const overflow of overflowNames) {
        for (const type of [fixedPointType(true, 18, 14), fixedPointType(false, 3, -7), fixedPointType(true, 2, 30)]) {
          const quantizer = { type, rounding, overflow };
          expect(sameQuantizer(parseQuantizer(printQuantizer(quantizer)), quantizer)).toBe(true);
          expect(sameType(parseQuantizer(printType(type)).type, type)).toBe(true);
        }
      }
    }
  });

  it.each([
    ['', /not of the form/u],
    ['float', /not of the form/u],
    ['ap_fixed', /not of the form/u],
    ['ap_fixed<16,6', /not of the form/u],
    ['ap_fixed<16,6>>', /not of the form/u],
    ['ap_sfixed<16,6>', /not of the form/u],
    ['ap_fixed<16>', /lacks the number of integer bits/u],
    ['ap_fixed<>', /not a whole number of bits/u],
    ['ap_fixed<a,b>', /'a' is not a whole number of bits/u],
    ['ap_fixed<16.5,6>', /'16.5' is not a whole number/u],
    ['ap_fixed<0x10,6>', /not a whole number/u],
    ['ap_fixed<0,0>', /width of 0 bits/u],
    ['ap_fixed<-4,0>', /width of -4 bits/u],
    ['ap_fixed<4097,0>', /width of 4097 bits/u],
    ['ap_fixed<16,99999>', /integer bits are not between/u],
    ['ap_fixed<9999999999,6>', /not a whole number/u],
    ['ap_fixed<16,6,AP_RND_UP>', /'AP_RND_UP' is not one of the rounding modes/u],
    ['ap_fixed<16,6,AP_SAT>', /'AP_SAT' is not one of the rounding modes/u],
    ['ap_fixed<16,6,CEIL>', /'CEIL' is not one of the rounding modes/u],
    ['ap_fixed<16,6,AP_RND,AP_RND>', /'AP_RND' is not one of the overflow modes/u],
    ['ap_fixed<16,6,AP_RND,AP_WRAP_SM>', /AP_WRAP_SM \(sign-magnitude wrapping\) is not supported/u],
    ['ap_fixed<16,6,AP_RND,AP_WRAP,1>', /number of saturation bits is not supported/u],
    ['ap_fixed<16,6,,>', /is not one of the rounding modes/u],
    ['ap_int<8,4>', /takes its width only/u],
  ])('refuses %j with a sentence', (text, message) => {
    expect(() => parseQuantizer(text)).toThrow(
      expect.objectContaining({ name: 'RangeError', message: expect.stringMatching(message) as string }),
    );
  });
});

describe('fixedPointType', () => {
  it('refuses what is not a number of bits', () => {
    expect(() => fixedPointType(true, 1.5, 0)).toThrow(RangeError);
    expect(() => fixedPointType(true, Number.NaN, 0)).toThrow(RangeError);
    expect(() => fixedPointType(true, 8, 0.5)).toThrow(RangeError);
    expect(() => fixedPointType(true, 8, -16385)).toThrow(RangeError);
  });
});
