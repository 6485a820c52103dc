import { ADDER_WEIGHT } from './adder-width.js';
import type { Journal } from './journal.js';
import type { Network } from './network.js';
import { signOf } from './packed-term.js';
import { SumTree } from './sum-tree.js';
import { topologicalOrder } from './topological-order.js';

/** Keeps the depths of a network and what its additions cost up to date, step by step. */
export class Evaluation {
  /** LUTs of all additions, `ADDER_WEIGHT` for each one included. */
  public total = 0;
  private readonly tree: SumTree;
  private readonly costs: number[] = [];
  /** Values and what they cost before the step, in pairs; likewise their depths. */
  private readonly oldCosts: number[] = [];
  private readonly oldDepths: number[] = [];
  private readonly stamps: number[] = [];
  private stamp = 0;

  public constructor(
    private readonly network: Network,
    private readonly journal: Journal,
    private readonly depthLimit: number,
  ) {
    this.tree = new SumTree(network);
  }

  /** Units of work so far. */
  public get work(): number {
    return this.tree.work;
  }

  /** Depths and costs of everything. */
  public all(): void {
    this.total = 0;
    for (const value of topologicalOrder(this.network)) {
      this.updateDepth(value);
      const cost = this.costOf(value);
      this.costs[value] = cost;
      this.total += cost;
    }
  }

  /** Depths and costs from here on can be taken back. */
  public begin(): void {
    this.oldCosts.length = 0;
    this.oldDepths.length = 0;
  }

  /** Take depths, costs and total back to those of `begin`. */
  public restore(total: number): void {
    for (let index = this.oldCosts.length - 2; index >= 0; index -= 2) {
      this.costs[this.oldCosts[index] ?? 0] = this.oldCosts[index + 1] ?? 0;
    }
    for (let index = this.oldDepths.length - 2; index >= 0; index -= 2) {
      this.network.depth[this.oldDepths[index] ?? 0] = this.oldDepths[index + 1] ?? 0;
    }
    this.total = total;
  }

  /** Depths and costs of everything that changed. False where a result has become too deep. */
  public update(): boolean {
    const { network, journal } = this;
    const dirty: number[] = [...journal.changed];
    const queue = [...journal.changed];
    for (let value = queue.pop(); value !== undefined; value = queue.pop()) {
      if (network.lists[value] === undefined) continue;
      network.work += 4;
      if (!this.updateDepth(value)) continue;
      if ((network.depth[value] ?? 0) > this.depthLimit) return false;
      for (const user of network.users[value] ?? []) {
        queue.push(user);
        dirty.push(user);
      }
    }
    if (journal.changed.some((value) => this.lacksLevelToNegate(value))) return false;
    this.stamp++;
    for (const value of dirty) {
      if (this.stamps[value] === this.stamp) continue;
      this.stamps[value] = this.stamp;
      const old = this.costs[value] ?? 0;
      const cost = network.lists[value] === undefined ? 0 : this.costOf(value);
      if (cost === old) continue;
      this.oldCosts.push(value, old);
      this.costs[value] = cost;
      this.total += cost - old;
    }
    return true;
  }

  private updateDepth(value: number): boolean {
    const { network } = this;
    const depth = network.leastDepth(value);
    if (depth === network.depth[value]) return false;
    this.oldDepths.push(value, network.depth[value] ?? 0);
    network.depth[value] = depth;
    return true;
  }

  private costOf(value: number): number {
    const list = this.network.lists[value] ?? [];
    return this.tree.cost(list, this.network.depthAllowed(value, this.depthLimit), ADDER_WEIGHT);
  }

  /** A result that is subtracted as a whole is negated behind its sum, one level deeper. */
  private lacksLevelToNegate(value: number): boolean {
    const { network } = this;
    const list = network.lists[value] ?? [];
    return (
      network.isTarget[value] === true &&
      (network.depth[value] ?? 0) >= this.depthLimit &&
      list.length > 0 &&
      list.every((term) => signOf(term) === 1)
    );
  }
}
