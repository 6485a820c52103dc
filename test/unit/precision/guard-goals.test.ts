import { describe, expect, it } from 'vitest';
import { parseBudget } from '../../../src/budget/parse.js';
import { guardGoals } from '../../../src/precision/guard-goals.js';

const guards = (kind: 'score' | 'classes', ...goals: readonly string[]): readonly string[] =>
  guardGoals(
    goals.map((goal) => parseBudget(goal)),
    kind,
  ).map(({ text }) => text);

describe('guardGoals', () => {
  it('keeps the accepted events at each point of an efficiency', () => {
    expect(guards('score', 'efficiency_loss(1e-3) < 1%', 'efficiency_loss(1 kHz) < 1%', 'lut < 9000')).toEqual([
      'exchange(1e-3) < 33%',
      'exchange(1 kHz) < 33%',
    ]);
  });

  it('keeps the order of the scores for an AUC, and the decisions of a classifier', () => {
    expect(guards('score', 'auc_loss < 0.01')).toEqual(['rank_correlation > 0.9']);
    expect(guards('classes', 'auc_loss < 0.01')).toEqual(['argmax_disagreement < 20%']);
    expect(guards('classes', 'accuracy_loss < 0.01')).toEqual(['argmax_disagreement < 20%']);
  });

  it('adds nothing where a goal names what has to agree, or nothing but resources', () => {
    expect(guards('score', 'efficiency_loss(1e-3) < 1%', 'exchange(1e-2) < 50%')).toEqual([]);
    expect(guards('score', 'auc_loss < 0.01', 'rank_correlation > 0')).toEqual([]);
    expect(guards('score', 'lut < 9000', 'latency < 5')).toEqual([]);
  });
});
