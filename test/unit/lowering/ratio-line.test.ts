import { describe, expect, it } from 'vitest';
import type { RatioLine } from '../../../src/lowering/model/ratio-line.js';
import { ratioLine } from '../../../src/lowering/model/ratio-line.js';
import { floorDivide, roundRatio } from '../../../src/numeric/ratio.js';
import type { AffineRatio } from '../../../src/numeric/ratio.js';
import type { Rounding } from '../../../src/numeric/rounding.js';
import { roundingNames } from '../../../src/numeric/rounding.js';
import { Random } from '../../../src/support/random.js';

const roundings: readonly Rounding[] = [...roundingNames, 'CEIL', 'AWAY'];

/** What the line says of x: the rounded ratio, or its floor. */
function alongLine(found: RatioLine, x: bigint): bigint {
  if (found.kind === 'constant') return found.value;
  const { multiplier, addend, shift } = found.line;
  return (multiplier * x + addend) >> BigInt(shift);
}

function expected(ratio: AffineRatio, found: RatioLine, x: bigint, mode: Rounding): bigint {
  const { numerator, offset, denominator } = ratio;
  return found.kind === 'floor' ? floorDivide(numerator * x + offset, denominator) : roundRatio(ratio, x, mode);
}

describe('a ratio without a division', () => {
  it('is right for every operand of narrow ones, in every rounding', () => {
    const random = new Random(7);
    const kinds = { line: 0, floor: 0, constant: 0 };
    for (let count = 0; count < 600; count++) {
      const bits = random.pick([2, 4, 7]);
      const draw = (): bigint => random.bigint(1n, (1n << BigInt(bits)) - 1n);
      const ratio = {
        numerator: random.pick([1n, 1n, -1n, 0n]) * draw(),
        offset: random.bigint(-40n, 40n),
        denominator: draw(),
      };
      const low = random.bigint(-300n, 200n);
      const domain = { low, high: low + random.bigint(0n, 400n) };
      for (const mode of roundings) {
        const found = ratioLine(ratio, domain, mode);
        kinds[found.kind] += 1;
        for (let x = domain.low; x <= domain.high; x++) {
          if (alongLine(found, x) === expected(ratio, found, x, mode)) continue;
          expect.fail(`${mode} of (${ratio.numerator} x + ${ratio.offset}) / ${ratio.denominator} at ${x}`);
        }
      }
    }
    for (const [kind, count] of Object.entries(kinds)) expect(count, kind).toBeGreaterThan(100);
  });

  it('is right at the steps and ends of wide ones', () => {
    const random = new Random(8);
    for (let count = 0; count < 200; count++) {
      const draw = (bits: bigint): bigint => random.bigint(1n << (bits - 1n), (1n << bits) - 1n) | 1n;
      const ratio = { numerator: draw(24n), offset: random.bigint(-1000n, 1000n), denominator: draw(30n) };
      const domain = { low: -(1n << 26n), high: (1n << 26n) - 1n };
      const mode = random.pick(['TRN', 'RND', 'RND_CONV', 'RND_INF', 'TRN_ZERO', 'CEIL'] as const);
      const found = ratioLine(ratio, domain, mode);
      for (let probe = 0; probe < 100; probe++) {
        // Around a step of the ratio, where a line that is not exact is wrong first.
        const middle = random.bigint(domain.low, domain.high);
        const value = floorDivide(ratio.numerator * middle + ratio.offset, ratio.denominator);
        const step = floorDivide((2n * value + 1n) * ratio.denominator - 2n * ratio.offset, 2n * ratio.numerator);
        for (const x of [middle, domain.low, domain.high, step - 1n, step, step + 1n]) {
          if (x < domain.low || x > domain.high) continue;
          expect(alongLine(found, x)).toBe(expected(ratio, found, x, mode));
        }
      }
    }
  });
});
