import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../../../../src/dataflow/builder.js';
import { evaluateKernel } from '../../../../../src/dataflow/evaluate.js';
import { checkSolution, valueForms } from '../../../../../src/passes/dataflow/distributed-arithmetic/check.js';
import { adderStatistics, valueFacts } from '../../../../../src/passes/dataflow/distributed-arithmetic/cost.js';
import { emitAdderGraph } from '../../../../../src/passes/dataflow/distributed-arithmetic/emit.js';
import type {
  AdderGraph,
  AdderOperation,
  AdderSummand,
  Column,
  Problem,
} from '../../../../../src/passes/dataflow/distributed-arithmetic/problem.js';
import { summandsOf } from '../../../../../src/passes/dataflow/distributed-arithmetic/problem.js';
import { defaultSolveOptions, solve } from '../../../../../src/passes/dataflow/distributed-arithmetic/solve.js';
import { mergeThreeOperand } from '../../../../../src/passes/dataflow/distributed-arithmetic/three-operand.js';
import { at } from '../../../../../src/support/invariant.js';
import { Random } from '../../../../../src/support/random.js';
import { randomColumns } from '../../../../support/random-linear-kernel.js';

function randomProblem(random: Random): Problem {
  const inputs = Array.from({ length: random.integer(1, 8) }, () => {
    const low = random.bigint(-100n, 50n);
    return { range: { low, high: low + random.bigint(0n, 200n) }, depth: random.integer(0, 3) };
  });
  const matrix = randomColumns(random, inputs.length, random.integer(1, 9));
  const columns = matrix.map((coefficients) => ({
    terms: coefficients.flatMap((coefficient, input) => (coefficient === 0n ? [] : [{ input, coefficient }])),
    constant: random.integer(0, 2) === 0 ? random.bigint(-500n, 500n) : 0n,
  }));
  return { inputs, columns };
}

/** A problem and its solution by a random graph of two-operand additions; a value is read `once` or by several. */
function randomGraph(random: Random, once: boolean): { readonly problem: Problem; readonly graph: AdderGraph } {
  const inputs = Array.from({ length: random.integer(2, 6) }, () => {
    const low = random.bigint(-40n, 20n);
    return { range: { low, high: low + random.bigint(1n, 60n) }, depth: random.integer(0, 2) };
  });
  const operations: AdderOperation[] = [];
  const open = inputs.map((_, index) => index);
  const draw = (): number => {
    const index = random.integer(0, open.length - 1);
    return at(once ? open.splice(index, 1) : open.slice(index, index + 1), 0);
  };
  const count = once ? inputs.length - 1 : random.integer(2, 14);
  for (let step = 0; step < count; step++) {
    if (!once && random.integer(0, 9) === 0) {
      open.push(inputs.length + operations.push({ kind: 'constant', value: random.bigint(-20n, 20n) }) - 1);
    }
    const [leftShift, rightShift] = random.pick<readonly [number, number]>([
      [0, 0],
      [0, 2],
      [1, 0],
      [4, 0],
    ]);
    operations.push({
      kind: random.pick(['add', 'subtract'] as const),
      left: draw(),
      leftShift,
      right: draw(),
      rightShift,
    });
    open.push(inputs.length + operations.length - 1);
  }
  // Everything that no addition reads is a result, and now and then something inside.
  const read = new Set(operations.flatMap((operation) => summandsOf(operation).map(({ value }) => value)));
  const values = open.filter((value) => value >= inputs.length && !read.has(value));
  if (!once && random.integer(0, 1) === 0) values.push(draw());
  const outputs = values.map((value) => ({ value, shift: random.integer(0, 1), negated: random.integer(0, 3) === 0 }));
  const graph = { inputs: inputs.length, operations, outputs };
  const blank: Column = { terms: [], constant: 0n };
  const forms = valueForms({ inputs, columns: [] }, graph);
  const columns = outputs.map(({ value, shift, negated }) => {
    const { terms, constant } = forms[value] ?? blank;
    const scale = (negated ? -1n : 1n) << BigInt(shift);
    return {
      terms: terms.map((term) => ({ ...term, coefficient: term.coefficient * scale })),
      constant: constant * scale,
    };
  });
  return { problem: { inputs, columns }, graph };
}

/** The least cost over every set of merges and every choice of signs of a tree, by trying them all. */
function leastCost(problem: Problem, graph: AdderGraph): number {
  const count = graph.operations.length;
  let least = Infinity;
  for (let merges = 0; merges < 1 << (count - 1); merges++) {
    for (let signs = 0; signs < 1 << count; signs++) {
      const built = rebuild(graph, merges, signs);
      if (built !== undefined) least = Math.min(least, adderStatistics(problem, built).cost);
    }
  }
  return least;
}

/** Bit k of `merges`: operation k is part of its reader; of `signs`: it is made negated. Undefined if that cannot be. */
function rebuild(graph: AdderGraph, merges: number, signs: number): AdderGraph | undefined {
  const bit = (mask: number, value: number): boolean =>
    value >= graph.inputs && ((mask >> (value - graph.inputs)) & 1) === 1;
  const operations: AdderOperation[] = [];
  const moved = graph.operations.map(() => -1);
  for (const [index, operation] of graph.operations.entries()) {
    const value = graph.inputs + index;
    if (bit(merges, value)) continue;
    const summands: AdderSummand[] = [];
    const visit = (summand: AdderSummand, inside: boolean): boolean => {
      if (!bit(merges, summand.value)) {
        const negative = (summand.negative !== bit(signs, summand.value)) !== bit(signs, value);
        const operand = summand.value < graph.inputs ? summand.value : at(moved, summand.value - graph.inputs);
        summands.push({ value: operand, shift: summand.shift, negative });
        return true;
      }
      if (inside) return false;
      return summandsOf(at(graph.operations, summand.value - graph.inputs)).every(({ value: inner, shift, negative }) =>
        visit({ value: inner, shift: shift + summand.shift, negative: negative !== summand.negative }, true),
      );
    };
    if (!summandsOf(operation).every((summand) => visit(summand, false))) return undefined;
    if (summands.length > 3 || summands.filter(({ negative }) => negative).length > 1) return undefined;
    const [first, second, third] = summands.sort((a, b) => Number(a.negative) - Number(b.negative));
    if (first === undefined || second === undefined) return undefined;
    moved[index] =
      graph.inputs +
      operations.push(
        third === undefined
          ? {
              kind: second.negative ? 'subtract' : 'add',
              left: first.value,
              leftShift: first.shift,
              right: second.value,
              rightShift: second.shift,
            }
          : { kind: 'sum', summands: [first, second, third] },
      ) -
      1;
  }
  const outputs = graph.outputs.map((output) => ({
    ...output,
    value: at(moved, output.value - graph.inputs),
    negated: output.negated !== bit(signs, output.value),
  }));
  return { inputs: graph.inputs, operations, outputs };
}

describe('mergeThreeOperand', () => {
  it('never changes an output bit, and costs and is at most as deep as what it starts from', () => {
    let sums = 0;
    for (let seed = 0; seed < 100; seed++) {
      const random = new Random(seed);
      const problem = randomProblem(random);
      const graph = solve(problem, { ...defaultSolveOptions, effort: 'fast', depthSlack: seed % 3 });
      const merged = mergeThreeOperand(problem, graph, { seed, rounds: 2 });
      checkSolution(problem, merged);
      const [before, after] = [adderStatistics(problem, graph), adderStatistics(problem, merged)];
      expect(after.cost).toBeLessThanOrEqual(before.cost);
      expect(after.depth).toBeLessThanOrEqual(before.depth);
      sums += after.threeOperand;

      const builder = new KernelBuilder('matrix');
      const ids = problem.inputs.map(({ range }) => builder.input(range));
      const two = emitAdderGraph(builder, graph, ids);
      const three = emitAdderGraph(builder, merged, ids);
      const kernel = builder.finish();
      const facts = valueFacts(problem, merged, 'exact');
      for (let vector = 0; vector < 4; vector++) {
        const operands = problem.inputs.map(({ range }) => random.bigint(range.low, range.high));
        const values = evaluateKernel(kernel, operands);
        expect(three.outputs.map((id) => values[id])).toEqual(two.outputs.map((id) => values[id]));
        three.values.forEach((id, index) => {
          const [value, range] = [values[id] ?? 0n, facts[index]?.range ?? { low: 1n, high: 0n }];
          expect(value >= range.low && value <= range.high).toBe(true);
        });
      }
    }
    expect(sums).toBeGreaterThan(250);
  });

  it('keeps the results of any graph, with values that several additions read and results inside', () => {
    let dissolved = 0;
    for (let seed = 0; seed < 800; seed++) {
      const { problem, graph } = randomGraph(new Random(seed), false);
      const merged = mergeThreeOperand(problem, graph, { seed, rounds: 4 });
      checkSolution(problem, merged);
      const [before, after] = [adderStatistics(problem, graph), adderStatistics(problem, merged)];
      expect(after.cost).toBeLessThanOrEqual(before.cost);
      expect(after.depth).toBeLessThanOrEqual(before.depth);
      if (after.adders + after.threeOperand > before.adders) dissolved++;
    }
    expect(dissolved).toBeGreaterThan(20);
  });

  it('finds the least cost of trees, as trying every merge and sign does', () => {
    for (let seed = 0; seed < 60; seed++) {
      const { problem, graph } = randomGraph(new Random(seed), true);
      const merged = mergeThreeOperand(problem, graph);
      expect(adderStatistics(problem, merged).cost, `seed ${seed}`).toBe(leastCost(problem, graph));
    }
  });

  it('gives the same graph for the same seed, and leaves sums of three alone', () => {
    const random = new Random(5);
    const problem = randomProblem(random);
    const graph = solve(problem, { ...defaultSolveOptions, effort: 'fast' });
    const merged = mergeThreeOperand(problem, graph, { seed: 3, rounds: 8 });
    expect(mergeThreeOperand(problem, graph, { seed: 3, rounds: 8 })).toStrictEqual(merged);
    const cost = adderStatistics(problem, merged).cost;
    expect(adderStatistics(problem, mergeThreeOperand(problem, merged)).cost).toBeLessThanOrEqual(cost);
  });
});
