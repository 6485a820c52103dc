import { describe, expect, it } from 'vitest';
import { BudgetError } from '../../src/budget/budget-error.js';
import type { BudgetContext } from '../../src/budget/evaluate.js';
import { evaluateBudget } from '../../src/budget/evaluate.js';
import { FigureSetBuilder } from '../../src/budget/figure-set.js';
import { parseBudget } from '../../src/budget/parse.js';
import { Random } from '../../src/support/random.js';

const figures = new FigureSetBuilder();
figures.addDesign(
  {
    lut: { value: 100, unit: 'LUT', origin: 'estimate' },
    latency: { value: 2, unit: 'clocks', origin: 'exact' },
    clock_period: { value: 25, unit: 'ns', origin: 'exact' },
  },
  'Trigc',
);
const context: BudgetContext = {
  now: figures.finish(),
  baseline: undefined,
  minimumOrigin: undefined,
  clockPeriod: 25,
  part: 'generic',
  capacity: undefined,
  regionCapacity: undefined,
};

const words = [
  ...['lut', 'latency', 'clock_period', 'baseline', 'layer', 'slr', 'yosys', 'estimate', 'ns', 'BX', 'MHz', 'LUT'],
  ...['<', '<=', '==', '!=', '>', '=', '+', '-', '*', '/', '%', '%of part', '% of', '^', '!', "'", ':', '?', '?.'],
  ...[
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '.',
    ',',
    ';',
    '\n',
    '#',
    '"',
    '"dense"',
    '\\',
    '…',
    'µs',
    'and',
    'not',
    'to',
    'in',
  ],
  ...['0', '1', '2.5', '1e999', '0x1f', '1e', 'Infinity', 'NaN', 'true', 'null', 'i', 'end', 'import', 'parse', 'min'],
  ...['constructor', '__proto__', 'toString', 'hasOwnProperty', 'f(x) = x'],
];

describe('the reader of budgets', () => {
  it('answers any text with a result or with a sentence', () => {
    const random = new Random(5);
    let understood = 0;
    let checked = 0;
    for (let round = 0; round < 4000; round++) {
      // Half of the texts begin as a budget does, so that some of them are one.
      const begin = random.integer(0, 1) === 0 ? ['lut', '<='] : [];
      const rest = Array.from({ length: random.integer(0, 7) }, () => words[random.integer(0, words.length - 1)] ?? '');
      const text = [...begin, ...rest].join(random.integer(0, 3) === 0 ? '' : ' ');
      try {
        const budget = parseBudget(text);
        understood++;
        const { status, value } = evaluateBudget(budget, context);
        expect(status === 'not measured', text).toBe(value === undefined);
        checked++;
      } catch (error) {
        if (!(error instanceof BudgetError)) throw new Error(`'${text}' ended in ${String(error)}`, { cause: error });
        expect(error.message.length).toBeLessThan(400);
      }
    }
    expect(understood).toBeGreaterThan(40);
    expect(checked).toBeGreaterThan(10);
  });

  it('takes deep nesting and long chains for what they are', () => {
    for (const text of [`${'('.repeat(240)}lut${')'.repeat(240)} < 5`, `lut < ${'-'.repeat(480)}1`, '('.repeat(500)]) {
      try {
        evaluateBudget(parseBudget(text), context);
      } catch (error) {
        expect(error).toBeInstanceOf(BudgetError);
      }
    }
  });
});
