import { describe, expect, it } from 'vitest';
import type { Interval } from '../../../src/numeric/interval.js';
import {
  addIntervals,
  clampInterval,
  clampTo,
  contains,
  intersect,
  interval,
  intervalWidth,
  isPoint,
  isSigned,
  max,
  min,
  multiplyIntervals,
  negateInterval,
  point,
  sameInterval,
  shiftInterval,
  squareInterval,
  subtractIntervals,
  union,
} from '../../../src/numeric/interval.js';

const LIMIT = 4;
const intervals: Interval[] = [];
for (let low = -LIMIT; low <= LIMIT; low++) {
  for (let high = low; high <= LIMIT; high++) intervals.push({ low: BigInt(low), high: BigInt(high) });
}

function members({ low, high }: Interval): bigint[] {
  const result: bigint[] = [];
  for (let value = low; value <= high; value++) result.push(value);
  return result;
}

/** The tightest interval around a set: a sound and tight operation gives exactly this. */
function hull(values: readonly bigint[]): Interval {
  return { low: values.reduce(min), high: values.reduce(max) };
}

describe('interval arithmetic is sound and tight on all small intervals', () => {
  it.each([
    ['add', addIntervals, (a: bigint, b: bigint) => a + b],
    ['subtract', subtractIntervals, (a: bigint, b: bigint) => a - b],
    ['multiply', multiplyIntervals, (a: bigint, b: bigint) => a * b],
  ] as const)('%s', (_, operation, combine) => {
    for (const left of intervals) {
      for (const right of intervals) {
        const values = members(left).flatMap((a) => members(right).map((b) => combine(a, b)));
        expect(operation(left, right)).toEqual(hull(values));
      }
    }
  });

  it.each([
    ['negate', negateInterval, (a: bigint) => -a],
    ['square', squareInterval, (a: bigint) => a * a],
    ['shift left', (range: Interval) => shiftInterval(range, 2), (a: bigint) => a * 4n],
    ['no shift', (range: Interval) => shiftInterval(range, 0), (a: bigint) => a],
    ['floor shift right', (range: Interval) => shiftInterval(range, -1), (a: bigint) => (a - (a & 1n)) / 2n],
  ] as const)('%s', (_, operation, map) => {
    for (const range of intervals) expect(operation(range)).toEqual(hull(members(range).map(map)));
  });

  it('clamp', () => {
    for (const range of intervals) {
      for (const bounds of intervals) {
        const values = members(range).map((value) => {
          const nearest = members(bounds).sort((a, b) => Number((a - value) ** 2n - (b - value) ** 2n))[0];
          expect(clampTo(value, bounds)).toBe(nearest);
          return nearest ?? 0n;
        });
        expect(clampInterval(range, bounds)).toEqual(hull(values));
      }
    }
  });

  it('set operations', () => {
    for (const left of intervals) {
      for (const right of intervals) {
        const both = members(left).filter((value) => members(right).includes(value));
        expect(intersect(left, right)).toEqual(both.length === 0 ? undefined : hull(both));
        expect(union(left, right)).toEqual(hull([...members(left), ...members(right)]));
        expect(contains(left, right)).toBe(both.length === members(right).length);
        expect(sameInterval(left, right)).toBe(members(left).join() === members(right).join());
      }
    }
  });
});

describe('intervalWidth', () => {
  it('is the narrowest word that holds every member', () => {
    for (let low = -40n; low <= 40n; low++) {
      for (let high = low; high <= 40n; high++) {
        const range = { low, high };
        const signed = low < 0n;
        const fits = (width: number): boolean =>
          [low, high].every((v) => (signed ? BigInt.asIntN(width, v) : BigInt.asUintN(width, v)) === v);
        const width = intervalWidth(range);
        expect(isSigned(range)).toBe(signed);
        expect(fits(width)).toBe(true);
        expect(width === 1 || !fits(width - 1)).toBe(true);
      }
    }
    expect(intervalWidth({ low: -(1n << 63n), high: (1n << 63n) - 1n })).toBe(64);
    expect(intervalWidth({ low: 0n, high: 1n << 64n })).toBe(65);
  });
});

describe('interval', () => {
  it('is never empty', () => {
    expect(() => interval(1n, 0n)).toThrow('empty interval');
    expect(interval(1n, 1n)).toEqual(point(1n));
    expect([isPoint(point(3n)), isPoint(interval(0n, 1n))]).toEqual([true, false]);
  });
});
