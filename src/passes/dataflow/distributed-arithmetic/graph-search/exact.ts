import { at, InvariantError } from '../../../../support/invariant.js';
import type { AdderGraph, Addition } from '../problem.js';
import type { CanonicalProblem } from './canonical-problem.js';

/** Wider constants are beyond an exhaustive search. */
const widest = 20;

export interface ExactSolution {
  /** One output for each target, in their order. */
  readonly graph: AdderGraph;
  readonly work: number;
}

/**
 * The fewest additions that make all targets from one input, by exhaustive search with iterative deepening over the
 * number of values that are no targets; intermediate values stay below twice the next power of two of the targets, and
 * nothing is shifted right. A target that one addition can make is made at once, which never costs more (RAG-n, Dempster
 * and Macleod, "Use of minimum-adder multiplier blocks in FIR digital filters", 1995). Undefined when the work does not
 * suffice, or there are several inputs.
 */
export function solveExactly(canonical: CanonicalProblem, work: number): ExactSolution | undefined {
  if (canonical.dimension !== 1 || canonical.bits > widest || canonical.bases.length !== 1) return undefined;
  const search = new ExactSearch(
    canonical.targets.map((form) => at(form, 0)),
    canonical.bits,
    work,
  );
  const values = search.run();
  if (values === undefined) return undefined;
  return { graph: graphOf(canonical, values, canonical.bits + 1), work: search.work };
}

/** Signals that the work ran out, through all levels of the search. */
class OutOfWork extends Error {}

class ExactSearch {
  public work = 0;
  /** Odd values made so far, 1 first. */
  private readonly values: number[] = [];
  /** Odd values that one addition can make, in the order in which they became so. */
  private readonly reachable: number[] = [];
  private readonly isReachable: Uint8Array;
  /** Values that need not be tried: all solutions with them have been looked for. */
  private readonly closed: Uint8Array;
  private readonly limit: number;

  public constructor(
    private readonly targets: readonly number[],
    private readonly bits: number,
    private readonly allowance: number,
  ) {
    this.limit = 2 ** (bits + 1);
    this.isReachable = new Uint8Array(this.limit / 2);
    this.closed = new Uint8Array(this.limit / 2);
  }

  /** All values of a smallest solution, operands first. */
  public run(): readonly number[] | undefined {
    this.make(1);
    try {
      for (let extra = 0; ; extra++) if (this.extend(this.targets, extra)) return this.values;
    } catch (error) {
      if (error instanceof OutOfWork) return undefined;
      throw error;
    }
  }

  private extend(targets: readonly number[], extra: number): boolean {
    const madeBefore = this.values.length;
    const reachableBefore = this.reachable.length;
    let rest = targets;
    for (;;) {
      const next = rest.find((target) => this.isReachable[target >> 1] === 1);
      if (next === undefined) break;
      this.make(next);
      rest = rest.filter((target) => target !== next);
    }
    if (rest.length === 0 || (extra > 0 && this.tryAll(rest, extra))) return true;
    this.unmake(madeBefore, reachableBefore);
    return false;
  }

  private tryAll(rest: readonly number[], extra: number): boolean {
    const candidates = extra === 1 ? this.lastSteps(rest) : [...this.reachable];
    const tried: number[] = [];
    let solved = false;
    for (const candidate of candidates) {
      if (this.closed[candidate >> 1] === 1 || this.values.includes(candidate)) continue;
      const [made, reachable] = [this.values.length, this.reachable.length];
      this.make(candidate);
      solved = this.extend(rest, extra - 1);
      if (solved) break;
      this.unmake(made, reachable);
      this.closed[candidate >> 1] = 1;
      tried.push(candidate);
    }
    for (const candidate of tried) this.closed[candidate >> 1] = 0;
    return solved;
  }

  /** Reachable values that bring one of the targets within one addition. */
  private lastSteps(rest: readonly number[]): readonly number[] {
    const found = new Set<number>();
    const offer = (value: number): void => {
      if (value > 0 && value < this.limit && this.isReachable[value >> 1] === 1) found.add(value);
    };
    for (const target of rest) {
      for (const value of this.values) {
        this.work += 2 * this.bits;
        for (let shifted = value * 2; shifted < this.limit; shifted *= 2) {
          offer(target + shifted);
          offer(Math.abs(target - shifted));
        }
        offer(oddPart(target + value));
        offer(oddPart(Math.abs(target - value)));
      }
      for (let power = 2; power <= this.limit; power *= 2) {
        if (target % (power + 1) === 0) offer(target / (power + 1));
        if (target % (power - 1) === 0) offer(target / (power - 1));
      }
    }
    return [...found];
  }

  private make(value: number): void {
    for (const other of this.values) this.reachWith(value, other);
    for (let power = 2; value * (power - 1) < this.limit; power *= 2) {
      this.reach(value * (power - 1));
      this.reach(value * (power + 1));
    }
    this.values.push(value);
    this.work += this.values.length * 4 * this.bits;
    if (this.work > this.allowance) throw new OutOfWork();
  }

  private reachWith(one: number, other: number): void {
    for (let shifted = one * 2; shifted < this.limit * 2; shifted *= 2) {
      this.reach(shifted + other);
      this.reach(Math.abs(shifted - other));
    }
    for (let shifted = other * 2; shifted < this.limit * 2; shifted *= 2) {
      this.reach(shifted + one);
      this.reach(Math.abs(shifted - one));
    }
  }

  private reach(value: number): void {
    if (value >= this.limit || this.isReachable[value >> 1] === 1) return;
    this.isReachable[value >> 1] = 1;
    this.reachable.push(value);
  }

  private unmake(made: number, reachable: number): void {
    this.values.length = made;
    while (this.reachable.length > reachable) this.isReachable[(this.reachable.pop() ?? 0) >> 1] = 0;
  }
}

function oddPart(value: number): number {
  while (value > 0 && value % 2 === 0) value /= 2;
  return value;
}

/** Each value as a sum or difference of two earlier ones. */
function graphOf(canonical: CanonicalProblem, values: readonly number[], bits: number): AdderGraph {
  const operations: Addition[] = [];
  for (let index = 1; index < values.length; index++) operations.push(additionOf(values, index, bits));
  return {
    inputs: 1,
    operations,
    outputs: canonical.targets.map((form) => ({ value: values.indexOf(at(form, 0)), shift: 0, negated: false })),
  };
}

function additionOf(values: readonly number[], index: number, bits: number): Addition {
  const wanted = at(values, index);
  for (let left = 0; left < index; left++) {
    for (let right = 0; right < index; right++) {
      for (let leftShift = 0; leftShift <= bits + 1; leftShift++) {
        const [one, other] = [at(values, left) * 2 ** leftShift, at(values, right)];
        const operands = { left, leftShift, right, rightShift: 0 };
        if (one + other === wanted) return { kind: 'add', ...operands };
        if (one - other === wanted) return { kind: 'subtract', ...operands };
        const reverse = { left: right, leftShift: 0, right: left, rightShift: leftShift };
        if (other - one === wanted) return { kind: 'subtract', ...reverse };
      }
    }
  }
  throw new InvariantError(`${wanted} is no sum of two earlier values`);
}
