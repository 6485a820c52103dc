import type { FixedPointType } from '../../../numeric/fixed-point.js';
import type { Overflow, Rounding } from '../../../numeric/rounding.js';

/** The type of a tensor: one for all elements, or one per element, row-major. */
export interface TensorPrecision {
  readonly types: readonly FixedPointType[];
  readonly rounding: Rounding;
  readonly overflow: Overflow;
}

/** What a float constant becomes: codes × 2^lsb, row-major. */
export interface ConstantPrecision {
  readonly lsb: number;
  readonly codes: readonly bigint[];
}

/**
 * Types for the sites of a float graph (`findSites`), by name. Sites that are not in it take what the configuration
 * says, or the default.
 */
export interface PrecisionPlan {
  readonly tensors: ReadonlyMap<string, TensorPrecision>;
  readonly constants: ReadonlyMap<string, ConstantPrecision>;
}

export const emptyPlan: PrecisionPlan = { tensors: new Map(), constants: new Map() };
