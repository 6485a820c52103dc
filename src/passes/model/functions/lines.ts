import { bitLength } from '../../../support/bits.js';
import { at } from '../../../support/invariant.js';
import { lsbExponent } from '../../../numeric/fixed-point.js';
import type { Quantizer } from '../../../numeric/fixed-point.js';
import type { Interval } from '../../../numeric/interval.js';
import type { Rounding } from '../../../numeric/rounding.js';
import { quantizedRange } from '../../../numeric/rounding.js';
import type { FunctionFields } from '../../../model/real-functions.js';
import type { OperandRange } from './function-curve.js';
import { changingCodes, Curve, entryCode } from './function-curve.js';
import type { TableLimits } from './function-table.js';
import type { Step, StepMap } from './steps.js';
import { addressesOf, stepAt } from './steps.js';

/** A function as straight pieces: base + slope × place, where the place runs from 0 to 1 within each step. */
export interface Lines {
  readonly map: StepMap;
  /** Address of the first entry; beyond the ends the end entries hold. */
  readonly first: bigint;
  /** Codes × 2^lsb. */
  readonly bases: readonly bigint[];
  readonly slopes: readonly bigint[];
  readonly lsb: number;
  /** Bits of the place. */
  readonly placeBits: number;
  /** Bound of the distance from the function, limited to the range of the type, the final rounding included. */
  readonly error: number;
  /** The same as a share of the value, where the pieces were allowed to be off by such a share. */
  readonly relativeError?: number;
  /** Is it within what was asked for everywhere? */
  readonly good: boolean;
}

/** Bits of bases and slopes below the LSB of the result. */
const GUARD_BITS = 3;
/**
 * In units of the result's LSB: half a unit is the final rounding; bases and slopes are rounded to an eighth, a sixteenth
 * each way; the place is cut off within a sixteenth. This is left for the lines.
 */
const LINE_TOLERANCE = 0.5 - 1 / 8 - 1 / 16;
const PLACE_TOLERANCE = 1 / 16;
/** Steps of an octave, as a power of two. */
const FEWEST_MANTISSA_BITS = 2;
const MOST_MANTISSA_BITS = 8;
/** Where an error is measured within a step: so many places apart, and the second differences bound what is between. */
const PLACES = 8;

const nearest: ReadonlySet<Rounding> = new Set(['RND', 'RND_CONV', 'RND_INF', 'RND_ZERO', 'RND_MIN_INF']);
/** An approximation has no ties: every rounding to the nearest is a half added before the low bits are dropped. */
export function roundsToNearest(rounding: Rounding): boolean {
  return nearest.has(rounding);
}

export interface LineOptions {
  readonly limits: TableLimits;
  /** An error of this share of the value is as good as one within the tolerance. */
  readonly share: number;
}

/**
 * The fewest straight pieces of a function that stay within the tolerance: uniform steps, else octaves of an operand that
 * is not negative. Where neither gets there, the better of what the limit of entries allows.
 */
export function fitLines(node: FunctionFields, operand: OperandRange, result: Quantizer, options: LineOptions): Lines {
  return new LineFit(node, operand, result, options).run();
}

interface Piece {
  readonly base: number;
  readonly slope: number;
  readonly size: number;
  /** Of the line alone. */
  readonly error: number;
  /** Smallest magnitude of the function among the places looked at. */
  readonly magnitude: number;
}

class LineFit {
  private readonly curve: Curve;
  private readonly unit: number;
  private readonly changing: Interval;
  private readonly floor: number;
  private readonly ceiling: number;
  private readonly turns: readonly number[];
  /** Reachable codes, as numbers. */
  private readonly low: number;
  private readonly high: number;

  public constructor(
    node: FunctionFields,
    private readonly operand: OperandRange,
    private readonly result: Quantizer,
    private readonly options: LineOptions,
  ) {
    this.curve = new Curve(node, operand);
    this.unit = 2 ** lsbExponent(result.type);
    this.changing = changingCodes(this.curve, operand, result);
    const range = quantizedRange(result.type, result.overflow);
    this.floor = Number(range.low) * this.unit;
    this.ceiling = Number(range.high) * this.unit;
    this.turns = this.curve.turningCodes().map(Number);
    this.low = Number(operand.codes.low);
    this.high = Number(operand.codes.high);
  }

  public run(): Lines {
    const uniform = this.uniform();
    if (uniform.good || this.operand.codes.low < 0n) return this.build(uniform);
    const octaves = this.octaves();
    const [first, second] = [this.build(uniform), this.build(octaves)];
    return octaves.good || second.error < first.error ? second : first;
  }

  /** The coarsest steps that do, or the finest that the limit allows. */
  private uniform(): { readonly map: StepMap; readonly good: boolean } {
    const { low, high } = this.changing;
    let drop = bitLength(high - low);
    const coarsest = drop;
    for (; drop >= 0; drop--) {
      const map = { kind: 'uniform', drop } as const;
      const { low: first, high: last } = addressesOf(map, this.changing);
      if (last - first >= BigInt(this.options.limits.entries)) break;
      if (this.areGood(map, { low: first, high: last })) return { map, good: true };
    }
    return { map: { kind: 'uniform', drop: Math.min(drop + 1, coarsest) }, good: false };
  }

  private octaves(): { readonly map: StepMap; readonly good: boolean } {
    const { high } = this.changing;
    const length = bitLength(high);
    let best: StepMap | undefined;
    for (let bits = FEWEST_MANTISSA_BITS; bits <= MOST_MANTISSA_BITS; bits++) {
      const linear = (linearBits: number): StepMap => ({ kind: 'octaves', linearBits, mantissaBits: bits });
      const below = { low: 0n, high: (1n << BigInt(bits)) - 1n };
      let linearBits = Math.max(length, bits);
      while (linearBits > bits && !this.areGood(linear(linearBits), below)) linearBits--;
      const map = linear(linearBits);
      const addresses = addressesOf(map, this.changing);
      if (addresses.high - addresses.low >= BigInt(this.options.limits.entries)) break;
      best = map;
      if (this.areGood(map, addresses)) return { map, good: true };
    }
    return { map: best ?? { kind: 'octaves', linearBits: Math.max(length, 1), mantissaBits: 1 }, good: false };
  }

  private areGood(map: StepMap, { low, high }: Interval): boolean {
    for (let address = low; address <= high; address++) {
      const step = stepAt(map, address);
      if (step.from > this.high || step.from + step.size <= this.low) continue;
      const piece = this.piece(step);
      if (piece.error > this.tolerance(piece)) return false;
    }
    return true;
  }

  private tolerance({ magnitude }: Piece): number {
    const { limits, share } = this.options;
    return Math.max(LINE_TOLERANCE * limits.tolerance * this.unit, share * magnitude);
  }

  private limited(value: number): number {
    return Math.min(Math.max(value, this.floor), this.ceiling);
  }

  /** The function far enough beyond the range of the type that a line through it leaves the range as well. */
  private value(code: number): number {
    const reach = this.ceiling - this.floor;
    return Math.min(Math.max(this.curve.near(code), this.floor - reach), this.ceiling + reach);
  }

  /** The line of one step, as near as it gets where the curvature is constant. */
  private piece({ from, size }: Step): Piece {
    const first = Math.max(from, this.low);
    const last = Math.max(first, Math.min(from + size - 1, this.high));
    const [start, end] = [this.value(first), this.value(last)];
    const magnitude = (values: readonly number[]): number => Math.min(...values.map(Math.abs));
    if (first === last) return { base: start, slope: 0, size, error: 0, magnitude: Math.abs(start) };
    const slope = (end - start) / ((last - first) / size);
    const chord = start - (slope * (first - from)) / size;
    const line = (code: number): number => chord + (slope * (code - from)) / size;
    const places = this.places(first, last);
    const values = places.map((code) => this.value(code));
    const offsets = places.map((code, index) => at(values, index) - line(code));
    const shift = (Math.min(...offsets) + Math.max(...offsets)) / 2;
    const errors = places.map((code, index) => this.limited(at(values, index)) - this.limited(line(code) + shift));
    const error = Math.max(...errors.map(Math.abs));
    // Every code has been looked at where a step has no more than places.
    const between = places.length > last - first ? 0 : bend(errors.slice(0, PLACES + 1)) / 8;
    return { base: chord + shift, slope, size, error: error + between, magnitude: magnitude(values) };
  }

  /** Places the same distance apart, both ends included; then those around which the function turns. */
  private places(first: number, last: number): readonly number[] {
    const count = Math.min(PLACES, last - first);
    const places = Array.from(
      { length: count + 1 },
      (_, index) => first + Math.round(((last - first) * index) / count),
    );
    for (const turn of this.turns) if (turn > first && turn < last) places.push(turn);
    return places;
  }

  private build({ map, good }: { readonly map: StepMap; readonly good: boolean }): Lines {
    const { codes } = this.operand;
    const addresses = addressesOf(map, this.changing);
    const pieces: Piece[] = [];
    for (let address = addresses.low; address <= addresses.high; address++) {
      pieces.push(this.piece(stepAt(map, address)));
    }
    const placeBits = this.placeBits(pieces);
    const lsb = lsbExponent(this.result.type) - GUARD_BITS;
    const rounding = roundsToNearest(this.result.rounding) ? this.unit / 2 : this.unit;
    const cut = ({ slope, size }: Piece): number =>
      size > 2 ** placeBits ? Math.abs(slope) / 2 ** (placeBits + 1) : 0;
    let [error, relativeError] = [rounding, 0];
    for (const piece of pieces) {
      const own = piece.error + 2 ** lsb + cut(piece) + rounding;
      error = Math.max(error, own);
      if (own > 1.0001 * this.unit * this.options.limits.tolerance) {
        relativeError = Math.max(relativeError, own / piece.magnitude);
      }
    }
    const scaled = (value: number): bigint => BigInt(Math.round(value / 2 ** lsb));
    const bases = pieces.map((piece) => scaled(piece.base + cut(piece) * Math.sign(piece.slope)));
    const slopes = pieces.map(({ slope }) => scaled(slope));
    // Beyond the codes at which the rounded function changes it has the value of the end.
    const constant = (code: bigint): bigint => entryCode(this.result, this.curve.value(code)) << BigInt(GUARD_BITS);
    let first = addresses.low;
    const whole = addressesOf(map, codes);
    if (whole.low < first) {
      bases.unshift(constant(codes.low));
      slopes.unshift(0n);
      first--;
    }
    if (whole.high > addresses.high) {
      bases.push(constant(codes.high));
      slopes.push(0n);
    }
    return {
      map,
      first,
      bases,
      slopes,
      lsb,
      placeBits,
      error,
      good,
      ...(this.options.share > 0 && relativeError > 0 ? { relativeError } : {}),
    };
  }

  /** As few bits of the place as keep what is cut off within its tolerance. */
  private placeBits(pieces: readonly Piece[]): number {
    let bits = 0;
    for (const piece of pieces) {
      const { slope, size, magnitude } = piece;
      const allowed = Math.max(PLACE_TOLERANCE * this.unit, (this.options.share * magnitude) / 4);
      const needed = Math.max(0, Math.ceil(Math.log2(Math.abs(slope) / (2 * allowed))));
      bits = Math.max(bits, slope === 0 ? 0 : Math.min(needed, Math.round(Math.log2(size))));
    }
    return bits;
  }
}

/** The largest second difference of values the same distance apart: between two of them a parabola stays within an eighth. */
function bend(values: readonly number[]): number {
  let largest = 0;
  for (let index = 1; index + 1 < values.length; index++) {
    largest = Math.max(largest, Math.abs(at(values, index - 1) - 2 * at(values, index) + at(values, index + 1)));
  }
  return largest;
}
