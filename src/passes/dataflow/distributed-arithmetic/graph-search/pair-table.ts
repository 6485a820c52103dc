import type { Decomposition, FormPool } from './form-pool.js';
import { canonicalHash } from './form-pool.js';

const slotBits = 11;
/** Slots that fit a packed pair. */
export const maximumSlots = 1 << slotBits;
const slotMask = maximumSlots - 1;

/**
 * Everything that one addition can make of the forms in a pool, by hash: the set of all odd results of the A-operation
 * u × 2^a ± v × 2^b (Voronenko and Püschel 2007), kept up to date as forms come and go.
 */
export class PairTable {
  private heads = new Int32Array(1 << 12).fill(-1);
  private next = new Int32Array(1 << 12);
  private keys = new Int32Array(1 << 12);
  private pairs = new Int32Array(1 << 12);
  private free = -1;
  private used = 0;

  public constructor(private readonly pool: FormPool) {}

  /** Entries added and removed so far. */
  public updates = 0;

  /** Add or remove the pairs of a member with all members and itself. */
  public update(slot: number, add: boolean): void {
    const { pool } = this;
    const { hashes, room, parities } = pool;
    const hash = hashes[slot] ?? 0;
    for (const other of pool.members) {
      // Lower slot first, so that a pair has one name.
      const [low, high] = slot < other ? [slot, other] : [other, slot];
      const [lowHash, highHash] = slot < other ? [hash, hashes[other] ?? 0] : [hashes[other] ?? 0, hash];
      if (low === high) {
        for (let shift = 1; shift <= (room[slot] ?? 0); shift++) {
          this.change(hash + (hash << shift), low, high, shift, 0, add);
          if (shift > 1) this.change(hash - (hash << shift), low, high, shift, 1, add);
        }
        continue;
      }
      if (parities[low] !== parities[high]) {
        this.change(lowHash + highHash, low, high, 0, 0, add);
        this.change(lowHash - highHash, low, high, 0, 1, add);
      }
      for (let shift = 1; shift <= (room[high] ?? 0); shift++) {
        const shifted = highHash << shift;
        this.change(lowHash + shifted, low, high, shift, 0, add);
        this.change(lowHash - shifted, low, high, shift, 1, add);
      }
      for (let shift = 1; shift <= (room[low] ?? 0); shift++) {
        const shifted = lowHash << shift;
        this.change(shifted + highHash, low, high, -shift, 0, add);
        this.change(shifted - highHash, low, high, -shift, 1, add);
      }
    }
  }

  /** The first entry with a hash, -1 for none. */
  public first(hash: number): number {
    const key = canonicalHash(hash | 0);
    let entry = this.heads[this.bucket(key)] ?? -1;
    while (entry >= 0 && this.keys[entry] !== key) entry = this.next[entry] ?? -1;
    return entry;
  }

  /** The next entry with the same hash, -1 for none. */
  public after(entry: number): number {
    const key = this.keys[entry];
    do entry = this.next[entry] ?? -1;
    while (entry >= 0 && this.keys[entry] !== key);
    return entry;
  }

  public left(entry: number): number {
    return (this.pairs[entry] ?? 0) & slotMask;
  }

  public right(entry: number): number {
    return ((this.pairs[entry] ?? 0) >>> slotBits) & slotMask;
  }

  public decomposition(entry: number): Decomposition {
    const shift = (((this.pairs[entry] ?? 0) >>> (2 * slotBits)) & 63) - 32;
    return {
      left: this.left(entry),
      leftShift: Math.max(0, -shift),
      right: this.right(entry),
      rightShift: Math.max(0, shift),
      sign: (this.pairs[entry] ?? 0) >>> (2 * slotBits + 6) === 0 ? 1 : -1,
    };
  }

  private bucket(key: number): number {
    return (Math.imul(key, 0x9e3779b1) >>> 7) & (this.heads.length - 1);
  }

  private change(hash: number, low: number, high: number, shift: number, subtract: number, add: boolean): void {
    const key = canonicalHash(hash | 0);
    const pair = low | (high << slotBits) | ((shift + 32) << (2 * slotBits)) | (subtract << (2 * slotBits + 6));
    if (add) this.insert(key, pair);
    else this.delete(key, pair);
  }

  private insert(key: number, pair: number): void {
    let entry = this.free;
    if (entry >= 0) this.free = this.next[entry] ?? -1;
    else {
      if (this.used === this.next.length) this.grow();
      entry = this.used++;
    }
    const bucket = this.bucket(key);
    this.keys[entry] = key;
    this.pairs[entry] = pair;
    this.next[entry] = this.heads[bucket] ?? -1;
    this.heads[bucket] = entry;
    this.updates++;
  }

  private delete(key: number, pair: number): void {
    const bucket = this.bucket(key);
    let [previous, entry] = [-1, this.heads[bucket] ?? -1];
    while (entry >= 0 && (this.keys[entry] !== key || this.pairs[entry] !== pair)) {
      previous = entry;
      entry = this.next[entry] ?? -1;
    }
    if (entry < 0) return;
    const following = this.next[entry] ?? -1;
    if (previous < 0) this.heads[bucket] = following;
    else this.next[previous] = following;
    this.next[entry] = this.free;
    this.free = entry;
    this.updates++;
  }

  private grow(): void {
    const length = this.next.length * 2;
    const longer = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const array = new Int32Array(length);
      array.set(old);
      return array;
    };
    this.next = longer(this.next);
    this.keys = longer(this.keys);
    this.pairs = longer(this.pairs);
    this.heads = new Int32Array(length).fill(-1);
    // Growth happens when no entry is free, so all of them are in use.
    for (let entry = 0; entry < this.used; entry++) {
      const bucket = this.bucket(this.keys[entry] ?? 0);
      this.next[entry] = this.heads[bucket] ?? -1;
      this.heads[bucket] = entry;
    }
  }
}
