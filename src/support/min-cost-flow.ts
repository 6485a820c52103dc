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
  private tails = new Int32Array(64);
  private heads = new Int32Array(64);
  private bounds = new Int32Array(64);
  private flow = new Float64Array(64);
  private arcs = 0;
  /** What each variable still supplies: positive for an excess. */
  private readonly excess: Float64Array;
  /** Arcs of each variable: incident[first[i]] …, arc a as 2a where it leaves and 2a + 1 where it enters. */
  private first = new Int32Array(1);
  private incident = new Int32Array(0);
  private listed = -1;

  public constructor(private readonly cost: Float64Array) {
    this.excess = cost.map((value) => -value);
  }

  public get constraints(): number {
    return this.arcs;
  }

  /** x(head) - x(tail) ≥ bound. */
  public add(tail: number, head: number, bound: number): void {
    if (this.arcs === this.tails.length) {
      const grow = (list: Int32Array): Int32Array<ArrayBuffer> => {
        const larger = new Int32Array(2 * list.length);
        larger.set(list);
        return larger;
      };
      this.tails = grow(this.tails);
      this.heads = grow(this.heads);
      this.bounds = grow(this.bounds);
      const flow = new Float64Array(2 * this.flow.length);
      flow.set(this.flow);
      this.flow = flow;
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
    this.list();
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

  /** Sort the arcs by their ends. */
  private list(): void {
    if (this.listed === this.arcs) return;
    const size = this.cost.length;
    const first = new Int32Array(size + 1);
    for (let arc = 0; arc < this.arcs; arc++) {
      const [tail, head] = [this.tails[arc] ?? 0, this.heads[arc] ?? 0];
      first[tail + 1] = (first[tail + 1] ?? 0) + 1;
      first[head + 1] = (first[head + 1] ?? 0) + 1;
    }
    for (let node = 0; node < size; node++) first[node + 1] = (first[node + 1] ?? 0) + (first[node] ?? 0);
    const fill = first.slice();
    const incident = new Int32Array(2 * this.arcs);
    for (let arc = 0; arc < this.arcs; arc++) {
      const [tail, head] = [this.tails[arc] ?? 0, this.heads[arc] ?? 0];
      incident[fill[tail] ?? 0] = 2 * arc;
      fill[tail] = (fill[tail] ?? 0) + 1;
      incident[fill[head] ?? 0] = 2 * arc + 1;
      fill[head] = (fill[head] ?? 0) + 1;
    }
    this.first = first;
    this.incident = incident;
    this.listed = this.arcs;
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
    const { excess, first, incident, tails, heads, flow } = this;
    const { distance, order } = search;
    distance.fill(-1);
    order.fill(-1);
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
      const bucket = buckets[length];
      if (bucket === undefined) continue;
      reached = length;
      // The bucket grows while it is read.
      for (const node of bucket) {
        if ((order[node] ?? 0) >= 0) continue;
        order[node] = search.settled;
        search.sequence[search.settled++] = node;
        if ((excess[node] ?? 0) > 0) waiting--;
        const value = x[node] ?? 0;
        const end = first[node + 1] ?? 0;
        for (let place = first[node] ?? 0; place < end; place++) {
          const entry = incident[place] ?? 0;
          const arc = entry >> 1;
          let other: number;
          let far = length;
          if ((entry & 1) === 1) {
            other = tails[arc] ?? 0;
            if ((order[other] ?? 0) >= 0) continue;
            far += value - (x[other] ?? 0) - (this.bounds[arc] ?? 0);
          } else {
            if ((flow[arc] ?? 0) === 0) continue;
            other = heads[arc] ?? 0;
            if ((order[other] ?? 0) >= 0) continue;
          }
          const known = distance[other] ?? 0;
          if (known >= 0 && known <= far) continue;
          distance[other] = far;
          while (buckets.length <= far) buckets.push([]);
          buckets[far]?.push(other);
        }
      }
    }
    invariant(waiting === 0, 'the objective has no lower bound');
    // What was not settled is at least as far as the last that was.
    for (let node = 0; node < x.length; node++) {
      x[node] = (x[node] ?? 0) + ((order[node] ?? 0) >= 0 ? (distance[node] ?? 0) : reached);
    }
    return true;
  }

  /** Blocking flow from the excesses to the deficits, on arcs without slack that lead to earlier settled variables. */
  private block(x: Int32Array, search: Search): number {
    const { excess, first, incident, tails, heads, flow } = this;
    const { order, current, path, arcOf } = search;
    current.set(first.subarray(0, x.length));
    let steps = 0;
    for (let index = 0; index < search.settled; index++) {
      const source = search.sequence[index] ?? 0;
      if ((excess[source] ?? 0) <= 0) continue;
      let depth = 0;
      path[0] = source;
      while ((excess[source] ?? 0) > 0) {
        const node = path[depth] ?? 0;
        if ((excess[node] ?? 0) < 0) {
          depth = this.augment(search, depth);
          continue;
        }
        const end = first[node + 1] ?? 0;
        const rank = order[node] ?? 0;
        let next = -1;
        let place = current[node] ?? 0;
        for (; place < end; place++) {
          steps++;
          const entry = incident[place] ?? 0;
          const arc = entry >> 1;
          let other: number;
          if ((entry & 1) === 0) {
            other = heads[arc] ?? 0;
            if ((order[other] ?? 0) >= rank || (order[other] ?? 0) < 0 || this.slack(arc, x) !== 0) continue;
          } else {
            if ((flow[arc] ?? 0) === 0) continue;
            other = tails[arc] ?? 0;
            if ((order[other] ?? 0) >= rank || (order[other] ?? 0) < 0) continue;
          }
          arcOf[depth] = entry;
          next = other;
          break;
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

/** Arrays of one search, by variable. */
class Search {
  public readonly distance: Int32Array;
  /** Rank in which a variable was settled, -1 for none, and the variables in that sequence. */
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
