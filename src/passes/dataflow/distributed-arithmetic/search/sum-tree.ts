import { reach } from './adder-width.js';
import { shiftOf, signOf, valueOf } from './packed-term.js';
import type { ValueTable } from './value-table.js';

/** Most summands weighed pair by pair when a plan is final, and while searching. */
const WEIGHED = 96;
const FEW = 8;

/**
 * Plans the tree of two-operand additions for a list of summands and gives its cost. Any two summands may be added as
 * long as Σ 2^depth stays within 2^limit, which is when a tree of that depth still exists (Kraft's inequality). Among
 * those the pair whose sum reaches least high goes first: what reaches high is added late, when the sum is wide
 * anyway, and costs only its own bits then.
 */
export class SumTree {
  private readonly low = new Float64Array(4096);
  private readonly high = new Float64Array(4096);
  private readonly zeros = new Int32Array(4096);
  private readonly depths = new Int32Array(4096);
  /** 1 where every summand below is subtracted: the sum is then made with its sign outside. */
  private readonly negative = new Uint8Array(4096);
  private readonly active = new Int32Array(4096);
  private placeIsConstant = -1;
  private readonly tops = new Float64Array(4096);
  /** 2^(depth - limit) by place: what a summand takes of the depth. */
  private readonly parts = new Float64Array(4096);
  private readonly reaches = new Float64Array(WEIGHED * WEIGHED);
  /** Places added in each step of the last plan, in pairs; the sum takes the first place. */
  public readonly merges: number[] = [];
  /** Pairs weighed so far. */
  public work = 0;
  /** Depth of the last plan. */
  public depth = 0;

  public constructor(private readonly values: ValueTable) {}

  /** LUTs of the additions, plus `adderWeight` for each; a list that is subtracted as a whole pays its negation. */
  public cost(list: readonly number[], limit: number, adderWeight: number, exact = false): number {
    this.merges.length = 0;
    this.placeIsConstant = -1;
    const { values } = this;
    let load = 0;
    let count = 0;
    let constants = -1;
    for (let index = 0; index < list.length; index++) {
      const term = list[index] ?? 0;
      const value = valueOf(term);
      const scale = 2 ** shiftOf(term);
      const low = (values.low[value] ?? 0) * scale;
      const high = (values.high[value] ?? 0) * scale;
      const negative = signOf(term);
      if (value >= values.firstConstant && value < values.endOfInputs) {
        const constant = negative === 1 ? -low : low;
        if (constants >= 0) {
          // All constants of a sum are one.
          this.fold(constants, constant);
          continue;
        }
        constants = index;
        this.fold(index, constant);
      } else {
        this.low[index] = negative === 1 ? -high : low;
        this.high[index] = negative === 1 ? -low : high;
        this.zeros[index] = (values.zeros[value] ?? 0) + shiftOf(term);
        this.negative[index] = negative;
      }
      const depth = values.depth[value] ?? 0;
      this.depths[index] = depth;
      this.active[count++] = index;
      load += 2 ** (depth - limit);
    }
    if (constants >= 0 && this.low[constants] === 0) {
      // They cancelled.
      load -= 2 ** -limit;
      this.active.copyWithin(this.active.indexOf(constants), this.active.indexOf(constants) + 1, count);
      count--;
    }
    if (count === 0) {
      this.depth = 0;
      return 0;
    }
    let total = this.plan(count, load, limit, adderWeight, exact);
    const last = this.active[0] ?? 0;
    this.depth = this.depths[last] ?? 0;
    if (this.negative[last] === 1) {
      const zeros = this.zeros[last] ?? 0;
      total += adderWeight + reach(this.low[last] ?? 0, this.high[last] ?? 0, zeros) - zeros;
    }
    return total;
  }

  private plan(count: number, load: number, limit: number, adderWeight: number, exact: boolean): number {
    if (count === 1) return 0;
    if (count === 2) return this.add(0, 1, adderWeight);
    return count <= (exact ? WEIGHED : FEW)
      ? this.weighed(count, load, limit, adderWeight)
      : this.ordered(count, load, limit, adderWeight);
  }

  /** Add a constant to the one at a place. */
  private fold(place: number, constant: number): void {
    const sum = constant + (this.placeIsConstant === place ? (this.low[place] ?? 0) : 0);
    this.placeIsConstant = place;
    this.low[place] = sum;
    this.high[place] = sum;
    this.zeros[place] = lowZeros(sum);
    // A constant has any sign that is wanted: it never makes a sum negative that was not.
    this.negative[place] = 0;
  }

  private weighed(count: number, initialLoad: number, limit: number, adderWeight: number): number {
    const { active, reaches, depths, parts } = this;
    let left = count;
    for (let i = 0; i < left; i++) parts[active[i] ?? 0] = 2 ** ((depths[active[i] ?? 0] ?? 0) - limit);
    let load = initialLoad;
    let total = 0;
    for (let i = 1; i < left; i++) {
      for (let j = 0; j < i; j++) reaches[i * WEIGHED + j] = this.reachOf(active[i] ?? 0, active[j] ?? 0);
    }
    this.work += (left * left) >> 1;
    while (left > 1) {
      let [first, second] = [1, 0];
      let [bestReach, bestDepth] = [Infinity, Infinity];
      let fits = false;
      for (let i = 1; i < left; i++) {
        const depthI = depths[active[i] ?? 0] ?? 0;
        const partI = parts[active[i] ?? 0] ?? 0;
        const row = i * WEIGHED;
        for (let j = 0; j < i; j++) {
          const pairReach = reaches[row + j] ?? 0;
          if (fits && pairReach > bestReach) continue;
          const depthJ = depths[active[j] ?? 0] ?? 0;
          const depth = (depthI > depthJ ? depthI : depthJ) + 1;
          const partJ = parts[active[j] ?? 0] ?? 0;
          const fitting = load + 2 * (partI > partJ ? partI : partJ) - partI - partJ <= 1;
          if (fits && !fitting) continue;
          const better = fitting
            ? !fits || pairReach < bestReach || depth < bestDepth
            : depth < bestDepth || (depth === bestDepth && pairReach < bestReach);
          if (!better) continue;
          first = i;
          second = j;
          bestReach = pairReach;
          bestDepth = depth;
          fits = fitting;
        }
      }
      const [partI, partJ] = [parts[active[first] ?? 0] ?? 0, parts[active[second] ?? 0] ?? 0];
      const part = 2 * Math.max(partI, partJ);
      load += part - partI - partJ;
      total += this.add(second, first, adderWeight);
      parts[active[second] ?? 0] = part;
      left--;
      // The last place moves to the free one, and the sum is weighed anew.
      if (first !== left) {
        active[first] = active[left] ?? 0;
        for (let j = 0; j < left; j++) {
          if (j === first) continue;
          const value = reaches[left * WEIGHED + j] ?? 0;
          reaches[first > j ? first * WEIGHED + j : j * WEIGHED + first] = value;
        }
      }
      for (let j = 0; j < left; j++) {
        if (j === second) continue;
        const value = this.reachOf(active[second] ?? 0, active[j] ?? 0);
        reaches[second > j ? second * WEIGHED + j : j * WEIGHED + second] = value;
      }
      this.work += (left * left) >> 1;
    }
    return total;
  }

  /** Add the summands at two positions of `active`; the sum takes the place of the first. */
  private add(position: number, other: number, adderWeight: number): number {
    const [i, j] = [this.active[position] ?? 0, this.active[other] ?? 0];
    const cost = this.reachOf(i, j) - Math.max(this.zeros[i] ?? 0, this.zeros[j] ?? 0);
    this.merges.push(i, j);
    this.low[i] = (this.low[i] ?? 0) + (this.low[j] ?? 0);
    this.high[i] = (this.high[i] ?? 0) + (this.high[j] ?? 0);
    this.zeros[i] = Math.min(this.zeros[i] ?? 0, this.zeros[j] ?? 0);
    this.depths[i] = Math.max(this.depths[i] ?? 0, this.depths[j] ?? 0) + 1;
    this.negative[i] = (this.negative[i] ?? 0) & (this.negative[j] ?? 0);
    return Math.max(cost, 0) + adderWeight;
  }

  private reachOf(i: number, j: number): number {
    const low = (this.low[i] ?? 0) + (this.low[j] ?? 0);
    const high = (this.high[i] ?? 0) + (this.high[j] ?? 0);
    const zeros = Math.min(this.zeros[i] ?? 0, this.zeros[j] ?? 0);
    return this.negative[i] === 1 && this.negative[j] === 1 ? reach(-high, -low, zeros) : reach(low, high, zeros);
  }

  /** As `weighed`, but only the two summands that reach least high are looked at, or the two shallowest. */
  private ordered(count: number, initialLoad: number, limit: number, adderWeight: number): number {
    const { active, depths, tops } = this;
    for (let index = 0; index < count; index++) {
      const place = active[index] ?? 0;
      tops[place] = this.topOf(place);
    }
    // Insertion sort, the highest first, so that the lowest two are at the end.
    for (let index = 1; index < count; index++) this.sink(index);
    this.work += count * 4;
    let left = count;
    let load = initialLoad;
    let total = 0;
    while (left > 1) {
      let [first, second] = [left - 2, left - 1];
      let depth = Math.max(depths[active[first] ?? 0] ?? 0, depths[active[second] ?? 0] ?? 0) + 1;
      let change = this.change(first, second, depth, limit);
      if (load + change > 1 && limit !== Infinity) {
        [first, second] = this.shallowest(left);
        depth = Math.max(depths[active[first] ?? 0] ?? 0, depths[active[second] ?? 0] ?? 0) + 1;
        change = this.change(first, second, depth, limit);
        this.work += left;
      }
      load += change;
      total += this.add(first, second, adderWeight);
      const sum = active[first] ?? 0;
      tops[sum] = this.topOf(sum);
      left--;
      for (let index = second; index < left; index++) active[index] = active[index + 1] ?? 0;
      for (let index = first; index < left - 1; index++) active[index] = active[index + 1] ?? 0;
      active[left - 1] = sum;
      this.sink(left - 1);
    }
    return total;
  }

  private change(first: number, second: number, depth: number, limit: number): number {
    const { active, depths } = this;
    if (limit === Infinity) return 0;
    return (
      2 ** (depth - limit) -
      2 ** ((depths[active[first] ?? 0] ?? 0) - limit) -
      2 ** ((depths[active[second] ?? 0] ?? 0) - limit)
    );
  }

  /** Positions of the two shallowest summands, the higher position second; of equals those that reach least high. */
  private shallowest(left: number): [number, number] {
    const { active, depths } = this;
    let [first, second] = [-1, -1];
    let [firstDepth, secondDepth] = [Infinity, Infinity];
    for (let index = left - 1; index >= 0; index--) {
      const depth = depths[active[index] ?? 0] ?? 0;
      if (depth < firstDepth) {
        [second, secondDepth] = [first, firstDepth];
        [first, firstDepth] = [index, depth];
      } else if (depth < secondDepth) [second, secondDepth] = [index, depth];
    }
    return first < second ? [first, second] : [second, first];
  }

  /** Move the summand at a position forward past all that reach less high. */
  private sink(position: number): void {
    const { active, tops } = this;
    const place = active[position] ?? 0;
    const top = tops[place] ?? 0;
    let hole = position;
    while (hole > 0 && (tops[active[hole - 1] ?? 0] ?? 0) < top) {
      active[hole] = active[hole - 1] ?? 0;
      hole--;
    }
    this.work += (position - hole) >> 2;
    active[hole] = place;
  }

  private topOf(place: number): number {
    return reach(this.low[place] ?? 0, this.high[place] ?? 0, this.zeros[place] ?? 0);
  }
}

/** Trailing zeros of an integer; 0 where a double does not hold it exactly. */
function lowZeros(value: number): number {
  let rest = Math.abs(value);
  if (rest === 0 || rest > Number.MAX_SAFE_INTEGER) return 0;
  let zeros = 0;
  while (rest % 2 === 0) {
    rest /= 2;
    zeros++;
  }
  return zeros;
}
