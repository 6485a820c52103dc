import { describe, expect, it } from 'vitest';
import { compileFloatEvaluator } from '../../../../src/backends/emulator/float/compile.js';
import { ModelBuilder } from '../../../../src/model/builder.js';
import type { ModelGraph } from '../../../../src/model/kinds.js';
import { fixedPointType } from '../../../../src/numeric/fixed-point.js';
import { bringPlan } from '../../../../src/passes/model/precision/apply-precision.js';
import type { TensorPrecision } from '../../../../src/passes/model/precision/plan.js';
import type { ConstantSite, PrecisionSite } from '../../../../src/passes/model/precision/sites.js';
import { findSites } from '../../../../src/passes/model/precision/sites.js';
import { Retrainer } from '../../../../src/precision/retraining/retrainer.js';
import type { TrainingData } from '../../../../src/precision/retraining/training-data.js';
import { trainingData } from '../../../../src/precision/retraining/training-data.js';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';
import { correlatedActivations } from '../../../support/correlated-activations.js';

const [INPUTS, HIDDEN, EVENTS] = [6, 12, 2000];
const LSB = -20;

/** 6 → 12 → 1 with a ReLU. */
function network(random: Random): ModelGraph {
  const builder = new ModelBuilder('network');
  const constant = (shape: readonly number[], size: number) => {
    const codes = Array.from({ length: size }, () => BigInt(Math.round((random.uniform() - 0.5) * 2 ** -LSB)));
    return builder.constant({ lsb: LSB, codes, float: true }, shape);
  };
  const named = (name: string) => ({ name, operator: 'Gemm' });
  const x = builder.input({ name: 'x', types: [], rounding: 'RND', overflow: 'SAT' }, [1, INPUTS]);
  const first = builder.add('matmul', { left: x, right: constant([INPUTS, HIDDEN], INPUTS * HIDDEN) }, named('first'));
  const sum = builder.add('add', { left: first, right: constant([HIDDEN], HIDDEN) }, named('first'));
  const hidden = builder.add('relu', { operand: sum }, { name: 'act', operator: 'Relu' });
  const second = builder.add('matmul', { left: hidden, right: constant([HIDDEN, 1], HIDDEN) }, named('second'));
  builder.output('y', second);
  return builder.finish();
}

interface Setting {
  readonly graph: ModelGraph;
  readonly sites: readonly PrecisionSite[];
  readonly weights: readonly ConstantSite[];
  readonly tensors: ReadonlyMap<string, TensorPrecision>;
  readonly data: TrainingData;
}

function setting(seed: number): Setting {
  const random = new Random(seed);
  const graph = network(random);
  const sites = findSites(graph);
  const weights = sites.filter((site) => site.kind === 'constant');
  const coarse = { types: [fixedPointType(false, 4, 1)], rounding: 'RND_CONV', overflow: 'SAT' } as const;
  const tensors = new Map(
    sites.flatMap((site) =>
      site.kind === 'tensor' && !site.isInput && site.entersProduct ? [[site.name, coarse] as const] : [],
    ),
  );
  expect(tensors.size).toBe(1);
  return { graph, sites, weights, tensors, data: trainingData(graph, correlatedActivations(random, EVENTS, INPUTS)) };
}

/** Damage of all events of the network with the trainer's present weights. */
function damageOf({ graph, sites, weights, tensors, data }: Setting, trainer: Retrainer): number {
  const constants = new Map(
    weights.map((site) => {
      const codes = Array.from(trainer.values(site), (value) => BigInt(Math.round(value * 2 ** 40)));
      return [site.name, { lsb: -40, codes }] as const;
    }),
  );
  const outputs = compileFloatEvaluator(bringPlan(graph, sites, { tensors, constants }).graph).run(data.inputs);
  return outputs.reduce(
    (sum, value, index) => sum + at(data.importance, index) * (value - at(data.target, index)) ** 2,
    0,
  );
}

const trainerOf = ({ graph, sites, weights, tensors, data }: Setting, seed = 1): Retrainer =>
  new Retrainer(graph, sites, tensors, weights, data, seed);

describe('Retrainer', () => {
  it('makes up for tensors that were rounded and weights that were pruned, which stay zero', () => {
    const cases = Array.from({ length: 5 }, (_, index) => setting(index + 1));
    const shares = cases.map((each) => {
      const trainer = trainerOf(each);
      const first = at(each.weights, 0);
      // Every fourth weight of the first layer goes.
      const kept = trainer.values(first).map((value, index) => (index % 4 === 0 ? 0 : value));
      const codes = Array.from(kept, (value) => BigInt(Math.round(value * 2 ** 40)));
      trainer.restart(first, { lsb: -40, codes });
      const before = damageOf(each, trainer);
      trainer.train(600);
      expect(trainer.values(first).every((value, index) => (index % 4 === 0) === (value === 0))).toBe(true);
      return damageOf(each, trainer) / before;
    });
    expect(Math.max(...shares)).toBeLessThan(0.9);
    expect(shares.reduce((sum, share) => sum + share, 0) / shares.length, shares.join()).toBeLessThan(0.5);
  });

  it('leaves frozen weights alone, and gives the same for the same seed', () => {
    const each = setting(7);
    const [first, , last] = [at(each.weights, 0), at(each.weights, 1), at(each.weights, 2)];
    const results = [1, 1, 2].map((seed) => {
      const trainer = trainerOf(each, seed);
      const codes = Array.from(trainer.values(first), (value) => BigInt(Math.round(value * 8)));
      trainer.freeze(first, { lsb: -3, codes });
      trainer.train(50);
      expect([...trainer.values(first)]).toEqual(codes.map((code) => Number(code) / 8));
      return [...trainer.values(last)];
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).not.toEqual(results[0]);
  });

  it('pulls weights towards zero by what their digits cost', () => {
    const each = setting(9);
    const sizes = [0, 1e-3, 1e-1].map((cost) => {
      const trainer = trainerOf(each);
      const site = at(each.weights, 0);
      trainer.train(400, [{ site, rows: new Float64Array(INPUTS).fill(cost) }]);
      return trainer.values(site).filter((value) => Math.abs(value) > 0.02).length;
    });
    expect(at(sizes, 1)).toBeLessThan(at(sizes, 0));
    expect(at(sizes, 2)).toBeLessThan(at(sizes, 1));
  });
});
