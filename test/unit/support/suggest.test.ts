import { describe, expect, it } from 'vitest';
import { closestWord, didYouMean } from '../../../src/support/suggest.js';

describe('closestWord', () => {
  it.each([
    ['laten', 'latency'],
    ['lateyncy', 'latency'],
    ['CLOKC', 'clock'],
    ['cloc', 'clock'],
    ['zzz', undefined],
    ['', undefined],
  ])('%s: %s', (given, expected) => {
    expect(closestWord(given, ['latency', 'clock', 'part'])).toBe(expected);
  });

  it('does not look at very long words', () => {
    expect(closestWord('a'.repeat(65), ['a'.repeat(64)])).toBeUndefined();
    expect(closestWord('a'.repeat(64), ['a'.repeat(63)])).toBe('a'.repeat(63));
  });

  it('lists the known words', () => {
    expect(didYouMean('clok', ['clock', 'part'])).toBe("did you mean 'clock'? known: clock, part");
    expect(didYouMean('xyz', ['clock', 'part'])).toBe('known: clock, part');
  });
});
