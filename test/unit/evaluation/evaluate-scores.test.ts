import { describe, expect, it } from 'vitest';
import { evaluateScores } from '../../../src/evaluation/evaluate-scores.js';
import { goalFigure } from '../../../src/evaluation/goal-figure.js';
import type { OperatingPoint } from '../../../src/evaluation/operating-point.js';
import type { EvaluationResult, ResolvedPoint } from '../../../src/evaluation/result.js';
import { at } from '../../../src/support/invariant.js';
import { Random } from '../../../src/support/random.js';

/** Sum of four uniform numbers, moved. */
function drawn(random: Random, events: number, shift: number): Float64Array {
  const uniform = (): number => random.uniform();
  return Float64Array.from({ length: events }, () => shift + uniform() + uniform() + uniform() + uniform());
}

const rounded = (scores: Float64Array, step: number): Float64Array =>
  scores.map((score) => Math.floor(score / step) * step);

function evaluate(
  background: Float64Array,
  signal: Float64Array,
  step: number,
  points?: readonly OperatingPoint[],
): EvaluationResult {
  return evaluateScores({
    floatBackground: background,
    fixedBackground: rounded(background, step),
    floatSignals: new Map([['signal', signal]]),
    fixedSignals: new Map([['signal', rounded(signal, step)]]),
    ...(points === undefined ? {} : { points }),
  });
}

function resolved(result: EvaluationResult, index: number): ResolvedPoint {
  const point = at(result.points, index);
  if (!point.resolvable) throw new Error('not resolvable');
  return point;
}

/** The definition: pairs of events, equal scores at half weight. */
function areaByPairs(background: Float64Array, signal: Float64Array): number {
  let sum = 0;
  for (const high of signal) for (const low of background) sum += high > low ? 1 : high === low ? 0.5 : 0;
  return sum / (background.length * signal.length);
}

/** Mean ranks by counting, then Pearson's formula. */
function rankCorrelationByCounting(left: Float64Array, right: Float64Array): number {
  const ranks = (values: Float64Array): number[] =>
    Array.from(values, (value) => {
      const below = values.filter((other) => other < value).length;
      return below + (values.filter((other) => other === value).length + 1) / 2;
    });
  const [a, b] = [ranks(left), ranks(right)];
  const mean = (left.length + 1) / 2;
  const product = (x: number[], y: number[]): number =>
    x.reduce((sum, value, index) => sum + (value - mean) * (at(y, index) - mean), 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

describe('a score against a background', () => {
  const random = new Random(1);
  const background = drawn(random, 400, 0);
  const signal = drawn(random, 150, 0.7);

  it('has the areas that the pairs of events give, ties at half weight', () => {
    const result = evaluate(background, signal, 0.5);
    const own = at(result.signals, 0);
    expect(own.aucFloat.value).toBeCloseTo(areaByPairs(background, signal), 12);
    expect(own.aucFixed.value).toBeCloseTo(areaByPairs(rounded(background, 0.5), rounded(signal, 0.5)), 12);
    expect(own.aucLoss.value).toBeCloseTo(own.aucFloat.value - own.aucFixed.value, 12);
  });

  it('has the rank correlation, the extremes and the mean that counting gives', () => {
    const { agreement } = evaluate(background, signal, 0.5).background;
    expect(agreement.rankCorrelation).toBeCloseTo(rankCorrelationByCounting(background, rounded(background, 0.5)), 12);
    const differences = Array.from(background, (score, event) => at(rounded(background, 0.5), event) - score);
    expect(agreement.maximum).toBe(Math.max(...differences.map(Math.abs)));
    expect(Math.abs(at(differences, agreement.worstEvent))).toBe(agreement.maximum);
    expect(agreement.mean).toBeCloseTo(differences.reduce((sum, value) => sum + value, 0) / 400, 12);
    expect(agreement.rms).toBeCloseTo(Math.hypot(...differences) / 20, 12);
  });

  it('has no rank correlation where one score is the same for all events', () => {
    expect(evaluate(background, signal, 100).background.agreement.rankCorrelation).toBeNull();
  });

  it('accepts no more background than the target, and rejects ties together', () => {
    const point = resolved(evaluate(background, signal, 0.25, [{ kind: 'fraction', fraction: 0.1 }]), 0);
    expect(point.float).toMatchObject({ accepted: 40, ties: 1 });
    const fixed = rounded(background, 0.25);
    const { above, accepted, ties } = point.fixed;
    expect(accepted).toBe(fixed.filter((score) => score > above).length);
    expect(ties).toBe(fixed.filter((score) => score === above).length);
    expect(accepted).toBeLessThanOrEqual(40);
    expect(accepted + ties).toBeGreaterThan(40);
  });

  it('compares the efficiencies of the two cuts on the same events', () => {
    const result = evaluate(background, signal, 0.25, [{ kind: 'fraction', fraction: 0.1 }]);
    const { float, fixed, signals } = resolved(result, 0);
    const own = at(signals, 0);
    const byFloat = signal.filter((score) => score > float.above).length;
    const byFixed = rounded(signal, 0.25).filter((score) => score > fixed.above).length;
    expect(own.float.value).toBe(byFloat / 150);
    expect(own.fixed.value).toBe(byFixed / 150);
    expect(own.loss?.value).toBeCloseTo(1 - byFixed / byFloat, 12);
    const { both, floatOnly, fixedOnly } = own.overlap;
    expect([both + floatOnly, both + fixedOnly]).toEqual([byFloat, byFixed]);
    expect(own.fixedInterpolated).toBeGreaterThanOrEqual(own.fixed.value);
    expect(goalFigure(result, 'efficiency_loss', { kind: 'fraction', fraction: 0.1 })).toEqual(own.loss);
  });

  it('counts the exchange at equal numbers of accepted background events', () => {
    const { exchange, fixed } = resolved(evaluate(background, signal, 0.25, [{ kind: 'fraction', fraction: 0.1 }]), 0);
    const events = Array.from(background.keys()).sort((a, b) => at(background, b) - at(background, a));
    const inFloat = new Set(events.slice(0, fixed.accepted));
    const quantised = rounded(background, 0.25);
    const inFixed = new Set(events.filter((event) => at(quantised, event) > fixed.above));
    const union = new Set([...inFloat, ...inFixed]).size;
    const common = [...inFloat].filter((event) => inFixed.has(event)).length;
    expect(exchange?.value).toBeCloseTo((union - common) / union, 12);
  });

  it('gives no number where the background cannot resolve the fraction', () => {
    const result = evaluate(background, signal, 0.25, [{ kind: 'fraction', fraction: 0.01 }]);
    expect(result.points).toEqual([
      {
        resolvable: false,
        point: { kind: 'fraction', fraction: 0.01 },
        target: 0.01,
        targetKilohertz: 0.01 * 11.2455 * 2340,
        needed: 1000,
      },
    ]);
    expect(goalFigure(result, 'exchange', { kind: 'fraction', fraction: 0.01 })).toBeUndefined();
  });

  it('turns rates into fractions of all bunch crossings', () => {
    const result = evaluate(background, signal, 0.25, [{ kind: 'rate', kilohertz: 2631.447 }]);
    const point = resolved(result, 0);
    expect(point.target).toBeCloseTo(0.1, 12);
    expect(point.float.accepted).toBe(40);
    expect(point.float.kilohertz.value).toBeCloseTo(0.1 * 11.2455 * 2340, 9);
  });

  it('has no loss anywhere when the scores are the same, and an error all the same', () => {
    const result = evaluateScores({
      floatBackground: background,
      fixedBackground: background,
      floatSignals: new Map([['signal', signal]]),
      fixedSignals: new Map([['signal', signal]]),
      points: [{ kind: 'fraction', fraction: 0.1 }],
    });
    const { exchange, signals } = resolved(result, 0);
    expect(exchange?.value).toBe(0);
    expect(exchange?.high).toBeGreaterThan(0);
    expect(at(signals, 0).loss?.value).toBe(0);
    expect(at(signals, 0).loss?.error).toBeGreaterThan(0);
    expect(goalFigure(result, 'auc_loss')).toEqual({ value: 0, error: 0 });
  });

  it('takes the worst of several signals', () => {
    const other = drawn(random, 100, 0.2);
    const result = evaluateScores({
      floatBackground: background,
      fixedBackground: rounded(background, 0.5),
      floatSignals: new Map([
        ['near', other],
        ['far', signal],
      ]),
      fixedSignals: new Map([
        ['near', rounded(other, 0.5)],
        ['far', rounded(signal, 0.5)],
      ]),
    });
    const losses = result.signals.map((one) => one.aucLoss.value);
    expect(goalFigure(result, 'auc_loss')?.value).toBe(Math.max(...losses));
  });

  it('throws on scores that are no numbers', () => {
    expect(() => evaluate(Float64Array.of(1, Number.NaN), signal, 1)).toThrow('no finite number');
  });
});

describe('the stated errors', () => {
  /** Spread of a figure over independent samples, and the mean of its stated errors. */
  function spread(figure: (random: Random) => { readonly value: number; readonly error: number }): [number, number] {
    const results = Array.from({ length: 200 }, (_, seed) => figure(new Random(seed)));
    const mean = results.reduce((sum, { value }) => sum + value, 0) / results.length;
    const variance = results.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / (results.length - 1);
    return [Math.sqrt(variance), results.reduce((sum, { error }) => sum + error, 0) / results.length];
  }

  it('are those of repeated samples, for the loss of area', () => {
    const [seen, stated] = spread((random) => {
      const result = evaluate(drawn(random, 1000, 0), drawn(random, 500, 0.7), 0.5);
      return at(result.signals, 0).aucLoss;
    });
    expect(stated / seen).toBeGreaterThan(0.8);
    expect(stated / seen).toBeLessThan(1.25);
  });

  it('are those of repeated samples, for the loss of efficiency of a noisy score', () => {
    const [seen, stated] = spread((random) => {
      const background = drawn(random, 2000, 0);
      const signal = drawn(random, 1000, 0.7);
      const noisy = (scores: Float64Array): Float64Array => scores.map((score) => score + random.uniform() * 0.2);
      const result = evaluateScores({
        floatBackground: background,
        fixedBackground: noisy(background),
        floatSignals: new Map([['signal', signal]]),
        fixedSignals: new Map([['signal', noisy(signal)]]),
        points: [{ kind: 'fraction', fraction: 0.05 }],
      });
      return at(resolved(result, 0).signals, 0).loss ?? { value: 0, error: 0 };
    });
    expect(stated / seen).toBeGreaterThan(0.8);
    expect(stated / seen).toBeLessThan(1.25);
  });
});
