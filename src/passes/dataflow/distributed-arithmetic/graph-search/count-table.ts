/** Counts by a 32-bit key other than -1: open addressing, keys whose count fell to zero go when the table grows. */
export class CountTable {
  private keys = new Int32Array(1 << 12).fill(-1);
  private counts = new Int32Array(1 << 12);
  private used = 0;

  public count(key: number): number {
    const place = this.place(key);
    return this.keys[place] === key ? (this.counts[place] ?? 0) : 0;
  }

  /** Returns the new count. */
  public change(key: number, by: number): number {
    let place = this.place(key);
    if (this.keys[place] !== key) {
      if (this.used * 2 > this.keys.length) {
        this.rebuild();
        place = this.place(key);
      }
      this.keys[place] = key;
      this.counts[place] = 0;
      this.used++;
    }
    const count = (this.counts[place] ?? 0) + by;
    this.counts[place] = count;
    return count;
  }

  /** The key's place, or the free one where it would go. */
  private place(key: number): number {
    const mask = this.keys.length - 1;
    let place = (Math.imul(key, 0x9e3779b1) >>> 9) & mask;
    for (;;) {
      const there = this.keys[place];
      if (there === key || there === -1) return place;
      place = (place + 1) & mask;
    }
  }

  private rebuild(): void {
    const { keys, counts } = this;
    let positive = 0;
    for (const count of counts) if (count > 0) positive++;
    const length = positive * 4 > keys.length ? keys.length * 2 : keys.length;
    this.keys = new Int32Array(length).fill(-1);
    this.counts = new Int32Array(length);
    this.used = 0;
    for (let old = 0; old < keys.length; old++) {
      const [key, count] = [keys[old] ?? -1, counts[old] ?? 0];
      if (key === -1 || count === 0) continue;
      const place = this.place(key);
      this.keys[place] = key;
      this.counts[place] = count;
      this.used++;
    }
  }
}
