/** Integers of one pattern, side by side so that a probe touches one cache line: key, second, count and mark. */
const STRIDE = 4;
/** Relations are from -2 × 127 to 2 × 127 + 1. */
const RELATIONS = 512;
const ZERO = 256;

/**
 * How often each two-term pattern occurs. A pattern is first + sign × second × 2^distance, packed into two integers;
 * its number is the order of its first appearance. Open addressing on typed arrays: a dense layer has millions of
 * pairs, and each counts as one probe. Values are below 2^22, so that one fits an integer with the relation.
 */
export class PatternTable {
  public size = 0;
  private entries = new Int32Array(STRIDE * 1024);
  /** Number of a pattern plus one, zero where free, and its hash, which tells most others apart at once. */
  private slots = new Int32Array(2 * 4096);
  private mask = 2 * 4096 - 2;

  public first(pattern: number): number {
    return (this.entries[pattern * STRIDE] ?? 0) >>> 9;
  }

  public second(pattern: number): number {
    return this.entries[pattern * STRIDE + 1] ?? 0;
  }

  /** distance × 2, plus 1 where the signs differ */
  public relation(pattern: number): number {
    return ((this.entries[pattern * STRIDE] ?? 0) & (RELATIONS - 1)) - ZERO;
  }

  public count(pattern: number): number {
    return this.entries[pattern * STRIDE + 2] ?? 0;
  }

  /** Change the count of a pattern that is there. */
  public add(pattern: number, change: number): void {
    const place = pattern * STRIDE + 2;
    this.entries[place] = (this.entries[place] ?? 0) + change;
  }

  /** Change the count of a pattern, which is made where it is new. Returns its number. */
  public adjust(first: number, second: number, relation: number, change: number): number {
    const { slots, entries, mask } = this;
    const key = (first << 9) | (relation + ZERO);
    const own = hash(first, second, relation);
    let slot = own & mask;
    for (;;) {
      const pattern = (slots[slot] ?? 0) - 1;
      if (pattern < 0) break;
      if (slots[slot + 1] === own) {
        const start = pattern * STRIDE;
        if (entries[start] === key && entries[start + 1] === second) {
          entries[start + 2] = (entries[start + 2] ?? 0) + change;
          return pattern;
        }
      }
      slot = (slot + 2) & mask;
    }
    slots[slot] = this.size + 1;
    slots[slot + 1] = own;
    return this.append(key, second, change);
  }

  /** Set the mark of a pattern. False where it was set. */
  public mark(pattern: number): boolean {
    const place = pattern * STRIDE + 3;
    if (this.entries[place] === 1) return false;
    this.entries[place] = 1;
    return true;
  }

  public unmark(pattern: number): void {
    this.entries[pattern * STRIDE + 3] = 0;
  }

  private append(key: number, second: number, count: number): number {
    const pattern = this.size++;
    const start = pattern * STRIDE;
    if (start === this.entries.length) {
      const larger = new Int32Array(start * 2);
      larger.set(this.entries);
      this.entries = larger;
    }
    this.entries[start] = key;
    this.entries[start + 1] = second;
    this.entries[start + 2] = count;
    if (this.size * 4 > this.slots.length) this.rehash();
    return pattern;
  }

  private rehash(): void {
    const { slots } = this;
    const larger = new Int32Array(slots.length * 2);
    const mask = larger.length - 2;
    for (let from = 0; from < slots.length; from += 2) {
      const pattern = slots[from] ?? 0;
      if (pattern === 0) continue;
      const own = slots[from + 1] ?? 0;
      let slot = own & mask;
      while (larger[slot] !== 0) slot = (slot + 2) & mask;
      larger[slot] = pattern;
      larger[slot + 1] = own;
    }
    this.slots = larger;
    this.mask = mask;
  }
}

/** Patterns of the same two values lie side by side, since digits of one value are counted one after the other. */
function hash(first: number, second: number, relation: number): number {
  const mixed = Math.imul(Math.imul(first, 0x9e3779b1) ^ second, 0x85ebca6b);
  return ((mixed ^ (mixed >>> 15)) + 2 * relation) | 0;
}
