import { describe, expect, it } from 'vitest';
import { makeCurvature } from '../../../../src/precision/weights/curvature.js';
import type { PruningProblem } from '../../../../src/precision/weights/prune-matrices.js';
import { pruneMatrices } from '../../../../src/precision/weights/prune-matrices.js';
import { assessCodes, roundMatrix } from '../../../../src/precision/weights/round-matrix.js';
import { countSignedDigits } from '../../../../src/precision/weights/signed-digits.js';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';
import { correlatedActivations, secondMoments } from '../../../support/correlated-activations.js';

function randomProblem(seed: number, rows: number, columns: number): PruningProblem {
  const random = new Random(seed);
  const curvature = makeCurvature(secondMoments(correlatedActivations(random, 300, rows), rows), rows);
  const codes = Int32Array.from({ length: rows * columns }, () => random.integer(-31, 31));
  const weights = Float64Array.from(codes, (code) => code / 16);
  return { rows, columns, weights, codes, curvature, lsb: Int32Array.of(-4), range: { low: -64, high: 64 } };
}

const total = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);

describe('pruneMatrices', () => {
  const problems = [randomProblem(1, 12, 5), randomProblem(2, 5, 3)];
  const before = total(problems.map((problem) => assessCodes(problem, problem.codes).cost));

  it('reaches a cost, and not much less, in a matrix or in several', () => {
    for (const share of [0.9, 0.7, 0.4, 0.1]) {
      const cost = total(pruneMatrices(problems, { cost: share * before }).map((pruned) => pruned.cost));
      expect(cost).toBeLessThanOrEqual(share * before);
      expect(cost).toBeGreaterThan(share * before - 0.05 * before);
    }
  });

  it('keeps to a damage, and uses it', () => {
    for (const damage of [1e-4, 1e-2, 1]) {
      const pruned = pruneMatrices(problems, { damage });
      const found = total(pruned.flatMap((own) => [...own.damage]));
      expect(found).toBeLessThanOrEqual(damage);
      expect(found).toBeGreaterThan(0.3 * damage);
      const measured = total(
        problems.flatMap((problem, index) => [...assessCodes(problem, at(pruned, index).codes).damage]),
      );
      expect(found).toBeCloseTo(measured, 12);
    }
  });

  it('does far less damage than dropping the smallest weights', () => {
    const [problem] = [randomProblem(3, 16, 4)];
    const order = [...problem.codes.keys()].sort(
      (a, b) => Math.abs(at(problem.codes, a)) - Math.abs(at(problem.codes, b)),
    );
    const codes = problem.codes.slice();
    for (const index of order.slice(0, 24)) codes[index] = 0;
    const plain = assessCodes(problem, codes);
    const [pruned] = pruneMatrices([problem], { cost: plain.cost });
    expect(pruned?.cost).toBeLessThanOrEqual(plain.cost);
    expect(total(pruned?.damage ?? [])).toBeLessThan(0.05 * total(plain.damage));
  });

  it('counts what it removed', () => {
    const pruned = pruneMatrices(problems, { cost: 0.5 * before });
    pruned.forEach(({ codes, removedWeights, removedDigits }, index) => {
      const old = at(problems, index).codes;
      expect(removedWeights).toBe(old.filter((code, weight) => code !== 0 && at(codes, weight) === 0).length);
      const digits = (list: Int32Array): number => total([...list].map(countSignedDigits));
      expect(removedDigits).toBe(digits(old) - digits(codes));
    });
    expect(total(pruned.map(({ removedWeights }) => removedWeights))).toBeGreaterThan(0);
  });

  it('spares what matters: columns of importance, and rows whose digits are cheap', () => {
    const [problem] = [randomProblem(4, 8, 2)];
    const kept = ({ codes }: { readonly codes: Int32Array }, column: number): number =>
      total([...codes].map((code, index) => (index % 2 === column ? countSignedDigits(code) : 0)));
    const [even] = pruneMatrices([problem], { cost: 20 });
    const [uneven] = pruneMatrices([{ ...problem, importance: Float64Array.of(100, 1) }], { cost: 20 });
    expect(kept(uneven ?? problem, 0)).toBeGreaterThan(kept(even ?? problem, 0));
  });

  it('changes nothing where nothing has to go, and removes everything where nothing may stay', () => {
    const same = pruneMatrices(problems, { cost: before });
    same.forEach(({ codes }, index) => expect(codes).toEqual(at(problems, index).codes));
    expect(
      pruneMatrices(problems, { damage: 0 })
        .flatMap(({ damage }) => [...damage])
        .every((d) => d === 0),
    ).toBe(true);
    expect(pruneMatrices(problems, { cost: 0 }).every(({ digits }) => digits === 0)).toBe(true);
    expect(pruneMatrices([], { cost: 0 })).toEqual([]);
  });

  it('improves on codes that were rounded without regard to digits', () => {
    const problem = randomProblem(5, 10, 3);
    const nearest = roundMatrix(problem, { method: 'nearest' });
    expect(nearest.codes).toEqual(problem.codes);
    const [pruned] = pruneMatrices([problem], { damage: 1e-3 });
    expect(pruned?.digits).toBeLessThan(nearest.digits);
  });
});
