import { describe, expect, it } from 'vitest';
import { checkSolution } from '../../../../../src/passes/dataflow/distributed-arithmetic/check.js';
import { adderStatistics } from '../../../../../src/passes/dataflow/distributed-arithmetic/cost.js';
import { solveByGraph } from '../../../../../src/passes/dataflow/distributed-arithmetic/graph-search/solve-by-graph.js';
import { denseProblem } from '../../../../../src/passes/dataflow/distributed-arithmetic/problem.js';
import { at, invariant } from '../../../../../src/support/invariant.js';

function additionsFor(constants: readonly number[], work = 2e6): number {
  const range = { low: -128n, high: 127n };
  const problem = denseProblem([constants.map(BigInt)], [{ range, depth: 0 }]);
  const graph = solveByGraph(problem, { seed: 1, work });
  invariant(graph !== undefined, 'constants of few bits are solved');
  checkSolution(problem, graph);
  return adderStatistics(problem, graph).adders;
}

describe('solveByGraph, constants of one input', () => {
  it.each([
    [[3], 1],
    [[11], 2],
    [[43], 3],
    [[683], 4],
    [[14709], 5],
    [[5, 21, 107], 3],
    [[3, 11, 69], 4],
    [[43, 171, 1109], 5],
    [[9, 11, 13, 173], 5],
    [[105, 621, 815, 831], 6],
    [[9, 387, 745, 805], 6],
    [[3, 9, 11, 15, 43, 91, 101, 137, 171, 255], 10],
  ])('reaches the proven optimum of %j', (constants, optimum) => {
    expect(additionsFor(constants)).toBe(optimum);
  });

  it('needs as few additions as plain enumeration for all pairs of odd constants below 64', () => {
    const fewest = enumeratePairs(64, 4);
    for (let one = 3; one < 64; one += 2) {
      for (let other = one + 2; other < 64; other += 2) {
        const expected = at(fewest, one * 64 + other);
        const found = additionsFor([one, other], 3e4);
        if (expected === Infinity) expect(found, `${one} and ${other}`).toBeGreaterThan(4);
        else expect(found, `${one} and ${other}`).toBe(expected);
      }
    }
  });
});

/** fewest[one × limit + other]: additions for both, by enumeration of all sets of values of up to `depth` additions. */
function enumeratePairs(limit: number, depth: number): readonly number[] {
  const fewest = new Array<number>(limit * limit).fill(Infinity);
  const values = [1];
  const extend = (): void => {
    for (const next of successors(values, limit * 2)) {
      if (next < limit) {
        for (const each of values) {
          if (each >= limit) continue;
          const place = Math.min(each, next) * limit + Math.max(each, next);
          fewest[place] = Math.min(at(fewest, place), values.length);
        }
      }
      if (values.length >= depth) continue;
      values.push(next);
      extend();
      values.pop();
    }
  };
  extend();
  return fewest;
}

/** Odd values below the limit that one addition makes of the values, those excluded. */
function successors(values: readonly number[], limit: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (const left of values) {
    for (const right of values) {
      for (let shifted = right * 2; shifted < limit * 2; shifted *= 2) {
        for (const value of [left + shifted, Math.abs(left - shifted)]) {
          if (value < limit && !values.includes(value)) found.add(value);
        }
      }
    }
  }
  return found;
}
