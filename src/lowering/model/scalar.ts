import type { FixedPointType } from '../../numeric/fixed-point.js';
import { lsbExponent } from '../../numeric/fixed-point.js';
import { clampTo, contains } from '../../numeric/interval.js';
import type { AffineRatio } from '../../numeric/ratio.js';
import { ratioOnCodes, roundRatio } from '../../numeric/ratio.js';
import type { Overflow, Rounding } from '../../numeric/rounding.js';
import { applyOverflow, quantizedRange, roundShift } from '../../numeric/rounding.js';
import { bitLength, trailingZeros } from '../../support/bits.js';
import type { KernelBuilder } from '../../dataflow/builder.js';
import type { NodeId } from '../../dataflow/kinds.js';
import { emitCheapest, emitRatio } from './divide.js';
import { signedDigits } from './staircase.js';

/** A scalar inside a kernel: the value is node × 2^lsb. Scale exists only here, while lowering. */
export interface Scaled {
  readonly node: NodeId;
  readonly lsb: number;
}

/**
 * For values whose negative side is cut off afterwards: a mode that agrees with the given one from zero up, and gives
 * nothing positive below, without looking at the sign.
 */
const roundingOfNonNegative: Readonly<Record<Rounding, Rounding>> = {
  TRN: 'TRN',
  TRN_ZERO: 'TRN',
  CEIL: 'CEIL',
  AWAY: 'CEIL',
  RND: 'RND',
  RND_INF: 'RND',
  RND_MIN_INF: 'RND_MIN_INF',
  RND_ZERO: 'RND_MIN_INF',
  RND_CONV: 'RND_CONV',
};

/** Arithmetic on scaled scalars, emitted into one kernel. */
export class ScalarArithmetic {
  public constructor(public readonly builder: KernelBuilder) {}

  /** The constant with its trailing zeros moved into the scale, so that alignment shifts stay small. */
  public constant(code: bigint, lsb: number): Scaled {
    const zeros = trailingZeros(code);
    return { node: this.builder.constant(code >> BigInt(zeros)), lsb: code === 0n ? lsb : lsb + zeros };
  }

  /** The same value on a finer grid. */
  public align(value: Scaled, lsb: number): NodeId {
    if (this.builder.constantOf(value.node) === 0n) return value.node;
    return this.builder.shiftLeft(value.node, value.lsb - lsb);
  }

  private pair(left: Scaled, right: Scaled): { left: NodeId; right: NodeId; lsb: number } {
    // A zero has no grid of its own.
    const lsb =
      this.builder.constantOf(left.node) === 0n
        ? right.lsb
        : this.builder.constantOf(right.node) === 0n
          ? left.lsb
          : Math.min(left.lsb, right.lsb);
    return { left: this.align(left, lsb), right: this.align(right, lsb), lsb };
  }

  public binary(kind: 'add' | 'subtract' | 'minimum' | 'maximum', left: Scaled, right: Scaled): Scaled {
    const aligned = this.pair(left, right);
    return { node: this.builder[kind](aligned.left, aligned.right), lsb: aligned.lsb };
  }

  /**
   * 1 where left < right. Beside a constant the other operand keeps its grid: the constant is moved up to the next
   * point of it, which compares alike.
   */
  public lessThan(left: Scaled, right: Scaled): Scaled {
    const { builder } = this;
    const [low, high] = [builder.constantOf(left.node), builder.constantOf(right.node)];
    if (high !== undefined) {
      const bound = builder.constant(roundShift(high, left.lsb - right.lsb, 'CEIL'));
      return { node: builder.lessThan(left.node, bound), lsb: 0 };
    }
    if (low !== undefined) {
      const bound = builder.constant(roundShift(low, right.lsb - left.lsb, 'TRN'));
      return { node: builder.lessThan(bound, right.node), lsb: 0 };
    }
    const aligned = this.pair(left, right);
    return { node: builder.lessThan(aligned.left, aligned.right), lsb: 0 };
  }

  public equal(left: Scaled, right: Scaled): Scaled {
    const { builder } = this;
    for (const [constant, other] of [
      [left, right],
      [right, left],
    ] as const) {
      const code = builder.constantOf(constant.node);
      // A constant between two points of the grid equals none of them.
      const offGrid = code !== undefined && code !== 0n && trailingZeros(code) + constant.lsb < other.lsb;
      if (offGrid && builder.constantOf(other.node) !== 0n) return { node: builder.constant(0n), lsb: 0 };
    }
    const aligned = this.pair(left, right);
    return { node: builder.equal(aligned.left, aligned.right), lsb: 0 };
  }

  public select(condition: Scaled, whenTrue: Scaled, whenFalse: Scaled): Scaled {
    const aligned = this.pair(whenTrue, whenFalse);
    return { node: this.builder.select(condition.node, aligned.left, aligned.right), lsb: aligned.lsb };
  }

  public roundToInteger(value: Scaled, rounding: Rounding): Scaled {
    return value.lsb >= 0 ? value : { node: this.round(value.node, -value.lsb, rounding), lsb: 0 };
  }

  /** The bits from `low` upwards of the floor of the value, read as a code of the type. */
  public bits(value: Scaled, low: number, type: FixedPointType): Scaled {
    const { builder } = this;
    const lsb = lsbExponent(type);
    const constant = builder.constantOf(value.node);
    if (constant !== undefined) {
      return this.constant(applyOverflow(roundShift(constant, low - value.lsb, 'TRN'), type, 'WRAP'), lsb);
    }
    const bottom = low - value.lsb;
    const field = bottom < 0 ? builder.shiftLeft(value.node, -bottom) : builder.slice(value.node, bottom, type.width);
    return { node: builder.wrap(field, type.width, type.signed), lsb };
  }

  public multiply(left: Scaled, right: Scaled): Scaled {
    return { node: this.builder.multiply(left.node, right.node), lsb: left.lsb + right.lsb };
  }

  public negate(value: Scaled): Scaled {
    return { node: this.builder.negate(value.node), lsb: value.lsb };
  }

  public relu(value: Scaled): Scaled {
    return { node: this.builder.maximum(value.node, this.builder.constant(0n)), lsb: value.lsb };
  }

  public absolute(value: Scaled): Scaled {
    return { node: this.builder.maximum(value.node, this.builder.negate(value.node)), lsb: value.lsb };
  }

  public bipolar(value: Scaled): Scaled {
    const negative = this.isNegative(value.node);
    return { node: this.builder.select(negative, this.builder.constant(-1n), this.builder.constant(1n)), lsb: 0 };
  }

  /** codes[floor(value / 2^lsb) - first] × 2^resultLsb, the end entries beyond the ends. */
  public table(value: Scaled, lsb: number, first: bigint, codes: readonly bigint[], resultLsb: number): Scaled {
    const address =
      value.lsb >= lsb ? this.align(value, lsb) : this.builder.floorShiftRight(value.node, lsb - value.lsb);
    const constant = this.builder.constantOf(address);
    if (constant === undefined) return { node: this.builder.table(address, first, codes), lsb: resultLsb };
    const index = clampTo(constant - first, { low: 0n, high: BigInt(codes.length - 1) });
    return this.constant(codes[Number(index)] ?? 0n, resultLsb);
  }

  /** Balanced reduction; the order does not matter for exact integers, and depth is what hardware pays for. */
  public reduce(values: readonly Scaled[], combine: (left: Scaled, right: Scaled) => Scaled): Scaled {
    let level = values;
    while (level.length > 1) {
      const next: Scaled[] = [];
      for (let index = 0; index < level.length; index += 2) {
        const left = level[index];
        const right = level[index + 1];
        if (left !== undefined) next.push(right === undefined ? left : combine(left, right));
      }
      level = next;
    }
    return level[0] ?? this.constant(0n, 0);
  }

  private isNegative(node: NodeId): NodeId {
    return this.builder.lessThan(node, this.builder.constant(0n));
  }

  /**
   * Round to the type's LSB, then apply its overflow mode. The result is on the type's LSB, or on its own coarser
   * grid where nothing can overflow.
   */
  public quantize(value: Scaled, type: FixedPointType, rounding: Rounding, overflow: Overflow): Scaled {
    const builder = this.builder;
    const target = lsbExponent(type);
    const constant = builder.constantOf(value.node);
    if (constant !== undefined) {
      return this.constant(applyOverflow(roundShift(constant, target - value.lsb, rounding), type, overflow), target);
    }
    const range = quantizedRange(type, overflow);
    if (value.lsb >= target) {
      const own = builder.rangeOf(value.node);
      const shift = BigInt(value.lsb - target);
      if (own.low << shift >= range.low && own.high << shift <= range.high) return value;
    }
    const aligned = this.align(value, Math.min(value.lsb, target));
    const shift = Math.max(0, target - value.lsb);
    // Rounding is monotone, so its ends are exact where the interval of its parts is one too wide.
    const { low, high } = builder.rangeOf(aligned);
    const fits = contains(range, { low: roundShift(low, shift, rounding), high: roundShift(high, shift, rounding) });
    const kept = fits ? 'WRAP' : overflow;
    const rectified = this.rectifiedOperand(aligned);
    if (rectified !== undefined && shift > 0) {
      // Rounding keeps order and zero, so the rectifier may follow it and merge with the saturation.
      const node = this.round(rectified, shift, roundingOfNonNegative[rounding]);
      if (kept === 'SAT' || kept === 'SAT_SYM') {
        return { node: builder.clamp(node, { low: 0n, high: range.high }), lsb: target };
      }
      return { node: this.overflow(builder.maximum(node, builder.constant(0n)), type, kept), lsb: target };
    }
    return { node: this.overflow(this.round(aligned, shift, rounding), type, kept), lsb: target };
  }

  /**
   * The ratio of the value rounded to the type's LSB, then the type's overflow mode. A rectifier before it merges with
   * the saturation, as in `quantize`.
   */
  public requantize(
    value: Scaled,
    ratio: AffineRatio,
    type: FixedPointType,
    rounding: Rounding,
    overflow: Overflow,
  ): Scaled {
    const builder = this.builder;
    const target = lsbExponent(type);
    const onCodes = ratioOnCodes(ratio, value.lsb, target);
    const { numerator, offset, denominator } = onCodes;
    const constant = builder.constantOf(value.node);
    if (constant !== undefined) {
      return this.constant(applyOverflow(roundRatio(onCodes, constant, rounding), type, overflow), target);
    }
    const dyadic = (denominator & (denominator - 1n)) === 0n;
    const shifted = (): Scaled => {
      const node = builder.add(builder.multiply(value.node, builder.constant(numerator)), builder.constant(offset));
      return this.quantize({ node, lsb: target - trailingZeros(denominator) }, type, rounding, overflow);
    };
    if (dyadic && signedDigits(numerator) <= 1) return shifted();
    const saturates = overflow === 'SAT' || overflow === 'SAT_SYM';
    const range = quantizedRange(type, overflow);
    const rectified = saturates && numerator > 0n ? this.rectifiedOperand(value.node) : undefined;
    if (rectified !== undefined) {
      const atZero = roundRatio(onCodes, 0n, rounding);
      const low = atZero > range.low ? atZero : range.low;
      const bounds = { low: low < range.high ? low : range.high, high: range.high };
      if (!dyadic) return { node: emitRatio(builder, rectified, onCodes, rounding, bounds), lsb: target };
      const cheapest = emitCheapest(builder, rectified, onCodes, rounding, bounds);
      return cheapest === undefined ? shifted() : { node: cheapest, lsb: target };
    }
    const emit = dyadic ? emitCheapest : emitRatio;
    const node = emit(builder, value.node, onCodes, rounding, saturates ? range : undefined);
    if (node === undefined) return shifted();
    return { node: saturates ? node : this.overflow(node, type, overflow), lsb: target };
  }

  /** The operand of a rectifier: x where the node is maximum(x, 0) and x can be negative. */
  private rectifiedOperand(id: NodeId): NodeId | undefined {
    const node = this.builder.node(id);
    if (node.kind !== 'maximum') return undefined;
    if (this.builder.constantOf(node.left) === 0n) return node.right;
    return this.builder.constantOf(node.right) === 0n ? node.left : undefined;
  }

  /** node × 2^-shift rounded, as an addition before a floor shift. */
  private round(node: NodeId, shift: number, rounding: Rounding): NodeId {
    if (shift === 0) return node;
    const builder = this.builder;
    const half = 1n << BigInt(shift - 1);
    const constant = (value: bigint): NodeId => builder.constant(value);
    const plus = (addend: NodeId): NodeId => builder.floorShiftRight(builder.add(node, addend), shift);
    const negative = (): NodeId => this.isNegative(node);
    switch (rounding) {
      case 'TRN':
        return builder.floorShiftRight(node, shift);
      case 'CEIL':
        return plus(constant(2n * half - 1n));
      case 'RND':
        return plus(constant(half));
      case 'RND_MIN_INF':
        return plus(constant(half - 1n));
      case 'RND_CONV': {
        // After adding a half, a tie is where all dropped bits are zero: there the lowest kept bit is cleared. That costs
        // a look-up table, and the half joins whatever constant was added before.
        const sum = builder.add(node, constant(half));
        const tie = builder.equal(builder.slice(sum, 0, shift), constant(0n));
        const lowest = builder.select(tie, constant(0n), builder.slice(sum, shift, 1));
        return builder.concat(builder.floorShiftRight(sum, shift + 1), lowest, 1);
      }
      case 'RND_ZERO':
        return plus(builder.add(negative(), constant(half - 1n)));
      case 'RND_INF':
        return plus(builder.subtract(constant(half), negative()));
      case 'TRN_ZERO':
        return plus(builder.select(negative(), constant(2n * half - 1n), constant(0n)));
      case 'AWAY':
        return plus(builder.select(negative(), constant(0n), constant(2n * half - 1n)));
    }
  }

  private overflow(node: NodeId, type: FixedPointType, overflow: Overflow): NodeId {
    const builder = this.builder;
    const range = quantizedRange(type, overflow);
    switch (overflow) {
      case 'SAT':
      case 'SAT_SYM':
        return builder.clamp(node, range);
      case 'WRAP':
      case 'MODULO':
        return builder.wrap(node, type.width, type.signed);
      case 'SAT_ZERO': {
        const own = builder.rangeOf(node);
        // Where the value is kept, its low bits and its clamped form equal it; the low bits are free.
        const bits = own.low >= 0n ? { width: bitLength(range.high), signed: false } : type;
        const wrapIsExact = own.high > range.high && (own.low >= 0n || own.low < range.low);
        const kept =
          wrapIsExact && bits.width > 0 ? builder.wrap(node, bits.width, bits.signed) : builder.clamp(node, range);
        const zero = builder.constant(0n);
        const below = builder.lessThan(node, builder.constant(range.low));
        const above = builder.lessThan(builder.constant(range.high), node);
        return builder.select(below, zero, builder.select(above, zero, kept));
      }
    }
  }
}
