import { trailingZeros } from '../../../support/bits.js';
import { at } from '../../../support/invariant.js';
import type { Column } from './problem.js';

export interface Member {
  readonly column: number;
  /** The column is ± representative × 2^shift + constant. */
  readonly shift: number;
  readonly negated: boolean;
  readonly constant: bigint;
}

/** Columns that are equal up to shift, sign and constant. */
export interface Group {
  readonly representative: Column;
  readonly members: readonly Member[];
  /** Whether the representative's constant gives all members theirs. */
  readonly commonConstant: boolean;
}

/** Columns that are ± each other, shifted, are one result. */
export function groupColumns(columns: readonly Column[]): readonly Group[] {
  const groups = new Map<string, { column: number; shift: number; negative: boolean }[]>();
  columns.forEach((column, index) => {
    let shift = Infinity;
    for (const { coefficient } of column.terms) shift = Math.min(shift, trailingZeros(coefficient));
    if (column.terms.length === 0) shift = 0;
    const negative = (column.terms[0]?.coefficient ?? 1n) < 0n;
    const key = column.terms
      .map(({ input, coefficient }) => `${input}:${(negative ? -coefficient : coefficient) >> BigInt(shift)}`)
      .join();
    const member = { column: index, shift, negative };
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  });
  return [...groups.values()].map((members) => {
    // The least shifted member gives the others by shifts; of those, one with the commoner sign.
    const negatives = members.filter((member) => member.negative).length;
    const lowest = members.reduce((shift, member) => Math.min(shift, member.shift), Infinity);
    const wantedSign = negatives * 2 > members.length;
    const candidates = members.filter((member) => member.shift === lowest);
    const chosen = candidates.find((member) => member.negative === wantedSign) ?? at(candidates, 0);
    const representative = at(columns, chosen.column);
    const relative = members.map((member) => ({
      column: member.column,
      shift: member.shift - lowest,
      negated: member.negative !== chosen.negative,
      constant: at(columns, member.column).constant,
    }));
    const commonConstant = relative.every(
      ({ shift, negated, constant }) =>
        constant === (negated ? -representative.constant : representative.constant) << BigInt(shift),
    );
    return { representative, members: relative, commonConstant };
  });
}
