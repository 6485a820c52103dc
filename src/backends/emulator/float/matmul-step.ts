import { at } from '../../../support/invariant.js';
import type { Code, Local, Locals } from '../../../support/web-assembly.js';
import { doubles, get, integer, loop, set } from '../../../support/web-assembly.js';
import type { ModelNodeOf } from '../../../model/kinds.js';
import { planMatmul } from '../../../model/shapes.js';
import type { Assembly, Step } from './step.js';
import { EVENT_BYTES, forElements } from './step.js';
import type { Tensors } from './tensors.js';

/** Results that are computed side by side, times four events: the most that fits the registers. */
const TILE = 4;

/**
 * A matrix product as groups of sums over the same values: results `from + index × stride`, index below `size`, of a
 * group have one list of value rows, and a list of weights each.
 */
interface Groups {
  readonly count: number;
  readonly size: number;
  readonly inner: number;
  /** count × inner: rows of the values. */
  readonly values: Int32Array;
  /** For each group, where its weights start: those of result `index` are at + index × inner. */
  readonly weightStarts: Int32Array;
  readonly weights: Float64Array;
  /** For each group its first result, and the distance of the others. */
  readonly from: Int32Array;
  readonly stride: number;
}

export function matmulStep(
  node: ModelNodeOf<'matmul'>,
  tensors: Tensors,
  own: Int32Array,
): (assembly: Assembly) => Step {
  const groups = groupsOf(node, tensors);
  return groups === undefined ? productStep(node, tensors, own) : (assembly) => constantStep(groups, own, assembly);
}

/** The groups of a product with one constant factor; the order of two factors does not change a product. */
function groupsOf(node: ModelNodeOf<'matmul'>, tensors: Tensors): Groups | undefined {
  const [left, right] = [tensors.constantOf(node.left), tensors.constantOf(node.right)];
  const plan = planMatmul(tensors.shapeOf(node.left), tensors.shapeOf(node.right));
  const { rows, columns, inner, leftOffsets, rightOffsets } = plan;
  const batches = leftOffsets.length;
  if (right !== undefined) {
    const values = tensors.rowsOf(node.left);
    // Weights of one matrix, a column after the other: columns of the matrix are results.
    const weights = new Float64Array(right.length);
    for (let start = 0; start < right.length; start += inner * columns) {
      for (let column = 0; column < columns; column++) {
        for (let k = 0; k < inner; k++) {
          weights[start + column * inner + k] = at(right, start + k * columns + column);
        }
      }
    }
    const batchOf = (group: number): number => Math.floor(group / rows);
    return {
      count: batches * rows,
      size: columns,
      inner,
      values: Int32Array.from({ length: batches * rows * inner }, (_, index) => {
        const group = Math.floor(index / inner);
        return at(values, at(leftOffsets, batchOf(group)) + (group % rows) * inner + (index % inner));
      }),
      weightStarts: Int32Array.from({ length: batches * rows }, (_, group) => at(rightOffsets, batchOf(group))),
      weights,
      from: Int32Array.from({ length: batches * rows }, (_, group) => group * columns),
      stride: 1,
    };
  }
  if (left === undefined) return undefined;
  const values = tensors.rowsOf(node.right);
  const batchOf = (group: number): number => Math.floor(group / columns);
  return {
    count: batches * columns,
    size: rows,
    inner,
    values: Int32Array.from({ length: batches * columns * inner }, (_, index) => {
      const group = Math.floor(index / inner);
      return at(values, at(rightOffsets, batchOf(group)) + (index % inner) * columns + (group % columns));
    }),
    weightStarts: Int32Array.from({ length: batches * columns }, (_, group) => at(leftOffsets, batchOf(group))),
    weights: left,
    from: Int32Array.from(
      { length: batches * columns },
      (_, group) => batchOf(group) * rows * columns + (group % columns),
    ),
    stride: columns,
  };
}

/** Bytes that hold the three numbers of a group in its table. */
const GROUP = 12;

function constantStep(groups: Groups, own: Int32Array, assembly: Assembly): Step {
  const { count, size, inner, stride } = groups;
  const values = assembly.table(assembly.addresses(groups.values));
  const weights = assembly.table(groups.weights);
  const results = assembly.addresses(own);
  const table = assembly.table(
    Int32Array.from({ length: 3 * count }, (_, index) => {
      const group = Math.floor(index / 3);
      if (index % 3 === 0) return values + 4 * group * inner;
      return index % 3 === 1 ? weights + 8 * at(groups.weightStarts, group) : at(results, at(groups.from, group));
    }),
  );
  // The rows of a node's own results follow each other.
  const distance = stride * 8 * assembly.block;
  return assembly.step((locals, bytes) => {
    const [group, tile] = [locals.integer(), locals.integer()];
    const pointers = { value: locals.integer(), weight: locals.integer(), result: locals.integer() };
    const writer = new TileWriter(locals, bytes, pointers, inner, distance);
    const full = Math.floor(size / TILE);
    return loop(group, integer.constant(table), GROUP, integer.constant(table + GROUP * count), [
      ...set(pointers.value, integer.load(get(group))),
      ...set(pointers.weight, integer.load(get(group), 4)),
      ...set(pointers.result, integer.load(get(group), 8)),
      ...(full > 0 ? loop(tile, integer.constant(0), 1, integer.constant(full), writer.tile(TILE)) : []),
      ...(size % TILE > 0 ? writer.tile(size % TILE) : []),
    ]);
  });
}

interface Pointers {
  /** Of the list of value rows, the first weight, and the first result. */
  readonly value: Local;
  readonly weight: Local;
  readonly result: Local;
}

/** Sums for four events at once, each in the order of its terms. */
class TileWriter {
  private readonly event: Local;
  private readonly next: Local;
  private readonly end: Local;
  private readonly weight: Local;
  private readonly row: Local;
  private readonly values: readonly Local[];
  private readonly factor: Local;
  private readonly sums: readonly Local[];

  public constructor(
    locals: Locals,
    private readonly bytes: Code,
    private readonly pointers: Pointers,
    private readonly inner: number,
    private readonly distance: number,
  ) {
    this.event = locals.integer();
    this.next = locals.integer();
    this.end = locals.integer();
    this.weight = locals.integer();
    this.row = locals.integer();
    this.values = [locals.doubles(), locals.doubles()];
    this.factor = locals.doubles();
    this.sums = Array.from({ length: 2 * TILE }, () => locals.doubles());
  }

  /** The next results; the pointers move on to those after them. */
  public tile(results: number): Code {
    const { pointers, inner, distance } = this;
    const sum = (result: number, pair: number): Local => at(this.sums, 2 * result + pair);
    const all = Array.from({ length: results }, (_, result) => result);
    const term = [
      ...set(this.row, integer.add(integer.load(get(this.next)), get(this.event))),
      ...this.values.flatMap((local, pair) => set(local, doubles.load(get(this.row), 16 * pair))),
      ...all.flatMap((result) => [
        ...set(this.factor, doubles.loadSplat(get(this.weight), 8 * result * inner)),
        ...this.values.flatMap((local, pair) =>
          set(sum(result, pair), doubles.add(get(sum(result, pair)), doubles.multiply(get(local), get(this.factor)))),
        ),
      ]),
      ...set(this.weight, integer.add(get(this.weight), integer.constant(8))),
    ];
    return [
      ...set(this.end, integer.add(get(pointers.value), integer.constant(4 * inner))),
      ...loop(this.event, integer.constant(0), EVENT_BYTES, this.bytes, [
        ...all.flatMap((result) => [0, 1].flatMap((pair) => set(sum(result, pair), doubles.constant(0)))),
        ...set(this.weight, get(pointers.weight)),
        ...loop(this.next, get(pointers.value), 4, get(this.end), term),
        ...set(this.row, integer.add(get(pointers.result), get(this.event))),
        ...all.flatMap((result) =>
          [0, 1].flatMap((pair) => doubles.store(get(this.row), get(sum(result, pair)), result * distance + 16 * pair)),
        ),
      ]),
      ...set(pointers.weight, integer.add(get(pointers.weight), integer.constant(8 * results * inner))),
      ...set(pointers.result, integer.add(get(pointers.result), integer.constant(results * distance))),
    ];
  }
}

/** A product of two tensors that both depend on the event. */
function productStep(node: ModelNodeOf<'matmul'>, tensors: Tensors, own: Int32Array): (assembly: Assembly) => Step {
  const { rows, columns, inner, leftOffsets, rightOffsets } = planMatmul(
    tensors.shapeOf(node.left),
    tensors.shapeOf(node.right),
  );
  const [left, right] = [tensors.rowsOf(node.left), tensors.rowsOf(node.right)];
  const batches = leftOffsets.length;
  // The operands of a sum one after the other: rows of the left matrices, columns of the right ones.
  const leftLists = Int32Array.from({ length: batches * rows * inner }, (_, index) => {
    const batch = Math.floor(index / (rows * inner));
    return at(left, at(leftOffsets, batch) + (index % (rows * inner)));
  });
  const rightLists = Int32Array.from({ length: batches * columns * inner }, (_, index) => {
    const list = Math.floor(index / inner);
    const [batch, column] = [Math.floor(list / columns), list % columns];
    return at(right, at(rightOffsets, batch) + (index % inner) * columns + column);
  });
  return (assembly) =>
    assembly.step((locals, bytes) => {
      const [l, r, end, sum] = [locals.integer(), locals.integer(), locals.integer(), locals.doubles()];
      const [leftTable, rightTable] = [leftLists, rightLists].map((rowsOf) =>
        assembly.table(assembly.addresses(rowsOf)),
      );
      const listOf = (table: number | undefined, list: (index: number) => number): number =>
        assembly.table(Int32Array.from(own, (_, index) => (table ?? 0) + 4 * inner * list(index)));
      const leftStarts = listOf(leftTable, (index) => Math.floor(index / columns));
      const rightStarts = listOf(
        rightTable,
        (index) => Math.floor(index / (rows * columns)) * columns + (index % columns),
      );
      return forElements(assembly, locals, bytes, [own], ({ store, loadAt, integerOf }) => [
        ...set(sum, doubles.constant(0)),
        ...set(r, integerOf(rightStarts)),
        ...set(end, integer.add(integerOf(leftStarts), integer.constant(4 * inner))),
        ...loop(l, integerOf(leftStarts), 4, get(end), [
          ...set(
            sum,
            doubles.add(get(sum), doubles.multiply(loadAt(integer.load(get(l))), loadAt(integer.load(get(r))))),
          ),
          ...set(r, integer.add(get(r), integer.constant(4))),
        ]),
        ...store(0, get(sum)),
      ]);
    });
}
