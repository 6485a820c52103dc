import { describe, expect, it } from 'vitest';
import { makeCurvature } from '../../../../src/precision/weights/curvature.js';
import type { MatrixProblem } from '../../../../src/precision/weights/matrix-problem.js';
import { assessCodes, roundMatrix } from '../../../../src/precision/weights/round-matrix.js';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';
import { correlatedActivations, secondMoments } from '../../../support/correlated-activations.js';

const EVENTS = 200;

interface Options {
  readonly rows: number;
  readonly columns: number;
  readonly lambda?: number;
  readonly damping?: number;
  readonly lsb?: number;
  readonly high?: number;
}

function randomProblem(seed: number, options: Options): MatrixProblem & { readonly data: Float64Array } {
  const { rows, columns, lambda = 0, damping = 0, lsb = -2, high = 4 } = options;
  const random = new Random(seed);
  const data = correlatedActivations(random, EVENTS, rows);
  const weights = Float64Array.from({ length: rows * columns }, () => 1.6 * random.uniform() - 0.8);
  const curvature = makeCurvature(secondMoments(data, rows), rows, { damping });
  return { rows, columns, weights, curvature, lsb: Int32Array.of(lsb), range: { low: -high, high }, lambda, data };
}

/** The least objective over all codes of one column. */
function bruteForce(problem: MatrixProblem): number {
  const { rows, range } = problem;
  const codes = new Int32Array(rows).fill(range.low);
  for (let least = Infinity; ;) {
    least = Math.min(least, assessCodes(problem, codes).objective);
    let row = 0;
    for (; row < rows && at(codes, row) === range.high; row++) codes[row] = range.low;
    if (row === rows) return least;
    codes[row] = at(codes, row) + 1;
  }
}

describe('roundMatrix', () => {
  it.each([0, 0.002, 0.02])(
    'finds nearly always the optimum of small columns, at a price of digits of %s',
    (lambda) => {
      let exact = 0;
      for (let seed = 1; seed <= 40; seed++) {
        const problem = randomProblem(seed, { rows: 4, columns: 1, lambda });
        const best = bruteForce(problem);
        const { objective } = roundMatrix(problem);
        expect(objective).toBeGreaterThanOrEqual(best * (1 - 1e-9));
        expect(objective).toBeLessThan(best * 1.2);
        if (objective <= best * (1 + 1e-9)) exact++;
      }
      expect(exact).toBeGreaterThanOrEqual(39);
    },
  );

  it('is far better than rounding each weight to its nearest code, and better than one order alone', () => {
    const problem = randomProblem(3, { rows: 24, columns: 6, lsb: -4, high: 32 });
    const [nearest, fixed, greedy, search] = (['nearest', 'fixed', 'greedy', 'search'] as const).map(
      (method) => roundMatrix(problem, { method }).objective,
    );
    expect(fixed).toBeLessThan(0.3 * (nearest ?? 0));
    expect(greedy).toBeLessThan(0.3 * (nearest ?? 0));
    expect(search).toBeLessThan(0.9 * Math.min(fixed ?? 0, greedy ?? 0));
  });

  it('is never worse than the codes it starts from, nor than the nearest ones', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const problem = randomProblem(seed, { rows: 9, columns: 3, lambda: seed % 2 === 0 ? 0.003 : 0, damping: 0.001 });
      const random = new Random(seed);
      const start = Int32Array.from({ length: 27 }, () => random.integer(-4, 4));
      const given = assessCodes(problem, start.slice()).objective;
      const nearest = roundMatrix(problem, { method: 'nearest' }).objective;
      const found = roundMatrix(problem, { start, beam: 1, pairs: false });
      expect(found.objective).toBeLessThanOrEqual(Math.min(given, nearest) * (1 + 1e-12));
      const again = roundMatrix(problem, { start: found.codes, beam: 1, pairs: false });
      expect(again.objective).toBeLessThanOrEqual(found.objective * (1 + 1e-12));
    }
  });

  it('reports the damage that is measured on the events', () => {
    const problem = randomProblem(5, { rows: 7, columns: 2, damping: 0.01 });
    const { weights, damage } = roundMatrix(problem);
    const measured = new Float64Array(2);
    for (let event = 0; event < EVENTS; event++) {
      for (let column = 0; column < 2; column++) {
        let error = 0;
        for (let row = 0; row < 7; row++) {
          const index = row * 2 + column;
          error += at(problem.data, event * 7 + row) * (at(weights, index) - at(problem.weights, index));
        }
        measured[column] = at(measured, column) + error ** 2 / EVENTS;
      }
    }
    measured.forEach((value, column) => expect(at(damage, column) / value).toBeCloseTo(1, 9));
  });

  it('spends fewer digits as they cost more, down to none', () => {
    const prices = [0, 1e-4, 1e-3, 1e-2, 1e-1, 1e3];
    const digits = prices.map((lambda) => roundMatrix(randomProblem(6, { rows: 8, columns: 3, lambda })).digits);
    for (let index = 1; index < digits.length; index++)
      expect(at(digits, index)).toBeLessThanOrEqual(at(digits, index - 1));
    expect(digits[0]).toBeGreaterThan(20);
    expect(digits.at(-1)).toBe(0);
  });

  it('gives the same codes in other units and for columns in another order', () => {
    const problem = randomProblem(7, { rows: 6, columns: 3, lambda: 0.001 });
    const { codes } = roundMatrix(problem);
    const doubled = { ...problem, weights: problem.weights.map((w) => 2 * w), lsb: Int32Array.of(-1), lambda: 0.004 };
    expect(roundMatrix(doubled).codes).toEqual(codes);
    const turned = problem.weights.map((_, index) => at(problem.weights, index - (index % 3) + ((index + 1) % 3)));
    const turnedCodes = codes.map((_, index) => at(codes, index - (index % 3) + ((index + 1) % 3)));
    // 18 weights: index % 3 is the column.
    expect(roundMatrix({ ...problem, weights: turned }).codes).toEqual(turnedCodes);
    const perColumn = { ...problem, lsb: Int32Array.of(-2, -2, -2) };
    expect(roundMatrix(perColumn).codes).toEqual(codes);
    expect(roundMatrix({ ...problem, lsb: new Int32Array(18).fill(-2) }).codes).toEqual(codes);
  });

  it('takes units of columns and weights, importance of columns and costs of rows for what they are', () => {
    const problem = randomProblem(8, { rows: 5, columns: 2, lambda: 0.002 });
    const finer = roundMatrix({ ...problem, lambda: 0, lsb: Int32Array.of(-2, -4), range: { low: -16, high: 16 } });
    expect(at(finer.damage, 1)).toBeLessThan(0.5 * at(finer.damage, 0));
    const valued = roundMatrix({ ...problem, importance: Float64Array.of(1, 1000) });
    const plain = roundMatrix(problem);
    expect(at(valued.damage, 0)).toBe(at(plain.damage, 0));
    expect(at(valued.damage, 1)).toBeLessThan(at(plain.damage, 1));
    const worthless = roundMatrix({ ...problem, importance: Float64Array.of(1, 0) });
    expect(worthless.codes.filter((_, index) => index % 2 === 1).every((code) => code === 0)).toBe(true);
    const dear = roundMatrix({ ...problem, digitCosts: Float64Array.of(1, 1, 1e6, 1, 1) });
    expect([at(dear.codes, 4), at(dear.codes, 5)]).toEqual([0, 0]);
    expect(dear.cost).toBe(dear.digits);
  });

  it('keeps weights of inputs that never move near their values, unless digits cost', () => {
    const gram = Float64Array.of(1, 0, 0, 0);
    const curvature = makeCurvature(gram, 2, { damping: 0.01 });
    const problem = { rows: 2, columns: 1, weights: Float64Array.of(0.5, 0.75), curvature } as const;
    const typed = { ...problem, lsb: Int32Array.of(-2), range: { low: -4, high: 4 } };
    expect([...roundMatrix(typed).codes]).toEqual([2, 3]);
    expect([...roundMatrix({ ...typed, lambda: 0.05 }).codes]).toEqual([2, 0]);
  });

  it('refuses arrays of wrong lengths', () => {
    const problem = randomProblem(9, { rows: 3, columns: 2 });
    expect(() => roundMatrix({ ...problem, rows: 4 })).toThrow('6 weights in a matrix of 4 × 2');
    expect(() => roundMatrix({ ...problem, lsb: new Int32Array(4) })).toThrow('4 units');
    expect(() => roundMatrix({ ...problem, range: { low: 0, high: 2 ** 30 } })).toThrow('range of codes');
    expect(() => roundMatrix({ ...problem, lambda: -1 })).toThrow('price');
    expect(() => makeCurvature(new Float64Array(3), 2)).toThrow('3 moments of 2 inputs');
  });
});
