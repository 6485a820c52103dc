import { shiftBy } from '../../../support/bits.js';
import { at, invariant } from '../../../support/invariant.js';
import { dyadicFromNumber, dyadicToNumber } from '../../../numeric/dyadic.js';
import type { Quantizer } from '../../../numeric/fixed-point.js';
import type { Interval } from '../../../numeric/interval.js';
import { clampTo, max, min } from '../../../numeric/interval.js';
import { quantizeCode, quantizedRange } from '../../../numeric/rounding.js';
import type { FunctionFields } from '../../../model/real-functions.js';
import { realFunction } from '../../../model/real-functions.js';

/** Values that an operand can take: codes × 2^lsb. */
export interface OperandRange {
  readonly lsb: number;
  readonly codes: Interval;
}

/** Smallest and largest value of the function over the operand, infinities left out; zero where nothing is left. */
export function functionRange(
  node: FunctionFields,
  operand: OperandRange,
): { readonly low: number; readonly high: number } {
  const curve = new Curve(node, operand);
  const values = curve.extremes(operand.codes).filter(Number.isFinite);
  // Next to a pole the values of the neighbouring codes are the largest.
  for (const pole of curve.poles()) for (const value of pole) values.push(value);
  return values.reduce((range, value) => ({ low: Math.min(range.low, value), high: Math.max(range.high, value) }), {
    low: at([...values, 0], 0),
    high: at([...values, 0], 0),
  });
}

/** The function as a function of the operand's codes. */
export class Curve {
  private readonly domain: { readonly low: number; readonly high: number };
  private readonly step: number;

  public constructor(
    private readonly node: FunctionFields,
    private readonly operand: OperandRange,
  ) {
    this.step = 2 ** operand.lsb;
    this.domain = realFunction(node.function).domain?.(node.parameters) ?? {
      low: Number.NEGATIVE_INFINITY,
      high: Number.POSITIVE_INFINITY,
    };
  }

  /** The argument of the function proper, brought into its domain. */
  private argument(code: bigint): number {
    const x = this.plainArgument(code);
    return Math.min(Math.max(x, this.domain.low), this.domain.high);
  }

  private plainArgument(code: bigint): number {
    return this.node.scale * dyadicToNumber({ code, lsb: this.operand.lsb }) + this.node.offset;
  }

  public leavesDomain(): boolean {
    const { low, high } = this.operand.codes;
    return [low, high].some((code) => {
      const x = this.plainArgument(code);
      return x < this.domain.low || x > this.domain.high;
    });
  }

  public value(code: bigint): number {
    const value = realFunction(this.node.function).evaluate(this.argument(code), this.node.parameters);
    invariant(!Number.isNaN(value), `${this.node.function} of code ${code} is not a number`);
    return value;
  }

  /** The value for a code that may be any number; infinite at a pole. */
  public near(code: number): number {
    const x = this.node.scale * code * this.step + this.node.offset;
    const argument = Math.min(Math.max(x, this.domain.low), this.domain.high);
    return realFunction(this.node.function).evaluate(argument, this.node.parameters);
  }

  /** Arguments strictly within the codes at which the function turns. */
  private turns(codes: Interval): readonly number[] {
    const ends = [this.argument(codes.low), this.argument(codes.high)];
    return realFunction(this.node.function).turns?.(Math.min(...ends), Math.max(...ends), this.node.parameters) ?? [];
  }

  /** Values at the ends of an interval of codes and at the turns between; its largest and smallest are among them. */
  public extremes(codes: Interval): number[] {
    const values = [this.value(codes.low)];
    if (codes.high > codes.low) {
      values.push(this.value(codes.high));
      for (const turn of this.turns(codes)) {
        const [below, above] = this.codesAround(turn, codes);
        values.push(this.value(below), this.value(above));
      }
    }
    return values;
  }

  /** The codes just below and above an argument. */
  private codesAround(argument: number, codes: Interval): readonly [bigint, bigint] {
    const place = dyadicFromNumber((argument - this.node.offset) / this.node.scale);
    const below = clampTo(shiftBy(place.code, place.lsb - this.operand.lsb), codes);
    return [below, clampTo(below + 1n, codes)];
  }

  /** For each infinite value among the turns and ends: the values of the finite neighbours. */
  public poles(): readonly (readonly number[])[] {
    const { codes } = this.operand;
    const places = [codes.low, codes.high];
    for (const turn of this.turns(codes)) for (const code of this.codesAround(turn, codes)) places.push(code);
    return places
      .filter((code) => !Number.isFinite(this.value(code)))
      .map((code) =>
        [code - 1n, code + 1n]
          .map((next) => this.value(clampTo(next, codes)))
          .filter((value) => Number.isFinite(value)),
      );
  }

  /** Codes on both sides of the places at which the function turns. */
  public turningCodes(): readonly bigint[] {
    const { codes } = this.operand;
    return this.turns(codes).flatMap((turn) => [...this.codesAround(turn, codes)]);
  }

  /** From this code on to the end of the range (upwards or downwards) the function is monotone. */
  public lastTurn(upwards: boolean): bigint | undefined {
    const { codes } = this.operand;
    const { turns } = realFunction(this.node.function);
    const around = this.turningCodes();
    // A long list of turns was cut short: nothing is known of the ends.
    if (around.length >= 8 || (turns !== undefined && this.node.scale === 0)) return undefined;
    const outer = upwards ? codes.low : codes.high;
    return around.reduce(upwards ? max : min, outer);
  }
}

/** The code of a type that stands for a value of the function. */
export function entryCode({ type, rounding, overflow }: Quantizer, value: number): bigint {
  const { low, high } = quantizedRange(type, overflow);
  if (!Number.isFinite(value)) return value > 0 ? high : low;
  const exact = dyadicFromNumber(value);
  return quantizeCode(exact.code, exact.lsb, type, rounding, overflow);
}

/** The operand's codes beyond which, on either side, the rounded function keeps one value. */
export function changingCodes(curve: Curve, operand: OperandRange, result: Quantizer): Interval {
  const { codes } = operand;
  const code = (place: bigint): bigint => entryCode(result, curve.value(place));
  /** Bisection on a monotone piece: the code nearest `turn` whose entry still equals that of `end`. */
  const search = (end: bigint, turn: bigint | undefined): bigint => {
    if (turn === undefined) return end;
    const wanted = code(end);
    if (code(turn) === wanted) return turn;
    let [same, beyond] = [end, turn];
    while (beyond - same > 1n || same - beyond > 1n) {
      const middle = (same + beyond) / 2n;
      if (middle === same || middle === beyond) break;
      if (code(middle) === wanted) same = middle;
      else beyond = middle;
    }
    return same;
  };
  const [low, high] = [search(codes.low, curve.lastTurn(false)), search(codes.high, curve.lastTurn(true))];
  return low < high ? { low, high } : { low, high: low };
}
