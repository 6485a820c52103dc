import type { ModelNodeId } from '../../model/kinds.js';
import type { Interval } from '../../numeric/interval.js';
import { contains } from '../../numeric/interval.js';
import { roundRatioInterval } from '../../numeric/ratio.js';
import { quantizedRange, roundShift } from '../../numeric/rounding.js';
import { at } from '../../support/invariant.js';
import { BIGINT, literal } from './representation.js';
import type { Expression } from './quantize-text.js';
import type { ScalarOperation } from './scalars.js';

export type QuantizingOperation = Extract<ScalarOperation, { readonly kind: 'quantize' | 'requantize' }>;

/** One element of a quantiser whose operand can leave the type. */
export interface OverflowCheck {
  /** The scalar that quantises. */
  readonly scalar: number;
  readonly node: ModelNodeId;
  readonly element: number;
  /** Codes that the type holds, and the exponent of its LSB. */
  readonly codes: Interval;
  readonly lsb: number;
}

/** Can an operand of this range leave the type? MODULO asks for the low bits: dropping the others is no overflow. */
export function canOverflow(operation: QuantizingOperation, range: Interval): boolean {
  const { type, rounding, overflow } = operation;
  if (overflow === 'MODULO') return false;
  const rounded =
    operation.kind === 'quantize'
      ? {
          low: roundShift(range.low, operation.shift, rounding),
          high: roundShift(range.high, operation.shift, rounding),
        }
      : roundRatioInterval(operation.ratio, range, rounding);
  return !contains(quantizedRange(type, overflow), rounded);
}

/**
 * Text that calls `overflow(check, event, excess)` for a rounded code beyond its type: positive above it, negative below.
 * The text of the code is repeated: it must be a name or a literal.
 */
export function overflowCheckText(code: Expression, { codes }: OverflowCheck, index: number): string {
  const { text, representation, range } = code;
  const report = (condition: string, bound: string): string => {
    const excess = `${text} - ${bound}`;
    const number = representation === BIGINT ? `Number(${excess})` : excess;
    return `if (${text} ${condition} ${bound}) overflow(${index}, base + e, ${number});`;
  };
  // A bound beyond the range of the code may be no number of its representation.
  return [
    ...(range.low < codes.low ? [report('<', literal(codes.low, representation))] : []),
    ...(range.high > codes.high ? [report('>', literal(codes.high, representation))] : []),
  ].join(' ');
}

/** What left the type of one quantiser over a whole run. */
export interface RunOverflow {
  readonly node: ModelNodeId;
  /** Elements of events above and below the type, after rounding. */
  readonly above: number;
  readonly below: number;
  /** The value farthest beyond the type of its element, after rounding; the first of several. Events from 0. */
  readonly worst: { readonly value: number; readonly event: number; readonly element: number };
  readonly firstEvent: number;
}

/** Adds up what the generated code reports, in whatever order it comes. */
export class OverflowTally {
  private readonly above: Float64Array;
  private readonly below: Float64Array;
  private readonly firstEvent: Float64Array;
  /** By check, how far the farthest code is beyond the type, and the first event with it. */
  private readonly excess: Float64Array;
  private readonly event: Float64Array;

  public constructor(private readonly checks: readonly OverflowCheck[]) {
    const zeros = (): Float64Array => new Float64Array(checks.length);
    [this.above, this.below, this.excess, this.event] = [zeros(), zeros(), zeros(), zeros()];
    this.firstEvent = zeros().fill(Infinity);
  }

  /** `excess` is not zero; its sign says on which side of the type the code is. */
  public add(check: number, event: number, excess: number): void {
    const counts = excess > 0 ? this.above : this.below;
    counts[check] = at(counts, check) + 1;
    if (event < at(this.firstEvent, check)) this.firstEvent[check] = event;
    const [distance, known] = [Math.abs(excess), Math.abs(at(this.excess, check))];
    if (distance < known || (distance === known && event >= at(this.event, check))) return;
    this.excess[check] = excess;
    this.event[check] = event;
  }

  /** In node order. */
  public result(): readonly RunOverflow[] {
    const byNode = new Map<ModelNodeId, RunOverflow & { readonly distance: number }>();
    this.checks.forEach(({ node, element, codes, lsb }, check) => {
      const [above, below] = [at(this.above, check), at(this.below, check)];
      if (above + below === 0) return;
      const known = byNode.get(node);
      const excess = at(this.excess, check);
      const distance = Math.abs(excess) * 2 ** lsb;
      const event = at(this.event, check);
      const worse =
        known === undefined || distance > known.distance || (distance === known.distance && event < known.worst.event);
      const value = Number((excess > 0 ? codes.high : codes.low) + BigInt(excess)) * 2 ** lsb;
      byNode.set(node, {
        node,
        above: (known?.above ?? 0) + above,
        below: (known?.below ?? 0) + below,
        worst: worse ? { value, event, element } : known.worst,
        distance: worse ? distance : known.distance,
        firstEvent: Math.min(known?.firstEvent ?? Infinity, at(this.firstEvent, check)),
      });
    });
    return [...byNode.values()]
      .map(({ node, above, below, worst, firstEvent }) => ({ node, above, below, worst, firstEvent }))
      .sort((left, right) => left.node - right.node);
  }
}
