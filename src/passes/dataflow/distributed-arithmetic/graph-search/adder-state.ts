import { at, invariant } from '../../../../support/invariant.js';
import type { CanonicalProblem } from './canonical-problem.js';
import type { Decomposition } from './form-pool.js';
import { FormPool } from './form-pool.js';
import { PairTable } from './pair-table.js';
import { FormWidths } from './form-widths.js';

type Change =
  | { readonly kind: 'insert'; readonly slot: number }
  | { readonly kind: 'redefine' | 'drop'; readonly slot: number; readonly before: Decomposition };

/**
 * A solution in the making: a set of forms, each with the addition that makes it. Changes are made in transactions, so
 * that a search can look at their cost and take them back.
 */
export class AdderState {
  public readonly pool: FormPool;
  public readonly pairs: PairTable;
  /** By slot; undefined for base values and free slots. */
  public readonly definitions: (Decomposition | undefined)[] = [];
  /** By slot: the slots whose additions take it, once for each operand. */
  public readonly consumers: number[][] = [];
  /** By slot: base values and targets stay. */
  public readonly kept: Uint8Array;
  /** By slot: levels of adders; kept up to date only under a depth limit. */
  public readonly depths: Int32Array;
  public adders = 0;
  /** Sum of the LUTs of all additions. */
  public luts = 0;
  private readonly widths: FormWidths;
  private readonly widthOf: Int32Array;
  private readonly changes: Change[] = [];
  private readonly visited: Uint8Array;

  public constructor(
    public readonly canonical: CanonicalProblem,
    capacity: number,
    bits: number,
    public readonly depthLimit: number | undefined,
  ) {
    this.pool = new FormPool(canonical.dimension, capacity, bits);
    this.pairs = new PairTable(this.pool);
    this.kept = new Uint8Array(capacity);
    this.depths = new Int32Array(capacity);
    this.widthOf = new Int32Array(capacity);
    this.visited = new Uint8Array(capacity);
    this.widths = new FormWidths(canonical);
    for (let slot = 0; slot < capacity; slot++) this.consumers.push([]);
    for (const { form, depth } of canonical.bases) {
      const slot = this.pool.add(form);
      invariant(slot !== undefined, 'base values have hashes of their own');
      this.pool.enlist(slot);
      this.kept[slot] = 1;
      this.depths[slot] = depth;
    }
  }

  /** Ends the making of the first solution; false when it is too deep. */
  public settle(): boolean {
    if (!this.withinDepth()) return false;
    const members = this.pool.members.filter((slot) => this.definitions[slot] !== undefined || this.kept[slot] === 1);
    const unused = this.pool.members.filter((slot) => this.definitions[slot] === undefined && this.kept[slot] === 0);
    this.changes.length = 0;
    for (const slot of unused) this.pool.remove(slot);
    this.pool.members.length = 0;
    for (const slot of members) {
      this.pool.enlist(slot);
      this.pairs.update(slot, true);
    }
    return true;
  }

  public definition(slot: number): Decomposition {
    const definition = this.definitions[slot];
    invariant(definition !== undefined, 'a base value is not made by an addition');
    return definition;
  }

  /** LUTs of making a form of the given width: its bits above the higher of the two shifts. */
  public costOf(width: number, { leftShift, rightShift }: Decomposition): number {
    return Math.max(0, width - leftShift - rightShift);
  }

  public widthOfForm(form: Int32Array): number {
    return this.widths.width(form);
  }

  /** A new form with its addition, undefined when there is no place for it. */
  public insert(form: Int32Array, definition: Decomposition): number | undefined {
    const slot = this.pool.add(form);
    if (slot === undefined) return undefined;
    this.kept[slot] = 0;
    this.widthOf[slot] = this.widths.width(form);
    this.connect(slot, definition);
    this.changes.push({ kind: 'insert', slot });
    return slot;
  }

  public redefine(slot: number, definition: Decomposition): void {
    const before = this.definition(slot);
    this.changes.push({ kind: 'redefine', slot, before });
    this.disconnect(slot, before);
    this.connect(slot, definition);
  }

  /** Drops a form that nobody takes, and then those that only it took. */
  public dropUnused(slot: number): void {
    const pending = [slot];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const definition = this.definitions[next];
      if (definition === undefined || this.kept[next] === 1 || at(this.consumers, next).length > 0) continue;
      this.changes.push({ kind: 'drop', slot: next, before: definition });
      this.disconnect(next, definition);
      pending.push(definition.left, definition.right);
    }
  }

  public rollback(): void {
    for (let change = this.changes.pop(); change !== undefined; change = this.changes.pop()) {
      const { slot } = change;
      const definition = this.definitions[slot];
      if (definition !== undefined) this.disconnect(slot, definition);
      if (change.kind === 'insert') this.pool.remove(slot);
      else this.connect(slot, change.before);
    }
  }

  /** Makes the changes since the last commit last. Returns the entries of the pair table that were touched, about. */
  public commit(): number {
    const before = this.pairs.updates;
    const inserted: number[] = [];
    const dropped = new Set<number>();
    for (const change of this.changes) {
      if (change.kind === 'insert') inserted.push(change.slot);
      if (change.kind === 'drop') dropped.add(change.slot);
    }
    this.changes.length = 0;
    const fresh = new Set(inserted);
    for (const slot of dropped) {
      if (!fresh.has(slot)) this.pairs.update(slot, false);
      this.pool.remove(slot);
    }
    for (const slot of inserted) {
      if (dropped.has(slot)) continue;
      this.pool.enlist(slot);
      this.pairs.update(slot, true);
    }
    return this.pairs.updates - before;
  }

  /** Slots of all additions that the roots need, operands first. */
  public order(roots: readonly number[] = this.pool.members): readonly number[] {
    const { visited } = this;
    visited.fill(0);
    const order: number[] = [];
    for (const member of roots) {
      const stack = [member];
      while (stack.length > 0) {
        const slot = stack[stack.length - 1] ?? 0;
        const definition = this.definitions[slot];
        if (visited[slot] === 2 || definition === undefined) {
          stack.pop();
          continue;
        }
        if (visited[slot] === 1) {
          visited[slot] = 2;
          order.push(slot);
          stack.pop();
          continue;
        }
        visited[slot] = 1;
        if (visited[definition.left] !== 2) stack.push(definition.left);
        if (visited[definition.right] !== 2) stack.push(definition.right);
      }
    }
    return order;
  }

  /** Whether every form that is taken, or wanted, is ready in time; brings the depths up to date. */
  public withinDepth(): boolean {
    if (this.depthLimit === undefined) return true;
    // What the transaction inserted is needed by a member.
    for (const slot of this.order()) {
      const { left, right } = this.definition(slot);
      const depth = Math.max(this.depths[left] ?? 0, this.depths[right] ?? 0) + 1;
      this.depths[slot] = depth;
      if (depth > this.depthLimit) return false;
    }
    return true;
  }

  private connect(slot: number, definition: Decomposition): void {
    this.definitions[slot] = definition;
    at(this.consumers, definition.left).push(slot);
    at(this.consumers, definition.right).push(slot);
    this.adders++;
    this.luts += this.costOf(this.widthOf[slot] ?? 0, definition);
  }

  private disconnect(slot: number, definition: Decomposition): void {
    this.definitions[slot] = undefined;
    removeOne(at(this.consumers, definition.left), slot);
    removeOne(at(this.consumers, definition.right), slot);
    this.adders--;
    this.luts -= this.costOf(this.widthOf[slot] ?? 0, definition);
  }
}

function removeOne(list: number[], value: number): void {
  const index = list.lastIndexOf(value);
  const last = list.pop();
  if (index < list.length && last !== undefined) list[index] = last;
}
