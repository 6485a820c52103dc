import type { CompiledFloatEvaluator } from '../backends/emulator/float/compile.js';
import { compileFloatEvaluator } from '../backends/emulator/float/compile.js';
import type { ModelGraph, ModelNodeId, ModelNodeOf } from '../model/kinds.js';
import { elementCount } from '../model/kinds.js';
import { lsbExponent } from '../numeric/fixed-point.js';
import { bringPlan } from '../passes/model/precision/apply-precision.js';
import type { ConstantPrecision, PrecisionPlan, TensorPrecision } from '../passes/model/precision/plan.js';
import type { ConstantSite, PrecisionSite, TensorSite } from '../passes/model/precision/sites.js';
import { elementOrigins } from '../passes/model/structure.js';
import { at } from '../support/invariant.js';
import { chooseCodes, digitCount } from './layer-codes.js';
import { covariance, leastSquares } from './moments.js';
import type { Sensitivity } from './sensitivity.js';
import { measureSensitivity } from './sensitivity.js';
import { chooseTensorTypes } from './tensor-bits.js';

/** What a plan is built from: all of it is measured once. */
export interface PrecisionProblem {
  readonly graph: ModelGraph;
  readonly sites: readonly PrecisionSite[];
  /** Events × elements of all inputs, for moments and sensitivities: a few thousand events. */
  readonly sample: Float64Array;
  /** By tensor site: least and largest value of each group over all data. */
  readonly ranges: ReadonlyMap<string, { readonly low: Float64Array; readonly high: Float64Array }>;
  readonly sensitivity: ReadonlyMap<ModelNodeId, Sensitivity>;
  readonly layers: readonly Layer[];
  /** Integer bits beyond those that the data need. */
  readonly margin: number;
}

/** A product of a computed matrix and constant weights, and the constant that is added to it. */
export interface Layer {
  readonly weight: ConstantSite;
  readonly bias?: ConstantSite;
  readonly product: ModelNodeOf<'matmul'>;
  readonly rows: number;
  readonly columns: number;
  /** How many times the circuit is there: rows of the left operand. */
  readonly positions: number;
  /** By column: damage per unit of variance of the error of the product, at all positions together. */
  readonly importance: Float64Array;
  /** By row of the weights: the tensor site and the group that feed it, where there is one. */
  readonly feeds: readonly ({ readonly site: TensorSite; readonly group: number } | undefined)[];
}

/** LUTs per bit of an adder, and the share of digits whose adder is not shared with another column. */
const UNSHARED = 0.6;
/** Bits by which an adder is wider than the value it adds. */
const ADDER_GROWTH = 2;
/** Nominal digits of a weight, before any have been chosen. */
const NOMINAL_DIGITS = 2;
/** The damage of rounding one weight to its LSB, in prices of a digit: fine enough that digits decide, not the grid. */
const LSB_SHARE = 0.02;
const FINEST_LSB = -30;
/** Exponent of the coarsest grid of a bias. */
const COARSEST_BIAS = 8;

/** Measure what plans are built from. `sample`: events × inputs; `ranges` as in PrecisionProblem. */
export function precisionProblem(
  graph: ModelGraph,
  sites: readonly PrecisionSite[],
  sample: Float64Array,
  ranges: PrecisionProblem['ranges'],
  options: { readonly margin: number; readonly seed: number },
): PrecisionProblem {
  const found = findLayers(graph, sites);
  const tensors = sites.filter((site) => site.kind === 'tensor');
  const points = new Map<ModelNodeId, { node: ModelNodeId; groups: Int32Array; groupCount: number }>();
  for (const { node, groups, groupCount } of tensors) points.set(node, { node, groups, groupCount });
  for (const { product, columns } of found) {
    if (points.has(product.id)) continue;
    const groups = Int32Array.from({ length: elementCount(product.shape) }, (_, element) => element % columns);
    points.set(product.id, { node: product.id, groups, groupCount: columns });
  }
  const measured = measureSensitivity(graph, [...points.values()], sample, options.seed);
  const sensitivity = new Map([...points.keys()].map((node, index) => [node, at(measured, index)]));
  const layers = found.map((layer) => {
    const { id } = layer.product;
    const { groups } = points.get(id) ?? { groups: new Int32Array() };
    const damage = sensitivity.get(id)?.damage ?? new Float64Array();
    return { ...layer, importance: columnImportance(groups, damage, layer.columns) };
  });
  return { graph, sites, sample, ranges, sensitivity, layers, margin: options.margin };
}

/** Damage by column of a tensor from that by group; a group's is shared out among its elements. */
function columnImportance(groups: Int32Array, damage: Float64Array, columns: number): Float64Array {
  const sizes = new Int32Array(damage.length);
  for (const group of groups) sizes[group] = at(sizes, group) + 1;
  const importance = new Float64Array(columns);
  groups.forEach((group, element) => {
    const column = element % columns;
    importance[column] = at(importance, column) + at(damage, group) / at(sizes, group);
  });
  return importance;
}

function findLayers(graph: ModelGraph, sites: readonly PrecisionSite[]): readonly Omit<Layer, 'importance'>[] {
  const tensorOf = new Map(sites.flatMap((site) => (site.kind === 'tensor' ? [[site.node, site] as const] : [])));
  const biases = sites.filter((site) => site.kind === 'constant' && site.role === 'bias');
  return sites.flatMap((site): readonly Omit<Layer, 'importance'>[] => {
    if (site.kind !== 'constant' || site.product === undefined) return [];
    const { product } = site;
    const [rows = 1, columns = 1] = at(graph.nodes, site.node).shape;
    const bias = biases.find(
      (other) =>
        other.kind === 'constant' &&
        other.size === columns &&
        (other.sum?.left === product.id || other.sum?.right === product.id) &&
        other.sum.shape.join() === product.shape.join(),
    );
    const origin = elementOrigins(graph, product.left);
    const positions = origin.element.length / rows;
    const feeds = Array.from({ length: rows }, (_, row) => {
      for (let position = 0; position < positions; position++) {
        const index = position * rows + row;
        const tensor = tensorOf.get(at(origin.node, index));
        if (tensor !== undefined) return { site: tensor, group: at(tensor.groups, at(origin.element, index)) };
      }
      return undefined;
    });
    const own = bias?.kind === 'constant' ? { bias } : {};
    return [{ weight: site, ...own, product, rows, columns, positions, feeds }];
  });
}

/** A plan, and the digits that its weights have. */
export interface BuiltPlan {
  readonly plan: PrecisionPlan;
  /** By layer: signed digits of each row of the weights. */
  readonly digits: ReadonlyMap<string, Int32Array>;
}

/** Damage that one LUT is worth at a site, by its name. */
export type PriceOf = (site: string) => number;

/**
 * Builds plans at prices. A price is the damage that one LUT is worth, and every choice - fraction bits of each tensor,
 * channel or element, digits of each weight - weighs the two by it. Layers follow one another in the order of the graph:
 * weights are fitted to the tensors as they will be, rounded by what comes before, so that each layer makes up for the
 * errors of the earlier ones as far as it can, and biases take up what is left of the mean.
 *
 * Layers that come out the same in several plans are fitted once.
 */
export class PlanBuilder {
  private readonly plain: CompiledFloatEvaluator;
  private readonly fitted = new Map<string, { readonly layer: FittedLayer; readonly id: number }>();

  /** `digits`: those of an earlier plan, for a better estimate of what a bit of a tensor costs. */
  public constructor(
    private readonly problem: PrecisionProblem,
    private readonly digits?: BuiltPlan['digits'],
  ) {
    this.plain = compileFloatEvaluator(problem.graph);
  }

  public build(priceOf: PriceOf): BuiltPlan {
    const { problem } = this;
    const tensors = chooseTensors(problem, priceOf, this.digits);
    const constants = new Map<string, ConstantPrecision>();
    const digits = new Map<string, Int32Array>();
    let earlier = -1;
    for (const layer of problem.layers) {
      const { product, weight, bias } = layer;
      const price = priceOf(weight.name);
      // All that the fit depends on: the types before it, the layers before it, and the price.
      const key = `${earlier} ${price} ${typesBefore(problem.sites, tensors, product.id)}`;
      let known = this.fitted.get(key);
      if (known === undefined) {
        known = { layer: this.fit(layer, tensors, constants, price), id: this.fitted.size };
        this.fitted.set(key, known);
      }
      earlier = known.id;
      constants.set(weight.name, known.layer.weights);
      if (bias !== undefined) constants.set(bias.name, known.layer.bias);
      digits.set(weight.name, known.layer.digits);
    }
    return { plan: { tensors, constants }, digits };
  }

  private fit(
    layer: Layer,
    tensors: ReadonlyMap<string, TensorPrecision>,
    constants: ReadonlyMap<string, ConstantPrecision>,
    price: number,
  ): FittedLayer {
    const { graph, sites, sample } = this.problem;
    const { left } = layer.product;
    const partial = bringPlan(graph, sites, { tensors, constants });
    const rounded = compileFloatEvaluator(partial.graph);
    const [exactInput = new Float64Array()] = this.plain.observe(sample, [left]);
    const [fixedInput = new Float64Array()] = rounded.observe(sample, [at(partial.mapped, left)]);
    return fitLayer(this.problem, layer, exactInput, fixedInput, tensors, price);
  }
}

function typesBefore(
  sites: readonly PrecisionSite[],
  tensors: ReadonlyMap<string, TensorPrecision>,
  id: ModelNodeId,
): string {
  return sites
    .filter((site) => site.node < id)
    .map((site) =>
      tensors
        .get(site.name)
        ?.types.map(({ signed, width, integer }) => `${signed ? '' : 'u'}${width},${integer}`)
        .join(' '),
    )
    .join(';');
}

function chooseTensors(
  problem: PrecisionProblem,
  priceOf: PriceOf,
  digits: BuiltPlan['digits'] | undefined,
): Map<string, TensorPrecision> {
  const bitCosts = new Map<TensorSite, Float64Array>();
  const costOf = (site: TensorSite): Float64Array => {
    let cost = bitCosts.get(site);
    if (cost === undefined) {
      cost = new Float64Array(site.groupCount);
      // Rounding, clipping and a maximum with zero take a LUT per bit of each element.
      for (const group of site.groups) cost[group] = at(cost, group) + 1;
      bitCosts.set(site, cost);
    }
    return cost;
  };
  for (const layer of problem.layers) {
    const counted = digits?.get(layer.weight.name);
    layer.feeds.forEach((feed, row) => {
      if (feed === undefined) return;
      const cost = costOf(feed.site);
      const adders = counted === undefined ? layer.columns * NOMINAL_DIGITS : at(counted, row);
      cost[feed.group] = at(cost, feed.group) + UNSHARED * adders * layer.positions;
    });
  }
  const tensors = new Map<string, TensorPrecision>();
  for (const site of problem.sites) {
    if (site.kind !== 'tensor') continue;
    const range = problem.ranges.get(site.name);
    const damage = problem.sensitivity.get(site.node)?.damage;
    if (range === undefined || damage === undefined) continue;
    const facts = { site, ...range, damage, bitCost: costOf(site), tables: site.entersFunction ? site.size : 0 };
    tensors.set(site.name, chooseTensorTypes(facts, priceOf(site.name), problem.margin));
  }
  return tensors;
}

interface FittedLayer {
  readonly weights: ConstantPrecision;
  readonly bias: ConstantPrecision;
  /** By row. */
  readonly digits: Int32Array;
}

function fitLayer(
  problem: PrecisionProblem,
  layer: Layer,
  exactInput: Float64Array,
  fixedInput: Float64Array,
  tensors: ReadonlyMap<string, TensorPrecision>,
  price: number,
): FittedLayer {
  const { rows, columns, positions, bias, importance } = layer;
  const original = constantValues(problem.graph, layer.weight.node);
  const shift = bias === undefined ? undefined : constantValues(problem.graph, bias.node);
  // With a bias the means take care of themselves, and the weights have only deviations to reproduce.
  const moments = covariance(fixedInput, exactInput, rows, shift !== undefined);
  const target = leastSquares(moments, original, rows, columns);
  const widths = layer.feeds.map((feed) => widthOf(feed, tensors));
  const digitCost = Float64Array.from(widths, (width) => price * positions * UNSHARED * (width + ADDER_GROWTH));
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

function constantValues(graph: ModelGraph, id: ModelNodeId): Float64Array {
  const node = at(graph.nodes, id);
  if (node.kind !== 'constant') return new Float64Array();
  return Float64Array.from(node.codes, (code) => Number(code) * 2 ** node.lsb);
}
