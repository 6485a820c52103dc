import type { FixedPointType } from '../../numeric/fixed-point.js';

const WORD_BITS = 64;

/** Words that the code of an element takes in the rows of the package. */
export function wordsOf({ width }: FixedPointType): number {
  return Math.ceil(width / WORD_BITS);
}

/** A code as the words of a row: two's complement, least significant first. */
export function codeWords(code: bigint, type: FixedPointType): readonly bigint[] {
  return Array.from({ length: wordsOf(type) }, (_, index) =>
    BigInt.asIntN(WORD_BITS, code >> BigInt(index * WORD_BITS)),
  );
}

/** The code that words of a row stand for. */
export function wordsCode(words: readonly bigint[], type: FixedPointType): bigint {
  const bits = words.reduce(
    (sum, word, index) => sum + (BigInt.asUintN(WORD_BITS, word) << BigInt(index * WORD_BITS)),
    0n,
  );
  return type.signed ? BigInt.asIntN(type.width, bits) : BigInt.asUintN(type.width, bits);
}
