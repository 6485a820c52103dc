import { describe, expect, it } from 'vitest';
import { loopNest } from '../../../../src/backends/vitis-hls/looped/loop-nest.js';
import { at } from '../../../../src/support/invariant.js';

/** Run the loops: every operand's index by position, from the text of its index. */
function walked(count: number, maps: readonly Int32Array[]): readonly (readonly number[] | undefined)[] {
  const { loops, indices } = loopNest(count, maps);
  return indices.map((text) => {
    if (text === undefined) return undefined;
    return Array.from({ length: count }, (_, position) => {
      const terms = text.replaceAll('- ', '+ -').split(' + ');
      return terms.reduce((sum, term) => {
        const [factor, variable] = term.includes('*') ? term.split(' * ') : ['1', term];
        const loop = loops.find((entry) => entry.variable === variable);
        if (loop === undefined) return sum + Number(variable);
        return sum + Number(factor) * (Math.floor(position / loop.span) % loop.extent);
      }, 0);
    });
  });
}

const windows = Int32Array.from({ length: 36 }, (_, position) => {
  const [row, column] = [Math.floor(position / 18), Math.floor(position / 9) % 2];
  const [down, right] = [Math.floor(position / 3) % 3, position % 3];
  return 10 * (row + down) + 2 * column + right + 5;
});

describe('loops over positions', () => {
  it.each([
    ['one position', 1, [[7]]],
    ['a row', 4, [[0, 1, 2, 3]]],
    ['backwards', 4, [[3, 2, 1, 0]]],
    [
      'a transposition beside its own order',
      6,
      [
        [0, 2, 4, 1, 3, 5],
        [0, 1, 2, 3, 4, 5],
      ],
    ],
    [
      'repeats',
      6,
      [
        [0, 0, 0, 1, 1, 1],
        [0, 1, 2, 0, 1, 2],
      ],
    ],
  ])('%s', (_, count, lists) => {
    const maps = lists.map((list) => Int32Array.from(list));
    expect(walked(count, maps)).toEqual(lists);
  });

  it('windows of a picture', () => {
    expect(walked(36, [windows])).toEqual([[...windows]]);
    expect(loopNest(36, [windows]).indices).toEqual(['10 * i + 2 * j + 10 * k + l + 5']);
  });

  it('what no loops reach is looked up', () => {
    const odd = Int32Array.from([0, 1, 3, 6, 10]);
    const { indices, position } = loopNest(5, [odd, Int32Array.from([4, 3, 2, 1, 0])]);
    expect(indices[0]).toBeUndefined();
    expect(indices[1]).toBe('-1 * i + 4');
    expect(at([position], 0)).toBe('i');
  });

  it('loops that cut through each other: the first operand has its own', () => {
    const [halves, thirds] = [Int32Array.from([0, 0, 0, 1, 1, 1]), Int32Array.from([0, 0, 1, 1, 2, 2])];
    const [first, second] = walked(6, [halves, thirds]);
    expect(first).toEqual([...halves]);
    expect(second).toBeUndefined();
  });
});
