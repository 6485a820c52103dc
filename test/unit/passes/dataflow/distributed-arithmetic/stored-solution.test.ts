import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { defaultSolveOptions } from '../../../../../src/passes/dataflow/distributed-arithmetic/options.js';
import type { AdderGraph, Problem } from '../../../../../src/passes/dataflow/distributed-arithmetic/problem.js';
import { solve } from '../../../../../src/passes/dataflow/distributed-arithmetic/solve.js';
import {
  decodeSolution,
  encodeSolution,
  solutionKey,
} from '../../../../../src/passes/dataflow/distributed-arithmetic/stored-solution.js';
import { Random } from '../../../../../src/support/random.js';
import { randomMatrix } from '../../../../support/random-problem.js';

const options = defaultSolveOptions;
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** The stored form of any JSON, its checksum in order. */
function stored(json: unknown): Uint8Array {
  const body = JSON.stringify(json);
  return Buffer.from(`${createHash('sha256').update(body).digest('hex')}\n${body}\n`);
}

describe('a stored solution', () => {
  it('comes back as it was', () => {
    for (let seed = 0; seed < 20; seed++) {
      const problem = randomMatrix(seed, 1 + (seed % 5), 1 + (seed % 4));
      const graph = solve(problem, options);
      expect(decodeSolution(problem, encodeSolution(graph))).toEqual(graph);
    }
  });

  it('holds sums of three, negated results and large constants', () => {
    const range = { low: 0n, high: 7n };
    const constant = -(1n << 90n);
    const terms = [1n, 2n, -4n].map((coefficient, input) => ({ input, coefficient: -coefficient }));
    const problem: Problem = {
      inputs: [0, 1, 2].map(() => ({ range, depth: 0 })),
      columns: [
        { terms, constant: 0n },
        { terms: [], constant },
      ],
    };
    const graph: AdderGraph = {
      inputs: 3,
      operations: [
        {
          kind: 'sum',
          summands: [
            { value: 0, shift: 0, negative: false },
            { value: 1, shift: 1, negative: false },
            { value: 2, shift: 2, negative: true },
          ],
        },
        { kind: 'constant', value: constant },
      ],
      outputs: [
        { value: 3, shift: 0, negated: true },
        { value: 4, shift: 0, negated: false },
      ],
    };
    expect(decodeSolution(problem, encodeSolution(graph))).toEqual(graph);
  });

  it('is refused when it is cut, changed anywhere, or for another matrix', () => {
    const problem = randomMatrix(1, 4, 3);
    const bytes = encodeSolution(solve(problem, options));
    expect(decodeSolution(randomMatrix(2, 4, 3), bytes)).toBeUndefined();
    const random = new Random(7);
    for (let round = 0; round < 200; round++) {
      const place = random.integer(0, bytes.length - 1);
      const changed = Uint8Array.from(bytes);
      changed[place] = ((changed[place] ?? 0) + random.integer(1, 255)) & 255;
      expect(decodeSolution(problem, changed)).toBeUndefined();
      expect(decodeSolution(problem, bytes.slice(0, place))).toBeUndefined();
    }
  });

  it('is refused with a right checksum over anything else than a solution', () => {
    const problem = randomMatrix(3, 2, 1);
    const good = JSON.parse(text(encodeSolution(solve(problem, options))).split('\n')[1] ?? '') as {
      operations: unknown[];
      outputs: unknown[];
    };
    expect(decodeSolution(problem, stored(good))).toBeDefined();
    const bad: unknown[] = [
      ...[null, 3, [], {}],
      { ...good, inputs: 3 },
      { ...good, outputs: [] },
      { ...good, outputs: [[99, 0, 0]] },
      { ...good, outputs: [[0, -1, 0]] },
      { ...good, outputs: [[0, 1e9, 0]] },
      { ...good, operations: [['*', 0, 0, 0, 0], ...good.operations] },
      { ...good, operations: [['+', 0, 0, 5, 0], ...good.operations] },
      { ...good, operations: [['+', 0, 0.5, 0, 0], ...good.operations] },
      { ...good, operations: [['=', 'x'], ...good.operations] },
      { ...good, operations: [['3', 0, 0, 0], ...good.operations] },
    ];
    for (const json of bad) expect(decodeSolution(problem, stored(json)), JSON.stringify(json)).toBeUndefined();
  });
});

describe('solutionKey', () => {
  const problem = randomMatrix(5, 3, 2);
  const base = solutionKey({ problem, options }, 1);

  it('is a SHA-256, and the same for the same job with depths counted from elsewhere', () => {
    expect(base).toMatch(/^[0-9a-f]{64}$/u);
    const later = { ...problem, inputs: problem.inputs.map((input) => ({ ...input, depth: input.depth + 7 })) };
    expect(solutionKey({ problem: later, options: { ...options } }, 1)).toBe(base);
  });

  it('differs with everything that a solution follows from', () => {
    const [first, ...others] = problem.inputs;
    const [column, ...columns] = problem.columns;
    if (first === undefined || column === undefined) throw new Error('the matrix is empty');
    const keys = [
      base,
      solutionKey({ problem, options }, 2),
      ...[
        { ...options, depthSlack: 2 },
        { ...options, mostDepthSlack: 4 },
        { ...options, effort: 'high' as const },
        { ...options, effort: { seconds: 2 } },
        { ...options, effort: { seconds: 2.5 } },
        { ...options, seed: 2 },
        { ...options, threeOperand: true },
      ].map((changed) => solutionKey({ problem, options: changed }, 1)),
      ...[
        { ...problem, inputs: [{ ...first, depth: 1 }, ...others] },
        { ...problem, inputs: [{ ...first, range: { low: -128n, high: 126n } }, ...others] },
        { ...problem, columns: [{ ...column, constant: column.constant + 1n }, ...columns] },
        { ...problem, columns: [{ ...column, terms: column.terms.slice(1) }, ...columns] },
        { ...problem, columns: [...columns, column] },
        { ...problem, columns: [...problem.columns, column] },
      ].map((changed) => solutionKey({ problem: changed, options }, 1)),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
