import type { Quantizer } from '../../../numeric/fixed-point.js';
import { lsbExponent } from '../../../numeric/fixed-point.js';
import type { Interval } from '../../../numeric/interval.js';
import { addIntervals, contains, point, shiftInterval } from '../../../numeric/interval.js';
import { quantizedRange, roundShift } from '../../../numeric/rounding.js';
import { at, invariant } from '../../../support/invariant.js';
import type { ModelFields, ModelKind, ModelNodeId, Provenance, Shape } from '../../../model/kinds.js';
import { elementCount } from '../../../model/kinds.js';
import { broadcastIndices } from '../../../model/shapes.js';
import type { GrowingGraph } from './growing-graph.js';

/** Summands of several sums: a tensor whose last axis is summed, in its order, and the shape of the sums. */
export interface Summands {
  readonly terms: ModelNodeId;
  readonly shape: Shape;
  /** Broadcasts to `shape`; the sums start with it. */
  readonly start: ModelNodeId | undefined;
}

/** Sums in one declared accumulator, written as nodes of a graph. Summands and start are cast to it already. */
export class DeclaredSum {
  public constructor(
    private readonly graph: GrowingGraph,
    public readonly accumulator: Quantizer,
    private readonly provenance: Provenance,
  ) {}

  public add<K extends Exclude<ModelKind, 'input' | 'constant'>>(kind: K, fields: ModelFields[K]): ModelNodeId {
    return this.graph.builder.add(kind, fields, this.provenance);
  }

  public cast(operand: ModelNodeId): ModelNodeId {
    const { type, rounding, overflow } = this.accumulator;
    return this.add('quantize', { operand, types: [type], rounding, overflow });
  }

  public plus(sum: ModelNodeId, start: ModelNodeId | undefined): ModelNodeId {
    return start === undefined ? sum : this.add('add', { left: sum, right: start });
  }

  public reshape(operand: ModelNodeId, shape: Shape): ModelNodeId {
    return this.graph.shape(operand).join() === shape.join() ? operand : this.add('reshape', { operand, shape });
  }

  /** The products of a matrix product, each by itself: [..., rows, columns, inner]. */
  public products(left: ModelNodeId, right: ModelNodeId): ModelNodeId {
    const [leftShape, rightShape] = [this.graph.shape(left), this.graph.shape(right)];
    const rows = leftShape.length === 1 ? [1] : leftShape.slice(0, -1);
    const inner = at(leftShape, leftShape.length - 1);
    const spreadLeft = this.reshape(left, [...rows, 1, inner]);
    if (rightShape.length === 1) return this.add('multiply', { left: spreadLeft, right });
    const rank = rightShape.length;
    const permutation = rightShape.map((_, axis) => (axis < rank - 2 ? axis : axis === rank - 2 ? rank - 1 : rank - 2));
    const turned = this.add('transpose', { operand: right, permutation });
    const columns = at(rightShape, rank - 1);
    const spreadRight = this.reshape(turned, [...rightShape.slice(0, -2), 1, columns, inner]);
    return this.add('multiply', { left: spreadLeft, right: spreadRight });
  }

  /** The operand of a reduction with the axes that it sums as one, the last. */
  public lastAxis(operand: ModelNodeId, axes: readonly number[]): ModelNodeId {
    const shape = this.graph.shape(operand);
    const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    const summed = shape.map((_, axis) => axis).filter((axis) => axes.includes(axis));
    const turned = this.add('transpose', { operand, permutation: [...kept, ...summed] });
    const sizes = (list: readonly number[]): number[] => list.map((axis) => at(shape, axis));
    return this.reshape(turned, [...sizes(kept), elementCount(sizes(summed))]);
  }

  /** All at once, without the accumulator. */
  public exact({ terms, shape, start }: Summands): ModelNodeId {
    const axes = [this.graph.shape(terms).length - 1];
    const sum = this.add('reduce', { operand: terms, operation: 'sum', axes, keepDimensions: false });
    return this.plus(this.reshape(sum, shape), start);
  }

  /** One after the other, each partial sum brought into the accumulator. */
  public inOrder({ terms, shape, start }: Summands): ModelNodeId {
    const axis = this.graph.shape(terms).length - 1;
    const count = at(this.graph.shape(terms), axis);
    let sum = start;
    for (let k = 0; k < count; k++) {
      const term = this.reshape(this.add('gather', { operand: terms, axis, indices: [k] }), shape);
      sum = sum === undefined ? term : this.cast(this.add('add', { left: term, right: sum }));
    }
    invariant(sum !== undefined, 'a sum has summands');
    return sum;
  }

  /** Can no partial sum, in order, leave the accumulator? By the intervals of the summands. */
  public staysInside({ terms, shape, start }: Summands): boolean {
    const { type, overflow } = this.accumulator;
    const codes = quantizedRange(type, overflow);
    const ranges = this.codesOf(terms, lsbExponent(type));
    const count = at(this.graph.shape(terms), this.graph.shape(terms).length - 1);
    const startRanges = start === undefined ? undefined : this.codesOf(start, lsbExponent(type));
    const startIndex = start === undefined ? undefined : broadcastIndices(this.graph.shape(start), shape);
    for (let sum = 0; sum < elementCount(shape); sum++) {
      let partial: Interval =
        startRanges === undefined || startIndex === undefined ? point(0n) : at(startRanges, at(startIndex, sum));
      for (let k = 0; k < count; k++) {
        partial = addIntervals(partial, at(ranges, sum * count + k));
        if (!contains(codes, partial)) return false;
      }
    }
    return true;
  }

  /** Can no element overflow when it is cast to the accumulator? Bits below its LSB aside. */
  public holds(id: ModelNodeId): boolean {
    const { type, overflow } = this.accumulator;
    const { lsb, ranges } = this.graph.format(id);
    const shift = lsbExponent(type) - lsb;
    const codes = quantizedRange(type, overflow);
    return ranges.every(({ low, high }) =>
      contains(codes, { low: roundShift(low, shift, 'TRN'), high: roundShift(high, shift, 'CEIL') }),
    );
  }

  /** How many elements are not always multiples of the accumulator's LSB. */
  public countLossy(id: ModelNodeId): number {
    const lsb = lsbExponent(this.accumulator.type);
    return this.graph.alignment(id).reduce((count, exponent) => count + (exponent < lsb ? 1 : 0), 0);
  }

  /** Ranges on the accumulator's grid; a cast may stand on a coarser one. */
  private codesOf(id: ModelNodeId, lsb: number): readonly Interval[] {
    const format = this.graph.format(id);
    invariant(format.lsb >= lsb, 'summands are cast before they are summed');
    return format.ranges.map((range) => shiftInterval(range, format.lsb - lsb));
  }
}
