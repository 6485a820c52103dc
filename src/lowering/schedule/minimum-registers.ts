import { at } from '../../support/invariant.js';
import type { WorkLimit } from '../../support/min-cost-flow.js';
import { lowerToClock, raiseToClock } from './clock-constraints.js';
import type { ClockRule } from './clock-constraints.js';
import type { Segments } from './place.js';
import { arrivals, placeEarly, placeLate, registerBits, settle } from './place.js';
import type { StageGraph } from './stage-graph.js';
import type { CycleBounds } from './stage-program.js';
import { StageProgram } from './stage-program.js';

export interface RegisterPlacement {
  /** Cycle of each value. */
  readonly cycle: Int32Array;
  readonly registerBits: number;
  /** Whether no placement that meets the clock has fewer register bits; false where the work limit came first. */
  readonly optimal: boolean;
}

/**
 * The placement with the fewest register bits for a number of ranks, within the budgets. Undefined when the ranks do not
 * suffice.
 *
 * Every legal placement lies between the earliest and the latest one, which settles the budgets of the first and the last
 * segment: with an operation, all that it depends on stand in the first cycle, so that its path from the inputs counts,
 * and the same holds from the end. The budget between two registers is a set of differences (`clock-constraints.ts`).
 * One case is neither: a first segment with more time than the others, where a path may be too long for any cycle but
 * the first. The operations concerned are first left out; if one breaks the rule in the optimum, the placements with it
 * in the first cycle and those with it behind are solved apart.
 */
export function minimumRegisters(
  graph: StageGraph,
  segments: Segments,
  latency: number,
  work: WorkLimit,
): RegisterPlacement | undefined {
  if (segments.last < segments.first) return undefined;
  const search = new PlacementSearch(graph, segments, latency, work);
  search.branch(undefined, undefined);
  return search.result();
}

/** Parts into which the placements are divided at most, of the rare kind that has to be. */
const MAXIMUM_PARTS = 1000;

class PlacementSearch {
  private best: Int32Array | undefined;
  private bits = Infinity;
  private complete = true;
  private parts = 0;

  public constructor(
    private readonly graph: StageGraph,
    private readonly segments: Segments,
    private readonly latency: number,
    private readonly work: WorkLimit,
  ) {}

  public result(): RegisterPlacement | undefined {
    if (this.best === undefined) return undefined;
    return { cycle: this.best, registerBits: this.bits, optimal: this.complete };
  }

  /** All placements between the bounds. */
  public branch(lower: Int32Array | undefined, upper: Int32Array | undefined): void {
    const { graph, segments } = this;
    const early = placeEarly(graph, segments, lower);
    if (early === undefined) return;
    const late = placeLate(graph, segments, upper);
    if (late === undefined || early.some((cycle, value) => cycle > at(late, value))) return;
    const settled = settle(graph, late, segments.first);
    const start = this.offer(early) <= this.offer(settled) ? early : settled;
    if (this.work.remaining < 0 || ++this.parts > MAXIMUM_PARTS) {
      this.complete = false;
      return;
    }
    const rule = this.ruleFor(early);
    const optimum = this.solve({ early, late }, rule, start.slice());
    if (optimum === undefined || registerBits(graph, optimum, this.latency) >= this.bits) return;
    const broken = this.brokenExemption(optimum, rule);
    if (broken < 0) {
      this.offer(optimum);
      return;
    }
    const held = upper?.slice() ?? new Int32Array(graph.size).fill(segments.last);
    held[broken] = segments.first;
    this.branch(lower, held);
    const moved = lower?.slice() ?? new Int32Array(graph.size).fill(segments.first);
    moved[broken] = segments.first + 1;
    this.branch(moved, upper);
  }

  /** Keep a legal placement if it is the best so far; returns its register bits. */
  private offer(cycle: Int32Array): number {
    const bits = registerBits(this.graph, cycle, this.latency);
    if (bits < this.bits) [this.best, this.bits] = [cycle, bits];
    return bits;
  }

  private ruleFor(early: Int32Array): ClockRule {
    const { budget, first } = this.segments;
    const exempt = new Uint8Array(this.graph.size);
    if (budget.first > budget.middle) early.forEach((cycle, value) => (exempt[value] = cycle === first ? 1 : 0));
    return { budget: budget.middle, exempt };
  }

  /** A value that stands behind the first cycle at the end of a path that only the first has time for; -1 for none. */
  private brokenExemption(cycle: Int32Array, { budget, exempt }: ClockRule): number {
    if (!exempt.includes(1)) return -1;
    return arrivals(this.graph, cycle).findIndex((time, value) => {
      if (exempt[value] === 0 || cycle[value] === this.segments.first || time <= budget) return false;
      const delay = at(this.graph.delay, value);
      return delay > 0 && time > delay;
    });
  }

  /** The fewest register bits under the rule, from a legal placement; undefined at the work limit. */
  private solve(bounds: CycleBounds, rule: ClockRule, cycle: Int32Array): Int32Array | undefined {
    const { graph, work } = this;
    const program = new StageProgram(graph, bounds, this.latency);
    const pair = (source: number, target: number): void => {
      program.separate(source, target);
    };
    for (;;) {
      const solved = program.minimise(cycle, work);
      if (solved) lowerToClock(graph, rule, cycle.slice(), pair);
      const moved = raiseToClock(graph, rule, cycle, pair);
      if (solved && !moved) return cycle;
      // What was raised keeps the whole rule, not only the pairs that are known.
      if (!rule.exempt.includes(1)) this.offer(cycle.slice());
      if (!solved) {
        this.complete = false;
        return undefined;
      }
    }
  }
}
