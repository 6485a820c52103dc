import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../../../../src/dataflow/builder.js';
import { evaluateKernel } from '../../../../../src/dataflow/evaluate.js';
import { checkSolution } from '../../../../../src/passes/dataflow/distributed-arithmetic/check.js';
import { adderStatistics, valueFacts } from '../../../../../src/passes/dataflow/distributed-arithmetic/cost.js';
import { emitAdderGraph } from '../../../../../src/passes/dataflow/distributed-arithmetic/emit.js';
import type { Problem } from '../../../../../src/passes/dataflow/distributed-arithmetic/problem.js';
import { denseProblem } from '../../../../../src/passes/dataflow/distributed-arithmetic/problem.js';
import { defaultSolveOptions, solve } from '../../../../../src/passes/dataflow/distributed-arithmetic/solve.js';
import { InvariantError } from '../../../../../src/support/invariant.js';
import { Random } from '../../../../../src/support/random.js';
import { randomColumns } from '../../../../support/random-linear-kernel.js';

const byte = { low: -128n, high: 127n };

function problemOf(rows: readonly (readonly number[])[], constants: readonly number[] = []): Problem {
  const problem = denseProblem(
    rows.map((row) => row.map(BigInt)),
    rows.map(() => ({ range: byte, depth: 0 })),
  );
  return {
    ...problem,
    columns: problem.columns.map((column, index) => ({ ...column, constant: BigInt(constants[index] ?? 0) })),
  };
}

function randomProblem(random: Random): Problem {
  const inputs = Array.from({ length: random.integer(1, 8) }, () => {
    const low = random.bigint(-100n, 50n);
    return { range: { low, high: low + random.bigint(0n, 200n) }, depth: random.integer(0, 3) };
  });
  const matrix = randomColumns(random, inputs.length, random.integer(1, 9));
  const columns = matrix.map((coefficients) => ({
    terms: coefficients.flatMap((coefficient, input) => (coefficient === 0n ? [] : [{ input, coefficient }])),
    constant: random.integer(0, 2) === 0 ? random.bigint(-(1n << 60n), 1n << 60n) : 0n,
  }));
  return { inputs, columns };
}

/** The default effort for every fourth of random matrices; what holds for all of them needs no long search. */
const effortOf = (seed: number): 'fast' | 'default' => (Math.floor(seed / 4) % 4 === 0 ? 'default' : 'fast');

describe('solve', () => {
  it('computes random matrices exactly, within the exact ranges', () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = new Random(seed);
      const problem = randomProblem(random);
      const graph = solve(problem, { ...defaultSolveOptions, depthSlack: seed % 4, effort: effortOf(seed) });
      const builder = new KernelBuilder('matrix');
      const emitted = emitAdderGraph(
        builder,
        graph,
        problem.inputs.map(({ range }) => builder.input(range)),
      );
      for (const id of emitted.outputs) builder.output(id);
      const kernel = builder.finish();
      const facts = valueFacts(problem, graph, 'exact');
      for (let vector = 0; vector < 4; vector++) {
        const operands = problem.inputs.map(({ range }) => random.bigint(range.low, range.high));
        const values = evaluateKernel(kernel, operands);
        const wanted = problem.columns.map(({ terms, constant }) =>
          terms.reduce((sum, { input, coefficient }) => sum + coefficient * (operands[input] ?? 0n), constant),
        );
        expect(kernel.outputs.map((id) => values[id])).toEqual(wanted);
        emitted.values.forEach((id, index) => {
          const [value, range] = [values[id] ?? 0n, facts[index]?.range ?? { low: 1n, high: 0n }];
          expect(value >= range.low && value <= range.high).toBe(true);
        });
      }
    }
  });

  it('needs no adder for a matrix of powers of two', () => {
    const problem = problemOf([
      [4, 0, 1],
      [0, 16, 0],
    ]);
    expect(adderStatistics(problem, solve(problem)).adders).toBe(0);
  });

  it('computes columns that are equal up to shift and sign once', () => {
    const one = problemOf([[3], [5], [7]]);
    const many = problemOf([
      [3, 12, 3],
      [5, 20, 5],
      [7, 28, 7],
    ]);
    expect(adderStatistics(many, solve(many)).adders).toBe(adderStatistics(one, solve(one)).adders);
  });

  it('adds each constant to a column that others share', () => {
    const problem = problemOf(
      [
        [3, 3],
        [5, 5],
      ],
      [100, -7],
    );
    const alone = problemOf([[3], [5]]);
    expect(adderStatistics(problem, solve(problem)).adders).toBe(adderStatistics(alone, solve(alone)).adders + 2);
  });

  it('subtracts rather than negates where a term is positive', () => {
    const problem = problemOf([[-1], [-1], [-3], [1]]);
    expect(solve(problem).outputs[0]?.negated).toBe(false);
    const biased = problemOf([[-1], [-1]], [5]);
    expect(solve(biased).outputs[0]?.negated).toBe(false);
  });

  it('gives constants and zero for columns without inputs', () => {
    const problem = problemOf([[0, 0]], [0, -9]);
    const { operations, outputs } = solve(problem);
    expect(operations).toEqual([
      { kind: 'constant', value: 0n },
      { kind: 'constant', value: -9n },
    ]);
    expect(outputs.map(({ value }) => value)).toEqual([1, 2]);
  });

  it('keeps to the fewest levels when asked to', () => {
    for (let seed = 0; seed < 30; seed++) {
      const random = new Random(seed);
      const matrix = Array.from({ length: 12 }, () => Array.from({ length: 8 }, () => random.bigint(-15n, 15n)));
      const problem = denseProblem(
        matrix,
        matrix.map(() => ({ range: byte, depth: 0 })),
      );
      // Without sharing at all, a column of n digits takes ceil(log2 n) levels.
      const digits = problem.columns.map(({ terms }) =>
        terms.reduce((sum, { coefficient }) => sum + naf(coefficient), 0),
      );
      const fewest = Math.ceil(Math.log2(Math.max(...digits)));
      for (const depthSlack of [0, 1]) {
        const graph = solve(problem, {
          ...defaultSolveOptions,
          depthSlack,
          mostDepthSlack: depthSlack,
          effort: effortOf(seed),
        });
        expect(adderStatistics(problem, graph).depth).toBeLessThanOrEqual(fewest + depthSlack);
      }
    }
  });

  it('counts inputs that come late', () => {
    const problem = problemOf([[1], [1], [1], [1], [1], [1], [1], [1]]);
    const late = {
      ...problem,
      inputs: problem.inputs.map((input, index) => ({ ...input, depth: index === 0 ? 5 : 0 })),
    };
    expect(adderStatistics(late, solve(late, { ...defaultSolveOptions, depthSlack: 0, mostDepthSlack: 0 })).depth).toBe(
      6,
    );
  });

  it('solves 57 × 32 with 2,000 digits, and a long single column', () => {
    const random = new Random(7);
    const matrix = Array.from({ length: 57 }, () => Array.from({ length: 32 }, () => random.bigint(-8n, 7n)));
    const problem = denseProblem(
      matrix,
      matrix.map(() => ({ range: byte, depth: 0 })),
    );
    expect(adderStatistics(problem, solve(problem)).adders).toBeLessThan(1400);
    const long = Array.from({ length: 1_500 }, () => [random.bigint(-128n, 127n)]);
    const single = denseProblem(
      long,
      long.map(() => ({ range: byte, depth: 0 })),
    );
    expect(solve(single).outputs).toHaveLength(1);
  });
});

function naf(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  return ((3n * magnitude) ^ magnitude).toString(2).replace(/0/gu, '').length;
}

describe('checkSolution', () => {
  const problem = problemOf([
    [3, -5],
    [2, 7],
  ]);

  it('refuses every single changed operand, shift, sign and constant', () => {
    const graph = solve({ ...problem, columns: problem.columns.map((column) => ({ ...column, constant: 11n })) });
    const wanted = { ...problem, columns: problem.columns.map((column) => ({ ...column, constant: 11n })) };
    checkSolution(wanted, graph);
    expect(graph.operations.length).toBeGreaterThan(3);
    graph.operations.forEach((operation, index) => {
      if (operation.kind === 'sum') throw new Error('two operands were asked for');
      const broken =
        operation.kind === 'constant'
          ? [{ ...operation, value: operation.value + 1n }]
          : [
              { ...operation, kind: operation.kind === 'add' ? ('subtract' as const) : ('add' as const) },
              { ...operation, leftShift: operation.leftShift + 1 },
              { ...operation, rightShift: operation.rightShift + 1 },
            ];
      for (const other of broken) {
        const operations = graph.operations.map((each, at) => (at === index ? other : each));
        expect(() => checkSolution(wanted, { ...graph, operations })).toThrow(InvariantError);
      }
    });
    graph.outputs.forEach((output, index) => {
      const outputs = graph.outputs.map((each, at) => (at === index ? { ...output, negated: !output.negated } : each));
      expect(() => checkSolution(wanted, { ...graph, outputs })).toThrow(InvariantError);
    });
  });
});

const reference = join(process.env['TRIGC_REFERENCE'] ?? '../shared/reference', 'peers/kernels.json');

describe.skipIf(!existsSync(reference))('against the figures of peers (reference set)', () => {
  interface Kernel {
    readonly matrix: readonly (readonly number[])[];
    readonly inq: readonly [number, number, number];
    readonly da4ml: Readonly<Record<string, { readonly cost_traced: number; readonly depth: number }>>;
  }

  it('takes 4 % fewer LUTs than da4ml by geometric mean, and below its least depth when asked to', () => {
    const { kernels } = JSON.parse(readFileSync(reference, 'utf8')) as { kernels: Readonly<Record<string, Kernel>> };
    let [logarithm, count] = [0, 0];
    for (const [name, { matrix, inq, da4ml }] of Object.entries(kernels)) {
      if (matrix.length * (matrix[0]?.length ?? 0) > 2000) continue;
      const range = { low: BigInt(inq[0] / inq[2]), high: BigInt(inq[1] / inq[2]) };
      const problem = denseProblem(
        matrix.map((row) => row.map(BigInt)),
        matrix.map(() => ({ range, depth: 0 })),
      );
      const peer = da4ml['-1']?.cost_traced ?? NaN;
      logarithm += Math.log(adderStatistics(problem, solve(problem), 'interval').cost / peer);
      count++;
      const shallowest = solve(problem, { ...defaultSolveOptions, depthSlack: 0, mostDepthSlack: 0 });
      expect(adderStatistics(problem, shallowest).depth, name).toBeLessThanOrEqual(da4ml['0']?.depth ?? NaN);
    }
    expect(count).toBeGreaterThan(15);
    expect(Math.exp(logarithm / count)).toBeLessThan(0.96);
  });
});
