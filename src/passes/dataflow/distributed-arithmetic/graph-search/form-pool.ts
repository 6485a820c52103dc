import { Random } from '../../../../support/random.js';

/** left × 2^leftShift + sign × right × 2^rightShift, up to sign; one of the shifts is zero. */
export interface Decomposition {
  readonly left: number;
  readonly leftShift: number;
  readonly right: number;
  readonly rightShift: number;
  readonly sign: 1 | -1;
}

/**
 * The canonical forms that a search holds, by slot, with a linear hash of each: the hash of a sum of shifted forms is
 * the same sum of shifted hashes (modulo 2^32), so that sums are recognised without being made. Hashes may collide:
 * whoever finds one by its hash compares the forms.
 */
export class FormPool {
  public readonly forms: Int32Array;
  public readonly hashes: Int32Array;
  /** Equal for forms with the same odd coefficients. */
  public readonly parities: Int32Array;
  /** Left shifts that keep a form within the bits of the search. */
  public readonly room: Int32Array;
  /** Slots that may be operands, in any order. */
  public readonly members: number[] = [];
  private readonly place: Int32Array;
  private readonly free: number[] = [];
  private readonly slots = new Map<number, number>();
  private readonly multipliers: Int32Array;
  private readonly parityWords: Int32Array;

  public constructor(
    public readonly dimension: number,
    public readonly capacity: number,
    private readonly bits: number,
  ) {
    this.forms = new Int32Array(dimension * capacity);
    this.hashes = new Int32Array(capacity);
    this.parities = new Int32Array(capacity);
    this.room = new Int32Array(capacity);
    this.place = new Int32Array(capacity);
    for (let slot = capacity - 1; slot >= 0; slot--) this.free.push(slot);
    const random = new Random(1);
    this.multipliers = Int32Array.from({ length: dimension }, () => random.next() | 1);
    this.parityWords = Int32Array.from({ length: dimension }, () => random.next());
  }

  /** The slot of a new form, not yet a member; undefined when the pool is full or holds a form with its hash. */
  public add(form: Int32Array): number | undefined {
    const hash = this.hashOf(form);
    const slot = this.slots.has(hash) ? undefined : this.free.pop();
    if (slot === undefined) return undefined;
    let [parity, top] = [0, 0];
    for (let index = 0; index < this.dimension; index++) {
      const coefficient = form[index] ?? 0;
      if ((coefficient & 1) === 1) parity ^= this.parityWords[index] ?? 0;
      top = Math.max(top, 32 - Math.clz32(Math.abs(coefficient)));
    }
    this.forms.set(form, slot * this.dimension);
    this.hashes[slot] = hash;
    this.parities[slot] = parity;
    this.room[slot] = Math.max(0, this.bits - top);
    this.place[slot] = -1;
    this.slots.set(hash, slot);
    return slot;
  }

  public enlist(slot: number): void {
    this.place[slot] = this.members.length;
    this.members.push(slot);
  }

  public remove(slot: number): void {
    const place = this.place[slot] ?? -1;
    if (place >= 0) {
      const last = this.members.pop();
      if (last !== undefined && last !== slot) {
        this.members[place] = last;
        this.place[last] = place;
      }
    }
    this.slots.delete(this.hashes[slot] ?? 0);
    this.free.push(slot);
  }

  public form(slot: number): Int32Array {
    return this.forms.subarray(slot * this.dimension, (slot + 1) * this.dimension);
  }

  /** The slot of a canonical form. */
  public find(form: Int32Array): number | undefined {
    const slot = this.slots.get(this.hashOf(form));
    return slot !== undefined && this.equals(slot, form) ? slot : undefined;
  }

  /** The slot whose form has this hash, if any. */
  public findHash(hash: number): number | undefined {
    return this.slots.get(canonicalHash(hash));
  }

  public equals(slot: number, form: Int32Array): boolean {
    const start = slot * this.dimension;
    for (let index = 0; index < this.dimension; index++) {
      if (this.forms[start + index] !== form[index]) return false;
    }
    return true;
  }

  /** Of a form and of its negative alike. */
  public hashOf(form: Int32Array): number {
    let hash = 0;
    for (let index = 0; index < this.dimension; index++) {
      hash = (hash + Math.imul(form[index] ?? 0, this.multipliers[index] ?? 0)) | 0;
    }
    return canonicalHash(hash);
  }

  /**
   * Writes left × 2^leftShift + sign × right × 2^rightShift in canonical form. Returns the power of two that was
   * divided out, -1 for zero.
   */
  public combine(
    left: number,
    leftShift: number,
    right: number,
    rightShift: number,
    sign: number,
    result: Int32Array,
  ): number {
    const { dimension, forms } = this;
    const [leftStart, rightStart] = [left * dimension, right * dimension];
    for (let index = 0; index < dimension; index++) {
      result[index] =
        ((forms[leftStart + index] ?? 0) << leftShift) + sign * ((forms[rightStart + index] ?? 0) << rightShift);
    }
    return canonicalise(result);
  }
}

export function canonicalHash(hash: number): number {
  return hash < 0 ? -hash | 0 : hash;
}

/** Divides by the greatest power of two and makes the first coefficient positive. Returns the power, -1 for zero. */
export function canonicalise(form: Int32Array): number {
  let [all, first] = [0, 0];
  for (const coefficient of form) {
    all |= coefficient;
    if (first === 0) first = coefficient;
  }
  if (all === 0) return -1;
  const shift = 31 - Math.clz32(all & -all);
  if (shift > 0 || first < 0) {
    for (let index = 0; index < form.length; index++) {
      const value = (form[index] ?? 0) >> shift;
      form[index] = first < 0 ? -value : value;
    }
  }
  return shift;
}
