import { describe, expect, it } from 'vitest';
import { BudgetError } from '../../../src/budget/budget-error.js';
import type { BudgetContext, BudgetResult } from '../../../src/budget/evaluate.js';
import { evaluateBudget } from '../../../src/budget/evaluate.js';
import { FigureSetBuilder } from '../../../src/budget/figure-set.js';
import { parseBudget } from '../../../src/budget/parse.js';
import { budgetCodes } from '../../../src/diagnostics/codes/budget.js';
import type { Figure, FigureOrigin } from '../../../src/report/figure.js';

const figure = (value: number, unit: string, origin: FigureOrigin): Figure => ({ value, unit, origin });
const capacity = { lut: 1000, flipFlop: 2000, dsp: 100, blockRam: 10, ultraRam: 4 };
const regionCapacity = { lut: 500, flipFlop: 1000, dsp: 50, blockRam: 5, ultraRam: 2 };

const now = new FigureSetBuilder();
now.addDesign(
  {
    latency: figure(12, 'clocks', 'exact'),
    latency_ns: figure(50, 'ns', 'exact'),
    latency_bx: figure(2, 'BX', 'exact'),
    ii: figure(1, 'clocks', 'exact'),
    clock_period: figure(1000 / 240, 'ns', 'exact'),
    critical_segment: figure(4, 'ns', 'estimate'),
    lut: figure(120, 'LUT', 'estimate'),
    flip_flops: figure(100, 'FF', 'estimate'),
  },
  'Trigc',
);
now.addDesign({ lut: figure(115, 'LUT', 'yosys'), dsp: figure(0, 'DSP', 'yosys') }, 'yosys 0.55');
now.addDesign({ mismatches: figure(0, 'events', 'simulation') }, 'verilator');
now.addDesign({ auc_loss: figure(0.0005, '', 'evaluation') }, 'evaluate');
now.addLayer('dense_1', { lut: figure(70, 'LUT', 'yosys') }, 'yosys 0.55');
const before = new FigureSetBuilder();
before.addDesign({ lut: figure(100, 'LUT', 'yosys'), latency: figure(12, 'clocks', 'exact') }, 'yosys 0.55');
before.addLayer('dense_1', { lut: figure(70, 'LUT', 'yosys') }, 'yosys 0.55');

const context: BudgetContext = {
  now: now.finish(),
  baseline: before.finish(),
  minimumOrigin: undefined,
  clockPeriod: 1000 / 240,
  part: 'test',
  capacity,
  regionCapacity,
};
const check = (text: string, change: Partial<BudgetContext> = {}): BudgetResult =>
  evaluateBudget(parseBudget(text), { ...context, ...change });

function refused(text: string, change: Partial<BudgetContext> = {}): BudgetError {
  try {
    check(text, change);
  } catch (error) {
    if (error instanceof BudgetError) return error;
    throw error;
  }
  throw new Error(`'${text}' was not refused`);
}

describe('a budget', () => {
  it.each([
    'latency <= 2 BX',
    'latency <= 50 ns',
    'latency <= 0.05 us',
    'latency == 12',
    'latency <= 12 clocks',
    'latency_ns <= 50 ns',
    'latency_bx <= 2 BX',
    'ii == 1',
    'mismatches == 0',
    'auc_loss < 0.001',
    'auc_loss <= 0.05 %',
    'lut <= 115',
    'lut <= 115 LUT',
    '115 >= lut',
    'lut.yosys <= 115',
    'lut.estimate <= 120',
    'lut <= 11.5% of part',
    'lut <= 23 % of slr',
    // In doubles 1.15 * 100 is below 115.
    'lut <= 1.15 * baseline.lut',
    'lut - baseline.lut <= 15',
    'latency <= baseline.latency',
    'layer("dense_1").lut <= 70',
    'layer("dense_1").lut.yosys <= baseline.layer("dense_1").lut',
    'critical_segment <= 4 ns',
    'critical_segment <= clock_period',
    '1 / clock_period >= 240 MHz',
    'latency * clock_period <= 50 ns',
    'max(lut, 100) <= 115',
    '(lut + 5) / 2 <= 60',
    'abs(lut - 120) <= 5',
    'dsp == 0',
  ])('%s holds at the limit', (text) => {
    const result = check(text);
    expect(result.status).toBe('ok');
    expect(result.missing).toEqual([]);
  });

  it.each<[string, number, number, FigureOrigin]>([
    ['latency < 2 BX', 50, 50, 'exact'],
    ['latency_ns < 50 ns', 50, 50, 'exact'],
    ['ii == 2', 1, 2, 'exact'],
    ['mismatches > 0', 0, 0, 'simulation'],
    ['auc_loss < 0.0005', 0.0005, 0.0005, 'evaluation'],
    ['lut <= 114', 115, 114, 'yosys'],
    ['lut < 1.15 * baseline.lut', 115, 115, 'yosys'],
    ['lut <= 11.4% of part', 115, 114, 'yosys'],
    ['lut <= 22% of slr', 115, 110, 'yosys'],
    ['114 >= lut.estimate', 120, 114, 'estimate'],
    ['layer("dense_1").lut < 70', 70, 70, 'yosys'],
    ['critical_segment <= clock_period - 1 ns', 4, 1000 / 240 - 1, 'estimate'],
  ])('%s fails, and tells value, limit and origin', (text, value, limit, origin) => {
    const result = check(text);
    expect(result.status).toBe('failed');
    expect(result.value).toBeCloseTo(value, 9);
    expect(result.limit).toBeCloseTo(limit, 9);
    expect(result.figures[0]?.origin).toBe(origin);
  });

  it('tells how much is left', () => {
    expect(check('lut <= 230').headroom).toBe(0.5);
    expect(check('lut >= 100').headroom).toBeCloseTo(0.15, 12);
    expect(check('100 >= lut').headroom).toBeCloseTo(-0.15, 12);
    expect(check('lut <= 1.15 * baseline.lut').headroom).toBe(0);
    expect(check('ii == 1').headroom).toBeUndefined();
  });

  it.each<[string, keyof typeof budgetCodes, RegExp]>([
    ['lutt <= 5', 'unknownFigure', /no figure 'lutt'.*\n?.*/u],
    ['layer("dense_9").lut <= 5', 'unknownFigure', /no layer 'dense_9'/u],
    ['lut.yoshi <= 5', 'unknownFigure', /'yoshi'/u],
    ['lut < 5 ns', 'wrongUnit', /a count of LUT and a time do not compare/u],
    ['lut < 5 DSP', 'wrongUnit', /LUT.*DSP/u],
    ['latency_ns < 50', 'wrongUnit', /a time and a plain number/u],
    ['lut <= 5% of part + 3 ns', 'wrongUnit', /share of part/u],
    ['latency <= 5% of part', 'wrongUnit', /clocks.*share/u],
    ['clock_period >= 240 MHz', 'wrongUnit', /a time and a frequency/u],
    ['lut * lut < 5', 'wrongUnit', /times/u],
    ['latency', 'notComparison', /compares nothing/u],
    ['latency = 3', 'notComparison', /assigns/u],
    ['1 < lut < 3', 'notComparison', /more than twice/u],
    ['lut < 3 and ii == 1', 'notComparison', /one by one/u],
    ['(lut < 3) == 1', 'notComparison', /inside another/u],
    ['1 < 2', 'notComparison', /names no figure/u],
    ['lut <= 5% of device', 'syntax', /of 'device'/u],
    ['lut <=', 'syntax', /end of expression/u],
    ['lut <= 5; ii == 1', 'notComparison', /compares nothing/u],
    ['lut <= 10 % 3', 'syntax', /means nothing/u],
    ['lut <= sqrt(4)', 'syntax', /no function of budgets/u],
    ['lut["yosys"] <= 4', 'syntax', /means nothing/u],
    ['lut <= 5 / 0', 'syntax', /divides by zero/u],
    ['lut <= "5"', 'syntax', /not a number/u],
    ['import("x") < lut', 'syntax', /no figure and no function/u],
    [`lut <= ${'1+'.repeat(400)}1`, 'syntax', /characters/u],
  ])('%s is refused', (text, code, sentence) => {
    const error = refused(text);
    expect(error.kind.code).toBe(budgetCodes[code].code);
    expect(error.message).toMatch(sentence);
  });

  it('suggests the figure that was meant', () => {
    expect(refused('latencyns < 5 ns').hint).toMatch(/did you mean 'latency_ns'/u);
  });
});

describe('a figure that was not measured', () => {
  it.each<[string, RegExp]>([
    ['lut.impl <= 5', /trigc import-reports DIR --vivado-utilization FILE/u],
    ['lut.csynth <= 5', /trigc import-reports DIR --csynth FILE/u],
    ['bram == 0', /trigc synth DIR/u],
    ['measured_latency == latency', /trigc verify DIR/u],
    ['baseline.flip_flops >= flip_flops', /--update-baseline/u],
    ['layer("dense_1").dsp == 0', /trigc compile/u],
  ])('%s never passes, and names the command', (text, command) => {
    const result = check(text);
    expect(result.status).toBe('not measured');
    expect(result.value).toBeUndefined();
    expect(result.missing[0]?.command).toMatch(command);
  });

  it('still has a unit that must fit', () => {
    expect(refused('bram <= 5 ns').kind.code).toBe(budgetCodes.wrongUnit.code);
  });

  it('is one whose origin is weaker than asked for', () => {
    const result = check('lut <= 500', { minimumOrigin: 'synth' });
    expect(result.status).toBe('not measured');
    expect(result.missing[0]?.reason).toMatch(
      /synth or stronger was not measured; there is one of origin estimate, yosys/u,
    );
    expect(check('lut <= 115', { minimumOrigin: 'yosys' }).status).toBe('ok');
    // What follows from the design has no stronger origin.
    expect(check('latency <= 2 BX', { minimumOrigin: 'impl' }).status).toBe('ok');
  });

  it('is any of a baseline that was not given', () => {
    expect(check('lut <= baseline.lut', { baseline: undefined }).status).toBe('not measured');
  });
});

describe('a baseline', () => {
  it('is compared at the origin of the figure, and at no other', () => {
    const error = refused('lut.estimate <= baseline.lut');
    expect(error.kind.code).toBe(budgetCodes.originsDiffer.code);
    expect(error.message).toMatch(/lut\.estimate is of origin estimate, baseline\.lut of origin yosys/u);
    expect(refused('lut.estimate <= baseline.lut.yosys').kind.code).toBe(budgetCodes.originsDiffer.code);
  });

  it('of both origins gives the one that is asked for', () => {
    const both = new FigureSetBuilder();
    both.addDesign({ lut: figure(100, 'LUT', 'estimate') }, 'Trigc');
    both.addDesign({ lut: figure(200, 'LUT', 'impl') }, 'Vivado');
    expect(refused('lut <= baseline.lut', { baseline: both.finish() }).message).toMatch(/yosys.*estimate, impl/u);
    expect(check('lut.estimate <= 1.2 * baseline.lut', { baseline: both.finish() }).status).toBe('ok');
  });
});

describe('a share of a region', () => {
  it('is kept by every region', () => {
    const regions = new FigureSetBuilder();
    regions.addRegion(0, { lut: figure(90, 'LUT', 'impl') }, 'Vivado');
    regions.addRegion(1, { lut: figure(110, 'LUT', 'impl') }, 'Vivado');
    const here = { now: regions.finish() };
    expect(check('lut <= 22% of slr', here).status).toBe('ok');
    const result = check('lut <= 20% of slr', here);
    expect(result).toMatchObject({ status: 'failed', value: 110, limit: 100 });
    expect(result.notes.join()).toMatch(/region 1 /u);
    expect(check('slr(0).lut <= 90', here).status).toBe('ok');
  });

  it('holds the whole design against one region where none was measured, and says so', () => {
    expect(check('lut <= 23% of slr').notes.join()).toMatch(/whole design/u);
  });

  it('needs a part', () => {
    expect(refused('lut <= 5% of part', { capacity: undefined }).message).toMatch(/capacity of a part/u);
  });
});
