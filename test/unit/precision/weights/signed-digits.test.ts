import { describe, expect, it } from 'vitest';
import { candidateCodes, countSignedDigits, MOST_CANDIDATES } from '../../../../src/precision/weights/signed-digits.js';
import { canonicalSignedDigits } from '../../../../src/passes/dataflow/distributed-arithmetic/csd.js';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';

describe('countSignedDigits', () => {
  it('counts the canonical digits', () => {
    for (let code = -3000; code <= 3000; code++) {
      expect(countSignedDigits(code)).toBe(canonicalSignedDigits(BigInt(code)).length);
    }
    for (const code of [2 ** 28, 2 ** 28 - 1, 0x0aaaaaab, -0x0db6db6d]) {
      expect(countSignedDigits(code)).toBe(canonicalSignedDigits(BigInt(code)).length);
    }
  });
});

describe('candidateCodes', () => {
  const codes = new Int32Array(MOST_CANDIDATES);
  const distance = (code: number, ideal: number): number => Math.abs(code - ideal);

  it.each([
    { low: -64, high: 64 },
    { low: 0, high: 32 },
    { low: -16, high: 0 },
  ])('has for each number of digits a nearest code of $low … $high', (range) => {
    const random = new Random(4);
    for (let trial = 0; trial < 400; trial++) {
      const ideal = range.low - 5 + (range.high - range.low + 10) * random.uniform();
      const found = [...codes.subarray(0, candidateCodes(ideal, range, codes))];
      expect(found.every((code) => code >= range.low && code <= range.high)).toBe(true);
      for (let digits = 0; digits <= 4; digits++) {
        let least = Infinity;
        for (let code = range.low; code <= range.high; code++) {
          if (countSignedDigits(code) <= digits) least = Math.min(least, distance(code, ideal));
        }
        const own = found.filter((code) => countSignedDigits(code) <= digits).map((code) => distance(code, ideal));
        expect(Math.min(...own)).toBeCloseTo(least, 12);
      }
    }
  });

  it('stays within a range that does not end at powers of two', () => {
    const range = { low: -127, high: 127 };
    const count = candidateCodes(126.6, range, codes);
    const found = [...codes.subarray(0, count)];
    expect(found).toContain(0);
    expect(found).toContain(64);
    expect(found).toContain(127);
    expect(found.every((code) => code <= 127)).toBe(true);
    expect(candidateCodes(5.2, { low: 5, high: 6 }, codes)).toBe(2);
    expect([at(codes, 0), at(codes, 1)]).toEqual([5, 6]);
  });
});
