import { describe, expect, it } from 'vitest';
import { BudgetError } from '../../../src/budget/budget-error.js';
import { parseBudget, referencesOf } from '../../../src/budget/parse.js';
import { commandFor, knownFigure, pointOfFigure } from '../../../src/budget/vocabulary.js';

const names = (text: string): readonly string[] => referencesOf(parseBudget(text)).map(({ name }) => name);

describe('figures at an operating point', () => {
  it.each([
    ['efficiency_loss(1 kHz) < 1%', 'efficiency_loss_1khz'],
    ['efficiency_loss(0.3 kHz) < 0.01', 'efficiency_loss_0p3khz'],
    ['exchange(1e-4) < 1%', 'exchange_1em4'],
    ['exchange(1%) < 1%', 'exchange_1em2'],
  ])('%s names %s, which evaluate measures', (text, name) => {
    expect(names(text)).toEqual([name]);
    expect(pointOfFigure(name)).toBeDefined();
    expect(knownFigure(name)?.unit).toBe('');
    expect(commandFor(name, undefined)).toContain('trigc evaluate');
  });

  it.each(['exchange(2) < 1', 'exchange(0) < 1', 'exchange(1 MHz) < 1', 'exchange(lut) < 1', 'exchange(1e-4, 2) < 1'])(
    'refuses %s',
    (text) => {
      expect(() => parseBudget(text)).toThrow(BudgetError);
    },
  );

  it('leaves figures without a point alone', () => {
    expect(names('auc_loss < 0.001')).toEqual(['auc_loss']);
    expect(pointOfFigure('auc_loss')).toBeUndefined();
    expect(pointOfFigure('exchange_today')).toBeUndefined();
  });
});
