import { describe, expect, it } from 'vitest';
import { canonicalSignedDigits } from '../../../../../../src/passes/dataflow/distributed-arithmetic/csd.js';
import { packTerm, valueOf } from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/packed-term.js';
import {
  appendDigits,
  digitCount,
  Resynthesis,
} from '../../../../../../src/passes/dataflow/distributed-arithmetic/search/resynthesis.js';
import { Random } from '../../../../../../src/support/random.js';
import { formsOf, randomInputs, randomNetwork, randomTerm, sumOf } from './random-networks.js';

describe('digitCount', () => {
  it('counts the digits of the canonical form', () => {
    const random = new Random(1);
    const values = [...Array.from({ length: 2100 }, (_, index) => index - 1050), (1 << 28) - 1, 1 - (1 << 28)];
    for (let count = 0; count < 500; count++) values.push(random.integer(-(1 << 28), 1 << 28));
    for (const value of values) expect(digitCount(value)).toBe(canonicalSignedDigits(BigInt(value)).length);
  });
});

describe('appendDigits', () => {
  it('writes a coefficient with the fewest digits', () => {
    const random = new Random(2);
    const network = randomInputs(random, 3);
    for (let count = 0; count < 500; count++) {
      const coefficient = random.integer(-(1 << random.integer(1, 28)), 1 << random.integer(1, 28));
      const list: number[] = [];
      appendDigits(list, 1, coefficient);
      expect(sumOf(network, formsOf(network), list)).toEqual([0n, BigInt(coefficient), 0n]);
      expect(list).toHaveLength(digitCount(coefficient));
    }
  });
});

describe('Resynthesis', () => {
  it('writes the sum that was loaded, from any candidates', () => {
    let taken = 0;
    for (let seed = 0; seed < 150; seed++) {
      const random = new Random(seed);
      const network = randomNetwork(random, random.integer(1, 8), 12, random.integer(0, 2));
      const resynthesis = new Resynthesis(network);
      const forms = formsOf(network);
      for (let round = 0; round < 4; round++) {
        const shifts = [0, 3, 18][random.integer(0, 2)] ?? 0;
        const part = Array.from({ length: random.integer(0, 8) }, () => randomTerm(random, network.size, shifts));
        const wanted = sumOf(network, forms, part);
        const support = resynthesis.load(part);
        const isLarge = wanted.some((coefficient) => coefficient >= 1n << 28n || coefficient <= -1n << 28n);
        if (isLarge) expect(support).toBeUndefined();
        if (support === undefined) continue;
        expect(support).toEqual(
          wanted.flatMap((coefficient, input) => (coefficient !== 0n && input < network.firstConstant ? [input] : [])),
        );
        const candidates: number[] = [];
        for (let value = network.inputs.length; value < network.size; value++) {
          if (random.integer(0, 2) > 0) candidates.push(value);
        }
        const noise = random.integer(0, 1) === 0 ? (): number => 0 : (): number => 0.3 * random.uniform();
        const list = resynthesis.pursue(candidates, noise);
        expect(sumOf(network, forms, list)).toEqual(wanted);
        const made = list.map((term) => valueOf(term)).filter((value) => value >= network.inputs.length);
        for (const value of made) expect(candidates).toContain(value);
        const digits = wanted.reduce(
          (sum, coefficient, input) => sum + (input < network.firstConstant ? digitCount(Number(coefficient)) : 0),
          0,
        );
        const terms = list.filter(
          (term) => valueOf(term) < network.firstConstant || valueOf(term) >= network.endOfInputs,
        );
        expect(terms.length).toBeLessThanOrEqual(digits);
        taken += made.length;
      }
    }
    expect(taken).toBeGreaterThan(150);
  });

  it('takes the value that leaves the fewest digits, whatever its shift and sign', () => {
    const network = randomInputs(new Random(1), 4);
    const value = (coefficients: readonly number[]): number => {
      const made = network.create(false);
      coefficients.forEach((coefficient, input) => {
        const digits: number[] = [];
        appendDigits(digits, input, coefficient);
        for (const term of digits) network.append(made, term);
      });
      network.settle(made);
      return made;
    };
    const [two, three] = [value([1, 1, 0, 0]), value([1, 1, -5, 0])];
    const wanted = value([-4, -4, 20, 1]);
    const resynthesis = new Resynthesis(network);
    expect(resynthesis.load([packTerm(wanted, 0, 0)])).toEqual([0, 1, 2, 3]);
    expect(resynthesis.pursue([two, three], () => 0)).toEqual([packTerm(three, 2, 1), packTerm(3, 0, 0)]);
  });

  it('covers values most of whose inputs are in the sum, where two digits can be saved', () => {
    const network = randomInputs(new Random(1), 5, 1);
    const resynthesis = new Resynthesis(network);
    resynthesis.load([packTerm(0, 0, 0), packTerm(1, 0, 0), packTerm(5, 0, 0)]);
    expect(resynthesis.covers(Int32Array.of(0, 1))).toBe(true);
    expect(resynthesis.covers(Int32Array.of(0, 1, 2))).toBe(true);
    expect(resynthesis.covers(Int32Array.of(0, 1, 2, 3))).toBe(false);
    expect(resynthesis.covers(Int32Array.of(0))).toBe(false);
    expect(resynthesis.covers(Int32Array.of(0, 5))).toBe(false);
    expect(resynthesis.covers(Int32Array.of(0, 1, 5))).toBe(true);
  });
});
