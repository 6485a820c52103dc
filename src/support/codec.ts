import type { TextTree } from './text-tree.js';
import { isList, printTree, TextSyntaxError, word } from './text-tree.js';

/** How one field of a node is written in the text form and read back. */
export interface Codec<T> {
  readonly encode: (value: T) => TextTree;
  readonly decode: (tree: TextTree) => T;
}

/** One codec per field: a kind or a field that is left out is a compile error. */
export type Schema<Fields> = { readonly [K in keyof Fields]: { readonly [F in keyof Fields[K]]: Codec<Fields[K][F]> } };

function wordOf(tree: TextTree): string {
  if (isList(tree) || !('word' in tree)) throw new TextSyntaxError(`'${printTree(tree)}' is not a word`);
  return tree.word;
}

function integerWord(tree: TextTree): string {
  const text = wordOf(tree);
  if (!/^-?\d+$/u.test(text)) throw new TextSyntaxError(`'${text}' is not an integer`);
  return text;
}

export const numberCodec: Codec<number> = { encode: word, decode: (tree) => Number(integerWord(tree)) };
/** A finite real number in its shortest form that reads back exactly. */
export const realCodec: Codec<number> = {
  encode: word,
  decode: (tree) => {
    const text = wordOf(tree);
    const value = Number(text);
    if (!Number.isFinite(value)) throw new TextSyntaxError(`'${text}' is not a number`);
    return value;
  },
};
export const bigintCodec: Codec<bigint> = { encode: word, decode: (tree) => BigInt(integerWord(tree)) };
export const booleanCodec: Codec<boolean> = {
  encode: word,
  decode: (tree) => {
    const text = wordOf(tree);
    if (text !== 'true' && text !== 'false') throw new TextSyntaxError(`'${text}' is neither true nor false`);
    return text === 'true';
  },
};
export const stringCodec: Codec<string> = {
  encode: (text) => ({ text }),
  decode: (tree) => {
    if (isList(tree) || !('text' in tree)) throw new TextSyntaxError(`'${printTree(tree)}' is not a quoted string`);
    return tree.text;
  },
};

export function listCodec<T>(element: Codec<T>): Codec<readonly T[]> {
  return {
    encode: (values) => values.map(element.encode),
    decode: (tree) => {
      if (!isList(tree)) throw new TextSyntaxError(`'${printTree(tree)}' is not a list`);
      return tree.map(element.decode);
    },
  };
}

export function choiceCodec<T extends string>(choices: readonly T[]): Codec<T> {
  return {
    encode: word,
    decode: (tree) => {
      const text = wordOf(tree);
      const found = choices.find((choice) => choice === text);
      if (found === undefined) throw new TextSyntaxError(`'${text}' is not one of ${choices.join(', ')}`);
      return found;
    },
  };
}

/** A value written as a single word by its own printer and parser. */
export function wordCodec<T>(print: (value: T) => string, parse: (text: string) => T): Codec<T> {
  return {
    encode: (value) => word(print(value)),
    decode: (tree) => {
      try {
        return parse(wordOf(tree));
      } catch (error) {
        throw error instanceof RangeError ? new TextSyntaxError(error.message) : error;
      }
    },
  };
}
