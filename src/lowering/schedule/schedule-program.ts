import { scheduleCodes } from '../../diagnostics/codes/schedule.js';
import type { Result } from '../../diagnostics/result.js';
import { DiagnosticBag } from '../../diagnostics/result.js';
import type { PortRegisters, Schedule } from '../../design/design.js';
import type { Program } from '../../dataflow/program.js';
import { kernelOf } from '../../dataflow/program.js';
import { invariant } from '../../support/invariant.js';
import { isPoint } from '../../numeric/interval.js';
import { operands } from '../../dataflow/semantics.js';
import type { DelayModel } from '../../targets/delay-model.js';
import { registerDelay } from '../../targets/delay-model.js';
import type { RegisterPlacement } from './minimum-registers.js';
import { minimumRegisters } from './minimum-registers.js';
import type { Budgets, Segments } from './place.js';
import { arrivals, placeEarly } from './place.js';
import type { StageGraph } from './stage-graph.js';
import { inNanoseconds, stageGraph, wholeBudget } from './stage-graph.js';
import type { TimingGraph } from './timing-graph.js';
import { timingGraph } from './timing-graph.js';

export interface ScheduleOptions {
  readonly model: DelayModel;
  /** ns */
  readonly clockPeriod: number;
  /** Ranks; the schedule chooses the fewest that meet the clock where absent. */
  readonly latency?: number;
  /** Whether a clock that the declared latency does not meet is an error rather than a warning. */
  readonly pinLatency?: boolean;
  readonly registers: PortRegisters;
  /** ns taken from the first and the last segment where the ports are not registered. */
  readonly inputDelay: number;
  readonly outputDelay: number;
}

export interface ScheduleResult {
  readonly schedule: Schedule;
  /** Estimated length of each combinational segment from port or register to register or port, in ns. */
  readonly segments: readonly number[];
  /**
   * ns that no segment exceeds: the clock period, less where a declared latency leaves slack to share, more where the
   * clock cannot be met.
   */
  readonly segmentLimit: number;
  readonly registerBits: number;
  /** Whether the register bits are proven to be the fewest for latency and limit, or the work limit came first. */
  readonly registerPlacement: 'optimal' | 'heuristic';
}

const MAXIMUM_LATENCY = 4096;
/** Arcs that the exact placement may look at: seconds. The networks of the CMS trigger need less than a hundredth of it. */
const WORK_LIMIT = 2e8;

/**
 * How slack is shared: segments may exceed the shortest longest segment by a tenth, because the last of the slack costs
 * most registers, and none is made shorter than 0.6 of the clock, because surplus ranks would become registers and
 * nothing else. Measured in docs/decisions/0013-slack-is-shared.md.
 */
export const SHARED_SLACK = { overShortest: 1.1, ofClock: 0.6 } as const;

/**
 * Place registers. A free latency is the smallest that meets the clock by the delay model. A declared one is kept; its
 * segments share the slack that the clock leaves, and the longest is made as short as the ranks allow (within 1 ps) when
 * the clock cannot be met; whatever the weights are, a design of a declared latency has that latency. Register bits are the fewest for that latency and that limit on segments.
 */
export function scheduleProgram(program: Program, options: ScheduleOptions): Result<ScheduleResult> {
  const bag = new DiagnosticBag();
  const timing = timingGraph(program, options.model);
  const graph = stageGraph(timing);
  const pipeline = new Pipeline(graph, options);
  const problem = pipeline.impossible();
  if (problem !== undefined) {
    bag.add(problem.kind, problem.message, { configPath: problem.path });
    return { ok: false, diagnostics: bag.diagnostics };
  }
  const { placement, latency, limit } = pipeline.solve();
  const segments = pipeline.segmentLengths(placement.cycle, latency);
  reportSlowSegments(segments, options, () => pipeline.fewestRanks(), bag);
  if (bag.hasErrors) return { ok: false, diagnostics: bag.diagnostics };
  // Constants stand at the front until a use gives them another cycle.
  const cycle = timing.alias.map((_, value) => placement.cycle[graph.numberOf[value] ?? -1] ?? pipeline.inRank);
  return bag.finish({
    schedule: { latency, cycles: cyclesByInstance(program, timing, cycle, latency) },
    segments,
    segmentLimit: limit,
    registerBits: placement.registerBits,
    registerPlacement: placement.optimal ? 'optimal' : 'heuristic',
  });
}

function reportSlowSegments(
  segments: readonly number[],
  { clockPeriod: period, latency, pinLatency }: ScheduleOptions,
  fewestRanks: () => number | undefined,
  bag: DiagnosticBag,
): void {
  const slow = segments.filter((length) => length > period + 1e-9);
  if (slow.length === 0) return;
  const longest = segments.reduce((worst, length, index) => (length > (segments[worst] ?? 0) ? index : worst), 0);
  const message =
    `segment ${longest} of 0 to ${segments.length - 1} is estimated at ${(segments[longest] ?? 0).toFixed(2)} ns, beyond ` +
    `the clock period of ${period.toFixed(2)} ns`;
  const more = slow.length === 1 ? '' : ` (as are ${slow.length - 1} more)`;
  bag.add(
    pinLatency === true ? scheduleCodes.pinnedTooShort : scheduleCodes.segmentTooSlow,
    `${message}${more}${latency === undefined ? '' : `: ${needed(latency, fewestRanks())}`}`,
  );
}

function needed(latency: number, ranks: number | undefined): string {
  if (ranks === undefined) return `the latency is ${latency} ranks, and more would not meet the clock`;
  return `the latency is ${latency} ranks, and ${ranks} would meet the clock`;
}

interface BoundedPlacement {
  readonly placement: RegisterPlacement;
  /** ns that no segment exceeds. */
  readonly limit: number;
}

class Pipeline {
  public readonly inRank: number;
  private readonly outRank: number;
  private readonly overhead: number;

  public constructor(
    private readonly graph: StageGraph,
    private readonly options: ScheduleOptions,
  ) {
    this.inRank = options.registers === 'in' || options.registers === 'both' ? 1 : 0;
    this.outRank = options.registers === 'out' || options.registers === 'both' ? 1 : 0;
    this.overhead = registerDelay(options.model);
  }

  public impossible():
    { kind: (typeof scheduleCodes)[keyof typeof scheduleCodes]; message: string; path: string } | undefined {
    const { latency, clockPeriod } = this.options;
    const ports = this.inRank + this.outRank;
    if (latency !== undefined && latency < ports) {
      const message = `a latency of ${latency} ranks is below the ${ports} that registered ports take`;
      return { kind: scheduleCodes.latencyTooShort, message, path: 'target.latency' };
    }
    if (latency !== undefined && latency > MAXIMUM_LATENCY) {
      const message = `a latency of ${latency} ranks exceeds the limit of ${MAXIMUM_LATENCY}`;
      return { kind: scheduleCodes.latencyTooLong, message, path: 'target.latency' };
    }
    const loss = Math.max(this.overhead, this.headLoss(0), this.tailLoss());
    if (latency === undefined && clockPeriod <= loss) {
      const message = `a clock period of ${clockPeriod} ns is not longer than the ${loss.toFixed(3)} ns lost at registers and ports`;
      return { kind: scheduleCodes.noTimeLeft, message, path: 'target.clock' };
    }
    return undefined;
  }

  /** ns lost at the head of a segment: a flip-flop, or the arrival of unregistered inputs. */
  private headLoss(cycle: number): number {
    return cycle === 0 ? this.options.inputDelay : this.overhead;
  }

  private tailLoss(): number {
    return this.outRank === 1 ? 0 : this.options.outputDelay;
  }

  /** Segments of one period, and of another for operations that exceed the first. */
  private segments(latency: number, period: number, alonePeriod: number): Segments {
    const head = this.headLoss(this.inRank);
    const tail = this.tailLoss();
    const budgets = (time: number): Budgets => ({
      first: wholeBudget(time - head),
      middle: wholeBudget(time - this.overhead),
      last: wholeBudget(time - this.overhead - tail),
      only: wholeBudget(time - head - tail),
    });
    return { first: this.inRank, last: latency - this.outRank, budget: budgets(period), alone: budgets(alonePeriod) };
  }

  public solve(): BoundedPlacement & { readonly latency: number } {
    const { latency } = this.options;
    if (latency !== undefined) return { ...this.place(latency, true), latency };
    const ranks = this.freeRanks();
    return { ...this.place(ranks, false), latency: ranks };
  }

  /** The fewest ranks that meet the clock by the delay model; undefined where an operation alone exceeds it. */
  public fewestRanks(): number | undefined {
    const { clockPeriod } = this.options;
    const ranks = this.freeRanks();
    return this.feasible(ranks, clockPeriod, clockPeriod) ? ranks : undefined;
  }

  /** The fewest ranks with which only operations that cannot be cut exceed the clock. */
  private freeRanks(): number {
    const { clockPeriod } = this.options;
    const free = placeEarly(this.graph, this.segments(Infinity, clockPeriod, Infinity)) ?? new Int32Array(0);
    let ranks = free.reduce((last, cycle) => Math.max(last, cycle), this.inRank) + this.outRank;
    // The output delay may push the last operations into one more segment.
    if (!this.feasible(ranks, clockPeriod, Infinity) && this.feasible(ranks + 1, clockPeriod, Infinity)) ranks++;
    return ranks;
  }

  private feasible(latency: number, period: number, alonePeriod: number): boolean {
    const segments = this.segments(latency, period, alonePeriod);
    if (segments.last < segments.first || alonePeriod < this.longestEmpty(latency)) return false;
    return placeEarly(this.graph, segments) !== undefined;
  }

  /**
   * The best placement for a number of ranks: within the clock if that is possible, else with the shortest longest
   * segment. Where only operations that cannot be cut exceed the clock, all other segments keep it.
   */
  private place(latency: number, shareSlack: boolean): BoundedPlacement {
    const { clockPeriod } = this.options;
    if (this.feasible(latency, clockPeriod, clockPeriod)) {
      const limit = shareSlack ? this.sharedPeriod(latency) : clockPeriod;
      return { placement: this.cheapest(latency, limit, limit), limit };
    }
    let high = clockPeriod + this.overhead + this.headLoss(0) + this.tailLoss();
    for (const delay of this.graph.delay) high += inNanoseconds(delay);
    const limit = this.shortestPeriod(latency, clockPeriod, high);
    const keepsClock = this.feasible(latency, clockPeriod, limit);
    return { placement: this.cheapest(latency, keepsClock ? clockPeriod : limit, limit), limit };
  }

  /** A period at or below the clock, which is feasible, for placements that share what the clock leaves. */
  private sharedPeriod(latency: number): number {
    const { clockPeriod } = this.options;
    const { overShortest, ofClock } = SHARED_SLACK;
    const least = (ofClock * clockPeriod) / overShortest;
    if (this.feasible(latency, least, least)) return ofClock * clockPeriod;
    return Math.min(clockPeriod, overShortest * this.shortestPeriod(latency, least, clockPeriod));
  }

  /** The shortest feasible period between an infeasible and a feasible one; ns, within 1 ps. */
  private shortestPeriod(latency: number, infeasible: number, feasible: number): number {
    let [low, high] = [infeasible, feasible];
    while (high - low > 1e-3) {
      const middle = (low + high) / 2;
      if (this.feasible(latency, middle, middle)) high = middle;
      else low = middle;
    }
    return high;
  }

  private cheapest(latency: number, period: number, alonePeriod: number): RegisterPlacement {
    const segments = this.segments(latency, period, alonePeriod);
    const placement = minimumRegisters(this.graph, segments, latency, { remaining: WORK_LIMIT });
    invariant(placement !== undefined, 'a period that was found feasible has a placement');
    return placement;
  }

  /** ns of a segment that registers and ports take, without any logic. */
  private emptyLength(rank: number, last: number): number {
    return this.headLoss(rank) + (rank === last ? this.tailLoss() : 0);
  }

  private longestEmpty(latency: number): number {
    const last = latency - this.outRank;
    return Math.max(this.emptyLength(this.inRank, last), this.emptyLength(last, last));
  }

  public segmentLengths(cycle: Int32Array, latency: number): number[] {
    const last = latency - this.outRank;
    const lengths = Array.from({ length: latency + 1 }, (_, rank) =>
      rank < this.inRank || rank > last ? 0 : this.emptyLength(rank, last),
    );
    arrivals(this.graph, cycle).forEach((time, value) => {
      const rank = cycle[value] ?? 0;
      lengths[rank] = Math.max(lengths[rank] ?? 0, inNanoseconds(time) + this.emptyLength(rank, last));
    });
    return lengths;
  }
}

/** Cycles per instance; kernel inputs and constants carry the cycle of their first use, shifts that of their operand. */
function cyclesByInstance(program: Program, graph: TimingGraph, cycle: Int32Array, latency: number): Int32Array[][] {
  return program.instances.map((instance, which) => {
    const kernel = kernelOf(program, instance);
    return instance.positions.map((_, position) => {
      const offset = graph.offsets[which]?.[position] ?? 0;
      const own = cycle.slice(offset, offset + kernel.nodes.length);
      const firstUse = new Int32Array(kernel.nodes.length).fill(latency + 1);
      // Other kernels may read a result from the cycle in which it was placed.
      for (const id of kernel.outputs) firstUse[id] = own[id] ?? 0;
      // From the end, so that wiring has its final cycle before its operand looks at it.
      for (let id = kernel.nodes.length - 1; id >= 0; id--) {
        const node = kernel.nodes[id];
        if (node === undefined) continue;
        const timeless = isPoint(node.range);
        const follows = node.kind === 'shiftLeft' || node.kind === 'assume';
        if (node.kind === 'input' || timeless || follows) {
          const used = firstUse[id] ?? 0;
          if (used <= latency) own[id] = used;
        }
        if (timeless) continue;
        for (const operand of operands(node)) {
          firstUse[operand] = Math.min(firstUse[operand] ?? 0, own[id] ?? 0);
        }
      }
      return own;
    });
  });
}
