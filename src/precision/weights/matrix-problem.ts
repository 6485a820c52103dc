import type { Curvature } from './curvature.js';

/** Both included. */
export interface CodeRange {
  readonly low: number;
  readonly high: number;
}

/** Codes beyond this would leave 32 bits when their digits are counted. */
export const LARGEST_CODE = 2 ** 28;

/**
 * A matrix of weights [rows, columns], row-major, as in y = x W, that takes integer codes: weight = code × 2^lsb. It is
 * rounded for the least
 *
 *   Σ_column importance × E[(x (w' − w))²] + lambda × Σ_weight digitCost × (signed digits of its code),
 *
 * with the expectation over the activations that `curvature` was made of.
 */
export interface MatrixProblem {
  readonly rows: number;
  readonly columns: number;
  readonly weights: Float64Array;
  readonly curvature: Curvature;
  /** Exponent of the codes' unit: one for all, one per column, or one per weight. */
  readonly lsb: Int32Array;
  readonly range: CodeRange;
  /** Damage that one LUT is worth, in squared units of the outputs; 0 unless given: digits only break ties. */
  readonly lambda?: number;
  /**
   * LUTs of a signed digit of a weight in this row, about the width of the row's input; 1 unless given. The costs that
   * sharing between columns leaves are lower: what a matrix costs is measured by solving it.
   */
  readonly digitCosts?: Float64Array;
  /** How much a squared error of a column's output counts; 1 unless given. */
  readonly importance?: Float64Array;
}

/** A matrix problem with its codes chosen. */
export interface RoundedMatrix {
  /** [rows, columns], row-major. */
  readonly codes: Int32Array;
  /** code × 2^lsb */
  readonly weights: Float64Array;
  /** For each column E[(x (w' − w))²], without importance and damping. */
  readonly damage: Float64Array;
  /** Signed digits of all codes. */
  readonly digits: number;
  /** Σ digitCost × digits. */
  readonly cost: number;
  /** What was minimised; comparable between roundings of one problem. */
  readonly objective: number;
}

/** How the codes are found. */
export interface RoundingOptions {
  /**
   * `nearest`: each weight by itself. `fixed`: in the order of falling activations, the rest compensated (GPTQ).
   * `greedy`: least damage first, the rest compensated (OBQ); size³ operations per column. `search`: as `fixed`, but
   * with the `beam` best choices kept at each step, then improved code by code and pair by pair; the default.
   */
  readonly method?: 'nearest' | 'fixed' | 'greedy' | 'search';
  /** Codes to start from, in addition: another solution, of which `search` is never worse. */
  readonly start?: Int32Array;
  /** Choices that `search` keeps for a column; 16 unless given. */
  readonly beam?: number;
  /** Does `search` exchange pairs of codes, too? Some per cent better, and several times slower. Unless given, yes. */
  readonly pairs?: boolean;
}

/** The exponent of the unit of one weight. */
export function lsbOf({ lsb, columns }: MatrixProblem, row: number, column: number): number {
  const index = lsb.length === 1 ? 0 : lsb.length === columns ? column : row * columns + column;
  return lsb[index] ?? 0;
}
