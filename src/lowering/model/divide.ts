import { bitLength } from '../../support/bits.js';
import { invariant } from '../../support/invariant.js';
import type { KernelBuilder } from '../../dataflow/builder.js';
import type { NodeId } from '../../dataflow/kinds.js';
import type { Interval } from '../../numeric/interval.js';
import { intervalWidth } from '../../numeric/interval.js';
import type { AffineRatio } from '../../numeric/ratio.js';
import { roundRatio, roundRatioInterval } from '../../numeric/ratio.js';
import type { Rounding } from '../../numeric/rounding.js';
import { asFloor, findStaircase, firstReaching, signedDigits } from './staircase.js';
import type { Staircase } from './staircase.js';

/** Operand codes beyond which no table is made, and results beyond which no comparisons are. */
const LARGEST_TABLE = 1024n;
const MOST_COMPARISONS = 15n;

/** One way to compute the rounded ratio, and roughly the look-up tables that it takes. */
interface Form {
  readonly cost: number;
  readonly emit: () => NodeId;
}

/**
 * The rounded ratio of an operand, exactly, clamped to `range` where that is given: the cheapest of a line (one constant
 * product, one addition, one shift), comparisons with thresholds, and a table; a division with a remainder where none
 * of them gives it.
 */
export function emitRatio(
  builder: KernelBuilder,
  operand: NodeId,
  ratio: AffineRatio,
  rounding: Rounding,
  range: Interval | undefined,
): NodeId {
  const cheapest = emitCheapest(builder, operand, ratio, rounding, range);
  if (cheapest !== undefined) return cheapest;
  const [id, positive] = withPositiveNumerator(builder, operand, ratio);
  const quotient = divideByTie(builder, id, positive, rounding, builder.rangeOf(id));
  return range === undefined ? quotient : builder.clamp(quotient, range);
}

function withPositiveNumerator(
  builder: KernelBuilder,
  operand: NodeId,
  ratio: AffineRatio,
): readonly [NodeId, AffineRatio] {
  return ratio.numerator < 0n ? [builder.negate(operand), { ...ratio, numerator: -ratio.numerator }] : [operand, ratio];
}

/** The same without the last resort: undefined where no line, threshold or table gives the ratio. */
export function emitCheapest(
  builder: KernelBuilder,
  given: NodeId,
  signedRatio: AffineRatio,
  rounding: Rounding,
  range: Interval | undefined,
): NodeId | undefined {
  const [operand, ratio] = withPositiveNumerator(builder, given, signedRatio);
  const domain = builder.rangeOf(operand);
  const image = roundRatioInterval(ratio, domain, rounding);
  const reach = { low: clamped(image.low, range), high: clamped(image.high, range) };
  if (reach.low === reach.high) return builder.constant(reach.low);
  const forms = [
    tableForm(builder, operand, ratio, rounding, domain, range),
    thresholdForm(builder, operand, ratio, rounding, domain, reach),
    lineForm(builder, operand, ratio, rounding, domain, range, reach),
  ].filter((form) => form !== undefined);
  const [first, ...others] = forms;
  return first === undefined
    ? undefined
    : others.reduce((best, form) => (form.cost < best.cost ? form : best), first).emit();
}

function clamped(value: bigint, range: Interval | undefined): bigint {
  if (range === undefined) return value;
  return value < range.low ? range.low : value > range.high ? range.high : value;
}

function tableForm(
  builder: KernelBuilder,
  operand: NodeId,
  ratio: AffineRatio,
  rounding: Rounding,
  domain: Interval,
  range: Interval | undefined,
): Form | undefined {
  const size = domain.high - domain.low + 1n;
  if (size > LARGEST_TABLE) return undefined;
  const image = roundRatioInterval(ratio, domain, rounding);
  const bits = intervalWidth({ low: clamped(image.low, range), high: clamped(image.high, range) });
  // Six address bits fit one look-up table.
  const cost = bits * Math.max(1, 2 ** (intervalWidth(domain) - 6));
  return {
    cost,
    emit: () => {
      const values: bigint[] = [];
      for (let x = domain.low; x <= domain.high; x++) values.push(clamped(roundRatio(ratio, x, rounding), range));
      return builder.table(operand, domain.low, values);
    },
  };
}

/** Few results: how many thresholds the operand has reached. */
function thresholdForm(
  builder: KernelBuilder,
  operand: NodeId,
  ratio: AffineRatio,
  rounding: Rounding,
  domain: Interval,
  reach: Interval,
): Form | undefined {
  const count = reach.high - reach.low;
  if (count > MOST_COMPARISONS) return undefined;
  const width = intervalWidth(domain);
  return {
    cost: Number(count) * (width / 2 + 1),
    emit: () => {
      // Balanced, so that the counts stay short.
      let level: NodeId[] = [];
      for (let y = reach.low + 1n; y <= reach.high; y++) {
        const threshold = builder.constant(firstReaching(ratio, y, rounding) - 1n);
        level.push(builder.lessThan(threshold, operand));
      }
      while (level.length > 1) {
        const next: NodeId[] = [];
        level.forEach((id, index) => {
          const previous = level[index - 1];
          if (index % 2 === 1 && previous !== undefined) next.push(builder.add(previous, id));
          else if (index === level.length - 1) next.push(id);
        });
        level = next;
      }
      const [sum] = level;
      invariant(sum !== undefined, 'there is at least one threshold');
      return builder.add(sum, builder.constant(reach.low));
    },
  };
}

function lineForm(
  builder: KernelBuilder,
  operand: NodeId,
  ratio: AffineRatio,
  rounding: Rounding,
  domain: Interval,
  range: Interval | undefined,
  reach: Interval,
): Form | undefined {
  const line = knownLine(builder, ratio, domain, range ?? reach, rounding);
  if (line === undefined) return undefined;
  const width = intervalWidth(domain);
  const additions = signedDigits(line.multiplier) - (line.addend === 0n ? 1 : 0);
  return {
    cost: additions * (width + bitLength(line.multiplier) / 2) + intervalWidth(reach),
    emit: () => {
      const result = emitLine(builder, operand, line);
      return range === undefined ? result : builder.clamp(result, reach);
    },
  };
}

/** Lines found so far: the elements of a tensor mostly share few. */
const lines = new WeakMap<KernelBuilder, Map<string, Staircase | undefined>>();

function knownLine(
  builder: KernelBuilder,
  ratio: AffineRatio,
  domain: Interval,
  range: Interval,
  rounding: Rounding,
): Staircase | undefined {
  const known = lines.get(builder) ?? new Map<string, Staircase | undefined>();
  lines.set(builder, known);
  const { numerator, offset, denominator } = ratio;
  const key = [numerator, offset, denominator, domain.low, domain.high, range.low, range.high, rounding].join();
  if (!known.has(key)) known.set(key, findStaircase(ratio, domain, range, rounding));
  return known.get(key);
}

function emitLine(builder: KernelBuilder, operand: NodeId, { multiplier, addend, shift }: Staircase): NodeId {
  const product = builder.multiply(operand, builder.constant(multiplier));
  return builder.floorShiftRight(builder.add(product, builder.constant(addend)), shift);
}

/**
 * Rounding that no single line gives: the floor of the ratio by one line, then its remainder, which says by itself
 * whether to go up.
 */
function divideByTie(
  builder: KernelBuilder,
  operand: NodeId,
  ratio: AffineRatio,
  rounding: Rounding,
  domain: Interval,
): NodeId {
  const { numerator, offset, denominator } = ratio;
  const floorRange = roundRatioInterval(ratio, domain, 'TRN');
  const exact = asFloor(ratio, domain, 'TRN');
  invariant(exact !== undefined, 'a floor looks neither at signs nor at ties');
  const line = findStaircase(exact, domain, floorRange, 'TRN');
  invariant(line !== undefined || floorRange.low === floorRange.high, 'a floor that changes is the floor of a line');
  const floor = line === undefined ? builder.constant(floorRange.low) : emitLine(builder, operand, line);
  const constant = (value: bigint): NodeId => builder.constant(value);
  const dividend = builder.add(builder.multiply(operand, constant(numerator)), constant(offset));
  const remainder = builder.subtract(dividend, builder.multiply(floor, constant(denominator)));
  const twice = builder.shiftLeft(remainder, 1);
  const negative = builder.lessThan(dividend, constant(0n));
  // The remainder lies in [0, denominator): "above" and "tie" are comparisons with its half.
  const above = builder.lessThan(constant(denominator), twice);
  const tie = builder.equal(constant(denominator), twice);
  const inexact = builder.lessThan(constant(0n), remainder);
  const none = constant(0n);
  const up = ((): NodeId => {
    switch (rounding) {
      case 'TRN':
        return none;
      case 'CEIL':
        return inexact;
      case 'TRN_ZERO':
        return builder.and(inexact, negative);
      case 'AWAY':
        return builder.select(negative, none, inexact);
      case 'RND':
        return builder.or(above, tie);
      case 'RND_MIN_INF':
        return above;
      case 'RND_ZERO':
        return builder.or(above, builder.and(tie, negative));
      case 'RND_INF':
        return builder.or(above, builder.select(negative, none, tie));
      case 'RND_CONV':
        return builder.or(above, builder.and(tie, builder.slice(floor, 0, 1)));
    }
  })();
  return builder.add(floor, up);
}
