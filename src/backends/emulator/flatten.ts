import { at, invariant, InvariantError } from '../../support/invariant.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { codeRange, lsbExponent } from '../../numeric/fixed-point.js';
import type { Interval } from '../../numeric/interval.js';
import { contains, max, min } from '../../numeric/interval.js';
import { ratioOnCodes } from '../../numeric/ratio.js';
import { quantizedRange, roundShift } from '../../numeric/rounding.js';
import type { TensorFormat } from '../../model/formats.js';
import { bitsInterval, fieldType, formatOf, quantizeInterval, requantizeInterval } from '../../model/formats.js';
import type { ModelGraph, ModelNode, ModelNodeId, ModelNodeOf, Shape } from '../../model/kinds.js';
import { elementCount, perElement, ratioOf } from '../../model/kinds.js';
import {
  broadcastIndices,
  concatSources,
  gatherIndices,
  planMatmul,
  reduceTargets,
  transposeIndices,
} from '../../model/shapes.js';
import type { OverflowCheck, QuantizingOperation } from './overflow-check.js';
import { canOverflow } from './overflow-check.js';
import { ScalarList } from './scalars.js';
import type { FlatTensor } from './branch-probes.js';
import type { Scalar } from './scalars.js';

/** One element of an `assume` node that its operand's type does not already keep. */
export interface PromiseCheck {
  readonly scalar: number;
  readonly bounds: Interval;
  readonly node: ModelNodeId;
  readonly element: number;
}

/** A graph as scalars on integers. */
export interface FlatModel {
  readonly scalars: readonly Scalar[];
  /** Entries of the tables that scalars refer to. */
  readonly tables: readonly (readonly bigint[])[];
  /** Types of the input columns and of the output columns, flattened in graph order. */
  readonly inputTypes: readonly FixedPointType[];
  readonly outputTypes: readonly FixedPointType[];
  /** The scalar that holds the port code of each output column. */
  readonly outputs: readonly number[];
  readonly checks: readonly PromiseCheck[];
  /** Empty where overflows are not counted. */
  readonly overflows: readonly OverflowCheck[];
  /** By node, the scalar of each element and the exponent of their LSB. */
  readonly tensors: readonly FlatTensor[];
}

/**
 * Write a typed graph as scalars. Promises narrow nothing here: an event that breaks one still gives what the oracle
 * gives, and is counted. `countOverflows`: name the scalars of quantisers that values can overflow, and keep all of them.
 */
export function flattenModel(graph: ModelGraph, countOverflows = false): FlatModel {
  return new Flattener(graph, countOverflows).run();
}

class Flattener {
  private readonly list = new ScalarList();
  private readonly formats: TensorFormat[] = [];
  private readonly elements: Int32Array[] = [];
  private readonly inputTypes: FixedPointType[] = [];
  private readonly checks: PromiseCheck[] = [];
  private readonly overflows: OverflowCheck[] = [];
  private readonly tables = new Map<readonly bigint[], number>();

  public constructor(
    private readonly graph: ModelGraph,
    private readonly countOverflows: boolean,
  ) {}

  public run(): FlatModel {
    for (const node of this.graph.nodes) {
      this.formats.push(node.kind === 'assume' ? this.format(node.operand) : formatOf(node, this.graph, this.formats));
      const elements = this.flatten(node);
      invariant(elements.length === elementCount(node.shape), `%${node.id} has ${elements.length} elements`);
      this.elements.push(elements);
    }
    const outputTypes: FixedPointType[] = [];
    const outputs: number[] = [];
    for (const output of this.graph.outputs) {
      const { lsb } = this.format(output.node);
      this.of(output.node).forEach((scalar, index) => {
        const type = perElement(output.types, index);
        outputTypes.push(type);
        outputs.push(this.portCode(scalar, lsb, type));
      });
    }
    const { scalars } = this.list;
    return {
      scalars,
      tables: [...this.tables.keys()],
      inputTypes: this.inputTypes,
      outputTypes,
      outputs,
      checks: this.checks,
      overflows: this.overflows,
      tensors: this.elements.map((elements, node) => ({ scalars: elements, lsb: at(this.formats, node).lsb })),
    };
  }

  private of(id: ModelNodeId): Int32Array {
    return at(this.elements, id);
  }

  private format(id: ModelNodeId): TensorFormat {
    return at(this.formats, id);
  }

  private shapeOf(id: ModelNodeId): Shape {
    return at(this.graph.nodes, id).shape;
  }

  /** Exact by the rules of ports; it wraps only where a promise was broken. */
  private portCode(scalar: number, lsb: number, type: FixedPointType): number {
    const shift = lsbExponent(type) - lsb;
    if (shift === 0 && contains(codeRange(type), this.list.range(scalar))) return scalar;
    return this.list.push(
      { kind: 'quantize', operand: scalar, shift, type, rounding: 'TRN', overflow: 'WRAP' },
      quantizeInterval(this.list.range(scalar), lsb, type, 'TRN', 'WRAP'),
    );
  }

  /** The scalar of every element of a node's tensor, on the tensor's LSB. */
  private flatten(node: ModelNode): Int32Array {
    switch (node.kind) {
      case 'input':
        return this.input(node);
      case 'constant':
        return Int32Array.from(node.codes, (code) => this.list.constant(code));
      case 'assume':
        this.promise(node);
        return this.of(node.operand);
      case 'reshape':
        return this.of(node.operand);
      case 'transpose':
        return picked(this.of(node.operand), transposeIndices(this.shapeOf(node.operand), node.permutation));
      case 'gather':
        return picked(this.of(node.operand), gatherIndices(this.shapeOf(node.operand), node.axis, node.indices));
      case 'concat': {
        const { operand, element } = concatSources(
          node.operands.map((id) => this.shapeOf(id)),
          node.axis,
        );
        return operand.map((which, index) => {
          const id = at(node.operands, which);
          return this.list.shiftLeft(
            at(this.of(id), at(element, index)),
            this.format(id).lsb - this.format(node.id).lsb,
          );
        });
      }
      case 'quantize':
        return this.quantize(node);
      case 'bits':
        return this.bits(node);
      case 'requantize':
        return this.requantize(node);
      case 'negate':
        return this.of(node.operand).map((operand) => this.list.sum([operand], [-1n]));
      case 'select':
        return this.select(node);
      case 'round':
        return this.round(node);
      case 'function':
      case 'quantizeDefault':
        throw new InvariantError(`a ${node.kind} is gone after typing`);
      case 'table':
        return this.table(node);
      case 'absolute':
      case 'bipolar':
        return this.of(node.operand).map((operand, index) =>
          this.list.push({ kind: node.kind, operand }, this.rangeOf(node.id, index)),
        );
      case 'relu': {
        const zero = this.list.constant(0n);
        return this.of(node.operand).map((operand, index) =>
          this.list.range(operand).low >= 0n
            ? operand
            : this.list.extremum('maximum', operand, zero, this.rangeOf(node.id, index)),
        );
      }
      case 'add':
      case 'subtract':
      case 'minimum':
      case 'maximum':
      case 'lessThan':
      case 'equal':
      case 'multiply':
        return this.elementwise(node);
      case 'matmul':
        return this.matmul(node);
      case 'reduce':
        return this.reduce(node);
    }
  }

  private rangeOf(id: ModelNodeId, element: number): Interval {
    return at(this.format(id).ranges, element);
  }

  private input(node: ModelNodeOf<'input'>): Int32Array {
    const { lsb } = this.format(node.id);
    return Int32Array.from({ length: elementCount(node.shape) }, (_, index) => {
      const type = perElement(node.types, index);
      const column = this.inputTypes.push(type) - 1;
      return this.list.shiftLeft(this.list.push({ kind: 'input', column }, codeRange(type)), lsbExponent(type) - lsb);
    });
  }

  private promise(node: ModelNodeOf<'assume'>): void {
    const shift = this.format(node.operand).lsb - node.lsb;
    this.of(node.operand).forEach((scalar, element) => {
      const { low, high } = perElement(node.ranges, element);
      const bounds = { low: roundShift(low, shift, 'CEIL'), high: roundShift(high, shift, 'TRN') };
      if (!contains(bounds, this.list.range(scalar))) this.checks.push({ scalar, bounds, node: node.id, element });
    });
  }

  private quantize(node: ModelNodeOf<'quantize'>): Int32Array {
    const { lsb: from } = this.format(node.operand);
    const { lsb: to } = this.format(node.id);
    const { rounding, overflow } = node;
    return this.of(node.operand).map((operand, index) => {
      const type = perElement(node.types, index);
      const range = quantizeInterval(this.rangeOf(node.operand, index), from, type, rounding, overflow);
      const shift = lsbExponent(type) - from;
      const operation = { kind: 'quantize', operand, shift, type, rounding, overflow } as const;
      const code = this.pushCounted(operation, range, node.id, index);
      return this.list.shiftLeft(code, lsbExponent(type) - to);
    });
  }

  /** A quantiser that saturates to one value whatever comes is no constant where its overflows are counted. */
  private pushCounted(operation: QuantizingOperation, range: Interval, node: ModelNodeId, element: number): number {
    const counted =
      this.countOverflows &&
      this.list.constantValue(operation.operand) === undefined &&
      canOverflow(operation, this.list.range(operation.operand));
    const scalar = counted ? this.list.pushVariable(operation, range) : this.list.push(operation, range);
    if (!counted) return scalar;
    const { type, overflow } = operation;
    const codes = quantizedRange(type, overflow);
    this.overflows.push({ scalar, node, element, codes, lsb: lsbExponent(type) });
    return scalar;
  }

  private table(node: ModelNodeOf<'table'>): Int32Array {
    const { lsb } = this.format(node.operand);
    const { first, codes } = node;
    const table = this.tables.get(codes) ?? this.tables.size;
    this.tables.set(codes, table);
    return this.of(node.operand).map((operand, index) =>
      this.list.push(
        { kind: 'table', operand, shift: node.lsb - lsb, first, table, codes },
        this.rangeOf(node.id, index),
      ),
    );
  }

  private bits(node: ModelNodeOf<'bits'>): Int32Array {
    const { lsb: from } = this.format(node.operand);
    const { lsb: to } = this.format(node.id);
    return this.of(node.operand).map((operand, index) => {
      const type = perElement(node.types, index);
      const low = perElement(node.lows, index);
      const range = bitsInterval(this.rangeOf(node.operand, index), from, low, type);
      const field = { type: fieldType(low, type), rounding: 'TRN', overflow: 'WRAP' } as const;
      const code = this.list.push({ kind: 'quantize', operand, shift: low - from, ...field }, range);
      return this.list.shiftLeft(code, lsbExponent(type) - to);
    });
  }

  private requantize(node: ModelNodeOf<'requantize'>): Int32Array {
    const { lsb: from } = this.format(node.operand);
    const { lsb: to } = this.format(node.id);
    const { rounding, overflow } = node;
    return this.of(node.operand).map((operand, index) => {
      const type = perElement(node.types, index);
      const range = requantizeInterval(this.rangeOf(node.operand, index), from, node, index);
      const ratio = ratioOnCodes(ratioOf(node, index), from, lsbExponent(type));
      const operation = { kind: 'requantize', operand, ratio, type, rounding, overflow } as const;
      const code = this.pushCounted(operation, range, node.id, index);
      return this.list.shiftLeft(code, lsbExponent(type) - to);
    });
  }

  private elementwise(
    node: ModelNodeOf<'add' | 'subtract' | 'multiply' | 'minimum' | 'maximum' | 'lessThan' | 'equal'>,
  ): Int32Array {
    const { list } = this;
    const left = picked(this.of(node.left), broadcastIndices(this.shapeOf(node.left), node.shape));
    const right = picked(this.of(node.right), broadcastIndices(this.shapeOf(node.right), node.shape));
    if (node.kind === 'multiply') return left.map((a, index) => list.product(a, at(right, index)));
    const lsb = Math.min(this.format(node.left).lsb, this.format(node.right).lsb);
    const leftShift = this.format(node.left).lsb - lsb;
    const rightShift = this.format(node.right).lsb - lsb;
    if (node.kind === 'add' || node.kind === 'subtract') {
      const weights = [1n << BigInt(leftShift), (node.kind === 'add' ? 1n : -1n) << BigInt(rightShift)];
      return left.map((a, index) => list.sum([a, at(right, index)], weights));
    }
    const { kind } = node;
    return left.map((a, index) => {
      const [operand, other] = [list.shiftLeft(a, leftShift), list.shiftLeft(at(right, index), rightShift)];
      const range = this.rangeOf(node.id, index);
      if (kind === 'lessThan' || kind === 'equal') return list.push({ kind, left: operand, right: other }, range);
      return list.extremum(kind, operand, other, range);
    });
  }

  private select(node: ModelNodeOf<'select'>): Int32Array {
    const { list } = this;
    const { lsb } = this.format(node.id);
    const picks = (id: ModelNodeId): Int32Array => picked(this.of(id), broadcastIndices(this.shapeOf(id), node.shape));
    const [whenTrue, whenFalse] = [picks(node.whenTrue), picks(node.whenFalse)];
    const trueShift = this.format(node.whenTrue).lsb - lsb;
    const falseShift = this.format(node.whenFalse).lsb - lsb;
    return picks(node.condition).map((condition, index) => {
      const a = list.shiftLeft(at(whenTrue, index), trueShift);
      const b = list.shiftLeft(at(whenFalse, index), falseShift);
      if (a === b) return a;
      return list.push({ kind: 'select', condition, whenTrue: a, whenFalse: b }, this.rangeOf(node.id, index));
    });
  }

  private round(node: ModelNodeOf<'round'>): Int32Array {
    const shift = -this.format(node.operand).lsb;
    if (shift <= 0) return this.of(node.operand);
    return this.of(node.operand).map((operand, index) =>
      this.list.push({ kind: 'round', operand, shift, rounding: node.rounding }, this.rangeOf(node.id, index)),
    );
  }

  private matmul(node: ModelNodeOf<'matmul'>): Int32Array {
    const { list } = this;
    const plan = planMatmul(this.shapeOf(node.left), this.shapeOf(node.right));
    const [left, right] = [this.of(node.left), this.of(node.right)];
    const result = new Int32Array(elementCount(node.shape));
    let next = 0;
    for (let batch = 0; batch < plan.leftOffsets.length; batch++) {
      for (let row = 0; row < plan.rows; row++) {
        const leftOffset = at(plan.leftOffsets, batch) + row * plan.inner;
        for (let column = 0; column < plan.columns; column++) {
          const rightOffset = at(plan.rightOffsets, batch) + column;
          const terms: number[] = [];
          const weights: bigint[] = [];
          for (let k = 0; k < plan.inner; k++) {
            const [a, b] = [at(left, leftOffset + k), at(right, rightOffset + k * plan.columns)];
            const [aValue, bValue] = [list.constantValue(a), list.constantValue(b)];
            terms.push(bValue !== undefined ? a : aValue !== undefined ? b : list.product(a, b));
            weights.push(bValue ?? aValue ?? 1n);
          }
          result[next++] = list.sum(terms, weights);
        }
      }
    }
    return result;
  }

  private reduce(node: ModelNodeOf<'reduce'>): Int32Array {
    const { list } = this;
    const groups = Array.from({ length: elementCount(node.shape) }, (): number[] => []);
    const targets = reduceTargets(this.shapeOf(node.operand), node.axes);
    this.of(node.operand).forEach((operand, index) => at(groups, at(targets, index)).push(operand));
    if (node.operation === 'sum') {
      return Int32Array.from(groups, (group) =>
        list.sum(
          group,
          group.map(() => 1n),
        ),
      );
    }
    const kind = node.operation;
    const pick = kind === 'maximum' ? max : min;
    return Int32Array.from(groups, (group) =>
      group.reduce((best, operand) => {
        const [a, b] = [list.range(best), list.range(operand)];
        return list.extremum(kind, best, operand, { low: pick(a.low, b.low), high: pick(a.high, b.high) });
      }),
    );
  }
}

function picked(elements: Int32Array, indices: Int32Array): Int32Array {
  return indices.map((index) => at(elements, index));
}
