import { shiftBy } from '../../support/bits.js';
import { at, invariant } from '../../support/invariant.js';
import { dyadicFromNumber, dyadicToNumber } from '../../numeric/dyadic.js';
import type { Quantizer } from '../../numeric/fixed-point.js';
import { lsbExponent } from '../../numeric/fixed-point.js';
import type { Interval } from '../../numeric/interval.js';
import { clampTo, max, min } from '../../numeric/interval.js';
import { quantizeCode, quantizedRange } from '../../numeric/rounding.js';
import type { FunctionFields } from '../../model/real-functions.js';
import { realFunction } from '../../model/real-functions.js';

/** Values that an operand can take: codes × 2^lsb. */
export interface OperandRange {
  readonly lsb: number;
  readonly codes: Interval;
}

export interface TableLimits {
  /** Most entries of one table. */
  readonly entries: number;
  /** Up to so many entries every code of the operand has its own, however little it would lose to share one. */
  readonly exactEntries: number;
  /** Largest error to aim for, in units of the result's LSB; half a unit is rounding alone. */
  readonly tolerance: number;
}

/** The tabulated form of a function: the fields of a `table` node, and how far its entries are from the function. */
export interface FunctionTable {
  readonly lsb: number;
  readonly first: bigint;
  readonly codes: readonly bigint[];
  /** Largest distance from the function, limited to the range of the type, over all values of the operand. */
  readonly error: number;
  /** Does the operand reach values where the function is not defined? They take the value at the nearest end. */
  readonly undefinedReached: boolean;
}

export const defaultLimits: TableLimits = { entries: 4096, exactEntries: 1024, tolerance: 1 };

/**
 * Tabulate a function over every value of its operand. The address is the operand's code with its lowest bits dropped:
 * none for a short table, else as many as keep the error within the tolerance, and at least as many as the limit of
 * entries asks for. An entry is the
 * rounded middle between the largest and the smallest value of the function in its step, so a step of one code is the
 * correctly rounded function (of its double-precision value). Ends at which the entries no longer change are left
 * out: beyond its ends a table keeps its end entries.
 */
export function tabulateFunction(
  node: FunctionFields,
  operand: OperandRange,
  result: Quantizer,
  limits: TableLimits = defaultLimits,
): FunctionTable {
  return new Tabulation(node, operand, result, limits).run();
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
class Curve {
  private readonly domain: { readonly low: number; readonly high: number };

  public constructor(
    private readonly node: FunctionFields,
    private readonly operand: OperandRange,
  ) {
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

  /** From this code on to the end of the range (upwards or downwards) the function is monotone. */
  public lastTurn(upwards: boolean): bigint | undefined {
    const { codes } = this.operand;
    const { turns } = realFunction(this.node.function);
    const around = this.turns(codes).flatMap((turn) => [...this.codesAround(turn, codes)]);
    // A long list of turns was cut short: nothing is known of the ends.
    if (around.length >= 8 || (turns !== undefined && this.node.scale === 0)) return undefined;
    const outer = upwards ? codes.low : codes.high;
    return around.reduce(upwards ? max : min, outer);
  }
}

class Tabulation {
  private readonly curve: Curve;
  private readonly unit: number;
  /** Codes beyond which the rounded function is constant. */
  private readonly effective: Interval;

  public constructor(
    node: FunctionFields,
    private readonly operand: OperandRange,
    private readonly result: Quantizer,
    private readonly limits: TableLimits,
  ) {
    this.curve = new Curve(node, operand);
    this.unit = 2 ** lsbExponent(result.type);
    const [low, high] = [this.constantUpTo(), this.constantFrom()];
    this.effective = low < high ? { low, high } : { low, high: low };
  }

  public run(): FunctionTable {
    let drop = 0;
    while (this.entriesAt(drop) > BigInt(this.limits.entries)) drop++;
    let best = this.tableAt(drop);
    const target = this.limits.tolerance * this.unit;
    const exact = this.entriesAt(0) <= BigInt(this.limits.exactEntries);
    while (!exact && best.error <= target && this.entriesAt(drop) > 1n) {
      const coarser = this.tableAt(drop + 1);
      if (coarser.error > target) break;
      best = coarser;
      drop++;
    }
    return { ...best, undefinedReached: this.curve.leavesDomain() };
  }

  private code(value: number): bigint {
    const { type, rounding, overflow } = this.result;
    const { low, high } = quantizedRange(type, overflow);
    if (!Number.isFinite(value)) return value > 0 ? high : low;
    const exact = dyadicFromNumber(value);
    return quantizeCode(exact.code, exact.lsb, type, rounding, overflow);
  }

  /** The highest code up to which, from below, the rounded function keeps its first value. */
  private constantUpTo(): bigint {
    const { low } = this.operand.codes;
    const turn = this.curve.lastTurn(false);
    return turn === undefined ? low : this.search(low, turn);
  }

  private constantFrom(): bigint {
    const { high } = this.operand.codes;
    const turn = this.curve.lastTurn(true);
    return turn === undefined ? high : this.search(high, turn);
  }

  /** Bisection on a monotone piece: the code nearest `turn` whose entry still equals that of `end`. */
  private search(end: bigint, turn: bigint): bigint {
    const wanted = this.code(this.curve.value(end));
    let [same, beyond] = [end, turn];
    if (this.code(this.curve.value(turn)) === wanted) return turn;
    while (beyond - same > 1n || same - beyond > 1n) {
      const middle = (same + beyond) / 2n;
      if (middle === same || middle === beyond) break;
      if (this.code(this.curve.value(middle)) === wanted) same = middle;
      else beyond = middle;
    }
    return same;
  }

  private steps(drop: number): Interval {
    const { low, high } = this.effective;
    return { low: low >> BigInt(drop), high: high >> BigInt(drop) };
  }

  private entriesAt(drop: number): bigint {
    const { low, high } = this.steps(drop);
    return high - low + 1n;
  }

  private tableAt(drop: number): Omit<FunctionTable, 'undefinedReached'> {
    const { low: first, high: last } = this.steps(drop);
    const { low, high } = quantizedRange(this.result.type, this.result.overflow);
    const [floor, ceiling] = [Number(low) * this.unit, Number(high) * this.unit];
    const limited = (value: number): number =>
      this.result.overflow === 'WRAP' ? value : Math.min(Math.max(value, floor), ceiling);
    const codes: bigint[] = [];
    let error = 0;
    for (let step = first; step <= last; step++) {
      const values = this.curve.extremes(this.codesOf(step, drop, first, last)).map(limited);
      const [smallest, largest] = [Math.min(...values), Math.max(...values)];
      const code = this.code(smallest === largest ? smallest : smallest / 2 + largest / 2);
      const value = Number(code) * this.unit;
      error = Math.max(error, Math.abs(value - smallest), Math.abs(value - largest));
      codes.push(code);
    }
    return { lsb: this.operand.lsb + drop, first, codes, error };
  }

  /** The operand's codes that read an entry; the end entries stand for all that lies beyond them. */
  private codesOf(step: bigint, drop: number, first: bigint, last: bigint): Interval {
    const { low, high } = this.operand.codes;
    const from = step === first ? low : clampTo(step << BigInt(drop), this.operand.codes);
    const to = step === last ? high : clampTo(((step + 1n) << BigInt(drop)) - 1n, this.operand.codes);
    return { low: from, high: to };
  }
}
