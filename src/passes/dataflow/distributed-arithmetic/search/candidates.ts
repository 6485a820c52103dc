import type { Network } from './network.js';
import type { Uniform } from './options.js';

/** Values looked at to rewrite a sum. */
const CANDIDATES = 300;

/** Finds the values that a sum may be rewritten with. */
export class Candidates {
  /** By value: `mark` where it depends on the owner, one more where it was looked at. */
  private readonly marks: number[] = [];
  private mark = 0;

  public constructor(
    private readonly network: Network,
    private readonly uniform: Uniform,
    private readonly fits: (support: Int32Array) => boolean,
  ) {}

  /** Values that fit, over the inputs given, and do not depend on `owner`: the nearest to the inputs first. */
  public find(owner: number, support: readonly number[]): number[] {
    const { network, marks } = this;
    const mark = (this.mark += 2);
    this.block(owner);
    const widest = 2 * support.length + 2;
    const found: number[] = [];
    const queue = [...support];
    const start = Math.floor(this.uniform() * queue.length);
    for (let index = 0; index < queue.length && found.length < CANDIDATES; index++) {
      const value = index < support.length ? (queue[(index + start) % support.length] ?? 0) : (queue[index] ?? 0);
      const users = network.users[value] ?? [];
      network.work += users.length >> 2;
      for (const user of users) {
        if ((marks[user] ?? 0) >= mark) continue;
        marks[user] = mark + 1;
        const theirs = network.supports[user];
        if (theirs === undefined || theirs.length > widest) continue;
        network.work += theirs.length >> 2;
        if (!this.fits(theirs)) continue;
        found.push(user);
        queue.push(user);
        if (found.length >= CANDIDATES) break;
      }
    }
    return found;
  }

  /** Mark everything that depends on a value. */
  private block(owner: number): void {
    const { network, marks, mark } = this;
    marks[owner] = mark;
    const blocked = [owner];
    for (let value = blocked.pop(); value !== undefined; value = blocked.pop()) {
      for (const user of network.users[value] ?? []) {
        if (marks[user] === mark) continue;
        marks[user] = mark;
        blocked.push(user);
      }
    }
  }
}
