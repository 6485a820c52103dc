import { Random } from '../../../../support/random.js';
import type { AdderGraph, Problem } from '../problem.js';
import { canonicalProblem } from './canonical-problem.js';
import { ingest } from './ingest.js';
import { LocalSearch } from './local-search.js';
import type { GraphSearchOptions } from './options.js';
import { BestGraph } from './ranking.js';
import { toGraph } from './to-graph.js';

/** Entries of the table of sums, by estimate; each takes 16 bytes. */
const pairLimit = 8_000_000;
/** Additions that the walk may hold beyond those of its first solution. */
const spareAdditions = 64;
const firstTemperature = 0.2;

/**
 * The same solution or a better one: fewer LUTs by `adderStatistics` (fewer additions, when those are the objective),
 * the other one breaking ties. Additions are exchanged one by one, within the depth limit. Solutions that are too large
 * for the tables or have sums of three are returned as they are.
 */
export function improveByGraph(problem: Problem, graph: AdderGraph, options: GraphSearchOptions): AdderGraph {
  const { depthLimit, seed, work, objective = 'luts' } = options;
  const best = new BestGraph(problem, objective, depthLimit);
  best.offer(graph);
  const canonical = canonicalProblem(problem);
  if (canonical === undefined) return graph;
  const state = ingest(canonical, graph, { depthLimit, spare: spareAdditions, pairs: pairLimit });
  if (state === undefined) return graph;
  best.offer(toGraph(state));
  const weights = objective === 'adders' ? { adder: 1, lut: 0.003 } : { adder: 0.01, lut: 0.1 };
  const search = new LocalSearch(state, new Random(seed), weights);
  let least = search.energy;
  while (search.work < work) {
    if (!search.step(firstTemperature * (1 - search.work / work)) || search.energy >= least - 1e-9) continue;
    least = search.energy;
    best.offer(toGraph(state));
  }
  return best.graph ?? graph;
}
