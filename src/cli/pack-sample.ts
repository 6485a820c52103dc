import type { Unpacking } from '../passes/model/unpack-words.js';
import type { PortColumn } from '../report/manifest.js';
import { at } from '../support/invariant.js';

/** A sample of events of a graph whose inputs became packed words: its own columns, and how a row becomes words. */
export interface SamplePacking {
  readonly columns: readonly PortColumn[];
  readonly pack: (row: readonly bigint[]) => readonly bigint[];
}

/** `unpacked` are the columns before, `packed` those after the inputs became words. Bits of no field are zero. */
export function samplePacking(
  unpacked: readonly PortColumn[],
  packed: readonly PortColumn[],
  unpacking: Unpacking,
): SamplePacking {
  const columnOf = new Map(packed.map(({ name, element }, column) => [`${element},${name}`, column]));
  const moves = unpacked.map(({ name, element }) => {
    const source = unpacking.inputs.get(name)?.[element];
    if (source === undefined) return { column: columnOf.get(`${element},${name}`), low: 0, width: undefined };
    if (source.kind === 'constant') return undefined;
    const column = columnOf.get(`${source.word},${source.collection}`);
    return { column, low: source.low, width: source.type.width };
  });
  const pack = (row: readonly bigint[]): readonly bigint[] => {
    const words = packed.map(() => 0n);
    moves.forEach((move, index) => {
      if (move?.column === undefined) return;
      const code = at(row, index);
      words[move.column] =
        move.width === undefined
          ? code
          : at(words, move.column) | (BigInt.asUintN(move.width, code) << BigInt(move.low));
    });
    return words;
  };
  return { columns: unpacked, pack };
}
