import { lsbExponent } from '../../../numeric/fixed-point.js';
import type { Quantizer } from '../../../numeric/fixed-point.js';
import type { Interval } from '../../../numeric/interval.js';
import { clampTo } from '../../../numeric/interval.js';
import { quantizedRange } from '../../../numeric/rounding.js';
import type { FunctionFields } from '../../../model/real-functions.js';
import type { OperandRange } from './function-curve.js';
import { changingCodes, Curve, entryCode } from './function-curve.js';

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
    this.effective = changingCodes(this.curve, operand, result);
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
      const code = entryCode(this.result, smallest === largest ? smallest : smallest / 2 + largest / 2);
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
