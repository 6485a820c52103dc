/** Integers of one pattern, side by side so that a probe touches one cache line. */
const stride = 4;

/**
 * How often each two-term pattern occurs. A pattern is first + sign × second × 2^distance, packed into three
 * integers; its number is the order of its first appearance. Open addressing on typed arrays: a dense layer has
 * millions of pairs, and each counts as one probe.
 */
export class PatternTable {
  public size = 0;
  /** first, second, relation, count */
  private entries = new Int32Array(stride * 1024);
  /** Number of a pattern plus one; zero where free. */
  private slots = new Int32Array(4096);
  private mask = 4095;

  public first(pattern: number): number {
    return this.entries[pattern * stride] ?? 0;
  }

  public second(pattern: number): number {
    return this.entries[pattern * stride + 1] ?? 0;
  }

  /** distance × 2, plus 1 where the signs differ */
  public relation(pattern: number): number {
    return this.entries[pattern * stride + 2] ?? 0;
  }

  public count(pattern: number): number {
    return this.entries[pattern * stride + 3] ?? 0;
  }

  public clear(pattern: number): void {
    this.entries[pattern * stride + 3] = 0;
  }

  /** Change the count of a pattern, which is made where it is new. Returns its number. */
  public adjust(first: number, second: number, relation: number, change: number): number {
    const { slots, entries, mask } = this;
    let slot = hash(first, second, relation) & mask;
    for (;;) {
      const pattern = (slots[slot] ?? 0) - 1;
      if (pattern < 0) break;
      const start = pattern * stride;
      if (entries[start] === first && entries[start + 1] === second && entries[start + 2] === relation) {
        entries[start + 3] = (entries[start + 3] ?? 0) + change;
        return pattern;
      }
      slot = (slot + 1) & mask;
    }
    slots[slot] = this.size + 1;
    return this.append(first, second, relation, change);
  }

  private append(first: number, second: number, relation: number, count: number): number {
    const pattern = this.size++;
    const start = pattern * stride;
    if (start === this.entries.length) {
      const larger = new Int32Array(start * 2);
      larger.set(this.entries);
      this.entries = larger;
    }
    this.entries[start] = first;
    this.entries[start + 1] = second;
    this.entries[start + 2] = relation;
    this.entries[start + 3] = count;
    if (this.size * 2 > this.slots.length) this.rehash();
    return pattern;
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 4);
    this.mask = this.slots.length - 1;
    for (let pattern = 0; pattern < this.size; pattern++) {
      let slot = hash(this.first(pattern), this.second(pattern), this.relation(pattern)) & this.mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
      this.slots[slot] = pattern + 1;
    }
  }
}

/** Patterns of the same two values lie side by side, since digits of one value are counted one after the other. */
function hash(first: number, second: number, relation: number): number {
  let mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) + relation;
}
