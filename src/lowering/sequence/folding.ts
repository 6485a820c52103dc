import type { AffineRow } from '../../dataflow/affine-map.js';
import { affineMap } from '../../dataflow/affine-map.js';
import type { Kernel } from '../../dataflow/kinds.js';
import type { Interval } from '../../numeric/interval.js';
import { intervalWidth, isPoint, union } from '../../numeric/interval.js';
import { at } from '../../support/invariant.js';
import type { Family } from '../../targets/delay-model.js';
import type { Factor } from '../estimate/dsp-blocks.js';
import type { Chain } from './chains.js';
import { chainBlocks, pack, stageBlocks, weightType } from './chains.js';

/** A matrix of constants folded into chains of multipliers. */
export interface Folding {
  /** Operands of the kernel in the order in which the chains take them, each a clock after the one before. */
  readonly stages: readonly number[];
  readonly chains: readonly Chain[];
}

/** A kernel that can be folded, before it is said how. */
export interface Foldable {
  readonly rows: readonly AffineRow[];
  /** Operands that some result depends on. */
  readonly operands: readonly number[];
  /** Results that vary. */
  readonly outputs: readonly number[];
}

/** What of a kernel chains of multipliers would carry out; undefined where it is more than sums of multiples. */
export function foldable(kernel: Kernel): Foldable | undefined {
  const rows = affineMap(kernel);
  if (rows === undefined) return undefined;
  const used = new Set<number>();
  for (const { coefficients } of rows) for (const operand of coefficients.keys()) used.add(operand);
  const operands = [...used].sort((left, right) => left - right);
  const outputs = kernel.outputs.flatMap((id, output) => (isPoint(at(kernel.nodes, id).range) ? [] : [output]));
  return operands.length === 0 || outputs.length < 2 ? undefined : { rows, operands, outputs };
}

/** Chains of `turns` results each, at most, as equal as they can be. */
export function chainLength(outputs: number, turns: number): number {
  return Math.ceil(outputs / Math.ceil(outputs / turns));
}

/** Clocks from the one in which the first operand stands to that of the first result. */
export function foldedDelay(stages: number): number {
  return stages + 1;
}

/** The chains of a kernel, with at most `turns` results one after another; several side by side where multipliers are wide enough. */
export function fold(kernel: Kernel, { rows, outputs }: Foldable, turns: number, stages: readonly number[]): Folding {
  const chains: Chain[] = [];
  for (let first = 0; first < outputs.length; first += turns) {
    const own = outputs.slice(first, first + turns);
    const range = own
      .map((output): Interval => at(kernel.nodes, at(kernel.outputs, output)).range)
      .reduce((all, each) => union(all, each));
    const width = intervalWidth(range);
    const signed = range.low < 0n;
    chains.push({
      parts: [{ outputs: own, low: 0, width, signed }],
      weights: stages.map((operand) => {
        const weights = own.map((output) => at(rows, output).coefficients.get(operand) ?? 0n);
        return weights.every((weight) => weight === 0n) ? undefined : weights;
      }),
      constants: own.map((output) => at(rows, output).constant),
      width,
      signed,
    });
  }
  return { stages, chains: pack(chains, factorsOf(kernel, stages)) };
}

/** Bits and sign of each operand. */
function factorsOf(kernel: Kernel, stages: readonly number[]): readonly Factor[] {
  return stages.map((operand) => {
    const { range } = at(kernel.nodes, at(kernel.inputs, operand));
    return { width: intervalWidth(range), signed: range.low < 0n };
  });
}

/** What a folding takes, about. */
export interface FoldingCost {
  /** Tables of weights and control. */
  readonly luts: number;
  readonly blocks: number;
}

/** Addresses of one table of weights. */
const TABLE_ROWS = 64;

/** Undefined where some product or sum is wider than a multiplier block takes. */
export function foldingCost(kernel: Kernel, { stages, chains }: Folding, family: Family): FoldingCost | undefined {
  const factors = factorsOf(kernel, stages);
  const turns = at(chains, 0).constants.length;
  const tables = Math.ceil(turns / TABLE_ROWS);
  let [luts, blocks] = [0, 0];
  for (const chain of chains) {
    const needed = chainBlocks(chain, factors, family);
    if (needed === undefined) return undefined;
    blocks += needed;
    luts += bitColumns(chain.constants, chain.width).length * tables;
  }
  factors.forEach((factor, stage) => {
    // Weights of one stage are read by one address: equal bits are one table, whichever chain they belong to.
    const columns = new Set<string>();
    for (const { weights, width } of chains) {
      const own = weights[stage];
      if (own === undefined) continue;
      const type = weightType(own);
      // Synthesis makes small products of tables, and adds them on a carry chain.
      if (stageBlocks(own, factor, family) === 0) luts += factor.width * type.width + width;
      for (const column of bitColumns(own, type.width)) columns.add(column);
    }
    luts += columns.size * tables;
  });
  return { luts: luts + 2 * Math.ceil(Math.log2(turns)), blocks };
}

/** The bits of each weight at one place, for places at which they differ; each such column once. */
function bitColumns(values: readonly bigint[], width: number): readonly string[] {
  const columns = new Set<string>();
  for (let bit = 0; bit < width; bit++) {
    const column = values.map((value) => ((value >> BigInt(bit)) & 1n).toString()).join('');
    if (column.includes('0') && column.includes('1')) columns.add(column);
  }
  return [...columns];
}
