import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bigintCodec,
  booleanCodec,
  choiceCodec,
  listCodec,
  numberCodec,
  stringCodec,
  wordCodec,
} from '../../../src/support/codec.js';
import type { Codec } from '../../../src/support/codec.js';
import type { TextTree } from '../../../src/support/text-tree.js';
import { printTree, TextCursor, TextSyntaxError, word } from '../../../src/support/text-tree.js';

const SEED = 11;
const { tree: anyTree } = fc.letrec<{ tree: TextTree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.bigInt().map(word),
    fc.constantFrom('add', 'ap_fixed<16,6>', '-7', 'x.y+z-1').map(word),
    fc.string({ unit: 'binary' }).map((text) => ({ text })),
    fc.array(tie('tree'), { maxLength: 6 }),
    // Runs, which are printed once.
    fc.tuple(tie('tree'), fc.integer({ min: 1, max: 9 })).map(([tree, count]) => new Array<TextTree>(count).fill(tree)),
  ),
}));

describe('trees', () => {
  it('read back as they were printed', () => {
    fc.assert(
      fc.property(anyTree, (tree) => {
        const text = printTree(tree);
        const cursor = new TextCursor(` ${text} // a comment\n`);
        expect(cursor.tree()).toEqual(tree);
        expect(cursor.atEnd).toBe(true);
        // One line of printable characters, whatever a name holds.
        // eslint-disable-next-line no-control-regex -- looking for control characters is the purpose
        expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/u);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  it('write a run of equal elements once', () => {
    expect(printTree(['1', '1', '1', '2', '1'].map(word))).toBe('[1 * 3, 2, 1]');
    expect(printTree([[word(1)], [word(1)]])).toBe('[[1] * 2]');
    expect(printTree([])).toBe('[]');
    expect(new TextCursor('[1 * 2, 2,]').tree()).toEqual(['1', '1', '2'].map(word));
  });

  it.each([
    ['[1, 2', /line 1: expected ',' before ''/u],
    ['[1 2]', /expected ',' before '2\]'/u],
    ['[1 * 0]', /a run of 0 elements/u],
    ['[1 * x]', /'x' is not an integer/u],
    ['[1 * 99999999]', /a run of 99999999 elements/u],
    ['[[[1 * 9999] * 9999]]', /a run of 9999 elements/u],
    ['['.repeat(50_000), /nested too deeply/u],
    ['\n\n"\\q"', /line 3: .*escape/u],
    ['"open', /expected a quoted string/u],
    ['"two\nlines"', /expected a quoted string/u],
    ['?', /line 1: expected a word before '\?'/u],
  ])('%j is refused with its line', (text, message) => {
    expect(() => new TextCursor(text).tree()).toThrow(TextSyntaxError);
    expect(() => new TextCursor(text).tree()).toThrow(message);
  });
});

describe('codecs', () => {
  const throughText = <T>(codec: Codec<T>, value: T): T =>
    codec.decode(new TextCursor(printTree(codec.encode(value))).tree());

  it('give back what they wrote', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt()),
        fc.string({ unit: 'binary' }),
        fc.maxSafeInteger(),
        fc.boolean(),
        (a, b, c, d) => {
          expect(throughText(listCodec(bigintCodec), a)).toEqual(a);
          expect(throughText(stringCodec, b)).toBe(b);
          expect(throughText(numberCodec, c)).toBe(c);
          expect(throughText(booleanCodec, d)).toBe(d);
        },
      ),
      { seed: SEED },
    );
    expect(throughText(choiceCodec(['sum', 'maximum']), 'sum')).toBe('sum');
  });

  const even = wordCodec<number>(String, (text) => {
    if (Number(text) % 2 !== 0) throw new RangeError(`${text} is odd`);
    return Number(text);
  });

  it.each<[string, (tree: TextTree) => unknown, RegExp]>([
    ['1.5', numberCodec.decode, /'1.5' is not an integer/u],
    ['0x10', bigintCodec.decode, /'0x10' is not an integer/u],
    ['"1"', numberCodec.decode, /is not a word/u],
    ['yes', booleanCodec.decode, /neither true nor false/u],
    ['name', stringCodec.decode, /'name' is not a quoted string/u],
    ['3', listCodec(numberCodec).decode, /'3' is not a list/u],
    ['mean', choiceCodec(['sum', 'maximum']).decode, /'mean' is not one of sum, maximum/u],
    ['3', even.decode, /3 is odd/u],
  ])('%s is refused', (text, decode, message) => {
    const tree = new TextCursor(text).tree();
    expect(() => decode(tree)).toThrow(TextSyntaxError);
    expect(() => decode(tree)).toThrow(message);
  });
});
