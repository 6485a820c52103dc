import { at } from '../../support/invariant.js';
import { DifferenceProgram } from '../../support/min-cost-flow.js';
import type { WorkLimit } from '../../support/min-cost-flow.js';
import type { StageGraph } from './stage-graph.js';

/** Cycles between which every value stands in any legal placement, both included. */
export interface CycleBounds {
  readonly early: Int32Array;
  readonly late: Int32Array;
}

/** The variable of the origin, from which cycles are counted. */
const ORIGIN = 0;

/**
 * Register bits as a difference program. Its variables are the cycles of the values whose cycle is open and, for values
 * with several open users, the cycle of the last use; a value's width is charged for the difference of the two, as in
 * Leiserson and Saxe, "Retiming synchronous circuitry", Algorithmica 6 (1991), section 8, where fan-out shares registers.
 */
export class StageProgram {
  private readonly program: DifferenceProgram;
  /** Variable of each value; the origin's for those whose cycle is certain. */
  private readonly variable: Int32Array;
  private readonly costs: number[] = [0];
  /** tail, head, bound of every constraint that does not come from the clock. */
  private readonly constraints: number[] = [];
  /** Variables of last uses, by increasing number. */
  private readonly lastUses: number[] = [];

  public constructor(
    private readonly graph: StageGraph,
    private readonly bounds: CycleBounds,
    latency: number,
  ) {
    this.variable = new Int32Array(graph.size);
    for (let value = graph.inputs; value < graph.size; value++) {
      const [early, late] = [bounds.early[value] ?? 0, bounds.late[value] ?? 0];
      if (early === late) continue;
      const variable = this.costs.push(0) - 1;
      this.variable[value] = variable;
      this.constraints.push(ORIGIN, variable, early, variable, ORIGIN, -late);
    }
    for (let value = 0; value < graph.size; value++) this.chargeValue(value, latency);
    this.program = new DifferenceProgram(Float64Array.from(this.costs));
    for (let index = 0; index < this.constraints.length; index += 3) {
      this.program.add(at(this.constraints, index), at(this.constraints, index + 1), at(this.constraints, index + 2));
    }
  }

  /** `target` stands at least one cycle after `source`. */
  public separate(source: number, target: number): void {
    const [tail, head] = [this.variable[source] ?? 0, this.variable[target] ?? 0];
    // With an end whose cycle is certain, the other end's bounds say it already.
    if (tail === ORIGIN || head === ORIGIN) return;
    if ((this.bounds.late[source] ?? 0) < (this.bounds.early[target] ?? 0)) return;
    this.program.add(tail, head, 1);
  }

  /** Bring `cycle`, which keeps everything said so far, to the fewest register bits. False at the work limit. */
  public minimise(cycle: Int32Array, work: WorkLimit): boolean {
    const x = new Int32Array(this.costs.length);
    this.variable.forEach((variable, value) => {
      if (variable !== ORIGIN) x[variable] = cycle[value] ?? 0;
    });
    for (const variable of this.lastUses) x[variable] = -1;
    for (let index = 0; index < this.constraints.length; index += 3) {
      const head = this.constraints[index + 1] ?? 0;
      if (head < (this.lastUses[0] ?? Infinity)) continue;
      const bound = (x[this.constraints[index] ?? 0] ?? 0) + (this.constraints[index + 2] ?? 0);
      if (bound > (x[head] ?? 0)) x[head] = bound;
    }
    const optimal = this.program.minimise(x, work);
    const origin = x[ORIGIN] ?? 0;
    this.variable.forEach((variable, value) => {
      if (variable !== ORIGIN) cycle[value] = (x[variable] ?? 0) - origin;
    });
    return optimal;
  }

  private charge(variable: number, cost: number): void {
    this.costs[variable] = (this.costs[variable] ?? 0) + cost;
  }

  /** Width × (last use - cycle), and that an open user does not stand before the value. */
  private chargeValue(value: number, latency: number): void {
    const { graph, bounds, variable } = this;
    const own = variable[value] ?? 0;
    const begin = graph.userStart[value] ?? 0;
    const end = graph.userStart[value + 1] ?? 0;
    /** The last use is certainly not before this. */
    let least = graph.isOutput[value] === 1 ? latency : -1;
    for (let index = begin; index < end; index++) {
      const user = graph.user[index] ?? 0;
      least = Math.max(least, bounds.early[user] ?? 0);
      if (own === ORIGIN || variable[user] === ORIGIN) continue;
      if ((bounds.late[value] ?? 0) > (bounds.early[user] ?? 0)) this.constraints.push(own, variable[user] ?? 0, 0);
    }
    if (least < 0) return;
    const open: number[] = [];
    let follows = false;
    for (let index = begin; index < end; index++) {
      const user = graph.user[index] ?? 0;
      if ((bounds.late[user] ?? 0) <= least) continue;
      open.push(variable[user] ?? 0);
      follows ||= bounds.early[user] === least;
    }
    const width = graph.width[value] ?? 0;
    this.charge(own, -width);
    const [first] = open;
    if (first === undefined) this.charge(ORIGIN, width);
    else if (open.length === 1 && follows) this.charge(first, width);
    else {
      const lastUse = this.costs.push(width) - 1;
      this.lastUses.push(lastUse);
      for (const user of open) this.constraints.push(user, lastUse, 0);
      if (!follows) this.constraints.push(ORIGIN, lastUse, least);
    }
  }
}
