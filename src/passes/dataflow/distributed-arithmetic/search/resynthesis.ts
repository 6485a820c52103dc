import type { Network } from './network.js';
import { packTerm, shiftOf, signOf, valueOf } from './packed-term.js';

/** Coefficients beyond this are left alone: three times them must fit 31 bits. */
const LARGEST = 1 << 28;

/** Non-zero digits of the canonical signed-digit form (Reitwiesner, 1960) of an integer below 2^29. */
export function digitCount(value: number): number {
  let bits = (value + (value << 1)) ^ value;
  bits -= (bits >>> 1) & 0x55555555;
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * Writes a sum anew from values that are there: as long as it pays, the value that leaves the fewest signed digits is
 * taken out of the rest (matching pursuit, here on integer vectors); what remains is written in canonical signed digits
 * of the inputs.
 */
export class Resynthesis {
  private readonly rest: Int32Array;
  private readonly digits: Int32Array;
  /** Candidates whose form has an input, by input. */
  private readonly touching: number[][];
  /** Digits that a candidate saves, less the term that it takes; at most, where it is not weighed yet. */
  private readonly gains: number[] = [];
  private readonly isWeighed: boolean[] = [];
  private readonly shifts: number[] = [];
  private readonly signs: number[] = [];
  private readonly noises: number[] = [];
  private readonly dirty: number[] = [];
  /** Of the candidate looked at: what each of its inputs can save at most. */
  private readonly bounds: Int32Array;
  private highest = 1;

  public constructor(private readonly network: Network) {
    const inputs = network.inputs.length;
    this.rest = new Int32Array(inputs);
    this.digits = new Int32Array(inputs);
    this.bounds = new Int32Array(inputs);
    this.touching = network.inputs.map(() => []);
  }

  /** Inputs of the sum of the terms, ascending; undefined where its coefficients are too large. */
  public load(terms: readonly number[]): number[] | undefined {
    const { network, rest } = this;
    rest.fill(0);
    const support: number[] = [];
    for (const term of terms) {
      const value = valueOf(term);
      const scale = 2 ** shiftOf(term) * (signOf(term) === 1 ? -1 : 1);
      const form = network.forms[value];
      for (const input of network.supports[value] ?? []) {
        const sum = (rest[input] ?? 0) + (form?.[input] ?? 0) * scale;
        if (sum >= LARGEST || sum <= -LARGEST) return undefined;
        rest[input] = sum;
      }
    }
    this.highest = 1;
    for (let input = 0; input < rest.length; input++) {
      const own = rest[input] ?? 0;
      this.digits[input] = 0;
      if (own === 0) continue;
      // All constants of a sum are one: they cost nothing that could be saved.
      if (input >= network.firstConstant) continue;
      support.push(input);
      this.digits[input] = digitCount(own);
      this.highest = Math.max(this.highest, Math.abs(own));
    }
    return support;
  }

  /** Whether most of the inputs given are in the sum loaded last, and enough digits for a candidate to pay. */
  public covers(support: Int32Array): boolean {
    let [inside, all, digits] = [0, 0, 0];
    for (const input of support) {
      if (input >= this.network.firstConstant) break;
      const own = this.digits[input] ?? 0;
      if (own > 0) inside++;
      all++;
      digits += own;
    }
    return digits > 1 && inside * 3 >= all * 2;
  }

  /** A list for the sum loaded last, from the candidates, each weighed less by up to `noise`, and from inputs. */
  public pursue(candidates: readonly number[], noise: () => number): number[] {
    const { network, rest, digits, touching, gains } = this;
    for (const list of touching) list.length = 0;
    const levels = 33 - Math.clz32(this.highest);
    candidates.forEach((candidate, index) => {
      for (const input of network.supports[candidate] ?? []) touching[input]?.push(index);
      this.noises[index] = 1 - noise();
      this.bound(candidate, index, levels);
    });
    const list: number[] = [];
    for (;;) {
      const best = this.best(candidates, levels);
      network.work += candidates.length >> 3;
      if (best < 0) break;
      const value = candidates[best] ?? 0;
      const [shift, sign] = [this.shifts[best] ?? 0, this.signs[best] ?? 0];
      list.push(packTerm(value, shift, sign));
      const scale = 2 ** shift * (sign === 1 ? -1 : 1);
      this.dirty.length = 0;
      for (const input of network.supports[value] ?? []) {
        rest[input] = (rest[input] ?? 0) - (network.forms[value]?.[input] ?? 0) * scale;
        if (input < network.firstConstant) digits[input] = digitCount(rest[input] ?? 0);
        for (const index of touching[input] ?? []) {
          if (gains[index] === -1) continue;
          gains[index] = -1;
          this.dirty.push(index);
        }
      }
      for (const index of this.dirty) this.bound(candidates[index] ?? 0, index, levels);
    }
    for (let input = 0; input < rest.length; input++) appendDigits(list, input, rest[input] ?? 0);
    return list;
  }

  /** The candidate of the greatest gain, the first among equals; -1 where none pays. */
  private best(candidates: readonly number[], levels: number): number {
    const { gains, noises, isWeighed } = this;
    for (;;) {
      let best = -1;
      let bestGain = 0;
      for (let index = 0; index < candidates.length; index++) {
        const gain = (gains[index] ?? 0) * (noises[index] ?? 1);
        if (gain > bestGain) [best, bestGain] = [index, gain];
      }
      if (best < 0 || isWeighed[best] === true) return best;
      this.weigh(candidates[best] ?? 0, best, levels, levels);
    }
  }

  /**
   * Sets the gain of a candidate to a bound: a coefficient of w digits can save no more than w of the d digits of an
   * input, and leaves at least w - d. Where a shift may not fit, the candidate is weighed at once.
   */
  private bound(candidate: number, index: number, levels: number): void {
    const { network, digits } = this;
    const support = network.supports[candidate] ?? new Int32Array();
    const coefficients = network.coefficients[candidate] ?? support;
    let most = -1;
    let bound = -1;
    let widest = 0;
    for (let place = 0; place < support.length; place++) {
      const input = support[place] ?? 0;
      if (input >= network.firstConstant) break;
      const own = digits[input] ?? 0;
      const coefficient = coefficients[place] ?? 0;
      const count = digitCount(coefficient);
      most += own;
      bound += count < own ? count : 2 * own - count;
      widest |= coefficient < 0 ? -coefficient : coefficient;
    }
    network.work += support.length >> 2;
    this.gains[index] = 0;
    this.isWeighed[index] = true;
    if (most <= 0) return;
    if (levels - 1 > roomOf(widest)) {
      if (this.weigh(candidate, index, levels, roomOf(widest))) network.work += (support.length * levels) >> 1;
      return;
    }
    network.work += (support.length * levels) >> 1;
    if (bound <= 0) return;
    this.gains[index] = bound;
    this.isWeighed[index] = false;
  }

  /**
   * Digits saved by the best shift and sign of a candidate, less the term that it takes; 0 where it does not pay. All
   * coefficients can be shifted by `room`. False where one could not be shifted further.
   */
  private weigh(candidate: number, index: number, levels: number, room: number): boolean {
    const { network, rest, digits, bounds } = this;
    const support = network.supports[candidate] ?? new Int32Array();
    const coefficients = network.coefficients[candidate] ?? support;
    const fits = room >= levels - 1;
    this.isWeighed[index] = true;
    let [bound, variables] = [0, 0];
    for (; variables < support.length; variables++) {
      const input = support[variables] ?? 0;
      if (input >= network.firstConstant) break;
      const own = digits[input] ?? 0;
      const count = digitCount(coefficients[variables] ?? 0);
      const most = !fits ? own : count < own ? count : 2 * own - count;
      bounds[variables] = most;
      bound += most;
    }
    let best = 0;
    for (let shift = 0; shift < levels; shift++) {
      if (fits && bound - 1 <= best) break;
      let [plus, minus] = [-1, -1];
      let left = bound;
      let place = 0;
      for (; place < variables; place++) {
        const input = support[place] ?? 0;
        const coefficient = coefficients[place] ?? 0;
        if (shift > room && shift > roomOf(coefficient)) {
          this.gains[index] = best;
          return false;
        }
        const step = coefficient << shift;
        const own = rest[input] ?? 0;
        const before = digits[input] ?? 0;
        plus += before - digitCount(own - step);
        minus += before - digitCount(own + step);
        left -= bounds[place] ?? 0;
        if ((plus > minus ? plus : minus) + left <= best) break;
      }
      if (place < variables) continue;
      if (plus > best) {
        best = plus;
        this.shifts[index] = shift;
        this.signs[index] = 0;
      }
      if (minus > best) {
        best = minus;
        this.shifts[index] = shift;
        this.signs[index] = 1;
      }
    }
    this.gains[index] = best;
    return true;
  }
}

/** Places by which a coefficient can be shifted. */
function roomOf(coefficient: number): number {
  return Math.clz32(coefficient < 0 ? -coefficient : coefficient) - 4;
}

/** Append the canonical signed digits of coefficient × input; below 2^28. */
export function appendDigits(list: number[], input: number, coefficient: number): void {
  if (coefficient === 0) return;
  const sign = coefficient < 0 ? 1 : 0;
  const magnitude = Math.abs(coefficient);
  const positive = ((3 * magnitude) & ~magnitude) >> 1;
  const negative = (magnitude & ~(3 * magnitude)) >> 1;
  for (let shift = 0; positive >> shift !== 0 || negative >> shift !== 0; shift++) {
    if ((positive >> shift) & 1) list.push(packTerm(input, shift, sign));
    else if ((negative >> shift) & 1) list.push(packTerm(input, shift, sign ^ 1));
  }
}
