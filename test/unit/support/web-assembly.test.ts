import { describe, expect, it } from 'vitest';
import { doubles, get, instantiate, integer, Locals, loop, PAGE, set } from '../../../src/support/web-assembly.js';
import type { Code } from '../../../src/support/web-assembly.js';

/** memory[2…3] = what the code makes of memory[0…1] and memory[4…5], as two doubles each. */
function apply(code: (left: Code, right: Code) => Code, left: readonly number[], right: readonly number[] = [0, 0]) {
  const zero = integer.constant(0);
  const body = doubles.store(zero, code(doubles.load(zero), doubles.load(zero, 32)), 16);
  const { memory, functions } = instantiate([{ locals: new Locals(), code: body }], 64);
  const view = new Float64Array(memory);
  view.set(left);
  view.set(right, 4);
  functions[0]?.(0);
  return Array.from(view.subarray(2, 4));
}

describe('vectors of two doubles', () => {
  it('compute as numbers do, signs of zero and NaN included', () => {
    const [a, b] = [
      [1.5, -0],
      [-2.25, 0],
    ];
    expect(apply(doubles.add, a, b)).toEqual([-0.75, 0]);
    expect(apply(doubles.subtract, a, b)).toEqual([3.75, -0]);
    expect(apply(doubles.multiply, a, b)).toEqual([-3.375, -0]);
    expect(apply(doubles.divide, [1, -1], [3, 0])).toEqual([1 / 3, Number.NEGATIVE_INFINITY]);
    expect(apply(doubles.minimum, [Number.NaN, 0], [1, -0])).toEqual([Number.NaN, -0]);
    expect(apply(doubles.maximum, [Number.NaN, -0], [1, 0])).toEqual([Number.NaN, 0]);
    expect(apply(doubles.negate, a)).toEqual([-1.5, 0]);
    expect(apply(doubles.absolute, [-1.5, -0])).toEqual([1.5, 0]);
    expect(apply(doubles.floor, [-1.5, -0])).toEqual([-2, -0]);
    expect(apply(doubles.truncate, [-1.5, -0.5])).toEqual([-1, -0]);
  });

  it('come from two places, or twice from one', () => {
    const zero = integer.constant(0);
    expect(apply(() => doubles.loadTwo(integer.constant(8), integer.constant(32)), [1, 2], [3, 4])).toEqual([2, 3]);
    expect(apply(() => doubles.loadSplat(zero, 40), [1, 2], [3, 4])).toEqual([4, 4]);
  });

  it('compare into masks, which choose', () => {
    const one = doubles.constant(1);
    const flags = (compare: (left: Code, right: Code) => Code) =>
      apply((left, right) => doubles.and(compare(left, right), one), [1, 2], [2, 2]);
    expect(flags(doubles.less)).toEqual([1, 0]);
    expect(flags(doubles.greater)).toEqual([0, 0]);
    expect(flags(doubles.greaterEqual)).toEqual([0, 1]);
    expect(flags(doubles.equal)).toEqual([0, 1]);
    expect(flags(doubles.notEqual)).toEqual([1, 0]);
    expect(flags((left, right) => doubles.or(doubles.less(left, right), doubles.equal(left, right)))).toEqual([1, 1]);
    const smaller = (left: Code, right: Code) => doubles.select(doubles.less(left, right), left, right);
    expect(apply(smaller, [1, 9], [2, -3])).toEqual([1, -3]);
  });
});

describe('functions', () => {
  it('loop over memory beyond one page, with constants of every length', () => {
    const locals = new Locals();
    const [address, sum] = [locals.integer(), locals.doubles()];
    const end = 3 * PAGE;
    const code = [
      ...set(sum, doubles.constant(0)),
      ...loop(address, integer.constant(64), 8, get(locals.parameter), [
        ...set(sum, doubles.add(get(sum), doubles.loadSplat(get(address)))),
      ]),
      ...doubles.store(integer.constant(0), get(sum)),
    ];
    const { memory, functions } = instantiate([{ locals, code }], end);
    const view = new Float64Array(memory);
    expect(view.length).toBe(end / 8);
    view.fill(0.5, 8);
    functions[0]?.(end);
    expect(view[0]).toBe((end / 8 - 8) / 2);
    expect(view[1]).toBe(view[0]);
  });

  it('read integers, negative ones too', () => {
    for (const value of [0, 63, 64, 127, 128, 8191, 8192, 2 ** 31 - 1, -1, -64, -65, -(2 ** 31)]) {
      const locals = new Locals();
      const place = locals.integer();
      // The sum of a constant and the integer that undoes it is an address.
      const code = [
        ...set(place, integer.add(integer.constant(value), integer.load(integer.constant(32)))),
        ...doubles.store(get(place), doubles.constant(7)),
      ];
      const { memory, functions } = instantiate([{ locals, code }], 64);
      new Int32Array(memory).set([16 - value], 8);
      functions[0]?.(0);
      expect(new Float64Array(memory)[2], String(value)).toBe(7);
    }
  });
});
