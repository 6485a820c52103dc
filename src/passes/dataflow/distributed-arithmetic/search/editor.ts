import type { Journal } from './journal.js';
import type { Network } from './network.js';
import { MAXIMUM_SHIFT, packTerm, scaleTerm, shiftOf, signOf, valueOf } from './packed-term.js';

/** The edits that steps are made of. Each leaves the linear form of every value that stays as it was. */
export class Editor {
  /** Values to look at: used once or not at all, or with a list of one. */
  public readonly open: number[] = [];
  private failed = false;

  public constructor(
    private readonly network: Network,
    private readonly journal: Journal,
  ) {}

  /** Whether an edit since `begin` could not be completed, so that all have to be taken back. */
  public hasFailed(): boolean {
    return this.failed;
  }

  public begin(): void {
    this.failed = false;
  }

  /** Put the summands of a value in its place wherever it is used. */
  public dissolve(value: number): void {
    const { network, journal } = this;
    const own = [...(network.lists[value] ?? [])];
    const users = network.users[value] ?? [];
    while (users.length > 0) {
      const owner = users[users.length - 1] ?? 0;
      const list = network.lists[owner] ?? [];
      const index = list.findIndex((term) => valueOf(term) === value);
      const outer = list[index] ?? 0;
      journal.removeAt(owner, index);
      for (const term of own) {
        if (shiftOf(term) + shiftOf(outer) > MAXIMUM_SHIFT) {
          this.failed = true;
          return;
        }
        this.addTerm(owner, scaleTerm(term, outer));
      }
      if (list.length <= 1) this.open.push(owner);
    }
    if (network.isTarget[value] !== true) this.remove(value);
  }

  /** Equal terms carry into the next position, opposite ones cancel. */
  public addTerm(owner: number, term: number): void {
    const { network, journal } = this;
    let own = term;
    const list = network.lists[owner] ?? [];
    for (;;) {
      const place = list.findIndex((other) => (other ^ own) >> 1 === 0);
      if (place < 0) {
        journal.append(owner, own);
        return;
      }
      const same = list[place] === own;
      journal.removeAt(owner, place);
      this.open.push(valueOf(own));
      if (!same) return;
      if (shiftOf(own) === MAXIMUM_SHIFT) {
        this.failed = true;
        return;
      }
      own = packTerm(valueOf(own), shiftOf(own) + 1, signOf(own));
    }
  }

  /** Dissolve values that are used once or are another value shifted, remove those that are not used. */
  public tidy(): void {
    const { network, open } = this;
    for (let value = open.pop(); value !== undefined; value = open.pop()) {
      const list = network.lists[value];
      if (list === undefined) continue;
      const uses = network.users[value]?.length ?? 0;
      const isTarget = network.isTarget[value] === true;
      if (uses === 0) {
        if (!isTarget) this.remove(value);
      } else if (list.length === 1 || (uses === 1 && !isTarget && !network.pinned.has(value))) this.dissolve(value);
      if (this.hasFailed()) {
        open.length = 0;
        return;
      }
    }
  }

  private remove(value: number): void {
    const { network, journal } = this;
    const list = network.lists[value] ?? [];
    while (list.length > 0) {
      this.open.push(valueOf(list[list.length - 1] ?? 0));
      journal.removeAt(value, list.length - 1);
    }
    journal.release(value);
  }
}
