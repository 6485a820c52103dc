import { at } from '../../../../support/invariant.js';
import { digitCount } from './resynthesis.js';

/** Which result each one is made from: results in an order in which parents come first. */
export interface SpanningTree {
  readonly order: readonly number[];
  /** -1 for a result made from the inputs alone. */
  readonly parents: Int32Array;
  /** 1 where the parent is subtracted. */
  readonly signs: Uint8Array;
  /** Results below each one, on the longest way. */
  readonly heights: Int32Array;
  /** Signed digits of all differences, and one for each parent. */
  readonly digits: number;
}

/** Beyond this many compared coefficients the tree costs more time than it is worth. */
const LARGEST = 40_000_000;

/**
 * A spanning tree over the columns of a matrix and zero, by the signed digits in which two columns differ or with which
 * they cancel (Prim's algorithm, no column further than `levels` from zero). The idea of making one result from
 * another is that of Gustafsson, "Lower bounds for constant multiplication problems", 2007, and of the decomposition in
 * da4ml (Sun, Que, Loncar, Luk and Spiropulu, 2025). Undefined where no difference pays.
 */
export function spanningTree(columns: readonly (Int32Array | undefined)[], levels: number): SpanningTree | undefined {
  const known: Int32Array[] = [];
  for (const column of columns) {
    if (column === undefined) return undefined;
    known.push(column);
  }
  const inputs = known[0]?.length ?? 0;
  if (levels < 1 || known.length < 2 || known.length * known.length * inputs > LARGEST) return undefined;
  const count = known.length;
  const parents = new Int32Array(count).fill(-1);
  const signs = new Uint8Array(count);
  const depth = new Int32Array(count);
  const best = Float64Array.from(known, (column) => column.reduce((sum, entry) => sum + digitCount(entry), 0));
  const done = new Uint8Array(count);
  const order: number[] = [];
  let differences = 0;
  let digits = 0;
  for (let step = 0; step < count; step++) {
    let next = -1;
    for (let index = 0; index < count; index++) {
      if (done[index] === 0 && (next < 0 || (best[index] ?? 0) < (best[next] ?? 0))) next = index;
    }
    done[next] = 1;
    order.push(next);
    digits += best[next] ?? 0;
    const parent = parents[next] ?? -1;
    depth[next] = parent < 0 ? 0 : (depth[parent] ?? 0) + 1;
    if (parent >= 0) differences++;
    if ((depth[next] ?? 0) >= levels) continue;
    const own = at(known, next);
    for (let index = 0; index < count; index++) {
      if (done[index] === 1) continue;
      const theirs = at(known, index);
      let [minus, plus] = [1, 1];
      for (let input = 0; input < inputs; input++) {
        minus += digitCount((theirs[input] ?? 0) - (own[input] ?? 0));
        plus += digitCount((theirs[input] ?? 0) + (own[input] ?? 0));
      }
      const least = Math.min(minus, plus);
      if (least >= (best[index] ?? 0)) continue;
      best[index] = least;
      parents[index] = next;
      signs[index] = minus <= plus ? 0 : 1;
    }
  }
  if (differences === 0) return undefined;
  const heights = new Int32Array(count);
  for (let place = count - 1; place >= 0; place--) {
    const index = at(order, place);
    const parent = parents[index] ?? -1;
    if (parent >= 0) heights[parent] = Math.max(heights[parent] ?? 0, (heights[index] ?? 0) + 1);
  }
  return { order, parents, signs, heights, digits };
}
