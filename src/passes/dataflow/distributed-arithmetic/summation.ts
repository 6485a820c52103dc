import { at } from '../../../support/invariant.js';
import type { Summand, Terms } from './terms.js';

/** Above this many summands they are first paired in order of depth; below it all pairs are weighed. */
const weighedPairs = 64;

/**
 * One value for the sum of the summands, in a tree no deeper than `depthLimit` where that can be: any two summands
 * may be combined as long as Σ 2^depth stays within 2^limit, which is when a tree of that depth still exists
 * (Kraft's inequality). Among those the pair whose sum reaches least high goes first: what reaches high is added late,
 * when the sum is wide anyway, and costs only its own bits then.
 */
export function sumTree(terms: Terms, summands: readonly Summand[], depthLimit: number): Summand | undefined {
  let rest = [...summands];
  while (rest.length > weighedPairs) rest = pairUp(terms, rest);
  const weigh = new Weighing(terms, rest, depthLimit);
  return weigh.run();
}

/** Smallest depth of a tree over leaves of the given depths. */
export function minimumDepth(depths: readonly number[]): number {
  const deepest = depths.reduce((a, b) => Math.max(a, b), 0);
  let load = 0;
  for (const depth of depths) load += 2 ** (depth - deepest);
  return deepest + Math.max(0, Math.ceil(Math.log2(load)));
}

/** Combine neighbours of the shallowest half, in order of depth and position of their lowest bit. */
function pairUp(terms: Terms, summands: readonly Summand[]): Summand[] {
  const lowest = (summand: Summand): number => at(terms.zeros, summand.value) + summand.shift;
  const sorted = [...summands].sort(
    (a, b) => at(terms.depth, a.value) - at(terms.depth, b.value) || lowest(a) - lowest(b) || a.value - b.value,
  );
  const half = Math.ceil(sorted.length / 2);
  const next = sorted.slice(half + (half % 2));
  for (let index = 0; index + 1 < half + (half % 2); index += 2) {
    next.push(terms.combine(at(sorted, index), at(sorted, index + 1)));
  }
  return next;
}

/** Typed arrays and places of their own: every step looks at all pairs. */
class Weighing {
  private readonly summands: Summand[];
  /** Places of the summands that are still to be added, in order. */
  private readonly active: number[];
  /** By place. */
  private readonly depth: Int32Array;
  /** cost[i × size + j]: how high the sum of the summands at places i and j reaches; symmetric */
  private readonly cost: Float64Array;
  private readonly size: number;
  /** Share of the depth limit that a summand of each depth takes. */
  private readonly weights: number[] = [];
  private load = 0;

  public constructor(
    private readonly terms: Terms,
    summands: readonly Summand[],
    private readonly limit: number,
  ) {
    this.summands = [...summands];
    this.size = summands.length;
    this.active = summands.map((_, place) => place);
    this.depth = Int32Array.from(summands, ({ value }) => at(terms.depth, value));
    this.cost = new Float64Array(this.size * this.size);
    for (let place = 0; place < this.size; place++) {
      this.weigh(place, place);
      this.load += this.weight(this.depth[place] ?? 0);
    }
  }

  public run(): Summand | undefined {
    while (this.active.length > 1) {
      const [first, second] = this.choose();
      const [from, to] = [at(this.active, first), at(this.active, second)];
      const combined = this.terms.combine(at(this.summands, to), at(this.summands, from));
      const depth = at(this.terms.depth, combined.value);
      this.load += this.weight(depth) - this.weight(this.depth[from] ?? 0) - this.weight(this.depth[to] ?? 0);
      this.active.splice(first, 1);
      this.summands[to] = combined;
      this.depth[to] = depth;
      this.weigh(to, this.size);
    }
    const [last] = this.active;
    return last === undefined ? undefined : this.summands[last];
  }

  private weight(depth: number): number {
    return (this.weights[depth] ??= 2 ** (depth - this.limit));
  }

  /** Positions of the cheapest pair that leaves a tree within the limit; of the shallowest pair when none does. */
  private choose(): readonly [number, number] {
    const { active, cost, size } = this;
    const count = active.length;
    const depths = new Int32Array(count);
    const weights = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      depths[i] = this.depth[at(active, i)] ?? 0;
      weights[i] = this.weight(depths[i] ?? 0);
    }
    let [bestFirst, bestSecond] = [1, 0];
    let [bestCost, bestDepth] = [Infinity, Infinity];
    let fits = false;
    for (let i = 1; i < count; i++) {
      const row = at(active, i) * size;
      const leftDepth = depths[i] ?? 0;
      const leftLoad = this.load - (weights[i] ?? 0);
      for (let j = 0; j < i; j++) {
        const pairCost = cost[row + (active[j] ?? 0)] ?? 0;
        // Most pairs are dearer than one that fits already.
        if (fits && pairCost > bestCost) continue;
        const depth = Math.max(leftDepth, depths[j] ?? 0) + 1;
        const fitting = leftLoad + this.weight(depth) - (weights[j] ?? 0) <= 1;
        if (fits && !fitting) continue;
        const better = fitting
          ? !fits || pairCost < bestCost || depth < bestDepth
          : depth < bestDepth || (depth === bestDepth && pairCost < bestCost);
        if (!better) continue;
        [bestFirst, bestSecond] = [i, j];
        [bestCost, bestDepth, fits] = [pairCost, depth, fitting];
      }
    }
    return [bestFirst, bestSecond];
  }

  /** Weigh the pairs of one place with all other places below `end`. */
  private weigh(place: number, end: number): void {
    const summand = at(this.summands, place);
    for (const other of this.active) {
      if (other >= end || other === place) continue;
      const reach = this.terms.reachOf(summand, at(this.summands, other));
      this.cost[place * this.size + other] = reach;
      this.cost[other * this.size + place] = reach;
    }
  }
}
