import { at, invariant } from '../../../../support/invariant.js';
import type { Random } from '../../../../support/random.js';
import { CountTable } from './count-table.js';
import type { Digit } from './digit.js';
import { digit, maximumValues, patternOf, precedes, scaled, shiftOf, signOf, valueOf } from './digit.js';

/** Two digits of one row that form a pattern, in the order of the pattern's name. */
export interface Occurrence {
  readonly row: number;
  readonly low: Digit;
  readonly high: Digit;
}

/**
 * Sums of signed digits of each other: every value but the first ones (inputs and constants) has a row of digits, whose
 * length less one are its additions. Rows of targets stay, the others are shared parts. All pairs of digits are counted
 * as they come and go, so that recurring ones can be shared at once.
 */
export class DigitRows {
  /** By value; undefined for base values and free ones. */
  public readonly rows: (Digit[] | undefined)[] = [];
  /** By value: rows that hold a digit of it, once for each digit. */
  public readonly users: number[][] = [];
  public adders = 0;
  /** Counts changed so far, the measure of work. */
  public work = 0;
  private readonly counts = new CountTable();
  /** Patterns that may recur. */
  private touched: number[] = [];
  private readonly free: number[] = [];
  /** Rows as they were when the transaction began. */
  private readonly saved = new Map<number, readonly Digit[] | undefined>();

  /** Values below `bases` have no rows; those from there below `bases + targets` keep theirs. */
  public constructor(
    public readonly bases: number,
    public readonly targets: number,
  ) {
    for (let value = 0; value < bases + targets; value++) {
      this.rows.push(value < bases ? undefined : []);
      this.users.push([]);
    }
    this.adders = -targets;
  }

  /** Values in use are below this. */
  public get size(): number {
    return this.rows.length;
  }

  public isShared(value: number): boolean {
    return value >= this.bases + this.targets && this.rows[value] !== undefined;
  }

  public row(value: number): readonly Digit[] {
    return this.list(value);
  }

  public begin(): void {
    this.saved.clear();
  }

  /** Puts all rows back that changed since `begin`. */
  public rollback(): void {
    const entries = [...this.saved];
    this.saved.clear();
    for (const [value] of entries) {
      if (this.rows[value] !== undefined) this.clear(value);
    }
    for (const [value, before] of entries) {
      if (before === undefined) {
        if (this.rows[value] !== undefined) this.release(value);
      } else {
        if (this.rows[value] === undefined) this.claim(value);
        for (const each of before) this.push(value, each);
      }
    }
    this.saved.clear();
    this.touched.length = 0;
  }

  /** Adds a digit; equal ones carry, opposite ones cancel. */
  public add(row: number, added: Digit): void {
    const list = this.list(row);
    for (let packed = added; ;) {
      const twin = list.find((each) => each >> 1 === packed >> 1);
      if (twin === undefined) {
        this.push(row, packed);
        return;
      }
      this.remove(row, twin);
      if (twin !== packed) return;
      packed = scaled(packed, 1, 0);
    }
  }

  public clear(row: number): void {
    const list = this.list(row);
    while (list.length > 0) this.remove(row, list[list.length - 1] ?? 0);
  }

  /** Writes the digits of a shared row into the rows that use it, and frees it. */
  public inline(value: number): void {
    const digits = [...this.list(value)];
    const users = at(this.users, value);
    while (users.length > 0) {
      const user = users[users.length - 1] ?? 0;
      const use = this.list(user).find((each) => valueOf(each) === value);
      invariant(use !== undefined, 'a user holds a digit of what it uses');
      this.remove(user, use);
      for (const each of digits) this.add(user, scaled(each, shiftOf(use), signOf(use)));
    }
    this.clear(value);
    this.release(value);
  }

  /** Frees shared rows that are not used, and writes those used once, or too short, into their users; whether any. */
  public tidy(): boolean {
    let tidied = false;
    for (let changed = true; changed;) {
      changed = false;
      for (let value = this.bases + this.targets; value < this.rows.length; value++) {
        const row = this.rows[value];
        if (row === undefined || (at(this.users, value).length > 1 && row.length > 1)) continue;
        this.inline(value);
        changed = true;
        tidied = true;
      }
    }
    return tidied;
  }

  /**
   * Makes the pattern that recurs most once and uses it wherever it occurs, until none recurs (Hartley, "Subexpression
   * sharing in filters using canonic signed digit multipliers", 1996); ties at random. `admit` chooses the occurrences
   * that may be replaced.
   */
  public share(random: Random, admit?: (occurrences: readonly Occurrence[]) => readonly Occurrence[]): void {
    for (;;) {
      const pattern = this.mostFrequent(random);
      if (pattern === undefined) return;
      const all = this.occurrences(pattern);
      const occurrences = all.length >= 2 && admit !== undefined ? admit(all) : all;
      if (occurrences.length >= 2) this.substitute(occurrences);
      else this.touched.splice(this.touched.indexOf(pattern), 1);
    }
  }

  private mostFrequent(random: Random): number | undefined {
    let [best, ties, kept] = [2, 0, 0];
    let chosen: number | undefined;
    const { touched } = this;
    for (const pattern of touched) {
      const count = this.counts.count(pattern);
      if (count < 2) continue;
      touched[kept++] = pattern;
      if (count < best) continue;
      if (count > best) [best, ties] = [count, 0];
      if (random.integer(0, ties++) === 0) chosen = pattern;
    }
    this.work += touched.length;
    touched.length = kept;
    return chosen;
  }

  /** Disjoint occurrences of a pattern. */
  private occurrences(pattern: number): readonly Occurrence[] {
    const [low, high] = [pattern >>> 19, (pattern >>> 7) & (maximumValues - 1)];
    const [some, others] = [at(this.users, low), at(this.users, high)];
    const found: Occurrence[] = [];
    const seen = new Set<number>();
    for (const row of some.length <= others.length ? some : others) {
      if (seen.has(row)) continue;
      seen.add(row);
      const list = this.list(row);
      const taken = new Set<Digit>();
      for (const one of list) {
        if (valueOf(one) !== low || taken.has(one)) continue;
        for (const other of list) {
          if (valueOf(other) !== high || !precedes(one, other) || taken.has(other)) continue;
          if (patternOf(one, other) !== pattern) continue;
          taken.add(one).add(other);
          found.push({ row, low: one, high: other });
          break;
        }
      }
    }
    this.work += some.length + others.length;
    return found;
  }

  private substitute(occurrences: readonly Occurrence[]): void {
    const first = at(occurrences, 0);
    // A row that is no more than the pattern serves as it is.
    const whole = occurrences.find(({ row, low, high }) => {
      return this.list(row).length === 2 && Math.min(shiftOf(low), shiftOf(high)) === 0;
    });
    let value: number;
    if (whole === undefined) {
      value = this.free.pop() ?? this.rows.length;
      this.claim(value);
      const base = Math.min(shiftOf(first.low), shiftOf(first.high));
      this.push(value, scaled(first.low, -base, signOf(first.low)));
      this.push(value, scaled(first.high, -base, signOf(first.low)));
    } else {
      value = whole.row;
    }
    const own = this.list(value).find((each) => valueOf(each) === valueOf(first.low) && this.isLow(value, each));
    invariant(own !== undefined, 'the shared row holds the pattern');
    for (const { row, low, high } of occurrences) {
      if (row === value) continue;
      this.remove(row, low);
      this.remove(row, high);
      this.add(row, digit(value, shiftOf(low) - shiftOf(own), signOf(low) ^ signOf(own)));
    }
  }

  /** Whether a digit of a row of two is the one that comes first in its pattern. */
  private isLow(row: number, one: Digit): boolean {
    return this.list(row).every((other) => other === one || precedes(one, other));
  }

  private list(value: number): Digit[] {
    const list = this.rows[value];
    invariant(list !== undefined, 'the value has a row');
    return list;
  }

  private save(value: number): void {
    if (!this.saved.has(value)) {
      const list = this.rows[value];
      this.saved.set(value, list === undefined ? undefined : [...list]);
    }
  }

  private claim(value: number): void {
    invariant(value < maximumValues, 'values fit their place in a pattern');
    this.save(value);
    const place = this.free.indexOf(value);
    if (place >= 0) this.free.splice(place, 1);
    if (value === this.rows.length) this.users.push([]);
    this.rows[value] = [];
    this.adders--;
  }

  private release(value: number): void {
    this.save(value);
    this.rows[value] = undefined;
    this.free.push(value);
    this.adders++;
  }

  private push(row: number, packed: Digit): void {
    this.save(row);
    const list = this.list(row);
    for (const other of list) {
      const pattern = patternOf(packed, other);
      if (this.counts.change(pattern, 1) === 2) this.touched.push(pattern);
    }
    this.work += list.length;
    list.push(packed);
    at(this.users, valueOf(packed)).push(row);
    this.adders++;
  }

  private remove(row: number, packed: Digit): void {
    this.save(row);
    const list = this.list(row);
    removeOne(list, packed);
    for (const other of list) this.counts.change(patternOf(packed, other), -1);
    this.work += list.length;
    removeOne(at(this.users, valueOf(packed)), row);
    this.adders--;
  }
}

function removeOne(list: number[], value: number): void {
  const index = list.lastIndexOf(value);
  const last = list.pop();
  if (index < list.length && last !== undefined) list[index] = last;
}
