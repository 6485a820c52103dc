import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/support/random.js';

describe('Random', () => {
  it('gives the same numbers for the same seed, on every machine', () => {
    const first = new Random(1);
    const second = new Random(1);
    const drawn = Array.from({ length: 5 }, () => first.next());
    expect(Array.from({ length: 5 }, () => second.next())).toEqual(drawn);
    expect(drawn).toMatchInlineSnapshot(`
      [
        393288148,
        2174103013,
        3814759091,
        2092745082,
        1865176206,
      ]
    `);
    expect(new Random(2).next()).not.toBe(drawn[0]);
  });

  it('draws the same integers with and without big integers', () => {
    for (const [low, high] of [
      [0, 0],
      [-1, 0],
      [-128, 127],
      [0, 2 ** 32 - 1],
      [-(2 ** 31), 2 ** 31],
      [5, 2 ** 40 + 12345],
      [-(2 ** 52), 2 ** 52 - 1],
    ] as const) {
      const exact = new Random(7);
      const fast = new Random(7);
      for (let draw = 0; draw < 200; draw++) {
        expect(BigInt(fast.safeInteger(low, high))).toBe(exact.bigint(BigInt(low), BigInt(high)));
      }
    }
  });

  it('draws integers evenly, both ends included', () => {
    const random = new Random(3);
    const counts = new Map<number, number>();
    for (let draw = 0; draw < 7000; draw++) {
      const value = random.integer(-3, 3);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
    // Five standard deviations around the mean of 1000.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('draws big integers within bounds and reaches both ends', () => {
    const random = new Random(4);
    const [low, high] = [-(1n << 70n), 1n << 70n];
    const small = new Set<bigint>();
    for (let draw = 0; draw < 500; draw++) {
      const value = random.bigint(low, high);
      expect(value >= low && value <= high).toBe(true);
      small.add(random.bigint(-1n, 1n));
    }
    expect([...small].sort()).toEqual([-1n, 0n, 1n].sort());
    expect(random.bigint(5n, 5n)).toBe(5n);
  });

  it('uses all of its bits', () => {
    const random = new Random(5);
    let [ones, zeros] = [0, 0];
    for (let draw = 0; draw < 200; draw++) {
      const word = random.next();
      ones |= word;
      zeros |= ~word;
      const uniform = random.uniform();
      expect(uniform >= 0 && uniform < 1).toBe(true);
    }
    expect([ones, zeros]).toEqual([-1, -1]);
  });

  it('picks every choice', () => {
    const random = new Random(6);
    expect(new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c']))).size).toBe(3);
  });
});
