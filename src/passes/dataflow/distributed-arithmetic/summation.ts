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

class Weighing {
  private readonly active: Summand[];
  /** cost[i][j], j < i: how high the sum of two active summands reaches */
  private readonly cost: number[][] = [];
  private load = 0;

  public constructor(
    private readonly terms: Terms,
    summands: readonly Summand[],
    private readonly limit: number,
  ) {
    this.active = [...summands];
    this.active.forEach((summand, index) => {
      this.cost.push(this.row(summand, index));
      this.load += this.weight(summand);
    });
  }

  public run(): Summand | undefined {
    while (this.active.length > 1) {
      const [first, second] = this.choose();
      const combined = this.terms.combine(at(this.active, second), at(this.active, first));
      this.load += this.weight(combined) - this.weight(at(this.active, first)) - this.weight(at(this.active, second));
      this.remove(first);
      this.replace(second, combined);
    }
    return this.active[0];
  }

  /** Share of the depth limit that a summand takes. */
  private weight(summand: Summand): number {
    return 2 ** (at(this.terms.depth, summand.value) - this.limit);
  }

  /** The cheapest pair that leaves a tree within the limit; the shallowest pair when none does. */
  private choose(): readonly [number, number] {
    let best: readonly [number, number] = [1, 0];
    let [bestCost, bestDepth] = [Infinity, Infinity];
    let fits = false;
    for (let i = 1; i < this.active.length; i++) {
      const left = at(this.active, i);
      const row = at(this.cost, i);
      const leftDepth = at(this.terms.depth, left.value);
      for (let j = 0; j < i; j++) {
        const right = at(this.active, j);
        const rightDepth = at(this.terms.depth, right.value);
        const depth = Math.max(leftDepth, rightDepth) + 1;
        const load =
          this.load + 2 ** (depth - this.limit) - 2 ** (leftDepth - this.limit) - 2 ** (rightDepth - this.limit);
        const fitting = load <= 1;
        if (fits && !fitting) continue;
        const cost = at(row, j);
        const better = fitting
          ? !fits || cost < bestCost || (cost === bestCost && depth < bestDepth)
          : depth < bestDepth || (depth === bestDepth && cost < bestCost);
        if (!better) continue;
        best = [i, j];
        [bestCost, bestDepth, fits] = [cost, depth, fitting];
      }
    }
    return best;
  }

  private row(summand: Summand, count: number): number[] {
    const row: number[] = [];
    for (let other = 0; other < count; other++) row.push(this.terms.reachOf(summand, at(this.active, other)));
    return row;
  }

  private remove(index: number): void {
    this.active.splice(index, 1);
    this.cost.splice(index, 1);
    for (let other = index; other < this.cost.length; other++) at(this.cost, other).splice(index, 1);
  }

  private replace(index: number, summand: Summand): void {
    this.active[index] = summand;
    this.cost[index] = this.row(summand, index);
    for (let other = index + 1; other < this.active.length; other++) {
      at(this.cost, other)[index] = this.terms.reachOf(at(this.active, other), summand);
    }
  }
}
