import { expect, it } from 'vitest';
import { evaluateClasses } from '../../../src/evaluation/evaluate-classes.js';
import { goalFigure } from '../../../src/evaluation/goal-figure.js';
import { at } from '../../../src/support/invariant.js';

const names = ['quark', 'gluon', 'top'];
const labels = Int32Array.of(0, 0, 1, 1, 2, 2);
const float = Float64Array.of(0.8, 0.1, 0.1, 0.3, 0.5, 0.2, 0.1, 0.8, 0.1, 0.4, 0.5, 0.1, 0, 0.2, 0.8, 0.1, 0.1, 0.8);
/** The second event becomes right, the last one wrong: a tie, and the first of equal scores decides. */
const fixed = Float64Array.from(float);
fixed.set([0.5, 0.5, 0], 3);
fixed.set([0.5, 0, 0.5], 15);

it('compares argmax, accuracy and areas of a classifier', () => {
  const result = evaluateClasses({ names, float, fixed, labels });
  expect(result.accuracyFloat.value).toBe(5 / 6);
  expect(result.accuracyFixed.value).toBe(5 / 6);
  expect(result.accuracyLoss.value).toBe(0);
  expect(result.argmaxAgreement.value).toBe(4 / 6);
  expect(goalFigure(result, 'argmax_disagreement')?.value).toBeCloseTo(2 / 6, 12);
  const quark = at(result.classes, 0);
  // Pairs of (own, rest): the own score 0.3 is below one of four, 0.4.
  expect(quark.aucFloat.value).toBe(7 / 8);
  // 0.5 ties with the last event's.
  expect(quark.aucFixed.value).toBe((4 + 3.5) / 8);
  const macro = result.classes.reduce((sum, one) => sum + one.aucFloat.value, 0) / 3;
  expect(result.macroAucFloat).toBeCloseTo(macro, 12);
  expect(goalFigure(result, 'auc_loss')?.value).toBeCloseTo(result.macroAucFloat - result.macroAucFixed, 12);
  expect(goalFigure(result, 'exchange', { kind: 'fraction', fraction: 0.1 })).toBeUndefined();
});

it('throws for a class without events', () => {
  const only = Int32Array.of(0, 0, 1, 1, 1, 1);
  expect(() => evaluateClasses({ names, float, fixed, labels: only })).toThrow("class 'top' has 0 of 6 events");
});
