import { at } from '../../../support/invariant.js';
import type { ModelNodeOf } from '../../../model/kinds.js';
import { planMatmul } from '../../../model/shapes.js';
import type { Step } from './step.js';
import { generated, scaled } from './step.js';
import type { Tensors } from './tensors.js';

/** Results that are computed side by side, times four events: the most that fits the registers. */
const TILE = 2;

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

export function matmulStep(node: ModelNodeOf<'matmul'>, tensors: Tensors, own: Int32Array): (block: number) => Step {
  const groups = groupsOf(node, tensors);
  return groups === undefined ? productStep(node, tensors, own) : (block) => constantStep(groups, own, block);
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

function constantStep(groups: Groups, own: Int32Array, block: number): Step {
  const { count, size, inner, stride } = groups;
  const body = [
    `for (let g = 0; g < ${count}; g++) {`,
    `const a = g * ${inner}, w = S[g], y = Y[g];`,
    `let c = 0;`,
    `for (; c + ${TILE} <= ${size}; c += ${TILE}) {`,
    tileText(TILE, inner, stride * block),
    '}',
    `for (; c < ${size}; c++) {`,
    tileText(1, inner, stride * block),
    '}}',
  ].join('\n');
  // The rows of a node's own results follow each other.
  const first = own[0] ?? 0;
  return generated(
    ['A', 'S', 'W', 'Y'],
    [
      scaled(groups.values, block),
      groups.weightStarts,
      groups.weights,
      groups.from.map((element) => (first + element) * block),
    ],
    body,
  );
}

/** `results` sums for four events at once, each in the order of its terms. */
function tileText(results: number, inner: number, distance: number): string {
  const events = [0, 1, 2, 3];
  const tile = Array.from({ length: results }, (_, result) => result);
  const each = (text: (result: number, event: number) => string): string =>
    tile.flatMap((result) => events.map((event) => text(result, event))).join(' ');
  return [
    `const ${tile.map((r) => `w${r} = w + (c + ${r}) * ${inner}, y${r} = y + (c + ${r}) * ${distance}`).join(', ')};`,
    'for (let e = 0; e < count; e += 4) {',
    each((r, e) => `let s${r}${e} = 0;`),
    `for (let k = 0; k < ${inner}; k++) {`,
    `const x = A[a + k] + e, ${events.map((e) => `x${e} = M[x + ${e}]`).join(', ')};`,
    `const ${tile.map((r) => `u${r} = W[w${r} + k]`).join(', ')};`,
    each((r, e) => `s${r}${e} += x${e} * u${r};`),
    '}',
    each((r, e) => `M[y${r} + e + ${e}] = s${r}${e};`),
    '}',
  ].join('\n');
}

/** A product of two tensors that both depend on the event. */
function productStep(node: ModelNodeOf<'matmul'>, tensors: Tensors, own: Int32Array): (block: number) => Step {
  const { rows, columns, inner, leftOffsets, rightOffsets } = planMatmul(
    tensors.shapeOf(node.left),
    tensors.shapeOf(node.right),
  );
  const [left, right] = [tensors.rowsOf(node.left), tensors.rowsOf(node.right)];
  const body = [
    'let y = Y;',
    `for (let b = 0; b < ${leftOffsets.length}; b++)`,
    `for (let r = 0; r < ${rows}; r++)`,
    `for (let c = 0; c < ${columns}; c++, y += B) {`,
    `const l0 = O[b] + r * ${inner}, r0 = P[b] + c;`,
    'M.fill(0, y, y + count);',
    `for (let k = 0; k < ${inner}; k++) {`,
    `const l = L[l0 + k], t = R[r0 + k * ${columns}];`,
    'for (let e = 0; e < count; e++) M[y + e] += M[l + e] * M[t + e];',
    '}}',
  ].join('\n');
  return (block) =>
    generated(
      ['Y', 'B', 'O', 'P', 'L', 'R'],
      [(own[0] ?? 0) * block, block, leftOffsets, rightOffsets, scaled(left, block), scaled(right, block)],
      body,
    );
}
