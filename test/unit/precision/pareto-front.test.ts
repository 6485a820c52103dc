import { describe, expect, it } from 'vitest';
import { paretoFront } from '../../../src/precision/pareto-front.js';
import { Random } from '../../../src/support/random.js';

const front = (points: readonly (readonly number[])[]): readonly (readonly number[])[] => paretoFront(points, (p) => p);

describe('paretoFront', () => {
  it('keeps what no other beats, in the order of the first coordinate, and of equal points one', () => {
    const points = [
      [5, 1, 2],
      [1, 5, 2],
      [3, 3, 2],
      [3, 3, 2],
      [3, 4, 2],
      [6, 1, 2],
      [6, 1, 1],
    ];
    expect(front(points)).toEqual([
      [1, 5, 2],
      [3, 3, 2],
      [5, 1, 2],
      [6, 1, 1],
    ]);
  });

  it('is what the definition says, on drawn points', () => {
    const random = new Random(4);
    const points = Array.from({ length: 200 }, () => Array.from({ length: 3 }, () => random.next() % 12));
    const beats = (left: readonly number[], right: readonly number[]): boolean =>
      left.every((value, axis) => value <= (right[axis] ?? 0)) &&
      left.some((value, axis) => value < (right[axis] ?? 0));
    const expected = new Set(points.filter((p) => !points.some((other) => beats(other, p))).map((p) => p.join()));
    expect(new Set(front(points).map((p) => p.join()))).toEqual(expected);
    expect(front(points)).toHaveLength(expected.size);
  });
});
