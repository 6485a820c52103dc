import { codeRange, fixedPointType } from '../../src/numeric/fixed-point.js';
import type { FixedPointType } from '../../src/numeric/fixed-point.js';
import type { Interval } from '../../src/numeric/interval.js';
import { shiftInterval, union } from '../../src/numeric/interval.js';
import { ModelBuilder } from '../../src/model/builder.js';
import type { TensorFormat } from '../../src/model/formats.js';
import { exactType, formatOf } from '../../src/model/formats.js';
import type { ModelFields, ModelGraph, ModelKind, ModelNodeId, Shape } from '../../src/model/kinds.js';
import { elementCount } from '../../src/model/kinds.js';
import { verifyModel } from '../../src/model/verify.js';
import type { Random } from '../../src/support/random.js';
import { at } from '../../src/support/invariant.js';
import type { WidthClass } from './random-types.js';
import {
  allOverflows,
  allRoundings,
  formatWidth,
  oneOrEach,
  randomType,
  randomWeight,
  randomWidth,
  typeNear,
} from './random-types.js';

export { inputRanges, randomInputs } from './random-inputs.js';
export type { RandomInputOptions } from './random-inputs.js';

export interface RandomModelOptions {
  /** Operations besides inputs, constants and the quantisers that keep words in bounds; 4 to 20 by default. */
  readonly operations?: number;
  /** Width of the input words; drawn by default. */
  readonly widths?: WidthClass;
  /** No tensor is wider than this many bits; 110 by default. */
  readonly maximumWidth?: number;
  /** Elements of the largest tensor; 12 by default. */
  readonly maximumElements?: number;
  /**
   * Where promises may stand: directly on inputs (the default), where `randomInputs` keeps them; anywhere, where any
   * event may break them; nowhere.
   */
  readonly promises?: 'inputs' | 'anywhere' | 'none';
  readonly name?: string;
}

/** Builds a graph while following the exact format of every tensor, so that words stay in bounds. */
export class RandomGraph {
  public readonly builder: ModelBuilder;
  private readonly graph: ModelGraph;
  private readonly formats: TensorFormat[] = [];

  public constructor(
    public readonly random: Random,
    name: string,
    public readonly maximumWidth: number,
  ) {
    this.builder = new ModelBuilder(name);
    // The builder's own lists: they grow with it.
    this.graph = this.builder.finish();
  }

  public get size(): number {
    return this.graph.nodes.length;
  }

  public format(id: ModelNodeId): TensorFormat {
    while (this.formats.length < this.graph.nodes.length) {
      this.formats.push(formatOf(at(this.graph.nodes, this.formats.length), this.graph, this.formats));
    }
    return at(this.formats, id);
  }

  public width(id: ModelNodeId): number {
    return formatWidth(this.format(id));
  }

  public shape(id: ModelNodeId): Shape {
    return this.builder.shapeOf(id);
  }

  public elements(id: ModelNodeId): number {
    return elementCount(this.shape(id));
  }

  public add<K extends Exclude<ModelKind, 'input' | 'constant'>>(kind: K, fields: ModelFields[K]): ModelNodeId {
    return this.builder.add(kind, fields, { name: `${kind}_${this.size}`, operator: kind });
  }

  public input(name: string, shape: Shape, widths: WidthClass): ModelNodeId {
    const { random } = this;
    const types = oneOrEach(random, elementCount(shape), () => randomType(random, widths));
    const rounding = random.pick(allRoundings);
    return this.builder.input({ name, types, rounding, overflow: random.pick(allOverflows) }, shape);
  }

  public constant(shape: Shape, bits: number): ModelNodeId {
    const codes = Array.from({ length: elementCount(shape) }, () => randomWeight(this.random, bits));
    return this.builder.constant({ lsb: this.random.integer(-bits - 2, 2), codes, float: false }, shape);
  }

  /** Quantise into types near the operand's values: one for all elements, or one for each. */
  public quantize(operand: ModelNodeId, maximumWidth = this.maximumWidth): ModelNodeId {
    const { random } = this;
    const near = this.format(operand);
    const types = oneOrEach(random, this.elements(operand), () => typeNear(random, near, maximumWidth));
    const [rounding, overflow] = [random.pick(allRoundings), random.pick(allOverflows)];
    return this.add('quantize', { operand, types, rounding, overflow });
  }

  /** Through a ratio near one, mostly of odd numbers, into types near what comes out. */
  public requantize(operand: ModelNodeId): ModelNodeId {
    const { random } = this;
    const near = this.format(operand);
    const size = this.elements(operand);
    const bits = random.pick([3, 6, 12, 24]);
    const large = (): bigint => random.bigint(1n << BigInt(bits - 1), (1n << BigInt(bits)) - 1n);
    const sign = random.integer(0, 4) === 0 ? -1n : 1n;
    const types = oneOrEach(random, size, () => typeNear(random, near, 20));
    const offsets = oneOrEach(random, size, () => (random.integer(0, 1) === 0 ? 0n : random.bigint(-99n, 99n)));
    return this.add('requantize', {
      operand,
      numerators: oneOrEach(random, size, () => (random.integer(0, 9) === 0 ? 0n : sign * large())),
      offsets,
      denominators: oneOrEach(random, size, large),
      types,
      rounding: random.pick(allRoundings),
      overflow: random.pick(allOverflows),
    });
  }

  /** Fields of the operand, inside it or beyond its top. */
  public bits(operand: ModelNodeId): ModelNodeId {
    const { random } = this;
    const width = this.width(operand);
    const { lsb } = this.format(operand);
    return this.add('bits', {
      operand,
      lows: oneOrEach(random, this.elements(operand), () => Math.max(0, lsb + random.integer(-1, width))),
      types: oneOrEach(random, this.elements(operand), () =>
        fixedPointType(random.integer(0, 1) === 0, random.integer(1, Math.min(30, width + 2)), random.integer(0, 6)),
      ),
    });
  }

  /** The operand itself, or quantised where it is wider than `width` bits. */
  public within(operand: ModelNodeId, width: number): ModelNodeId {
    return this.width(operand) <= width ? operand : this.quantize(operand, Math.max(1, width - 4));
  }

  /** A promise that cuts into the operand's range; every element can keep it. */
  public promise(operand: ModelNodeId): ModelNodeId {
    const { lsb, ranges } = this.format(operand);
    // Zero is on every element's own grid, so each of them can keep a promise that allows it.
    const cut = ({ low, high }: Interval): Interval =>
      low > 0n || high < 0n ? { low, high } : { low: this.random.bigint(low, 0n), high: this.random.bigint(0n, high) };
    return this.add('assume', { operand, lsb, ranges: ranges.map(cut) });
  }

  public output(name: string, id: ModelNodeId): void {
    this.builder.output(name, id, this.portTypes(id));
  }

  /** The exact type of the tensor; for a quantiser its own; or a little wider than need be, element by element. */
  private portTypes(id: ModelNodeId): readonly FixedPointType[] {
    const node = this.builder.node(id);
    if (
      (node.kind === 'quantize' || node.kind === 'requantize' || node.kind === 'bits' || node.kind === 'input') &&
      this.random.integer(0, 3) > 0
    )
      return node.types;
    const format = this.format(id);
    if (this.random.integer(0, 2) > 0) return [exactType(format)];
    return format.ranges.map((range) => {
      const tight = exactType({ lsb: format.lsb, ranges: [range] });
      const [below, above] = [this.random.integer(0, 2), this.random.integer(0, 2)];
      return fixedPointType(tight.signed, tight.width + below + above, tight.integer + above);
    });
  }

  public finish(): ModelGraph {
    const graph = this.builder.finish();
    verifyModel(graph, { typed: true });
    return graph;
  }
}

/** A small random graph over all kinds, roundings and overflow modes. The same generator state gives the same graph. */
export function randomModel(random: Random, options: RandomModelOptions = {}): ModelGraph {
  const widths = options.widths ?? random.pick(['narrow', 'medium', 'medium', 'wide', 'huge']);
  const maximumElements = options.maximumElements ?? 12;
  const maximumWidth = options.maximumWidth ?? 110;
  const graph = new RandomGraph(random, options.name ?? 'random', maximumWidth);
  const pool: ModelNodeId[] = [];
  const inputs = random.integer(1, 3);
  for (let index = 0; index < inputs; index++) {
    const input = graph.input(`x${index}`, randomShape(random, maximumElements), widths);
    const promised = options.promises !== 'none' && random.integer(0, 2) === 0;
    pool.push(promised ? graph.promise(input) : input);
  }
  const context: Context = {
    graph,
    random,
    pool,
    maximumWidth,
    maximumElements,
    weightBits: Math.min(40, randomWidth(random, widths)),
    promises: options.promises ?? 'inputs',
  };
  const operations = options.operations ?? random.integer(4, 20);
  for (let index = 0; index < operations; index++) pool.push(randomOperation(context));
  const outputs = random.integer(1, 3);
  for (let index = 0; index < outputs; index++) {
    graph.output(`y${index}`, index === 0 ? at(pool, pool.length - 1) : pick(random, pool));
  }
  return graph.finish();
}

interface Context {
  readonly graph: RandomGraph;
  readonly random: Random;
  readonly pool: readonly ModelNodeId[];
  readonly maximumWidth: number;
  readonly maximumElements: number;
  readonly weightBits: number;
  readonly promises: 'inputs' | 'anywhere' | 'none';
}

function pick<T>(random: Random, list: readonly T[]): T {
  return at(list, random.integer(0, list.length - 1));
}

function randomShape(random: Random, maximumElements: number): Shape {
  for (;;) {
    const shape = Array.from({ length: random.integer(0, 3) }, () => random.integer(1, 5));
    if (elementCount(shape) <= maximumElements) return shape;
  }
}

/** Every kind that makes a tensor of others, drawn with equal weight but for the two that do the work. */
const operationKinds = [
  'quantize',
  'quantize',
  'quantize',
  'requantize',
  'bits',
  'matmul',
  'matmul',
  'matmul',
  'selfProduct',
  'add',
  'subtract',
  'multiply',
  'minimum',
  'maximum',
  'lessThan',
  'equal',
  'select',
  'select',
  'round',
  'negate',
  'absolute',
  'relu',
  'bipolar',
  'table',
  'table',
  'reshape',
  'transpose',
  'concat',
  'gather',
  'reduce',
  'assume',
] as const;

function randomOperation(context: Context): ModelNodeId {
  const { graph, random, pool, maximumWidth } = context;
  // Recent tensors twice as often, so that graphs grow deep.
  const recent = pool.slice(-4);
  const operand = pick(random, random.integer(0, 1) === 0 ? recent : pool);
  const kind = pick(random, operationKinds);
  switch (kind) {
    case 'quantize':
      return graph.quantize(operand);
    case 'requantize':
      return graph.requantize(operand);
    case 'bits':
      return graph.bits(operand);
    case 'matmul':
      return randomMatmul(context, operand);
    case 'selfProduct':
      return randomSelfProduct(context, operand);
    case 'add':
    case 'subtract':
    case 'minimum':
    case 'maximum':
    case 'lessThan':
    case 'equal': {
      const left = graph.within(operand, maximumWidth - 12);
      const right = graph.within(partner(context, left), maximumWidth - 12);
      // Far apart LSBs make wide sums out of narrow operands.
      const sum = graph.format(left).lsb - graph.format(right).lsb;
      if (Math.abs(sum) > 24) return graph.quantize(left);
      const swap = random.integer(0, 1) === 0;
      return graph.add(kind, swap ? { left: right, right: left } : { left, right });
    }
    case 'select':
      return randomSelect(context, operand);
    case 'round':
      return graph.add(kind, { operand, rounding: pick(random, allRoundings) });
    case 'multiply': {
      const left = graph.within(operand, maximumWidth / 2 - 2);
      return graph.add(kind, { left, right: graph.within(partner(context, left), maximumWidth / 2 - 2) });
    }
    case 'negate':
    case 'absolute':
    case 'relu':
    case 'bipolar':
      return graph.add(kind, { operand });
    case 'table':
      return randomTable(graph, operand);
    case 'reshape':
      return graph.add(kind, { operand, shape: splitShape(random, graph.elements(operand)) });
    case 'transpose': {
      const permutation = graph.shape(operand).map((_, axis) => axis);
      for (let axis = permutation.length - 1; axis > 0; axis--) {
        const other = random.integer(0, axis);
        [permutation[axis], permutation[other]] = [at(permutation, other), at(permutation, axis)];
      }
      return graph.add(kind, { operand, permutation });
    }
    case 'concat':
      return randomConcat(context, operand);
    case 'gather': {
      const shape = graph.shape(operand);
      if (shape.length === 0) return graph.add('negate', { operand });
      const axis = random.integer(0, shape.length - 1);
      const room = Math.floor(context.maximumElements / (graph.elements(operand) / at(shape, axis)));
      const length = random.integer(1, Math.max(1, Math.min(6, room)));
      const indices = Array.from({ length }, () => random.integer(0, at(shape, axis) - 1));
      return graph.add(kind, { operand, axis, indices });
    }
    case 'reduce': {
      const axes = graph
        .shape(operand)
        .map((_, axis) => axis)
        .filter(() => random.integer(0, 2) > 0);
      const operation = pick(random, ['sum', 'sum', 'maximum', 'minimum'] as const);
      const bounded = graph.within(operand, maximumWidth - 6);
      return graph.add(kind, { operand: bounded, operation, axes, keepDimensions: random.integer(0, 1) === 0 });
    }
    case 'assume':
      return context.promises === 'anywhere' ? graph.promise(operand) : graph.quantize(operand);
  }
}

/** A table of some steps of the operand's range: within it, across its ends, or beside it. */
function randomTable(graph: RandomGraph, operand: ModelNodeId): ModelNodeId {
  const { random } = graph;
  const near = graph.format(operand);
  const { low, high } = near.ranges.reduce(union);
  const drop = Math.max(-1, graph.width(operand) - random.integer(2, 6));
  const [from, to] = [shiftInterval({ low, high }, -drop).low, shiftInterval({ low, high }, -drop).high];
  const first = from - BigInt(random.integer(-2, 3));
  const length = Math.max(1, Math.min(80, Number(to - from) + random.integer(-3, 5)));
  const type = typeNear(random, near, Math.min(40, graph.maximumWidth - 8));
  const codes = Array.from({ length }, () => random.bigint(codeRange(type).low, codeRange(type).high));
  return graph.add('table', { operand, lsb: near.lsb + drop, first, type, codes });
}

/** A tensor or a constant that broadcasts with the given one. */
function partner(context: Context, operand: ModelNodeId): ModelNodeId {
  const { graph, random, pool } = context;
  const shape = graph.shape(operand);
  const fits = (other: Shape): boolean =>
    shape.slice(-other.length).every((dimension, axis) => {
      const against = other[other.length - Math.min(shape.length, other.length) + axis];
      return against === dimension || against === 1;
    }) && other.length <= shape.length;
  const candidates = pool.filter((id) => fits(graph.shape(id)));
  if (candidates.length > 0 && random.integer(0, 2) > 0) return pick(random, candidates);
  const reduced = shape.map((dimension) => (random.integer(0, 3) === 0 ? 1 : dimension));
  return graph.constant(random.integer(0, 3) === 0 ? [] : reduced, context.weightBits);
}

/** One of two tensors, by a comparison or by whatever tensor fits. */
function randomSelect(context: Context, operand: ModelNodeId): ModelNodeId {
  const { graph, random, maximumWidth } = context;
  const whenTrue = graph.within(operand, maximumWidth - 12);
  const whenFalse = graph.within(partner(context, whenTrue), maximumWidth - 12);
  if (Math.abs(graph.format(whenTrue).lsb - graph.format(whenFalse).lsb) > 24) return graph.quantize(whenTrue);
  const compared = partner(context, whenTrue);
  const near = Math.abs(graph.format(whenTrue).lsb - graph.format(compared).lsb) <= 24;
  const condition = near ? graph.add('lessThan', { left: whenTrue, right: compared }) : compared;
  const swap = random.integer(0, 1) === 0;
  return graph.add('select', {
    condition,
    whenTrue: swap ? whenFalse : whenTrue,
    whenFalse: swap ? whenTrue : whenFalse,
  });
}

function randomMatmul(context: Context, operand: ModelNodeId): ModelNodeId {
  const { graph, random, maximumWidth, maximumElements } = context;
  const left = graph.within(operand, maximumWidth - context.weightBits - 6);
  const shape = graph.shape(left);
  const inner = shape.at(-1);
  if (inner === undefined) return graph.add('multiply', { left, right: graph.constant([3], context.weightBits) });
  const rows = graph.elements(left) / inner;
  const columns = random.integer(1, Math.max(1, Math.min(5, Math.floor(maximumElements / rows))));
  switch (random.integer(0, 4)) {
    case 0:
      return graph.add('matmul', { left, right: graph.constant([inner], context.weightBits) });
    case 1:
      // Constant on the left: [columns, inner] × [inner, rows].
      return graph.add('matmul', {
        left: graph.constant([columns, inner], context.weightBits),
        right: graph.add('reshape', { operand: left, shape: [inner, rows] }),
      });
    case 2: {
      // A batch of one on the right broadcasts against the batch on the left.
      const batched = graph.add('reshape', { operand: left, shape: [rows, 1, inner] });
      return graph.add('matmul', { left: batched, right: graph.constant([1, inner, columns], context.weightBits) });
    }
    default:
      return graph.add('matmul', { left, right: graph.constant([inner, columns], context.weightBits) });
  }
}

/** The scores of anomaly detectors: squares and dot products of a tensor with itself. */
function randomSelfProduct(context: Context, operand: ModelNodeId): ModelNodeId {
  const { graph, random, maximumWidth } = context;
  const left = graph.within(operand, maximumWidth / 2 - 4);
  const flat = graph.add('reshape', { operand: left, shape: [graph.elements(left)] });
  switch (random.integer(0, 3)) {
    case 0:
      return graph.add('multiply', { left, right: left });
    case 1:
      return graph.add('matmul', { left: flat, right: flat });
    case 2: {
      const column = graph.add('reshape', { operand: flat, shape: [graph.elements(left), 1] });
      const row = graph.add('transpose', { operand: column, permutation: [1, 0] });
      return graph.add('matmul', { left: row, right: column });
    }
    default: {
      const square = graph.add('multiply', { left: flat, right: flat });
      return graph.add('reduce', { operand: square, operation: 'sum', axes: [0], keepDimensions: true });
    }
  }
}

function randomConcat(context: Context, operand: ModelNodeId): ModelNodeId {
  const { graph, random, pool } = context;
  const flat = (id: ModelNodeId): ModelNodeId =>
    graph.add('reshape', { operand: id, shape: [1, graph.elements(id), 1] });
  const parts = [flat(operand)];
  let size = graph.elements(operand);
  const lsb = graph.format(operand).lsb;
  for (let index = random.integer(0, 2); index > 0; index--) {
    const other = pick(random, pool);
    const far = Math.abs(graph.format(other).lsb - lsb) > 24;
    const part = far || graph.width(other) > context.maximumWidth - 24 ? graph.constant([2], 6) : other;
    if (size + graph.elements(part) > context.maximumElements) break;
    size += graph.elements(part);
    parts.push(flat(part));
  }
  return graph.add('concat', { operands: parts, axis: 1 });
}

function splitShape(random: Random, size: number): Shape {
  const shape: number[] = [];
  let rest = size;
  for (const factor of [2, 3, 5]) {
    if (rest % factor === 0 && random.integer(0, 1) === 0) {
      shape.push(factor);
      rest /= factor;
    }
  }
  return random.integer(0, 1) === 0 ? [...shape, rest] : [rest, ...shape];
}
