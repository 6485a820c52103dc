import { describe, expect, it } from 'vitest';
import { canonicalSignedDigits } from '../../../../../src/passes/dataflow/distributed-arithmetic/csd.js';
import { checkSolution } from '../../../../../src/passes/dataflow/distributed-arithmetic/check.js';
import { adderStatistics } from '../../../../../src/passes/dataflow/distributed-arithmetic/cost.js';
import { improveByGraph } from '../../../../../src/passes/dataflow/distributed-arithmetic/graph-search/improve-by-graph.js';
import { solveByGraph } from '../../../../../src/passes/dataflow/distributed-arithmetic/graph-search/solve-by-graph.js';
import type { AdderGraph, Problem } from '../../../../../src/passes/dataflow/distributed-arithmetic/problem.js';
import { denseProblem } from '../../../../../src/passes/dataflow/distributed-arithmetic/problem.js';
import { sumTree } from '../../../../../src/passes/dataflow/distributed-arithmetic/summation.js';
import { Terms } from '../../../../../src/passes/dataflow/distributed-arithmetic/terms.js';
import { invariant } from '../../../../../src/support/invariant.js';
import { Random } from '../../../../../src/support/random.js';

function randomProblem(random: Random, inputs: number, outputs: number, low: number, high: number): Problem {
  const entry = (): bigint => BigInt(random.integer(low, high));
  const matrix = Array.from({ length: inputs }, () => Array.from({ length: outputs }, entry));
  return denseProblem(
    matrix,
    matrix.map(() => {
      const bits = BigInt(random.integer(1, 8));
      const unsigned = random.integer(0, 1) === 1;
      return { range: unsigned ? { low: 0n, high: (1n << bits) - 1n } : { low: -(1n << bits), high: 0n }, depth: 0 };
    }),
  );
}

function solved(problem: Problem, options: { seed: number; work: number; depthLimit?: number }): AdderGraph {
  const graph = solveByGraph(problem, options);
  invariant(graph !== undefined, 'a small matrix is solved');
  checkSolution(problem, graph);
  return graph;
}

/** Every column from its signed digits, nothing shared. */
function digitSums(problem: Problem): AdderGraph {
  const terms = new Terms(problem.inputs);
  const outputs = problem.columns.map((column) => {
    const summands = column.terms.flatMap(({ input, coefficient }) =>
      canonicalSignedDigits(coefficient).map(({ shift, negative }) => ({ value: input, shift, negative })),
    );
    if (column.constant !== 0n) summands.push({ value: terms.constant(column.constant), shift: 0, negative: false });
    const sum = sumTree(terms, summands, 60) ?? { value: terms.constant(0n), shift: 0, negative: false };
    return { value: sum.value, shift: sum.shift, negated: sum.negative };
  });
  return { inputs: problem.inputs.length, operations: terms.operations, outputs };
}

describe('solveByGraph, matrices', () => {
  it.each([
    [4, 27.6],
    [8, 96.3],
  ])("size %i, entries of 129..255: fewer additions than Hcmvm's published mean, %f", (size, published) => {
    const random = new Random(7 + size);
    let total = 0;
    for (let index = 0; index < 4; index++) {
      const problem = randomProblem(random, size, size, 129, 255);
      total += adderStatistics(problem, solved(problem, { seed: index, work: 2e5 })).adders;
    }
    expect(total / 4).toBeLessThan(published);
  });

  it('solves small matrices with zeros, signs and constants exactly', () => {
    const random = new Random(21);
    for (let trial = 0; trial < 30; trial++) {
      const plain = randomProblem(random, random.integer(1, 5), random.integer(1, 5), -20, 20);
      const columns = plain.columns.map((column) => ({ ...column, constant: BigInt(random.integer(-2, 2) * 3) }));
      solved({ ...plain, columns }, { seed: trial, work: 2e4 });
      const { adders } = adderStatistics(plain, solved(plain, { seed: trial, work: 2e4 }));
      expect(adders).toBeLessThanOrEqual(adderStatistics(plain, digitSums(plain)).adders);
    }
  });

  it('makes equal, shifted and opposite columns once, and inputs and zero for nothing', () => {
    const inputs = [0, 1].map(() => ({ range: { low: -8n, high: 7n }, depth: 0 }));
    const rows = [
      [3n, 6n, -12n, 0n, 4n],
      [-1n, -2n, 4n, 0n, 0n],
    ];
    const problem = denseProblem(rows, inputs);
    // 3x - y as (4x - y) - x or so, and a negation of one of the results.
    expect(adderStatistics(problem, solved(problem, { seed: 1, work: 1e5 })).adders).toBe(3);
  });

  it('keeps to the depth limit, and needs more additions for it', () => {
    const random = new Random(5);
    const problem = randomProblem(random, 4, 4, 129, 255);
    const free = adderStatistics(problem, solved(problem, { seed: 1, work: 3e5 }));
    // At most four signed digits and a carry in each of four coefficients: five levels are enough.
    const shallow = adderStatistics(problem, solved(problem, { seed: 1, work: 3e5, depthLimit: 5 }));
    expect(shallow.depth).toBeLessThanOrEqual(5);
    expect(free.depth).toBeGreaterThan(5);
    expect(shallow.adders).toBeGreaterThanOrEqual(free.adders);
    expect(solveByGraph(problem, { seed: 1, work: 1e4, depthLimit: 2 })).toBeUndefined();
  });

  it('gives the same graph for the same seed', () => {
    const problem = randomProblem(new Random(9), 5, 5, -128, 127);
    const options = { seed: 3, work: 1e5 };
    expect(solveByGraph(problem, options)).toEqual(solveByGraph(problem, options));
  });

  it('leaves coefficients that are too wide to others', () => {
    const problem = denseProblem([[(1n << 40n) + 1n]], [{ range: { low: 0n, high: 1n }, depth: 0 }]);
    expect(solveByGraph(problem, { seed: 1, work: 1e4 })).toBeUndefined();
  });
});

describe('improveByGraph', () => {
  it('never returns a worse solution, and finds better ones', () => {
    const random = new Random(33);
    let gained = 0;
    for (let trial = 0; trial < 12; trial++) {
      const plain = randomProblem(random, random.integer(1, 6), random.integer(1, 6), -99, 99);
      const columns = plain.columns.map((column) => ({ ...column, constant: BigInt(random.integer(-9, 9)) }));
      const problem = trial % 2 === 0 ? plain : { ...plain, columns };
      const graph = digitSums(problem);
      const before = adderStatistics(problem, graph);
      const depthLimit = trial % 3 === 0 ? before.depth : undefined;
      const improved = improveByGraph(problem, graph, { seed: trial, work: 3e5, depthLimit });
      checkSolution(problem, improved);
      const after = adderStatistics(problem, improved);
      expect(after.cost).toBeLessThanOrEqual(before.cost);
      if (after.cost === before.cost) expect(after.adders).toBeLessThanOrEqual(before.adders);
      if (depthLimit !== undefined) expect(after.depth).toBeLessThanOrEqual(depthLimit);
      gained += before.cost - after.cost;
    }
    expect(gained).toBeGreaterThan(0);
  });
});
