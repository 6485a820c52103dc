import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../../../src/dataflow/builder.js';
import type { Kernel, NodeId } from '../../../../src/dataflow/kinds.js';
import type { Program } from '../../../../src/dataflow/program.js';
import { fixedPointType } from '../../../../src/numeric/fixed-point.js';
import { intervalWidth } from '../../../../src/numeric/interval.js';
import { choicesFor, FormCosts, foldingsFor } from '../../../../src/lowering/sequence/choose-form.js';
import { chainLength, fold, foldable, foldingCost } from '../../../../src/lowering/sequence/folding.js';
import { shareBlocks } from '../../../../src/lowering/sequence/share-blocks.js';
import { at, invariant } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';
import { buildSequenced, runSequenced } from '../../../support/sequenced-run.js';

/** weights[row][column] · x + constants[row], of operands of so many bits. */
function matrixKernel(weights: readonly (readonly number[])[], constants: readonly number[] = [], bits = 8): Kernel {
  const builder = new KernelBuilder('matrix');
  const half = 1n << BigInt(bits - 1);
  const operands = at(weights, 0).map(() => builder.input({ low: -half, high: half - 1n }));
  weights.forEach((row, index) => {
    let sum: NodeId = builder.constant(BigInt(constants[index] ?? 0));
    row.forEach((weight, column) => {
      for (let bit = 0; Math.abs(weight) >> bit > 0; bit++) {
        if (((Math.abs(weight) >> bit) & 1) === 0) continue;
        const term = builder.shiftLeft(at(operands, column), bit);
        sum = weight > 0 ? builder.add(sum, term) : builder.subtract(sum, term);
      }
    });
    builder.output(sum);
  });
  return builder.finish();
}

function programOf(kernel: Kernel): Program {
  const typeOf = (id: NodeId) => {
    const { range } = at(kernel.nodes, id);
    const width = intervalWidth(range);
    return fixedPointType(range.low < 0n, width, width);
  };
  return {
    name: 'folded',
    inputs: [{ name: 'in', types: kernel.inputs.map(typeOf) }],
    kernels: [kernel],
    instances: [
      {
        name: 'layer',
        kernel: 0,
        positions: [kernel.inputs.map((_, index) => ({ instance: -1, index }))],
        origin: { name: 'layer', operator: 'Gemm' },
      },
    ],
    outputs: [
      {
        name: 'out',
        types: kernel.outputs.map(typeOf),
        elements: kernel.outputs.map((_, index) => ({ instance: 0, index })),
      },
    ],
  };
}

function costsOf(kernel: Kernel): FormCosts {
  return new FormCosts(at(programOf(kernel).instances, 0), kernel, 500, '7-series');
}

const rows = [
  [3, -5, 0],
  [7, 0, 0],
  [-1, 2, 9],
  [4, 4, 0],
  [11, -6, 0],
];

describe('a matrix folded into chains', () => {
  it('gives results in turn, as equally many to a chain as can be, with no multiplier where all weights are zero', () => {
    const kernel = matrixKernel(rows, [0, 5, 0, 0, 0], 18);
    const matrix = foldable(kernel);
    invariant(matrix !== undefined, 'it is a matrix');
    expect([5, 4, 3, 2].map((turns) => chainLength(5, turns))).toEqual([5, 3, 3, 2]);
    const { chains } = fold(kernel, matrix, 3, [2, 0, 1]);
    expect(chains.map(({ parts }) => parts.map(({ outputs }) => outputs))).toEqual([[[0, 1, 2]], [[3, 4]]]);
    expect(at(chains, 0).weights).toEqual([
      [0n, 0n, 9n],
      [3n, 7n, -1n],
      [-5n, 0n, 2n],
    ]);
    expect(at(chains, 0).constants).toEqual([0n, 5n, 0n]);
    expect(at(chains, 1).weights).toEqual([undefined, [4n, 11n], [4n, -6n]]);
    const cost = foldingCost(kernel, { stages: [2, 0, 1], chains }, '7-series');
    expect(cost?.blocks).toBe(5);
  });

  it('puts results above one another where a multiplier is wide enough, which changes none of them', () => {
    const kernel = matrixKernel(rows, [0, 5, 0, -3, 0]);
    const matrix = foldable(kernel);
    invariant(matrix !== undefined, 'it is a matrix');
    const { chains } = fold(kernel, matrix, 2, [2, 0, 1]);
    // 11 + 12 bits, and a factor of 5 bits above them, are more than the 25 of a port.
    expect(chains.map(({ parts }) => parts)).toEqual([
      [
        { outputs: [0, 1], low: 0, width: 11, signed: true },
        { outputs: [2, 3], low: 11, width: 12, signed: true },
      ],
      [{ outputs: [4], low: 0, width: 13, signed: true }],
    ]);
    const [both] = chains;
    expect(both?.weights).toEqual([
      [9n << 11n, 0n],
      [3n - (1n << 11n), 7n + (4n << 11n)],
      [-5n + (2n << 11n), 4n << 11n],
    ]);
    expect(both?.constants).toEqual([1n << 10n, 5n + (1n << 10n) - (3n << 11n)]);
    expect(foldingCost(kernel, { stages: [2, 0, 1], chains }, '7-series')?.blocks).toBe(5);
  });

  it('leaves results side by side where one above the other needs as many blocks', () => {
    // Products of small factors are made of tables; one above the other, they would need a block.
    const small = matrixKernel(
      [
        [1, 1],
        [3, -1],
        [2, 1],
        [1, -3],
      ],
      [],
      5,
    );
    const matrix = foldable(small);
    invariant(matrix !== undefined, 'it is a matrix');
    const { chains } = fold(small, matrix, 2, matrix.operands);
    expect(chains.map(({ parts }) => parts.length)).toEqual([1, 1]);
    expect(foldingCost(small, { stages: matrix.operands, chains }, '7-series')?.blocks).toBe(0);
  });

  it('needs more than one result, nothing but sums, and products that fit one block', () => {
    expect(foldable(matrixKernel([[1, 2, 3]]))).toBeUndefined();
    const wide = matrixKernel([
      [40_001, 1],
      [3, 70_001],
    ]);
    const cost = (kernel: Kernel) => {
      const matrix = foldable(kernel);
      invariant(matrix !== undefined, 'it is a matrix');
      return foldingCost(kernel, fold(kernel, matrix, 2, matrix.operands), '7-series');
    };
    // 18 bits of a weight fit beside 8 of the operand; beside 24 both ports are too narrow for 19.
    expect(cost(wide)?.blocks).toBe(2);
    expect(
      cost(
        matrixKernel(
          [
            [300_001, 1],
            [3, 1],
          ],
          [],
          24,
        ),
      ),
    ).toBeUndefined();
    expect(foldingsFor(costsOf(matrixKernel(rows)), 1)).toEqual([]);
  });

  it('is carried out as it says, at any interval, whatever comes between events', () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = new Random(seed);
      const [height, width] = [random.integer(2, 9), random.integer(1, 7)];
      const drawn = Array.from({ length: height }, () => Array.from({ length: width }, () => random.integer(-40, 40)));
      const constants = drawn.map(() => random.pick([0, random.integer(-900, 900)]));
      const kernel = matrixKernel(drawn, constants);
      if (foldable(kernel) === undefined) continue;
      const interval = random.integer(2, 12);
      const built = buildSequenced(programOf(kernel), { interval, declared: new Map([['layer', { form: 'folded' }]]) });
      const unit = at(built.design.sequencing?.units ?? [], 0);
      expect(unit.form).toBe('folded');
      expect(unit.spacing).toBeLessThanOrEqual(interval);
      const events = Array.from({ length: 8 }, () => drawn[0]?.map(() => BigInt(random.integer(-128, 127))) ?? []);
      const run = runSequenced(built, events, random, random.integer(0, 1) === 1);
      const expected = events.map((event) =>
        drawn.map((row, index) =>
          row.reduce((sum, weight, column) => sum + BigInt(weight) * at(event, column), BigInt(at(constants, index))),
        ),
      );
      const packed = expected.map((values) => {
        let [word, low] = [0n, 0n];
        values.forEach((value, index) => {
          const bits = intervalWidth(at(kernel.nodes, at(kernel.outputs, index)).range);
          word |= BigInt.asUintN(bits, value) << low;
          low += BigInt(bits);
        });
        return [word];
      });
      expect(run.rows, `seed ${seed}`).toEqual(packed);
      expect([...run.latencies]).toEqual([built.design.schedule.latency]);
    }
  });
});

describe('multiplier blocks', () => {
  it('go where each saves the most tables, and no further than there are', () => {
    const random = new Random(5);
    const matrices = [6, 12, 24].map((columns) =>
      matrixKernel(Array.from({ length: 8 }, () => Array.from({ length: columns }, () => random.integer(-60, 60)))),
    );
    const costs = matrices.map(costsOf);
    const needs = costs.map((each) => at(foldingsFor(each, 8), 0));
    const saved = needs.map((choice, index) => {
      const otherwise = choicesFor(at(costs, index), 8)[0];
      return (otherwise.luts - choice.luts) / choice.blocks;
    });
    const best = saved.indexOf(Math.max(...saved));
    expect([...shareBlocks(costs, 8, at(needs, best).blocks).keys()]).toEqual([best]);
    const all = needs.reduce((sum, { blocks }) => sum + blocks, 0);
    expect(shareBlocks([...costs, undefined], 8, all).size).toBe(3);
    for (let blocks = 1; blocks < all; blocks += 7) {
      const taken = [...shareBlocks(costs, 8, blocks).values()];
      expect(taken.reduce((sum, choice) => sum + choice.blocks, 0)).toBeLessThanOrEqual(blocks);
    }
    expect(shareBlocks(costs, 8, 1).size).toBe(0);
  });
});
