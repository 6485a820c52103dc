import type { CompiledFloatEvaluator } from '../backends/emulator/float/compile.js';
import { compileFloatEvaluator } from '../backends/emulator/float/compile.js';
import type { ModelGraph, ModelNodeId } from '../model/kinds.js';
import { elementCount } from '../model/kinds.js';
import { bringPlan } from '../passes/model/precision/apply-precision.js';
import type { ConstantPrecision, PrecisionPlan, TensorPrecision } from '../passes/model/precision/plan.js';
import type { PrecisionSite, TensorSite } from '../passes/model/precision/sites.js';
import { at } from '../support/invariant.js';
import type { FittedLayer } from './fit-layer.js';
import { constantValues, digitCosts, fitLayer, UNSHARED } from './fit-layer.js';
import type { Layer } from './layers.js';
import { columnImportance, findLayers } from './layers.js';
import { Retrainer } from './retraining/retrainer.js';
import type { TrainingData } from './retraining/training-data.js';
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

/** Nominal digits of a weight, before any have been chosen. */
const NOMINAL_DIGITS = 2;
/**
 * Steps of training: with a pull towards fewer digits, without the weights that were pruned, and after each layer that was
 * rounded. Found on the networks of `models/`.
 */
const STEPS = { pulled: 3000, pruned: 1000, rounded: 400 } as const;
/** What a digit costs during the pull, in its prices: most of the damage that is done there is undone by what follows. */
const PULL = 5;
/** What a digit costs when weights are rounded, in prices of a bit of a tensor: half of that damage is undone. */
const TRAINED_PRICE = 2;

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

  /**
   * `digits`: those of an earlier plan, for a better estimate of what a bit of a tensor costs. `training`: train the
   * weights that are not rounded yet, after every layer that is.
   */
  public constructor(
    private readonly problem: PrecisionProblem,
    private readonly digits?: BuiltPlan['digits'],
    private readonly training?: { readonly data: TrainingData; readonly seed: number },
  ) {
    this.plain = compileFloatEvaluator(problem.graph);
  }

  public build(priceOf: PriceOf): BuiltPlan {
    const tensors = chooseTensors(this.problem, priceOf, this.digits);
    if (this.training === undefined) return this.fitAll(priceOf, tensors);
    return this.buildTrained(priceOf, tensors, this.training);
  }

  /**
   * The same with training in between. Weights are first pulled towards zero by what their digits cost, for which a network
   * finds ways around that no layer sees by itself. Then it is decided which of them go; the others learn to do without.
   * Last, layers are rounded one after the other, and those that are not yet make up for it.
   */
  private buildTrained(
    priceOf: PriceOf,
    tensors: Map<string, TensorPrecision>,
    { data, seed }: { readonly data: TrainingData; readonly seed: number },
  ): BuiltPlan {
    const { graph, sites, layers } = this.problem;
    const weightPrice: PriceOf = (site) => TRAINED_PRICE * priceOf(site);
    const constants = layers.flatMap(({ weight, bias }) => (bias === undefined ? [weight] : [weight, bias]));
    const trainer = new Retrainer(graph, sites, tensors, constants, data, seed);
    const costs = layers.map((layer) => ({
      site: layer.weight,
      rows: digitCosts(layer, tensors, PULL * weightPrice(layer.weight.name)),
    }));
    trainer.train(STEPS.pulled, costs);
    const draft = this.fitAll(weightPrice, tensors, trainer);
    for (const site of constants) {
      const drafted = draft.plan.constants.get(site.name);
      if (drafted !== undefined) trainer.restart(site, drafted);
    }
    trainer.train(STEPS.pruned);
    return this.fitAll(weightPrice, tensors, trainer, (layer, fitted) => {
      trainer.freeze(layer.weight, fitted.weights);
      if (layer.bias !== undefined) trainer.freeze(layer.bias, fitted.bias);
      if (layer !== layers.at(-1)) trainer.train(STEPS.rounded);
    });
  }

  /** Layers one after the other; with a trainer to the weights that it has now. `done` is told of each. */
  private fitAll(
    priceOf: PriceOf,
    tensors: Map<string, TensorPrecision>,
    trainer?: Retrainer,
    done?: (layer: Layer, fitted: FittedLayer) => void,
  ): BuiltPlan {
    const { problem } = this;
    const constants = new Map<string, ConstantPrecision>();
    const digits = new Map<string, Int32Array>();
    let earlier = -1;
    for (const layer of problem.layers) {
      const { product, weight, bias } = layer;
      const price = priceOf(weight.name);
      let fitted: FittedLayer;
      if (trainer !== undefined) fitted = this.fit(layer, tensors, constants, price, trainer);
      else {
        // All that the fit depends on: the types before it, the layers before it, and the price.
        const key = `${earlier} ${price} ${typesBefore(problem.sites, tensors, product.id)}`;
        let known = this.fitted.get(key);
        if (known === undefined) {
          known = { layer: this.fit(layer, tensors, constants, price), id: this.fitted.size };
          this.fitted.set(key, known);
        }
        earlier = known.id;
        fitted = known.layer;
      }
      constants.set(weight.name, fitted.weights);
      if (bias !== undefined) constants.set(bias.name, fitted.bias);
      digits.set(weight.name, fitted.digits);
      done?.(layer, fitted);
    }
    return { plan: { tensors, constants }, digits };
  }

  private fit(
    layer: Layer,
    tensors: ReadonlyMap<string, TensorPrecision>,
    constants: ReadonlyMap<string, ConstantPrecision>,
    price: number,
    trainer?: Retrainer,
  ): FittedLayer {
    const { graph, sites, sample } = this.problem;
    const { left } = layer.product;
    const partial = bringPlan(graph, sites, { tensors, constants });
    const rounded = compileFloatEvaluator(partial.graph);
    const [fixedInput = new Float64Array()] = rounded.observe(sample, [at(partial.mapped, left)]);
    const fit = { layer, fixedInput, tensors, price };
    if (trainer !== undefined) {
      // Trained weights expect the rounded inputs: there is nothing to make up for.
      const shift = layer.bias === undefined ? undefined : trainer.values(layer.bias);
      return fitLayer({ ...fit, exactInput: fixedInput, original: trainer.values(layer.weight), shift });
    }
    const [exactInput = new Float64Array()] = this.plain.observe(sample, [left]);
    const shift = layer.bias === undefined ? undefined : constantValues(graph, layer.bias.node);
    return fitLayer({ ...fit, exactInput, original: constantValues(graph, layer.weight.node), shift });
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
