import type { SolveOptions } from './options.js';
import type { StartColumn } from './search/start.js';
import { spanningTree } from './search/spanning-tree.js';

/** Part of the digits of a spanning tree that must go with all the levels that are allowed, for them to be tried. */
const TRIED = 0.04;
/**
 * Part of the LUTs that further levels must save. Greedy networks of one matrix within different depths differ by up to 4 %
 * by luck alone, and a level is a carry chain on the longest path, or a rank of registers.
 */
const PAYS = 0.05;

/**
 * The fewest levels beyond the fewest possible that save a twentieth of the LUTs of `depthSlack`, or `depthSlack`. What gains by depth
 * are dense matrices of one sign: their columns have much in common, so that each is best made from another, one after
 * the other. Whether they are is seen in the digits of spanning trees of different heights, in no time; only where they differ
 * are networks compared, by `cost(levels)`, LUTs after greedy sharing within so many levels.
 */
export function payingSlack(
  { depthSlack, mostDepthSlack }: Pick<SolveOptions, 'depthSlack' | 'mostDepthSlack'>,
  columns: readonly StartColumn[],
  cost: (levels: number) => number,
): number {
  if (mostDepthSlack <= depthSlack) return depthSlack;
  if (columns.some(({ constant }) => constant !== undefined)) return depthSlack;
  const coefficients = columns.map((column) => column.coefficients);
  const [low, high] = [depthSlack, mostDepthSlack].map((levels) => spanningTree(coefficients, levels)?.digits);
  if (low === undefined || high === undefined || high > (1 - TRIED) * low) return depthSlack;
  const enough = (1 - PAYS) * cost(depthSlack);
  for (let levels = depthSlack + 1; levels <= mostDepthSlack; levels++) {
    if (cost(levels) <= enough) return levels;
  }
  return depthSlack;
}
