import { describe, expect, it } from 'vitest';
import { ScoreSamples, scoreFigure } from '../../../src/evaluation/score-samples.js';
import {
  acceptedShare,
  agreement,
  areaUnderCurve,
  exchange,
  sortedScores,
  thresholdAt,
} from '../../../src/evaluation/statistics.js';
import { at } from '../../../src/support/invariant.js';
import { Random } from '../../../src/support/random.js';

const random = new Random(3);
const coarse = (count: number, shift: number): Float64Array =>
  Float64Array.from({ length: count }, () => Math.round(8 * (random.uniform() + random.uniform() + shift)));

describe('areaUnderCurve', () => {
  it('is the share of pairs that are in order, ties counting half', () => {
    const [signal, background] = [coarse(60, 0.3), coarse(80, 0)];
    let wins = 0;
    for (const s of signal) for (const b of background) wins += s > b ? 1 : s === b ? 0.5 : 0;
    const { value, error } = areaUnderCurve(sortedScores(signal), sortedScores(background));
    expect(value).toBeCloseTo(wins / 60 / 80, 12);
    expect(error).toBeGreaterThan(0.01);
    expect(error).toBeLessThan(0.1);
  });
});

describe('thresholdAt', () => {
  it('never accepts more than asked for, and no threshold between the scores accepts more without exceeding it', () => {
    const background = sortedScores(coarse(500, 0));
    for (const fraction of [0.02, 0.1, 0.33, 0.8, 1]) {
      const found = thresholdAt(background, fraction);
      const count = (threshold: number): number => background.filter((score) => score >= threshold).length;
      expect(found?.accepted).toBe(count(found?.threshold ?? NaN));
      expect(found?.accepted).toBeLessThanOrEqual(fraction * 500);
      const lower = Math.max(...background.filter((score) => score < (found?.threshold ?? NaN)));
      if (Number.isFinite(lower)) expect(count(lower)).toBeGreaterThan(fraction * 500);
    }
  });

  it('does not resolve what fewer than ten events would be accepted at', () => {
    const background = sortedScores(coarse(500, 0));
    expect(thresholdAt(background, 9.9 / 500)).toBeUndefined();
    expect(thresholdAt(background, 10 / 500)).toBeDefined();
  });

  it('accepts nothing where the largest score is shared by too many', () => {
    expect(thresholdAt(new Float64Array(100).fill(7), 0.5)).toMatchObject({ accepted: 0 });
    expect(
      acceptedShare(new Float64Array(100).fill(7), thresholdAt(new Float64Array(100).fill(7), 0.5)?.threshold ?? 0)
        .value,
    ).toBe(0);
  });
});

describe('what two scores have in common', () => {
  it('exchange: events that only one accepts', () => {
    const [left, right] = [Float64Array.of(1, 5, 6, 2), Float64Array.of(5, 1, 6, 2)];
    expect(exchange(left, 5, right, 5).value).toBeCloseTo(2 / 3, 12);
    expect(exchange(left, 9, right, 9).value).toBe(0);
  });

  it('agreement: of a score with itself is perfect, with its negative opposite', () => {
    const scores = coarse(200, 0);
    expect(agreement(scores, scores)).toEqual({ maximum: 0, rms: 0, rankCorrelation: 1 });
    expect(
      agreement(
        scores,
        scores.map((score) => -score),
      ).rankCorrelation,
    ).toBeCloseTo(-1, 12);
    const shifted = agreement(
      scores,
      scores.map((score, index) => score + (index % 2)),
    );
    expect(shifted).toMatchObject({ maximum: 1, rms: Math.sqrt(0.5) });
  });
});

describe('scoreFigure', () => {
  const float = Float64Array.from({ length: 4000 }, () => random.uniform());
  const signal = Float64Array.from({ length: 1000 }, () => 0.5 + random.uniform());
  const worse = (scores: Float64Array): Float64Array => scores.map((score) => score + random.uniform() - 0.5);
  const background = { float, fixed: worse(float) };
  const samples = new ScoreSamples(background, new Map([['s', { float: signal, fixed: worse(signal) }]]));

  it('tells what a noisier score costs', () => {
    expect(scoreFigure(samples, 'auc_loss', 2340)).toBeGreaterThan(0.02);
    expect(scoreFigure(samples, 'efficiency_loss(0.01)', 2340)).toBeGreaterThan(0.1);
    expect(scoreFigure(samples, 'exchange(0.01)', 2340)).toBeGreaterThan(0.5);
    expect(scoreFigure(samples, 'rank_correlation', 2340)).toBeLessThan(0.95);
  });

  it('loses nothing where nothing changed', () => {
    const same = new ScoreSamples({ float, fixed: float }, new Map([['s', { float: signal, fixed: signal }]]));
    for (const name of ['auc_loss', 'efficiency_loss(0.01)', 'exchange(0.01)', 'score_rms', 'score_max'])
      expect(scoreFigure(same, name, 2340)).toBe(0);
  });

  it('says what the sample does not resolve, and knows no other figures', () => {
    expect(scoreFigure(samples, 'efficiency_loss(1 kHz)', 2340)).toMatchObject({
      reason: expect.stringContaining('4000 events do not resolve') as string,
    });
    expect(scoreFigure(samples, 'lut', 2340)).toBeUndefined();
    // One bunch of 11.2455 kHz: 1.12455 kHz is a tenth.
    expect(scoreFigure(samples, 'exchange(1.12455 kHz)', 1)).toBe(scoreFigure(samples, 'exchange(0.1)', 1));
    expect(at(float, 0)).toBeLessThan(1);
  });
});
