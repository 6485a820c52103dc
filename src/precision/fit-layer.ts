import type { ModelGraph, ModelNodeId } from '../model/kinds.js';
import { lsbExponent } from '../numeric/fixed-point.js';
import type { ConstantPrecision, TensorPrecision } from '../passes/model/precision/plan.js';
import type { TensorSite } from '../passes/model/precision/sites.js';
import { at } from '../support/invariant.js';
import { chooseCodes, digitCount } from './layer-codes.js';
import type { Layer } from './layers.js';
import { covariance, leastSquares } from './moments.js';

/** LUTs per bit of an adder, and the share of digits whose adder is not shared with another column. */
export const UNSHARED = 0.6;
/** Bits by which an adder is wider than the value it adds. */
const ADDER_GROWTH = 2;
/** The damage of rounding one weight to its LSB, in prices of a digit: fine enough that digits decide, not the grid. */
const LSB_SHARE = 0.02;
const FINEST_LSB = -30;
/** Exponent of the coarsest grid of a bias. */
const COARSEST_BIAS = 8;

/** What a layer's constants become. */
export interface FittedLayer {
  readonly weights: ConstantPrecision;
  readonly bias: ConstantPrecision;
  /** By row. */
  readonly digits: Int32Array;
}

/** What a layer is fitted to. */
export interface LayerFit {
  readonly layer: Layer;
  /** Events and positions × rows: what `original` expects, and what will enter. */
  readonly exactInput: Float64Array;
  readonly fixedInput: Float64Array;
  readonly tensors: ReadonlyMap<string, TensorPrecision>;
  readonly price: number;
  /** Real weights (rows × columns) and bias (columns). */
  readonly original: Float64Array;
  readonly shift: Float64Array | undefined;
}

/** By row of the weights: what one signed digit costs, in units of damage. */
export function digitCosts(layer: Layer, tensors: ReadonlyMap<string, TensorPrecision>, price: number): Float64Array {
  const widths = layer.feeds.map((feed) => widthOf(feed, tensors));
  return Float64Array.from(widths, (width) => price * layer.positions * UNSHARED * (width + ADDER_GROWTH));
}

/**
 * Codes of the weights of a layer, and its bias: weights follow `original` in the least-squares sense on the inputs that will
 * enter, as far as their digits are worth their price; the bias takes up what is left of the mean.
 */
export function fitLayer(fit: LayerFit): FittedLayer {
  const { layer, exactInput, fixedInput, tensors, price, original, shift } = fit;
  const { rows, columns, importance } = layer;
  // With a bias the means take care of themselves, and the weights have only deviations to reproduce.
  const moments = covariance(fixedInput, exactInput, rows, shift !== undefined);
  const target = leastSquares(moments, original, rows, columns);
  const digitCost = digitCosts(layer, tensors, price);
  const cheapest = digitCost.reduce((least, cost) => Math.min(least, cost), Infinity);
  const meanSquare = moments.trace / rows;
  const lsb = Array.from({ length: columns }, (_, column) => {
    const share = (LSB_SHARE * cheapest * 12) / (at(importance, column) * meanSquare);
    return weightLsb(share, original, column, columns);
  });
  const codes = chooseCodes({ rows, columns, weights: target, gram: moments.fixed, lsb, importance, digitCost });
  const finest = Math.min(...lsb);
  const onFinest = Array.from(codes, (code, index) => BigInt(code) << BigInt(at(lsb, index % columns) - finest));
  const values = Float64Array.from(codes, (code, index) => code * 2 ** at(lsb, index % columns));
  const digits = new Int32Array(rows);
  codes.forEach((code, index) => {
    const row = Math.floor(index / columns);
    digits[row] = at(digits, row) + digitCount(code);
  });
  const biasPrecision = fitBias(layer, moments, original, values, shift, finest, price, tensors);
  return { weights: reduced(finest, onFinest), bias: biasPrecision, digits };
}

/** Exponent whose rounding is a small part of the price of a digit; the largest weight keeps at least a few bits. */
function weightLsb(share: number, original: Float64Array, column: number, columns: number): number {
  let largest = 0;
  for (let index = column; index < original.length; index += columns)
    largest = Math.max(largest, Math.abs(at(original, index)));
  const coarsest = largest > 0 ? Math.floor(Math.log2(largest)) - 2 : 0;
  const wanted = Number.isFinite(share) && share > 0 ? Math.floor(Math.log2(share) / 2) : coarsest;
  return Math.max(FINEST_LSB, coarsest - 16, Math.min(coarsest, wanted));
}

/** Bits of what feeds a row of weights. */
function widthOf(
  feed: { readonly site: TensorSite; readonly group: number } | undefined,
  tensors: ReadonlyMap<string, TensorPrecision>,
): number {
  const types = feed === undefined ? undefined : tensors.get(feed.site.name)?.types;
  if (feed === undefined || types === undefined) return 8;
  const element = feed.site.groups.indexOf(feed.group);
  return at(types, types.length === 1 ? 0 : element).width;
}

function fitBias(
  layer: Layer,
  moments: ReturnType<typeof covariance>,
  original: Float64Array,
  values: Float64Array,
  shift: Float64Array | undefined,
  finestWeight: number,
  price: number,
  tensors: ReadonlyMap<string, TensorPrecision>,
): ConstantPrecision {
  const { rows, columns, positions, importance } = layer;
  const exact = Float64Array.from({ length: columns }, (_, column) => {
    let sum = shift?.[column] ?? 0;
    for (let row = 0; row < rows; row++) {
      sum += at(moments.exactMean, row) * at(original, row * columns + column);
      sum -= at(moments.fixedMean, row) * at(values, row * columns + column);
    }
    return sum;
  });
  // Not finer than the products: bits below those would lengthen the sum for nothing that can be seen.
  const inputLsb = layer.feeds.reduce((least, feed) => {
    const types = feed === undefined ? undefined : tensors.get(feed.site.name)?.types;
    return types === undefined ? least : types.reduce((finest, type) => Math.min(finest, lsbExponent(type)), least);
  }, 0);
  const finest = finestWeight + inputLsb;
  const lsb = exact.map((_, column) => {
    const share = (price * positions * 12) / (at(importance, column) * 3);
    // A column that nothing depends on has an infinite share.
    const wanted = Math.ceil(Math.log2(share) / 2);
    return Math.max(finest, Math.min(wanted, COARSEST_BIAS));
  });
  const common = lsb.reduce((least, exponent) => Math.min(least, exponent), Infinity);
  const codes = Array.from(exact, (value, column) => {
    const exponent = at(lsb, column);
    return BigInt(Math.round(value / 2 ** exponent)) << BigInt(exponent - common);
  });
  return reduced(common, codes);
}

/** The same values without common factors of two. */
function reduced(lsb: number, codes: readonly bigint[]): ConstantPrecision {
  if (codes.every((code) => code === 0n)) return { lsb: 0, codes };
  let exponent = lsb;
  let current = codes;
  while (current.every((code) => (code & 1n) === 0n)) {
    current = current.map((code) => code >> 1n);
    exponent++;
  }
  return { lsb: exponent, codes: current };
}

/** Real values of a constant. */
export function constantValues(graph: ModelGraph, id: ModelNodeId): Float64Array {
  const node = at(graph.nodes, id);
  if (node.kind !== 'constant') return new Float64Array();
  return Float64Array.from(node.codes, (code) => Number(code) * 2 ** node.lsb);
}
