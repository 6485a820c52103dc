import type { Network, NetworkState } from './network.js';

/** Steps between two copies, for each value of the network: a copy must not cost more than the search. */
const STEPS_PER_VALUE = 0.1;

/** Remembers the cheapest network of a search that may accept worse ones. */
export class BestNetwork {
  private state: NetworkState;
  private steps = 0;

  public constructor(
    private readonly network: Network,
    private total: number,
  ) {
    this.state = network.copy();
  }

  /** Tell the cost of the network after a step. */
  public offer(total: number): void {
    this.steps++;
    if (total >= this.total - 1e-9 || this.steps < STEPS_PER_VALUE * this.network.size) return;
    this.steps = 0;
    this.total = total;
    this.state = this.network.copy();
  }

  /** Bring the cheapest network back where the last one is dearer. Returns the cost of what is there then. */
  public restore(total: number): number {
    if (total <= this.total) return total;
    this.network.restore(this.state);
    return this.total;
  }
}
