import { at } from '../../../support/invariant.js';
import { PatternTable } from './pattern-table.js';
import { ScoreHeap } from './score-heap.js';
import type { Summand, Terms } from './terms.js';

/** The signed digits of one result; filled and emptied from the end. */
class DigitList {
  public length = 0;
  public readonly value: Int32Array;
  public readonly shift: Int32Array;
  /** 1 for a digit that is subtracted */
  public readonly sign: Int32Array;
  /** Σ 2^(depth - limit) over the digits; a tree within the depth limit exists while it is at most 1. */
  public load = 0;

  public constructor(summands: readonly Summand[]) {
    this.value = new Int32Array(summands.length);
    this.shift = new Int32Array(summands.length);
    this.sign = new Int32Array(summands.length);
    for (const { value, shift, negative } of summands) this.push(value, shift, negative ? 1 : 0);
  }

  public push(value: number, shift: number, sign: number): void {
    this.value[this.length] = value;
    this.shift[this.length] = shift;
    this.sign[this.length] = sign;
    this.length++;
  }

  public remove(index: number): void {
    const last = --this.length;
    this.value[index] = this.value[last] ?? 0;
    this.shift[index] = this.shift[last] ?? 0;
    this.sign[index] = this.sign[last] ?? 0;
  }

  public indexOf(value: number, shift: number): number {
    for (let index = 0; index < this.length; index++) {
      if (this.value[index] === value && this.shift[index] === shift) return index;
    }
    return -1;
  }
}

interface Occurrence {
  readonly column: number;
  readonly firstShift: number;
  readonly negative: boolean;
}

/** A result to be shared: its digits, and the depth that its tree must not exceed. */
export interface SharedColumn {
  readonly summands: readonly Summand[];
  readonly depthLimit: number;
  /** Share of the depth limit taken by summands that stand aside. */
  readonly reserved: number;
}

/**
 * Greedy two-term common-subexpression elimination (Hartley, "Subexpression sharing in filters using canonic signed
 * digit multipliers", 1996) over (pair of values, distance, relative sign), counts kept up to date as digits come and
 * go. Returns the digits left of each column, new values included.
 */
export function shareTerms(terms: Terms, columns: readonly SharedColumn[]): readonly (readonly Summand[])[] {
  return new Sharing(terms, columns).run();
}

class Sharing {
  private readonly table = new PatternTable();
  private readonly heap = new ScoreHeap();
  private readonly lists: readonly DigitList[];
  /** Columns that may hold a digit of a value, ascending. */
  private readonly columnsOf = new Map<number, number[]>();
  private readonly touched: number[] = [];

  public constructor(
    private readonly terms: Terms,
    private readonly columns: readonly SharedColumn[],
  ) {
    this.lists = columns.map((column) => new DigitList(column.summands));
    this.lists.forEach((list, column) => {
      list.load = at(columns, column).reserved;
      for (let index = 0; index < list.length; index++) {
        const value = list.value[index] ?? 0;
        list.load += this.weight(value, column);
        const holders = this.columnsOf.get(value);
        if (holders === undefined) this.columnsOf.set(value, [column]);
        else if (holders[holders.length - 1] !== column) holders.push(column);
      }
    });
  }

  public run(): readonly (readonly Summand[])[] {
    for (const list of this.lists) {
      const { length } = list;
      // Each digit is counted against those before it.
      for (let index = 1; index < length; index++) {
        list.length = index;
        this.count(list, index, 1);
      }
      list.length = length;
    }
    for (let pattern = 0; pattern < this.table.size; pattern++) this.offer(pattern);
    for (;;) {
      const top = this.heap.pop();
      if (top === undefined) break;
      const score = this.score(top.item);
      if (score === undefined) continue;
      // The count fell since the pattern was offered: it waits for its turn again.
      if (score < top.score) this.heap.push(score, top.item);
      else this.substitute(top.item);
    }
    return this.lists.map((list) =>
      Array.from({ length: list.length }, (_, index) => ({
        value: list.value[index] ?? 0,
        shift: list.shift[index] ?? 0,
        negative: list.sign[index] === 1,
      })),
    );
  }

  private weight(value: number, column: number): number {
    return 2 ** (at(this.terms.depth, value) - at(this.columns, column).depthLimit);
  }

  /** Count the pairs of a digit with all digits before `list.length`, its own place excepted. */
  private count(list: DigitList, index: number, change: number): void {
    const { table } = this;
    const { value, shift, sign, length } = list;
    const ownValue = value[index] ?? 0;
    const ownShift = shift[index] ?? 0;
    const ownSign = sign[index] ?? 0;
    for (let other = 0; other < length; other++) {
      if (other === index) continue;
      const theirs = value[other] ?? 0;
      const theirShift = shift[other] ?? 0;
      const signs = ownSign ^ (sign[other] ?? 0);
      const ownFirst = ownValue < theirs || (ownValue === theirs && ownShift < theirShift);
      const pattern = ownFirst
        ? table.adjust(ownValue, theirs, (theirShift - ownShift) * 2 + signs, change)
        : table.adjust(theirs, ownValue, (ownShift - theirShift) * 2 + signs, change);
      if (change > 0 && table.count(pattern) === 2) this.touched.push(pattern);
    }
  }

  private offer(pattern: number): void {
    const score = this.score(pattern);
    if (score !== undefined) this.heap.push(score, pattern);
  }

  /** LUTs that the pattern is expected to save; undefined when it does not recur. */
  private score(pattern: number): number | undefined {
    const count = this.table.count(pattern);
    if (count < 2) return undefined;
    const relation = this.table.relation(pattern);
    const first = { value: this.table.first(pattern), shift: 0, negative: false };
    const second = { value: this.table.second(pattern), shift: relation >> 1, negative: (relation & 1) === 1 };
    return this.terms.gainOf(first, second, count);
  }

  private substitute(pattern: number): void {
    const occurrences = this.occurrences(pattern);
    if (occurrences.length < 2) {
      this.table.clear(pattern);
      return;
    }
    const first = this.table.first(pattern);
    const second = this.table.second(pattern);
    const relation = this.table.relation(pattern);
    const distance = relation >> 1;
    const subtracted = relation & 1;
    // A difference takes the orientation in which most of its uses are added.
    const flipped = subtracted === 1 && occurrences.filter((each) => each.negative).length * 2 > occurrences.length;
    const base = Math.max(0, -distance);
    const { value } = this.terms.combine(
      { value: first, shift: base, negative: flipped },
      { value: second, shift: base + distance, negative: subtracted === 1 && !flipped },
    );
    const holders: number[] = [];
    this.touched.length = 0;
    for (const { column, firstShift, negative } of occurrences) {
      const list = at(this.lists, column);
      this.drop(list, first, firstShift);
      this.drop(list, second, firstShift + distance);
      list.push(value, Math.min(firstShift, firstShift + distance), negative === flipped ? 0 : 1);
      this.count(list, list.length - 1, 1);
      if (holders[holders.length - 1] !== column) holders.push(column);
    }
    this.columnsOf.set(value, holders);
    // What the depth limit blocked stays blocked: loads never fall.
    this.table.clear(pattern);
    for (const touched of this.touched) this.offer(touched);
  }

  private drop(list: DigitList, value: number, shift: number): void {
    const index = list.indexOf(value, shift);
    this.count(list, index, -1);
    list.remove(index);
  }

  /** Disjoint occurrences that leave every column a tree within its depth limit; charges the columns for them. */
  private occurrences(pattern: number): readonly Occurrence[] {
    const first = this.table.first(pattern);
    const second = this.table.second(pattern);
    const relation = this.table.relation(pattern);
    const depth = Math.max(at(this.terms.depth, first), at(this.terms.depth, second)) + 1;
    const [some, others] = [this.columnsOf.get(first) ?? [], this.columnsOf.get(second) ?? []];
    const extraOf = (column: number): number =>
      2 ** (depth - at(this.columns, column).depthLimit) - this.weight(first, column) - this.weight(second, column);
    const found: Occurrence[] = [];
    for (const column of some.length <= others.length ? some : others) {
      const list = at(this.lists, column);
      const extra = extraOf(column);
      for (const { firstShift, negative } of matches(list, first, second, relation)) {
        if (list.load + extra > 1) break;
        list.load += extra;
        found.push({ column, firstShift, negative });
      }
    }
    const [only] = found;
    if (found.length === 1 && only !== undefined) at(this.lists, only.column).load -= extraOf(only.column);
    return found;
  }
}

/** Disjoint pairs of digits of one column that form the pattern, the lowest first. */
function matches(
  list: DigitList,
  first: number,
  second: number,
  relation: number,
): readonly { readonly firstShift: number; readonly negative: boolean }[] {
  const firsts: { shift: number; sign: number }[] = [];
  const seconds = new Map<number, number>();
  for (let index = 0; index < list.length; index++) {
    const value = list.value[index];
    if (value === first) firsts.push({ shift: list.shift[index] ?? 0, sign: list.sign[index] ?? 0 });
    if (value === second) seconds.set(list.shift[index] ?? 0, list.sign[index] ?? 0);
  }
  firsts.sort((a, b) => a.shift - b.shift);
  const found: { firstShift: number; negative: boolean }[] = [];
  const used = new Set<number>();
  for (const { shift, sign } of firsts) {
    const partner = shift + (relation >> 1);
    if (seconds.get(partner) !== (sign ^ (relation & 1))) continue;
    // A chain of equal distances within one value: a digit serves once.
    if (first === second) {
      if (used.has(shift) || used.has(partner)) continue;
      used.add(shift).add(partner);
    }
    found.push({ firstShift: shift, negative: sign === 1 });
  }
  return found;
}
