import type { ModelGraph, ModelNodeId } from '../../model/kinds.js';
import { bringPlan } from '../../passes/model/precision/apply-precision.js';
import type { ConstantPrecision, TensorPrecision } from '../../passes/model/precision/plan.js';
import type { ConstantSite, PrecisionSite } from '../../passes/model/precision/sites.js';
import { at, invariant } from '../../support/invariant.js';
import { Random } from '../../support/random.js';
import type { Parameter } from './cell.js';
import { GradientProgram } from './gradient-program.js';
import type { TrainingData } from './training-data.js';
import { damageSlope } from './training-data.js';

/** Events of one step. */
const BATCH = 64;
/** What one step moves a weight by, as a share of the root mean square of its tensor: at the start and at the end. */
const FIRST_RATE = 0.02;
const LAST_RATE = 0.001;
/** A bias of zeros has no size of its own. */
const SMALLEST_SIZE = 0.05;
/** Of Adam (Kingma and Ba, arXiv:1412.6980). */
const MOMENTUM = 0.9;
const SECOND_MOMENTUM = 0.99;
const TINY = 1e-12;
/** Where the pull towards zero stops growing, as a share of the root mean square of the tensor. */
const NEAR_ZERO = 0.05;

/** What weights cost while they are trained; `rows`: by row. */
export interface DigitCosts {
  readonly site: ConstantSite;
  readonly rows: Float64Array;
}

interface Trained {
  readonly site: ConstantSite;
  readonly parameter: Parameter;
  readonly size: number;
  readonly mean: Float64Array;
  readonly square: Float64Array;
}

/**
 * Trains the weights of a network whose tensors are rounded already, so that its outputs become those of the float network
 * again. Weights that have been rounded are frozen, those that were pruned stay zero, and the rest makes up for both.
 *
 * Deterministic for a seed.
 */
export class Retrainer {
  private readonly program: GradientProgram;
  private readonly trained: ReadonlyMap<string, Trained>;
  private readonly random: Random;
  private step = 0;

  /** `constants`: weights and biases to train. */
  public constructor(
    graph: ModelGraph,
    sites: readonly PrecisionSite[],
    tensors: ReadonlyMap<string, TensorPrecision>,
    constants: readonly ConstantSite[],
    private readonly data: TrainingData,
    seed: number,
  ) {
    const rounded = bringPlan(graph, sites, { tensors, constants: new Map() });
    const nodeOf = (site: ConstantSite): ModelNodeId => at(rounded.mapped, site.node);
    this.program = new GradientProgram(rounded.graph, new Set(constants.map(nodeOf)), BATCH);
    this.random = new Random(seed);
    this.trained = new Map(
      constants.map((site) => {
        const parameter = this.program.parameter(nodeOf(site));
        invariant(parameter !== undefined, 'a constant that is trained has a gradient');
        const { values } = parameter;
        const size = Math.max(SMALLEST_SIZE, Math.hypot(...values) / Math.sqrt(values.length));
        const moments = { mean: new Float64Array(values.length), square: new Float64Array(values.length) };
        return [site.name, { site, parameter, size, ...moments }];
      }),
    );
  }

  /** Present values of a constant, real ones. */
  public values(site: ConstantSite): Float64Array {
    return this.of(site).parameter.values.slice();
  }

  /** The constant has its final values. */
  public freeze(site: ConstantSite, precision: ConstantPrecision): void {
    const { values, free } = this.of(site).parameter;
    precision.codes.forEach((code, index) => (values[index] = Number(code) * 2 ** precision.lsb));
    free.fill(0);
  }

  /** Go on from these values; weights that are zero among them stay zero. */
  public restart(site: ConstantSite, precision: ConstantPrecision): void {
    const { values, free } = this.of(site).parameter;
    precision.codes.forEach((code, index) => {
      values[index] = Number(code) * 2 ** precision.lsb;
      if (site.role === 'weight' && code === 0n) free[index] = 0;
    });
  }

  /**
   * Steps of gradient descent on randomly drawn events; the rate falls along a cosine. `costs`: of weights that are pulled
   * towards zero, what a signed digit of each row costs in units of damage.
   */
  public train(steps: number, costs: readonly DigitCosts[] = []): void {
    for (let step = 0; step < steps; step++) {
      const share = (1 + Math.cos((Math.PI * step) / steps)) / 2;
      this.oneStep(LAST_RATE + (FIRST_RATE - LAST_RATE) * share, costs);
    }
  }

  private oneStep(rate: number, costs: readonly DigitCosts[]): void {
    const { data, program, random } = this;
    const { inputWidth, outputWidth } = program;
    const available = data.inputs.length / inputWidth;
    const batch = new Float64Array(BATCH * inputWidth);
    const events = Int32Array.from({ length: BATCH }, () => random.next() % available);
    events.forEach((event, index) => {
      batch.set(data.inputs.subarray(event * inputWidth, (event + 1) * inputWidth), index * inputWidth);
    });
    const outputs = program.forward(batch);
    const slopes = new Float64Array(outputs.length);
    for (let entry = 0; entry < slopes.length; entry++) {
      const [output, event] = [Math.floor(entry / BATCH), at(events, entry % BATCH)];
      slopes[entry] = damageSlope(data, event * outputWidth + output, at(outputs, entry)) / BATCH;
    }
    program.backward(slopes);
    for (const { site, rows } of costs) pullToZero(this.of(site), rows);
    this.step++;
    for (const trained of this.trained.values()) moveAlong(trained, rate, this.step);
  }

  private of(site: ConstantSite): Trained {
    const found = this.trained.get(site.name);
    invariant(found !== undefined, `'${site.name}' is not trained`);
    return found;
  }
}

/** The derivative of what the digits of weights cost: a weight w has about log2(w / LSB) / 3 in the non-adjacent form. */
function pullToZero({ parameter, size }: Trained, rows: Float64Array): void {
  const { values, gradient } = parameter;
  const columns = values.length / rows.length;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    const digits = Math.sign(value) / (3 * Math.LN2 * (Math.abs(value) + NEAR_ZERO * size));
    gradient[index] = (gradient[index] ?? 0) + (rows[Math.floor(index / columns)] ?? 0) * digits;
  }
}

function moveAlong({ parameter, size, mean, square }: Trained, rate: number, step: number): void {
  const { values, gradient, free } = parameter;
  const [first, second] = [1 - MOMENTUM ** step, 1 - SECOND_MOMENTUM ** step];
  for (let index = 0; index < values.length; index++) {
    if (free[index] !== 1) continue;
    const slope = gradient[index] ?? 0;
    const average = MOMENTUM * (mean[index] ?? 0) + (1 - MOMENTUM) * slope;
    const spread = SECOND_MOMENTUM * (square[index] ?? 0) + (1 - SECOND_MOMENTUM) * slope * slope;
    mean[index] = average;
    square[index] = spread;
    values[index] = (values[index] ?? 0) - (rate * size * (average / first)) / (Math.sqrt(spread / second) + TINY);
  }
}
