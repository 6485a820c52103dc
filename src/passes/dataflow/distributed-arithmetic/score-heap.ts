/** Binary heap of (score, number): the greatest score first, the smallest number among equals. */
export class ScoreHeap {
  private scores = new Float64Array(1024);
  private items = new Int32Array(1024);
  private length = 0;

  public get size(): number {
    return this.length;
  }

  public clear(): void {
    this.length = 0;
  }

  public push(score: number, item: number): void {
    if (this.length === this.items.length) {
      const [scores, items] = [new Float64Array(this.length * 2), new Int32Array(this.length * 2)];
      scores.set(this.scores);
      items.set(this.items);
      this.scores = scores;
      this.items = items;
    }
    let hole = this.length++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!this.precedes(score, item, parent)) break;
      this.move(parent, hole);
      hole = parent;
    }
    this.scores[hole] = score;
    this.items[hole] = item;
  }

  /** Undefined when empty. */
  public pop(): { readonly score: number; readonly item: number } | undefined {
    if (this.length === 0) return undefined;
    const top = { score: this.scores[0] ?? 0, item: this.items[0] ?? 0 };
    const last = --this.length;
    const [score, item] = [this.scores[last] ?? 0, this.items[last] ?? 0];
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= last) break;
      if (child + 1 < last && this.precedes(this.scores[child + 1] ?? 0, this.items[child + 1] ?? 0, child)) child++;
      if (this.precedes(score, item, child)) break;
      this.move(child, hole);
      hole = child;
    }
    this.scores[hole] = score;
    this.items[hole] = item;
    return top;
  }

  private precedes(score: number, item: number, other: number): boolean {
    const theirs = this.scores[other] ?? 0;
    return score > theirs || (score === theirs && item < (this.items[other] ?? 0));
  }

  private move(from: number, to: number): void {
    this.scores[to] = this.scores[from] ?? 0;
    this.items[to] = this.items[from] ?? 0;
  }
}
