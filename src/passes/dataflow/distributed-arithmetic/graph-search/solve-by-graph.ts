import { at } from '../../../../support/invariant.js';
import { Random } from '../../../../support/random.js';
import { checkSolution } from '../check.js';
import type { AdderGraph, AdderOperation, AdderOutput, Problem } from '../problem.js';
import type { CanonicalProblem } from './canonical-problem.js';
import { canonicalProblem } from './canonical-problem.js';
import { maximumValues } from './digit.js';
import { solveExactly } from './exact.js';
import { improveByGraph } from './improve-by-graph.js';
import type { GraphSearchOptions } from './options.js';
import { BestGraph } from './ranking.js';
import { RowSearch } from './row-search.js';

const firstTemperature = 0.5;
const offeredTies = 8;
/** Share of the work for the walk through single additions that follows: it serves few targets best. */
const walkShare = (targets: number): number => Math.min(0.2, 0.8 / targets);

/**
 * Few additions for small matrices: exhaustive search for the constants of one input where the work suffices,
 * otherwise destroy and repair over rows of signed digits, then a walk that exchanges single additions. Constants of
 * columns are added to their results. Undefined when coefficients are too wide or the problem is too large, or when
 * nothing within the depth limit was found. The solution is checked exactly.
 */
export function solveByGraph(problem: Problem, options: GraphSearchOptions): AdderGraph | undefined {
  const { objective, depthLimit, work } = options;
  const columns = problem.columns.map(({ terms }) => ({ terms, constant: 0n }));
  const canonical = canonicalProblem({ inputs: problem.inputs, columns });
  if (canonical === undefined) return undefined;
  const best = new BestGraph(problem, objective, depthLimit);
  const offer = (made: AdderGraph): void => {
    const graph = withOutputs(problem, canonical, made);
    checkSolution(problem, graph);
    best.offer(graph);
  };
  const walk = work * walkShare(canonical.targets.length);
  const exact = solveExactly(canonical, work / 2);
  if (exact !== undefined) offer(exact.graph);
  // Without depth to spare for them, constants may yet fit where they are.
  if (best.graph === undefined) searchRows(canonical, { ...options, work: work - walk }, offer);
  if (best.graph === undefined) return undefined;
  return improveByGraph(problem, best.graph, { ...options, objective: objective ?? 'adders', work: walk });
}

function searchRows(
  canonical: CanonicalProblem,
  { depthLimit, seed, work }: GraphSearchOptions,
  offer: (graph: AdderGraph) => void,
): void {
  const { bases, targets } = canonical;
  if (bases.length + targets.length > maximumValues / 4) return;
  if (targets.length === 0) {
    offer({ inputs: bases.length, operations: [], outputs: [] });
    return;
  }
  const search = RowSearch.start(canonical, new Random(seed), depthLimit);
  if (search === undefined) return;
  offer(search.graph());
  let [best, ties] = [search.adders, 0];
  while (search.work < work) {
    const changed = search.step(firstTemperature * (1 - search.work / work));
    if (!changed || search.adders > best) continue;
    ties = search.adders < best ? 0 : ties + 1;
    best = search.adders;
    // Of the first few with as few additions, the one with fewest LUTs.
    if (ties < offeredTies) offer(search.graph());
  }
}

/** The columns from a graph with one output for each target. */
function withOutputs(problem: Problem, canonical: CanonicalProblem, made: AdderGraph): AdderGraph {
  const operations: AdderOperation[] = [...made.operations];
  const append = (operation: AdderOperation): number => made.inputs + operations.push(operation) - 1;
  const places = new Map<string, AdderOutput>();
  canonical.bases.forEach(({ form }, value) => places.set(form.join(), { value, shift: 0, negated: false }));
  canonical.targets.forEach((form, index) => places.set(form.join(), at(made.outputs, index)));
  const sums = new Map<string, number>();
  const outputs = canonical.outputs.map(({ form, shift, negative }, index): AdderOutput => {
    const { constant } = at(problem.columns, index);
    const place = form === undefined ? undefined : places.get(form.join());
    if (place === undefined) return { value: append({ kind: 'constant', value: constant }), shift: 0, negated: false };
    const negated = place.negated !== negative;
    if (constant === 0n) return { value: place.value, shift: place.shift + shift, negated };
    const name = `${place.value},${place.shift + shift},${negated},${constant}`;
    let sum = sums.get(name);
    if (sum === undefined) {
      const left = append({ kind: 'constant', value: constant });
      const operands = { left, leftShift: 0, right: place.value, rightShift: place.shift + shift };
      sum = append({ kind: negated ? 'subtract' : 'add', ...operands });
      sums.set(name, sum);
    }
    return { value: sum, shift: 0, negated: false };
  });
  return { inputs: made.inputs, operations, outputs };
}
