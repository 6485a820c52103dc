import { at } from '../../../../support/invariant.js';
import type { Random } from '../../../../support/random.js';
import type { AdderState } from './adder-state.js';
import type { Decomposition } from './form-pool.js';
import { canonicalise } from './form-pool.js';

export interface SearchWeights {
  /** Price of an addition, and of a LUT. */
  readonly adder: number;
  readonly lut: number;
}

/** A way to make a form with one new form: form = new × 2^newShift ± other × 2^otherShift. */
interface Candidate {
  /** Entry of the pair table that makes the new form. */
  readonly entry: number;
  /** -1 for the new form itself. */
  readonly other: number;
  readonly newShift: number;
  readonly otherShift: number;
}

/**
 * Steps of a walk through solutions. A form that is no result is exchanged for another one that serves the same
 * consumers, or the addition of a form is exchanged for another, with a new form if need be; forms that nobody takes
 * any more fall away. Most steps cost nothing and gain nothing, which is what moves the walk along.
 */
export class LocalSearch {
  /** Look-ups and updates so far, the measure of work. */
  public work = 0;
  private readonly marks: Int32Array;
  private mark = 0;
  private readonly scratch: Int32Array;
  private readonly scratch2: Int32Array;
  private candidates: Candidate[] = [];
  private found = 0;
  /** Operands that an addition of the running step no longer takes. */
  private readonly left: number[] = [];

  public constructor(
    private readonly state: AdderState,
    private readonly random: Random,
    private readonly weights: SearchWeights,
  ) {
    this.marks = new Int32Array(state.pool.capacity);
    this.scratch = new Int32Array(state.pool.dimension);
    this.scratch2 = new Int32Array(state.pool.dimension);
  }

  public get energy(): number {
    return this.weights.adder * this.state.adders + this.weights.lut * this.state.luts;
  }

  /** One step at a temperature, in the unit of the weights. Returns whether the solution changed. */
  public step(temperature: number): boolean {
    const { state } = this;
    const { members } = state.pool;
    this.work += 10;
    // Nothing is added at all.
    if (members.length === 0) return false;
    const slot = at(members, this.random.integer(0, members.length - 1));
    if (state.definitions[slot] === undefined) return false;
    const before = this.energy;
    this.left.length = 0;
    const changed = state.kept[slot] === 0 && this.random.uniform() < 0.7 ? this.exchange(slot) : this.redefine(slot);
    if (changed) for (const operand of this.left) state.dropUnused(operand);
    if (!changed || !state.withinDepth() || !this.accepts(this.energy - before, temperature)) {
      state.rollback();
      return false;
    }
    this.work += state.commit();
    return true;
  }

  private accepts(change: number, temperature: number): boolean {
    if (change <= 1e-9) return true;
    return temperature > 0 && this.random.uniform() < Math.exp(-change / temperature);
  }

  /** Replaces a form by another, for all of its consumers that cannot do without. */
  private exchange(slot: number): boolean {
    const { state } = this;
    const consumers = [...new Set(at(state.consumers, slot))];
    this.markFrom(slot);
    const bound: number[] = [];
    for (const consumer of consumers) {
      const alternative = this.alternative(consumer);
      if (alternative === undefined) bound.push(consumer);
      else this.change(consumer, alternative);
    }
    const [first, ...others] = bound;
    if (first !== undefined) {
      this.gather(first);
      const fitting: { candidate: Candidate; definitions: Decomposition[] }[] = [];
      for (const candidate of this.candidates) {
        const made = this.make(candidate, first);
        if (made === undefined) continue;
        const definitions: Decomposition[] = [made];
        for (const other of others) {
          const definition = this.through(this.scratch, other);
          if (definition === undefined) break;
          definitions.push(definition);
        }
        if (definitions.length === bound.length) fitting.push({ candidate, definitions });
      }
      const chosen = fitting[this.random.integer(0, fitting.length - 1)];
      if (chosen === undefined) return false;
      if (this.make(chosen.candidate, first) === undefined) return false;
      const fresh = state.insert(this.scratch.slice(), state.pairs.decomposition(chosen.candidate.entry));
      if (fresh === undefined) return false;
      bound.forEach((consumer, index) => {
        const definition = at(chosen.definitions, index);
        this.change(consumer, {
          ...definition,
          left: fresh,
          right: definition.right < 0 ? fresh : definition.right,
        });
      });
    }
    return true;
  }

  /** Gives a form another addition; with a new form as operand where there is none among the old ones. */
  private redefine(slot: number): boolean {
    const { state } = this;
    this.markFrom(slot);
    const alternative = this.random.uniform() < 0.5 ? this.alternative(slot) : undefined;
    if (alternative !== undefined) {
      this.change(slot, alternative);
      return true;
    }
    this.gather(slot);
    const candidate = this.candidates[this.random.integer(0, this.candidates.length - 1)];
    if (candidate === undefined) return false;
    const made = this.make(candidate, slot);
    if (made === undefined) return false;
    const fresh = state.insert(this.scratch.slice(), state.pairs.decomposition(candidate.entry));
    if (fresh === undefined) return false;
    this.change(slot, { ...made, left: fresh, right: made.right < 0 ? fresh : made.right });
    return true;
  }

  /** What nobody takes any more is dropped when all changes are made: another one may take it. */
  private change(slot: number, definition: Decomposition): void {
    const { left, right } = this.state.definition(slot);
    this.left.push(left, right);
    this.state.redefine(slot, definition);
  }

  /** Marks a form and all that is made from it. */
  private markFrom(slot: number): void {
    this.mark++;
    const stack = [slot];
    this.marks[slot] = this.mark;
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      for (const consumer of at(this.state.consumers, next)) {
        if (this.marks[consumer] === this.mark) continue;
        this.marks[consumer] = this.mark;
        stack.push(consumer);
      }
    }
  }

  /** Another addition of unmarked forms that makes the form, one of several at random. */
  private alternative(slot: number): Decomposition | undefined {
    const { state, marks, mark } = this;
    const { pairs, pool } = state;
    const current = state.definition(slot);
    let chosen: Decomposition | undefined;
    let seen = 0;
    for (let entry = pairs.first(pool.hashes[slot] ?? 0); entry >= 0; entry = pairs.after(entry)) {
      const [left, right] = [pairs.left(entry), pairs.right(entry)];
      this.work++;
      if (marks[left] === mark || marks[right] === mark) continue;
      const definition = pairs.decomposition(entry);
      if (sameDecomposition(definition, current)) continue;
      pool.combine(left, definition.leftShift, right, definition.rightShift, definition.sign, this.scratch2);
      if (!pool.equals(slot, this.scratch2)) continue;
      if (this.random.integer(0, seen++) === 0) chosen = definition;
    }
    return chosen;
  }

  /** Collects the ways to make a form from one new form and an unmarked one, both new operands unmarked too. */
  private gather(slot: number): void {
    const { state, marks, mark, scratch } = this;
    const { pool } = state;
    const hash = pool.hashes[slot] ?? 0;
    const parity = pool.parities[slot];
    this.candidates = [];
    this.found = 0;
    for (const other of pool.members) {
      if (marks[other] === mark) continue;
      const otherHash = pool.hashes[other] ?? 0;
      for (let sign = 1; sign >= -1; sign -= 2) {
        if (pool.parities[other] !== parity) this.probe(hash + sign * otherHash, other, 0, 0);
        else {
          const shift = pool.combine(slot, 0, other, 0, sign, scratch);
          if (shift > 0) this.probe(pool.hashOf(scratch), other, shift, 0);
        }
        const room = pool.room[other] ?? 0;
        for (let shift = 1; shift <= room; shift++) this.probe(hash + sign * (otherHash << shift), other, 0, shift);
      }
      this.work += 2 * (pool.room[other] ?? 0) + 2;
    }
    this.gatherFactors(slot);
  }

  /** Forms whose multiple by 2^shift ± 1 is the form. */
  private gatherFactors(slot: number): void {
    const { state, scratch } = this;
    const { pool } = state;
    const form = pool.form(slot);
    let divisor = 0;
    for (const coefficient of form) divisor = greatestCommonDivisor(divisor, Math.abs(coefficient));
    for (let shift = 1; divisor > 1 && 2 ** shift - 1 <= divisor; shift++) {
      for (const factor of [2 ** shift - 1, 2 ** shift + 1]) {
        if (factor === 1 || divisor % factor !== 0) continue;
        for (let index = 0; index < form.length; index++) scratch[index] = (form[index] ?? 0) / factor;
        this.probe(pool.hashOf(scratch), -1, 0, shift);
      }
    }
  }

  private probe(hash: number, other: number, newShift: number, otherShift: number): void {
    const { state, marks, mark } = this;
    const { pairs, pool } = state;
    let entry = pairs.first(hash);
    if (entry < 0 || pool.findHash(hash | 0) !== undefined) return;
    for (; entry >= 0; entry = pairs.after(entry)) {
      const [left, right] = [pairs.left(entry), pairs.right(entry)];
      if (marks[left] === mark || marks[right] === mark) continue;
      this.found++;
      if (this.candidates.length < candidateLimit) this.candidates.push({ entry, other, newShift, otherShift });
      else {
        const place = this.random.integer(0, this.found - 1);
        if (place < candidateLimit) this.candidates[place] = { entry, other, newShift, otherShift };
      }
    }
  }

  /** Writes the new form to `scratch`; how the form at `slot` is made with it (as left operand), if the hash did not lie. */
  private make({ entry, other, newShift, otherShift }: Candidate, slot: number): Decomposition | undefined {
    const { pool, pairs } = this.state;
    const { left, leftShift, right, rightShift, sign } = pairs.decomposition(entry);
    if (pool.combine(left, leftShift, right, rightShift, sign, this.scratch) !== 0) return undefined;
    for (const sign of [1, -1] as const) {
      const made = { left: -1, leftShift: newShift, right: other, rightShift: otherShift, sign };
      if (this.makes(this.scratch, made, slot)) return made;
    }
    return undefined;
  }

  /** Whether `form` as the operand -1 makes the form at `slot`. */
  private makes(form: Int32Array, { leftShift, right, rightShift, sign }: Decomposition, slot: number): boolean {
    const { pool } = this.state;
    const [target, other] = [pool.form(slot), right < 0 ? form : pool.form(right)];
    let factor = 0;
    for (let index = 0; index < form.length; index++) {
      const value = ((form[index] ?? 0) << leftShift) + sign * ((other[index] ?? 0) << rightShift);
      const wanted = target[index] ?? 0;
      if (factor === 0 && value !== 0) factor = value === wanted ? 1 : -1;
      if (value * factor !== wanted && (factor !== 0 || wanted !== 0)) return false;
    }
    return factor !== 0;
  }

  /** How to make the form at `slot` from a new form and an unmarked one; the new one is the left operand. */
  private through(form: Int32Array, slot: number): Decomposition | undefined {
    const { pool } = this.state;
    const hash = pool.hashes[slot] ?? 0;
    const formHash = pool.hashOf(form);
    // The new form unshifted, the other one shifted by what is left over; or the new one shifted.
    for (const sign of [1, -1]) {
      const shift = this.difference(slot, form, sign);
      if (shift >= 0) {
        const other = pool.find(this.scratch2);
        if (other !== undefined) {
          const made = this.fitting(form, slot, 0, other, shift);
          if (made !== undefined) return made;
        }
      }
      for (let shift = 1; shift < 24; shift++) {
        this.work++;
        const other = pool.findHash((hash + sign * (formHash << shift)) | 0);
        if (other === undefined) continue;
        const made = this.fitting(form, slot, shift, other, 0);
        if (made !== undefined) return made;
      }
    }
    return undefined;
  }

  private fitting(
    form: Int32Array,
    slot: number,
    leftShift: number,
    right: number,
    rightShift: number,
  ): Decomposition | undefined {
    if (this.marks[right] === this.mark) return undefined;
    for (const sign of [1, -1] as const) {
      const made = { left: -1, leftShift, right, rightShift, sign };
      if (this.makes(form, made, slot)) return made;
    }
    return undefined;
  }

  /** Writes the canonical form of slot + sign × form to `scratch2`; returns the power divided out, -1 for zero. */
  private difference(slot: number, form: Int32Array, sign: number): number {
    const target = this.state.pool.form(slot);
    for (let index = 0; index < form.length; index++) {
      this.scratch2[index] = (target[index] ?? 0) + sign * (form[index] ?? 0);
    }
    return canonicalise(this.scratch2);
  }
}

const candidateLimit = 64;

function sameDecomposition(one: Decomposition, other: Decomposition): boolean {
  const same =
    one.left === other.left &&
    one.right === other.right &&
    one.leftShift === other.leftShift &&
    one.rightShift === other.rightShift;
  const swapped =
    one.left === other.right &&
    one.right === other.left &&
    one.leftShift === other.rightShift &&
    one.rightShift === other.leftShift;
  return one.sign === other.sign && (same || swapped);
}

function greatestCommonDivisor(left: number, right: number): number {
  while (right !== 0) [left, right] = [right, left % right];
  return left;
}
