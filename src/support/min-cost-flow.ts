import { at, invariant } from './invariant.js';

/** Work that may still be spent, counted in arcs looked at, so that a limit means the same on every machine. */
export interface WorkLimit {
  remaining: number;
}

/**
 * Minimise Σ cost(i) · x(i) over whole numbers x subject to differences x(head) - x(tail) ≥ bound, where the costs add up
 * to 0 (only differences of x count).
 *
 * The linear programming dual is a minimum-cost flow: every constraint is an arc of unlimited capacity, variable i
 * supplies -cost(i), and x are the potentials (Ahuja, Magnanti and Orlin, "Network Flows", 1993, section 9.4 and
 * exercise 9.9). It is solved from the potentials that the caller has, by the primal-dual method: shortest residual
 * paths to the deficits by slack, potentials raised by them, a blocking flow on the arcs without slack. Potentials and
 * flow are then both optimal, which `isOptimal` checks on its own. Constraints may be added later, and solving goes on
 * from the flow that is there.
 */
export class DifferenceProgram {
  /** Arcs: those into one variable stand together once they are sorted, which searches read as one stretch. */
  private tails = new Int32Array(64);
  private heads = new Int32Array(64);
  private bounds = new Int32Array(64);
  private flow = new Int32Array(64);
  private arcs = 0;
  /** Where the arcs into a variable start, and the arcs out of it: leaving[leavingFirst[i]] … */
  private enteringFirst = new Int32Array(1);
  private leavingFirst = new Int32Array(1);
  private leaving = new Int32Array(0);
  private sorted = -1;
  /** What each variable still supplies: positive for an excess. */
  private readonly excess: Float64Array;

  public constructor(private readonly cost: Float64Array) {
    this.excess = cost.map((value) => -value);
    const supply = this.excess.reduce((sum, value) => sum + Math.max(0, value), 0);
    invariant(supply < 2 ** 31, 'flow beyond 31 bits');
  }

  public get constraints(): number {
    return this.arcs;
  }

  /** x(head) - x(tail) ≥ bound. */
  public add(tail: number, head: number, bound: number): void {
    if (this.arcs === this.tails.length) {
      this.tails = doubled(this.tails);
      this.heads = doubled(this.heads);
      this.bounds = doubled(this.bounds);
      this.flow = doubled(this.flow);
    }
    this.tails[this.arcs] = tail;
    this.heads[this.arcs] = head;
    this.bounds[this.arcs] = bound;
    this.arcs++;
  }

  /**
   * Bring `x`, which keeps all constraints, to an optimum. False when the work limit ends it; `x` keeps all constraints
   * then as well.
   */
  public minimise(x: Int32Array, work: WorkLimit): boolean {
    this.sort();
    this.dropSlackFlow(x);
    const search = new Search(x.length);
    for (;;) {
      work.remaining -= this.arcs + x.length;
      if (work.remaining < 0) return false;
      if (!this.raise(x, search)) return true;
      work.remaining -= this.block(x, search);
    }
  }

  /** Complementary slackness: `x` keeps the constraints, the flow meets every cost, and no flow is on slack. */
  public isOptimal(x: Int32Array): boolean {
    const net = Float64Array.from(this.cost);
    for (let arc = 0; arc < this.arcs; arc++) {
      const slack = this.slack(arc, x);
      const flow = at(this.flow, arc);
      if (slack < 0 || flow < 0 || (flow > 0 && slack > 0)) return false;
      net[at(this.tails, arc)] = at(net, at(this.tails, arc)) + flow;
      net[at(this.heads, arc)] = at(net, at(this.heads, arc)) - flow;
    }
    return net.every((value) => value === 0);
  }

  private slack(arc: number, x: Int32Array): number {
    return (x[this.heads[arc] ?? 0] ?? 0) - (x[this.tails[arc] ?? 0] ?? 0) - (this.bounds[arc] ?? 0);
  }

  private sort(): void {
    if (this.sorted === this.arcs) return;
    const { arcs, cost } = this;
    const [enteringFirst, byHead] = countingSort(this.heads, arcs, cost.length);
    const permuted = (list: Int32Array): Int32Array<ArrayBuffer> => {
      const result = new Int32Array(list.length);
      for (let arc = 0; arc < arcs; arc++) result[arc] = list[byHead[arc] ?? 0] ?? 0;
      return result;
    };
    this.tails = permuted(this.tails);
    this.heads = permuted(this.heads);
    this.bounds = permuted(this.bounds);
    this.flow = permuted(this.flow);
    this.enteringFirst = enteringFirst;
    [this.leavingFirst, this.leaving] = countingSort(this.tails, arcs, cost.length);
    this.sorted = arcs;
  }

  /** Flow stays on arcs without slack; what is taken from the others has to find another way. */
  private dropSlackFlow(x: Int32Array): void {
    for (let arc = 0; arc < this.arcs; arc++) {
      const slack = this.slack(arc, x);
      invariant(slack >= 0, `constraint ${arc} is not kept at the start`);
      const flow = this.flow[arc] ?? 0;
      if (flow === 0 || slack === 0) continue;
      const [tail, head] = [this.tails[arc] ?? 0, this.heads[arc] ?? 0];
      this.flow[arc] = 0;
      this.excess[tail] = (this.excess[tail] ?? 0) + flow;
      this.excess[head] = (this.excess[head] ?? 0) - flow;
    }
  }

  /**
   * Shortest distance from every variable to a deficit by slack (Dial's buckets), and every variable raised by it, so that
   * shortest paths lose their slack. False when there is no excess left.
   */
  private raise(x: Int32Array, search: Search): boolean {
    const { excess, enteringFirst, leavingFirst, leaving, tails, heads, bounds, flow } = this;
    const { distance, order, sequence } = search;
    distance.fill(FAR);
    order.fill(FAR);
    search.settled = 0;
    let waiting = 0;
    const buckets: number[][] = [[]];
    for (let node = 0; node < x.length; node++) {
      const own = excess[node] ?? 0;
      if (own > 0) waiting++;
      else if (own < 0) {
        distance[node] = 0;
        buckets[0]?.push(node);
      }
    }
    if (waiting === 0) return false;
    let reached = 0;
    for (let length = 0; length < buckets.length && waiting > 0; length++) {
      reached = length;
      // The bucket grows while it is read.
      for (const node of buckets[length] ?? []) {
        if (distance[node] !== length) continue;
        order[node] = search.settled;
        sequence[search.settled++] = node;
        if ((excess[node] ?? 0) > 0) waiting--;
        const height = length + (x[node] ?? 0);
        const enteringEnd = enteringFirst[node + 1] ?? 0;
        for (let arc = enteringFirst[node] ?? 0; arc < enteringEnd; arc++) {
          const other = tails[arc] ?? 0;
          const known = distance[other] ?? 0;
          if (known <= length) continue;
          const far = height - (x[other] ?? 0) - (bounds[arc] ?? 0);
          if (known <= far) continue;
          distance[other] = far;
          while (buckets.length <= far) buckets.push([]);
          buckets[far]?.push(other);
        }
        const leavingEnd = leavingFirst[node + 1] ?? 0;
        for (let index = leavingFirst[node] ?? 0; index < leavingEnd; index++) {
          const arc = leaving[index] ?? 0;
          if ((flow[arc] ?? 0) === 0) continue;
          const other = heads[arc] ?? 0;
          if ((distance[other] ?? 0) <= length) continue;
          distance[other] = length;
          buckets[length]?.push(other);
        }
      }
    }
    invariant(waiting === 0, 'the objective has no lower bound');
    // What was not settled is at least as far as the last that was.
    for (let node = 0; node < x.length; node++) x[node] = (x[node] ?? 0) + Math.min(distance[node] ?? 0, reached);
    return true;
  }

  /**
   * Blocking flow from the excesses to the deficits, on arcs without slack that lead to variables settled earlier.
   * Returns the number of arcs looked at.
   */
  private block(x: Int32Array, search: Search): number {
    const { excess, enteringFirst, leavingFirst, leaving, tails, heads, bounds, flow } = this;
    const { order, current, path, arcOf } = search;
    current.fill(0);
    let steps = 0;
    for (let index = 0; index < search.settled; index++) {
      const source = search.sequence[index] ?? 0;
      let depth = 0;
      path[0] = source;
      while ((excess[source] ?? 0) > 0) {
        const node = path[depth] ?? 0;
        if ((excess[node] ?? 0) < 0) {
          depth = this.augment(search, depth);
          continue;
        }
        const rank = order[node] ?? 0;
        const height = x[node] ?? 0;
        const leavingBegin = leavingFirst[node] ?? 0;
        const leavingCount = (leavingFirst[node + 1] ?? 0) - leavingBegin;
        const enteringBegin = (enteringFirst[node] ?? 0) - leavingCount;
        const count = (enteringFirst[node + 1] ?? 0) - enteringBegin;
        let place = current[node] ?? 0;
        let next = -1;
        for (; next < 0 && place < count; place++) {
          steps++;
          if (place < leavingCount) {
            const arc = leaving[leavingBegin + place] ?? 0;
            const other = heads[arc] ?? 0;
            if ((order[other] ?? 0) >= rank || (x[other] ?? 0) - height !== bounds[arc]) continue;
            arcOf[depth] = 2 * arc;
            next = other;
          } else {
            const arc = enteringBegin + place;
            if ((flow[arc] ?? 0) === 0 || (order[tails[arc] ?? 0] ?? 0) >= rank) continue;
            arcOf[depth] = 2 * arc + 1;
            next = tails[arc] ?? 0;
          }
          // The arc is tried again until it leads nowhere.
          place--;
        }
        current[node] = place;
        if (next >= 0) path[++depth] = next;
        else if (depth === 0) break;
        else {
          depth--;
          const before = path[depth] ?? 0;
          current[before] = (current[before] ?? 0) + 1;
        }
      }
    }
    return steps;
  }

  /** Send what fits along the path; returns the depth to go on from. */
  private augment({ path, arcOf }: Search, depth: number): number {
    const { excess, flow } = this;
    const [source, sink] = [path[0] ?? 0, path[depth] ?? 0];
    let amount = Math.min(excess[source] ?? 0, -(excess[sink] ?? 0));
    for (let step = 0; step < depth; step++) {
      const entry = arcOf[step] ?? 0;
      if ((entry & 1) === 1) amount = Math.min(amount, flow[entry >> 1] ?? 0);
    }
    let resume = depth;
    for (let step = depth - 1; step >= 0; step--) {
      const entry = arcOf[step] ?? 0;
      const arc = entry >> 1;
      flow[arc] = (flow[arc] ?? 0) + ((entry & 1) === 0 ? amount : -amount);
      if ((entry & 1) === 1 && (flow[arc] ?? 0) === 0) resume = step;
    }
    excess[source] = (excess[source] ?? 0) - amount;
    excess[sink] = (excess[sink] ?? 0) + amount;
    return resume;
  }
}

const FAR = 0x7fffffff;

function doubled(list: Int32Array): Int32Array<ArrayBuffer> {
  const result = new Int32Array(2 * list.length);
  result.set(list);
  return result;
}

/** Indices 0 … count - 1 in the order of their keys, and where each key starts. */
function countingSort(
  keys: Int32Array,
  count: number,
  bound: number,
): [first: Int32Array<ArrayBuffer>, sorted: Int32Array<ArrayBuffer>] {
  const first = new Int32Array(bound + 1);
  for (let index = 0; index < count; index++) {
    const slot = (keys[index] ?? 0) + 1;
    first[slot] = (first[slot] ?? 0) + 1;
  }
  for (let key = 0; key < bound; key++) first[key + 1] = (first[key + 1] ?? 0) + (first[key] ?? 0);
  const next = first.slice();
  const sorted = new Int32Array(count);
  for (let index = 0; index < count; index++) {
    const key = keys[index] ?? 0;
    const slot = next[key] ?? 0;
    sorted[slot] = index;
    next[key] = slot + 1;
  }
  return [first, sorted];
}

/** Arrays of one search, by variable. */
class Search {
  public readonly distance: Int32Array;
  /** Rank in which a variable was settled, FAR for none, and the variables in that sequence. */
  public readonly order: Int32Array;
  public readonly sequence: Int32Array;
  public settled = 0;
  public readonly current: Int32Array;
  public readonly path: Int32Array;
  public readonly arcOf: Int32Array;

  public constructor(size: number) {
    this.distance = new Int32Array(size);
    this.order = new Int32Array(size);
    this.sequence = new Int32Array(size);
    this.current = new Int32Array(size);
    this.path = new Int32Array(size + 1);
    this.arcOf = new Int32Array(size + 1);
  }
}
