import type { Network } from './network.js';
import { invariant } from '../../../../support/invariant.js';

const APPEND = 0;
const REMOVE = 1;
const CREATE = 2;
const RELEASE = 3;

/** Rewrites a network and, after the first `commit`, can take everything back to the last one. */
export class Journal {
  /** Kind of change, value and term of each change, in threes. */
  private readonly changes: number[] = [];
  /** Values whose lists changed, each once. */
  public readonly changed: number[] = [];
  private readonly stamp: number[] = [];
  private epoch = 1;

  public constructor(private readonly network: Network) {}

  public append(owner: number, term: number): void {
    this.network.append(owner, term);
    this.note(APPEND, owner, term);
  }

  public removeAt(owner: number, index: number): void {
    const term = this.network.lists[owner]?.[index] ?? 0;
    this.network.removeAt(owner, index);
    this.note(REMOVE, owner, term);
  }

  public create(): number {
    const value = this.network.create(false);
    this.note(CREATE, value, 0);
    return value;
  }

  public release(value: number): void {
    this.network.release(value);
    this.note(RELEASE, value, 0);
  }

  public commit(): void {
    const { changes, network } = this;
    for (let index = 0; index < changes.length; index += 3) {
      if (changes[index] === RELEASE) network.recycle(changes[index + 1] ?? 0);
    }
    network.pairs.keep();
    this.reset();
  }

  public rollback(): void {
    const { changes, network } = this;
    for (let index = changes.length - 3; index >= 0; index -= 3) {
      const owner = changes[index + 1] ?? 0;
      const term = changes[index + 2] ?? 0;
      switch (changes[index]) {
        case APPEND: {
          const place = network.lists[owner]?.lastIndexOf(term) ?? -1;
          invariant(place >= 0, 'an appended term is there to be taken back');
          network.unlink(owner, place);
          break;
        }
        case REMOVE:
          network.link(owner, term);
          break;
        case CREATE:
          network.release(owner);
          network.recycle(owner);
          break;
        default:
          network.revive(owner);
      }
    }
    network.pairs.undo();
    this.reset();
  }

  private note(kind: number, owner: number, term: number): void {
    this.changes.push(kind, owner, term);
    if (this.stamp[owner] === this.epoch) return;
    this.stamp[owner] = this.epoch;
    this.changed.push(owner);
  }

  private reset(): void {
    this.changes.length = 0;
    this.changed.length = 0;
    this.epoch++;
  }
}
