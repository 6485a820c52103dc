import { countDigits } from '../../../../../src/passes/dataflow/distributed-arithmetic/count-digits.js';
import { describe, expect, it } from 'vitest';
import { adderStatistics } from '../../../../../src/passes/dataflow/distributed-arithmetic/cost.js';
import { defaultSolveOptions } from '../../../../../src/passes/dataflow/distributed-arithmetic/options.js';
import type { AdderGraph } from '../../../../../src/passes/dataflow/distributed-arithmetic/problem.js';
import { denseProblem } from '../../../../../src/passes/dataflow/distributed-arithmetic/problem.js';
import {
  cheapestSolution,
  restartJobs,
  restartsOf,
} from '../../../../../src/passes/dataflow/distributed-arithmetic/restarts.js';

const range = { low: 0n, high: 255n };
const problem = denseProblem([[3n]], [{ range, depth: 0 }]);
/** 3x as x + 2x, and as 4x - x, and that once more with an addition that nothing needs. */
const output = { value: 1, shift: 0, negated: false };
const sum: AdderGraph = {
  inputs: 1,
  operations: [{ kind: 'add', left: 0, leftShift: 0, right: 0, rightShift: 1 }],
  outputs: [output],
};
const difference: AdderGraph = {
  inputs: 1,
  operations: [{ kind: 'subtract', left: 0, leftShift: 2, right: 0, rightShift: 0 }],
  outputs: [output],
};
const wasteful: AdderGraph = { ...sum, operations: [...sum.operations, ...sum.operations] };

describe('restarts', () => {
  it('are a matter of the effort alone, but for a limit of time', () => {
    for (const effort of ['fast', 'default', 'high'] as const) {
      expect(restartsOf(effort, 1)).toBe(restartsOf(effort, 16));
    }
    expect(restartsOf('default', 8)).toBe(1);
    expect(restartsOf('high', 1)).toBeGreaterThan(1);
    expect(restartsOf({ seconds: 1 }, 6)).toBe(6);
  });

  it('begin with the seed of the job, and differ in nothing but the seed', () => {
    for (const seed of [0, 1, 2 ** 32 - 1]) {
      const jobs = restartJobs({ problem, options: { ...defaultSolveOptions, seed } }, 5);
      const seeds = jobs.map((job) => job.options.seed);
      expect(seeds[0]).toBe(seed);
      expect(new Set(seeds).size).toBe(5);
      for (const each of seeds) expect(each).toSatisfy((value) => value === Number(value) >>> 0);
      for (const job of jobs) expect({ ...job.options, seed }).toEqual({ ...defaultSolveOptions, seed });
    }
  });

  it('give the cheapest solution, of equal ones the first', () => {
    expect(adderStatistics(problem, sum).cost).toBeLessThan(adderStatistics(problem, wasteful).cost);
    expect(cheapestSolution(problem, [wasteful, sum, { ...sum }])).toBe(sum);
    expect(cheapestSolution(problem, [difference])).toBe(difference);
  });
});

describe('countDigits', () => {
  it('counts canonical signed digits', () => {
    const matrix = denseProblem([[7n, 0n, -5n], [1n, 85n, 0n]], [{ range, depth: 0 }, { range, depth: 0 }]); // prettier-ignore
    expect(countDigits(matrix)).toBe(2 + 2 + 1 + 4);
  });
});
