import type { Prepared } from './prepare-columns.js';
import { LocalSearch } from './search/local-search.js';
import type { Network } from './search/network.js';
import type { SearchChoices } from './search/options.js';
import type { SpanningTree } from './search/spanning-tree.js';
import { spanningTree } from './search/spanning-tree.js';
import { startNetwork } from './search/start.js';

/** Networks within one limit of depth, shared greedily, for a search to start from. */
export class Starts {
  /** From the digits as they are and, where differences of results pay, from those. */
  public readonly networks: readonly LocalSearch[];
  private readonly tree: SpanningTree | undefined;

  /** `slack` is what `depthLimit` has beyond the fewest levels possible. No networks where a shift is too large. */
  public constructor(
    private readonly prepared: Prepared,
    public readonly depthLimit: number,
    slack: number,
    private readonly choices: SearchChoices,
  ) {
    const { columns } = prepared;
    const own = this.begin(undefined);
    this.tree = columns.some(({ constant }) => constant !== undefined)
      ? undefined
      : spanningTree(
          columns.map(({ coefficients }) => coefficients),
          slack,
        );
    const other = own && this.tree && this.begin(this.tree);
    this.networks = [own, other].filter((start) => start !== undefined);
  }

  /** LUTs of the cheapest. */
  public get cost(): number {
    return Math.min(...this.networks.map(({ total }) => total));
  }

  /** The first start again, or the second; the search on it goes another way. */
  public again(walk: number): LocalSearch | undefined {
    return this.begin(walk % 2 === 1 ? this.tree : undefined);
  }

  /** A search that starts from the network. */
  public from(network: Network): LocalSearch {
    return new LocalSearch(network, { depthLimit: this.depthLimit, ...this.choices });
  }

  private begin(tree: SpanningTree | undefined): LocalSearch | undefined {
    const { inputs, firstConstant, columns } = this.prepared;
    const network = startNetwork(inputs, firstConstant, columns, this.depthLimit, tree);
    return network && this.from(network);
  }
}
