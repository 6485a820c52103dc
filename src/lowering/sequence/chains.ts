import type { Interval } from '../../numeric/interval.js';
import { intervalWidth, union } from '../../numeric/interval.js';
import { at } from '../../support/invariant.js';
import type { Family } from '../../targets/delay-model.js';
import type { Factor } from '../estimate/dsp-blocks.js';
import { dspBlocks, WIDEST_BLOCK_SUM } from '../estimate/dsp-blocks.js';

/** Results that come one after another in some bits of what a chain adds up. */
export interface ChainPart {
  /** Results of the kernel, in the order in which they come. */
  readonly outputs: readonly number[];
  /** The lowest of its bits. */
  readonly low: number;
  /** Bits and sign of all its results; sums on the way wrap without harm. */
  readonly width: number;
  readonly signed: boolean;
}

/**
 * Multipliers in a row, each of which adds its product to the sum of the one before: one word a clock, with a result in each
 * part. Signed results below others are half their range too high, so that they take nothing from the part above them.
 */
export interface Chain {
  /** Lowest first. */
  readonly parts: readonly ChainPart[];
  /** By stage, the factor of its operand in each word; undefined where all of them are zero. */
  readonly weights: readonly (readonly bigint[] | undefined)[];
  /** What each word begins with. */
  readonly constants: readonly bigint[];
  /** Of the word. */
  readonly width: number;
  readonly signed: boolean;
}

/** Bits and sign of the weights of one multiplier. */
export function weightType(weights: readonly bigint[]): Factor {
  const range = weights.map((value): Interval => ({ low: value, high: value })).reduce((all, each) => union(all, each));
  return { width: intervalWidth(range), signed: range.low < 0n };
}

/** Multiplier blocks of one stage: 0 where its products are better made of tables. */
export function stageBlocks(weights: readonly bigint[], operand: Factor, family: Family): number {
  const type = weightType(weights);
  // Beside a signed factor, one without a sign gets a bit for it.
  return dspBlocks(beside(operand, type), beside(type, operand), family);
}

function beside({ width, signed }: Factor, other: Factor): Factor {
  return other.signed && !signed ? { width: width + 1, signed: true } : { width, signed };
}

/** Multiplier blocks of a chain; undefined where some product or sum is wider than one takes. */
export function chainBlocks(
  { weights, width }: Chain,
  operands: readonly Factor[],
  family: Family,
): number | undefined {
  if (width > WIDEST_BLOCK_SUM) return undefined;
  let blocks = 0;
  for (const [stage, own] of weights.entries()) {
    const needed = own === undefined ? 0 : stageBlocks(own, at(operands, stage), family);
    if (needed > 1) return undefined;
    blocks += needed;
  }
  return blocks;
}

/** The narrowest ports of all families, so that a matrix is the same chains for each of them. */
const NARROWEST: Family = '7-series';

/**
 * Chains side by side as one, wherever that saves multiplier blocks: a narrow operand is multiplied by several small weights
 * at once, one above the other in one factor, and what is added up is several sums in one word (after Xilinx WP486,
 * "Deep Learning with INT8 Optimization on Xilinx Devices", which does so for one product of two).
 */
export function pack(chains: readonly Chain[], operands: readonly Factor[]): readonly Chain[] {
  const packed: Chain[] = [];
  for (const chain of chains) {
    const last = packed.at(-1);
    const both = last === undefined ? undefined : stacked(last, chain);
    const [together, below, above] = [both, last, chain].map((each) =>
      each === undefined ? undefined : chainBlocks(each, operands, NARROWEST),
    );
    const saves = together !== undefined && below !== undefined && above !== undefined && together < below + above;
    if (both !== undefined && saves) packed[packed.length - 1] = both;
    else packed.push(chain);
  }
  return packed;
}

/** Two chains as one: the results of `above` in the bits above those of `below`. */
function stacked(below: Chain, above: Chain): Chain {
  const shift = BigInt(below.width);
  const turns = Math.max(below.constants.length, above.constants.length);
  // One that has no more results, or no weight, adds nothing.
  const joined = (low: readonly bigint[] = [], high: readonly bigint[] = [], offset = 0n): bigint[] =>
    Array.from({ length: turns }, (_, turn) => ((high[turn] ?? 0n) << shift) + (low[turn] ?? 0n) + offset);
  return {
    parts: [...below.parts, ...above.parts.map((part) => ({ ...part, low: part.low + below.width }))],
    weights: below.weights.map((own, stage) => {
      const other = above.weights[stage];
      return own === undefined && other === undefined ? undefined : joined(own, other);
    }),
    constants: joined(below.constants, above.constants, below.signed ? 1n << (shift - 1n) : 0n),
    width: below.width + above.width,
    signed: above.signed,
  };
}
