import type { Program } from '../../dataflow/program.js';
import { inputTypes } from '../../dataflow/program.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { codeRange } from '../../numeric/fixed-point.js';
import { at } from '../../support/invariant.js';
import { I32, scalarLiteral } from './representation.js';
import type { Place } from './storage.js';
import { codeWords, wordsOf } from './words.js';

const representationNames = ['kI32', 'kI64', 'kWide'] as const;

/** Rows of the tables of port elements, and the words of an event. */
export function elementTable(
  types: readonly FixedPointType[],
  places: readonly Place[],
): { readonly rows: readonly string[]; readonly words: number } {
  let words = 0;
  const rows = types.map((type, index) => {
    const { representation, slot } = at(places, index);
    const word = words;
    words += wordsOf(type);
    return `    {${representationNames[representation]}, ${slot}, ${word}, ${type.width}, ${String(type.signed)}},`;
  });
  return { rows, words };
}

/** Inputs that are 32-bit vectors from the start, and all others. */
export function inputTables(
  types: readonly FixedPointType[],
  places: readonly Place[],
): { readonly short: readonly string[]; readonly long: readonly string[]; readonly words: number } {
  const { rows, words } = elementTable(types, places);
  const short: string[] = [];
  const long: string[] = [];
  let word = 0;
  types.forEach((type, index) => {
    const { representation, slot } = at(places, index);
    const { low, high } = codeRange(type);
    if (representation === I32) {
      const bounds = [low, high].map((bound) => scalarLiteral(bound, I32, 0)).join(', ');
      short.push(`    {${slot}, ${word}, ${bounds}},`);
    } else long.push(at(rows, index));
    word += wordsOf(type);
  });
  return { short, long, words };
}

/** An event and what it must give, flattened in port order. */
export interface CheckVector {
  readonly inputs: readonly bigint[];
  readonly outputs: readonly bigint[];
}

/** Events and results as lines of words, as the driver reads and prints them. */
export function vectorTexts(
  program: Program,
  vectors: readonly CheckVector[],
): { readonly inputs: string; readonly outputs: string } {
  const line = (codes: readonly bigint[], types: readonly FixedPointType[]): string =>
    `${types.flatMap((type, index) => codeWords(at(codes, index), type)).join()}\n`;
  const inputs = inputTypes(program);
  const outputs = program.outputs.flatMap(({ types }) => types);
  return {
    inputs: vectors.map((vector) => line(vector.inputs, inputs)).join(''),
    outputs: vectors.map((vector) => line(vector.outputs, outputs)).join(''),
  };
}
