import { describe, expect, it } from 'vitest';
import { at } from '../../../src/support/invariant.js';
import { DifferenceProgram } from '../../../src/support/min-cost-flow.js';
import { Random } from '../../../src/support/random.js';

type Constraint = readonly [tail: number, head: number, bound: number];

/** Variables lie in 0 … SPAN of variable 0, so that every program has an optimum and can be tried out. */
const SPAN = 3;

interface Example {
  readonly cost: Float64Array;
  readonly constraints: readonly Constraint[];
  /** Keeps all constraints. */
  readonly start: Int32Array;
}

function draw(random: Random, size: number): Example {
  const start = Int32Array.from({ length: size }, (_, variable) => (variable === 0 ? 0 : random.integer(0, SPAN)));
  const cost = Float64Array.from({ length: size }, () => random.integer(-9, 9));
  cost[0] = at(cost, 0) - cost.reduce((sum, value) => sum + value, 0);
  const constraints: Constraint[] = [];
  for (let variable = 1; variable < size; variable++) constraints.push([0, variable, 0], [variable, 0, -SPAN]);
  for (let count = random.integer(0, 2 * size); count > 0; count--) {
    const [tail, head] = [random.integer(0, size - 1), random.integer(0, size - 1)];
    constraints.push([tail, head, at(start, head) - at(start, tail) - random.integer(0, 2)]);
  }
  return { cost, constraints, start };
}

function value(cost: Float64Array, x: Int32Array): number {
  return cost.reduce((sum, each, variable) => sum + each * at(x, variable), 0);
}

function keeps(constraints: readonly Constraint[], x: Int32Array): boolean {
  return constraints.every(([tail, head, bound]) => at(x, head) - at(x, tail) >= bound);
}

function least({ cost, constraints }: Example): number {
  const x = new Int32Array(cost.length);
  let best = Infinity;
  const place = (variable: number): void => {
    if (variable === x.length) {
      if (keeps(constraints, x)) best = Math.min(best, value(cost, x));
      return;
    }
    for (let here = 0; here <= SPAN; here++) {
      x[variable] = here;
      place(variable + 1);
    }
  };
  place(1);
  return best;
}

describe('DifferenceProgram', () => {
  it('finds the optimum of small random programs, from any start, and proves it', () => {
    for (let seed = 0; seed < 300; seed++) {
      const example = draw(new Random(seed), 2 + (seed % 5));
      const program = new DifferenceProgram(example.cost);
      for (const constraint of example.constraints) program.add(...constraint);
      const x = example.start.slice();
      expect(program.minimise(x, { remaining: 1e9 })).toBe(true);
      expect(keeps(example.constraints, x), `seed ${seed}`).toBe(true);
      expect(value(example.cost, x), `seed ${seed}`).toBe(least(example));
      expect(program.isOptimal(x)).toBe(true);
    }
  });

  it('goes on from its flow when constraints are added', () => {
    let changed = 0;
    for (let seed = 0; seed < 300; seed++) {
      const example = draw(new Random(seed), 6);
      const [early, late] = [example.constraints.slice(0, 14), example.constraints.slice(14)];
      const program = new DifferenceProgram(example.cost);
      for (const constraint of early) program.add(...constraint);
      const x = example.start.slice();
      program.minimise(x, { remaining: 1e9 });
      const before = value(example.cost, x);
      for (const constraint of late) program.add(...constraint);
      x.set(example.start);
      expect(program.minimise(x, { remaining: 1e9 })).toBe(true);
      expect(value(example.cost, x), `seed ${seed}`).toBe(least(example));
      expect(program.isOptimal(x)).toBe(true);
      if (value(example.cost, x) > before) changed++;
    }
    expect(changed).toBeGreaterThan(20);
  });

  it('knows what is not optimal', () => {
    const program = new DifferenceProgram(Float64Array.of(-1, 1));
    program.add(0, 1, 2);
    const x = Int32Array.of(0, 5);
    expect(program.isOptimal(x)).toBe(false);
    program.minimise(x, { remaining: 100 });
    expect(at(x, 1) - at(x, 0)).toBe(2);
    expect(program.isOptimal(x)).toBe(true);
    expect(program.isOptimal(Int32Array.of(0, 1))).toBe(false);
    expect(program.isOptimal(Int32Array.of(0, 3))).toBe(false);
  });

  it('ends at the work limit with a solution that keeps the constraints', () => {
    const example = draw(new Random(5), 6);
    const program = new DifferenceProgram(example.cost);
    for (const constraint of example.constraints) program.add(...constraint);
    const x = example.start.slice();
    const work = { remaining: 1 };
    expect(program.minimise(x, work)).toBe(false);
    expect(work.remaining).toBeLessThan(0);
    expect(keeps(example.constraints, x)).toBe(true);
    expect(program.minimise(x, { remaining: 1e9 })).toBe(true);
  });

  it('refuses a start that breaks a constraint, and an objective without bound', () => {
    const broken = new DifferenceProgram(Float64Array.of(-1, 1));
    broken.add(0, 1, 2);
    expect(() => broken.minimise(Int32Array.of(0, 1), { remaining: 100 })).toThrow('is not kept');
    const open = new DifferenceProgram(Float64Array.of(-1, 1));
    expect(() => open.minimise(Int32Array.of(0, 0), { remaining: 100 })).toThrow('no lower bound');
  });
});
