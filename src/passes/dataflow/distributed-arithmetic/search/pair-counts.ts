import { PatternTable } from '../pattern-table.js';

/** How often each pair of summands occurs in some lists, up to a common shift and sign, and which pairs came to recur. */
export class PairCounts {
  public table = new PatternTable();
  /** Patterns whose count rose, to at least two; each once among those not yet taken. */
  private readonly touched: number[] = [];
  private taken = 0;
  /** Patterns of all changes since the last `forget`, doubled, plus 1 where the count fell; undefined if not recorded. */
  private trail: Int32Array | undefined;
  private trailLength = 0;

  /** Count the pairs of a term with the first `length` entries of a list, `change` times. */
  public count(list: readonly number[], term: number, length: number, change: 1 | -1): void {
    const { table, touched } = this;
    const value = term >> 8;
    const shift = (term >> 1) & 127;
    const trail = this.room(length);
    for (let index = 0; index < length; index++) {
      const other = list[index] ?? 0;
      const theirs = other >> 8;
      const distance = ((other >> 1) & 127) - shift;
      const signs = (term ^ other) & 1;
      const pattern =
        value < theirs || (value === theirs && distance > 0)
          ? table.adjust(value, theirs, distance * 2 + signs, change)
          : table.adjust(theirs, value, signs - distance * 2, change);
      if (change > 0 && table.count(pattern) >= 2 && table.mark(pattern)) touched.push(pattern);
      if (trail !== undefined) trail[this.trailLength++] = 2 * pattern + (change > 0 ? 0 : 1);
    }
  }

  /** Next pattern whose count rose; -1 where there is none. */
  public take(): number {
    if (this.taken === this.touched.length) return -1;
    const pattern = this.touched[this.taken++] ?? 0;
    this.table.unmark(pattern);
    return pattern;
  }

  /** From here on changes can be taken back. No pattern counts as risen. */
  public keep(): void {
    this.trail ??= new Int32Array(1024);
    this.forget();
  }

  /** Take back all changes since the last `keep`. */
  public undo(): void {
    const { table, trail } = this;
    for (let index = 0; index < this.trailLength; index++) {
      const entry = trail?.[index] ?? 0;
      table.add(entry >> 1, (entry & 1) === 0 ? -1 : 1);
    }
    this.forget();
  }

  /** Count again from nothing: forgets patterns that occur no more. */
  public recount(lists: readonly (readonly number[] | undefined)[]): void {
    this.table = new PatternTable();
    this.touched.length = 0;
    this.taken = 0;
    for (const list of lists) {
      if (list === undefined) continue;
      for (let index = 1; index < list.length; index++) this.count(list, list[index] ?? 0, index, 1);
      this.forget();
    }
  }

  private forget(): void {
    while (this.take() >= 0);
    this.touched.length = 0;
    this.taken = 0;
    this.trailLength = 0;
  }

  /** The trail, with room for some more entries. */
  private room(entries: number): Int32Array | undefined {
    const { trail } = this;
    if (trail === undefined || this.trailLength + entries <= trail.length) return trail;
    const larger = new Int32Array(2 * (this.trailLength + entries));
    larger.set(trail);
    return (this.trail = larger);
  }
}
