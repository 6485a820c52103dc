import type { Figure } from './figure.js';

/** Raised when a reader of the previous version would misread the details. */
export const CALIBRATION_VERSION = 1;

/**
 * What a data set did to a model: `details` of `figures/calibration.json`. Values are real numbers in the unit of their
 * tensor; events and elements count from 0, elements in row-major order.
 */
export interface CalibrationDetails {
  readonly schema: 'trigc-calibration';
  readonly version: number;
  readonly data: { readonly file: string; readonly sha256: string; readonly events: number };
  readonly integerBits: IntegerBitsPolicy;
  /** Integer bits beyond what the data need; 0 where the policy is `interval`. */
  readonly margin: number;
  /** Tensors of the float model, in the order of the graph. */
  readonly tensors: readonly CalibratedTensor[];
  /** Places of the fixed-point model where values are brought into a type, inputs first, then in the order of the graph. */
  readonly quantizers: readonly CalibratedQuantizer[];
}

/** Where integer bits come from: what the data set shows, or what the ranges of the operands allow. */
export const integerBitsPolicies = ['data', 'interval'] as const;
export type IntegerBitsPolicy = (typeof integerBitsPolicies)[number];

export const tensorRoles = ['input', 'result', 'output'] as const;
/** A port, an inner tensor, or a tensor that is a port of the model at its end. */
export type TensorRole = (typeof tensorRoles)[number];

export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/** What the float model computed on the data set, before any rounding. */
export interface CalibratedTensor {
  /** Printable, and unique among the tensors: `fc1.result`, or the name of the input. */
  readonly name: string;
  /** ONNX node and its operator; the name of the port, and '', for an input. */
  readonly node: string;
  readonly operator: string;
  readonly role: TensorRole;
  readonly shape: readonly number[];
  readonly elements: number;
  /** The type it has in the fixed-point model, such as `ap_fixed<12,4>`; several where its elements differ. */
  readonly types: readonly string[];
  /** The type was chosen here, by this data set. */
  readonly calibrated: boolean;
  /** What the operands could make of it; absent where nothing bounds them. */
  readonly interval?: ValueRange;
  /** Smallest and largest value seen. */
  readonly range: ValueRange;
  /** Share of values that are exactly zero, from 0 to 1. */
  readonly zeros: number;
  /** All values are multiples of 2^lsb, and of no larger power; absent where they are no grid of hardware integers. */
  readonly lsb?: number;
  /** In rising order of probability; off by less than one part in 128. */
  readonly quantiles: readonly { readonly probability: number; readonly value: number }[];
  /** Values by size: bin i counts (first + i) × width ≤ x < (first + i + 1) × width; the width is a power of two. */
  readonly histogram: { readonly first: number; readonly width: number; readonly counts: readonly number[] };
  /** Values other than zero by magnitude: bin i counts 2^(first + i) ≤ |x| < 2^(first + i + 1). */
  readonly magnitudes: { readonly first: number; readonly counts: readonly number[] };
  /**
   * By channel: elements that the same weights multiply, as the positions of a convolution are. `of` says for each element
   * which channel it belongs to; absent where every element is a channel. Both absent where there is one channel only.
   */
  readonly channels?: { readonly ranges: readonly ValueRange[]; readonly of?: readonly number[] };
}

/** What a type did to the values that were brought into it. */
export interface CalibratedQuantizer {
  /** Name of the `CalibratedTensor` that is brought into the type; the name of the node where there is none. */
  readonly tensor: string;
  readonly node: string;
  readonly operator: string;
  readonly types: readonly string[];
  /** `model`: stands in the ONNX file. `declared`: trigc.yaml or the default. `calibrated`: chosen from data. */
  readonly origin: 'model' | 'declared' | 'calibrated';
  readonly elements: number;
  /** Elements × events. */
  readonly values: number;
  /** Values beyond the type, on either side, that saturated. */
  readonly saturatedHigh: number;
  readonly saturatedLow: number;
  /** Values beyond the type that wrapped around. */
  readonly wrapped: number;
  /** Values below zero that an unsigned type cuts off in front of a ReLU: no overflow, and not in the counts above. */
  readonly rectified: number;
  /** The value farthest beyond its type, and where it first occurred. */
  readonly worst?: { readonly value: number; readonly event: number; readonly element: number };
  /** The first event with such a value. */
  readonly firstEvent?: number;
}

/** Sums over all quantisers, for budgets. */
export type CalibrationFigureName =
  'calibration_events' | 'saturated_values' | 'wrapped_values' | 'overflowing_tensors';
export type CalibrationFigures = Readonly<Record<CalibrationFigureName, Figure>>;
