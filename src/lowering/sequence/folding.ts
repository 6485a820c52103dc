import type { AffineRow } from '../../dataflow/affine-map.js';
import { affineMap } from '../../dataflow/affine-map.js';
import type { Kernel } from '../../dataflow/kinds.js';
import type { Interval } from '../../numeric/interval.js';
import { intervalWidth, isPoint, union } from '../../numeric/interval.js';
import { at } from '../../support/invariant.js';
import type { Family } from '../../targets/delay-model.js';
import type { Factor } from '../estimate/dsp-blocks.js';
import { dspBlocks, WIDEST_BLOCK_SUM } from '../estimate/dsp-blocks.js';

/** Multipliers in a row, each of which adds its product to the sum of the one before: several results, one a clock. */
export interface Chain {
  /** Results of the kernel, in the order in which they come. */
  readonly outputs: readonly number[];
  /** By stage, the coefficient of its operand in each result; undefined where all of them are zero. */
  readonly weights: readonly (readonly bigint[] | undefined)[];
  /** What each result begins with. */
  readonly constants: readonly bigint[];
  /** Bits and sign of all results; sums on the way wrap without harm. */
  readonly width: number;
  readonly signed: boolean;
}

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

/** The chains of a kernel whose results come `turns` to a chain. */
export function fold(kernel: Kernel, { rows, outputs }: Foldable, turns: number, stages: readonly number[]): Folding {
  const chains: Chain[] = [];
  for (let first = 0; first < outputs.length; first += turns) {
    const own = outputs.slice(first, first + turns);
    const range = own
      .map((output): Interval => at(kernel.nodes, at(kernel.outputs, output)).range)
      .reduce((all, each) => union(all, each));
    chains.push({
      outputs: own,
      weights: stages.map((operand) => {
        const weights = own.map((output) => at(rows, output).coefficients.get(operand) ?? 0n);
        return weights.every((weight) => weight === 0n) ? undefined : weights;
      }),
      constants: own.map((output) => at(rows, output).constant),
      width: intervalWidth(range),
      signed: range.low < 0n,
    });
  }
  return { stages, chains };
}

/** Bits and sign of the weights of one multiplier. */
export function weightType(weights: readonly bigint[]): { readonly width: number; readonly signed: boolean } {
  const range = weights.map((value): Interval => ({ low: value, high: value })).reduce((all, each) => union(all, each));
  return { width: intervalWidth(range), signed: range.low < 0n };
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
  let [luts, blocks] = [0, 0];
  const turns = at(chains, 0).outputs.length;
  const tables = Math.ceil(turns / TABLE_ROWS);
  for (const [stage, operand] of stages.entries()) {
    const { range } = at(kernel.nodes, at(kernel.inputs, operand));
    const factor = { width: intervalWidth(range), signed: range.low < 0n };
    // Weights of one stage are read by one address: equal bits are one table, whichever chain they belong to.
    const columns = new Set<string>();
    for (const { weights, width } of chains) {
      const own = weights[stage];
      if (own === undefined) continue;
      const type = weightType(own);
      // Beside a signed factor, one without a sign gets a bit for it.
      const needed = dspBlocks(beside(factor, type), beside(type, factor), family);
      if (needed > 1 || width > WIDEST_BLOCK_SUM) return undefined;
      blocks += needed;
      // Synthesis makes small products of tables, and adds them on a carry chain.
      if (needed === 0) luts += factor.width * type.width + width;
      for (const column of bitColumns(own, type.width)) columns.add(column);
    }
    luts += columns.size * tables;
  }
  for (const { constants, width } of chains) luts += bitColumns(constants, width).length * tables;
  return { luts: luts + 2 * Math.ceil(Math.log2(turns)), blocks };
}

function beside({ width, signed }: Factor, other: Factor): Factor {
  return other.signed && !signed ? { width: width + 1, signed: true } : { width, signed };
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
