import { adderStatistics } from '../cost.js';
import type { AdderGraph, Problem } from '../problem.js';
import type { GraphSearchOptions } from './options.js';

/** Keeps the best of the graphs it is shown: by the objective, then by the other of LUTs and additions. */
export class BestGraph {
  public graph: AdderGraph | undefined;
  private rank: readonly [number, number] = [Infinity, Infinity];

  public constructor(
    private readonly problem: Problem,
    private readonly objective: GraphSearchOptions['objective'],
    private readonly depthLimit: number | undefined,
  ) {}

  /** A graph deeper than the limit never wins. */
  public offer(graph: AdderGraph): void {
    const { adders, cost, depth } = adderStatistics(this.problem, graph);
    if (this.depthLimit !== undefined && depth > this.depthLimit) return;
    const rank = this.objective === 'luts' ? ([cost, adders] as const) : ([adders, cost] as const);
    if (rank[0] > this.rank[0] || (rank[0] === this.rank[0] && rank[1] >= this.rank[1])) return;
    this.graph = graph;
    this.rank = rank;
  }
}
