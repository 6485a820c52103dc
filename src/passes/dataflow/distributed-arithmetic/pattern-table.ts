/**
 * How often each two-term pattern occurs. A pattern is first + sign × second × 2^distance, packed into three
 * integers; its number is the order of its first appearance. Open addressing on typed arrays: a dense layer has
 * millions of pairs, and each counts as one probe.
 */
export class PatternTable {
  public first = new Int32Array(1024);
  public second = new Int32Array(1024);
  /** distance × 2, plus 1 where the signs differ */
  public relation = new Int32Array(1024);
  public count = new Int32Array(1024);
  public size = 0;
  private slots = new Int32Array(4096);
  private mask = 4095;

  /** Number of the pattern after its count changed by `change`; makes it where it is new. */
  public adjust(first: number, second: number, relation: number, change: number): number {
    let slot = hash(first, second, relation) & this.mask;
    for (;;) {
      const entry = (this.slots[slot] ?? 0) - 1;
      if (entry < 0) break;
      if (this.first[entry] === first && this.second[entry] === second && this.relation[entry] === relation) {
        this.count[entry] = (this.count[entry] ?? 0) + change;
        return entry;
      }
      slot = (slot + 1) & this.mask;
    }
    const entry = this.size++;
    if (entry === this.first.length) this.grow();
    this.first[entry] = first;
    this.second[entry] = second;
    this.relation[entry] = relation;
    this.count[entry] = change;
    this.slots[slot] = entry + 1;
    if (this.size * 2 > this.slots.length) this.rehash();
    return entry;
  }

  private grow(): void {
    this.first = doubled(this.first);
    this.second = doubled(this.second);
    this.relation = doubled(this.relation);
    this.count = doubled(this.count);
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 4);
    this.mask = this.slots.length - 1;
    for (let entry = 0; entry < this.size; entry++) {
      let slot = hash(this.first[entry] ?? 0, this.second[entry] ?? 0, this.relation[entry] ?? 0) & this.mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
      this.slots[slot] = entry + 1;
    }
  }
}

function hash(first: number, second: number, relation: number): number {
  let mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b) ^ Math.imul(relation, 0xc2b2ae35);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
