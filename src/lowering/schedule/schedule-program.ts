import { scheduleCodes } from '../../diagnostics/codes/schedule.js';
import type { Result } from '../../diagnostics/result.js';
import { DiagnosticBag } from '../../diagnostics/result.js';
import type { PortRegisters, Schedule } from '../../design/design.js';
import type { Program } from '../../dataflow/program.js';
import { kernelOf } from '../../dataflow/program.js';
import { isPoint } from '../../numeric/interval.js';
import { operands } from '../../dataflow/semantics.js';
import type { DelayModel } from '../../targets/delay-model.js';
import { registerDelay } from '../../targets/delay-model.js';
import type { Placement, Segments } from './place.js';
import { placeEarly, placeLate, registerBits } from './place.js';
import type { TimingGraph } from './timing-graph.js';
import { timingGraph } from './timing-graph.js';

export interface ScheduleOptions {
  readonly model: DelayModel;
  /** ns */
  readonly clockPeriod: number;
  /** Ranks; the schedule chooses the fewest that meet the clock where absent. */
  readonly latency?: number;
  readonly registers: PortRegisters;
  /** ns taken from the first and the last segment where the ports are not registered. */
  readonly inputDelay: number;
  readonly outputDelay: number;
}

export interface ScheduleResult {
  readonly schedule: Schedule;
  /** Estimated length of each combinational segment from port or register to register or port, in ns. */
  readonly segments: readonly number[];
  readonly registerBits: number;
}

const MAXIMUM_LATENCY = 4096;

/**
 * Place registers. A free latency is the smallest that meets the clock by the delay model; a pinned one is kept, its
 * longest segment made as short as the ranks allow when the clock cannot be met.
 */
export function scheduleProgram(program: Program, options: ScheduleOptions): Result<ScheduleResult> {
  const bag = new DiagnosticBag();
  const pipeline = new Pipeline(timingGraph(program, options.model), options);
  const problem = pipeline.impossible();
  if (problem !== undefined) {
    bag.add(problem.kind, problem.message, { configPath: problem.path });
    return { ok: false, diagnostics: bag.diagnostics };
  }
  const { placement, latency } = pipeline.solve();
  const segments = pipeline.segmentLengths(placement, latency);
  warnSlowSegments(segments, options.clockPeriod, bag);
  const cycles = cyclesByInstance(program, pipeline.graph, placement.cycle, latency);
  return bag.finish({
    schedule: { latency, cycles },
    segments,
    registerBits: registerBits(pipeline.graph, placement.cycle, latency),
  });
}

function warnSlowSegments(segments: readonly number[], period: number, bag: DiagnosticBag): void {
  const slow = segments.filter((length) => length > period + 1e-9);
  if (slow.length === 0) return;
  const longest = segments.reduce((worst, length, index) => (length > (segments[worst] ?? 0) ? index : worst), 0);
  const message =
    `segment ${longest} of 0 to ${segments.length - 1} is estimated at ${(segments[longest] ?? 0).toFixed(2)} ns, beyond ` +
    `the clock period of ${period.toFixed(2)} ns`;
  bag.add(scheduleCodes.segmentTooSlow, slow.length === 1 ? message : `${message} (as are ${slow.length - 1} more)`);
}

class Pipeline {
  private readonly inRank: number;
  private readonly outRank: number;
  private readonly overhead: number;

  public constructor(
    public readonly graph: TimingGraph,
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

  private segments(period: number, latency: number): Segments {
    const last = latency - this.outRank;
    const budget = (cycle: number): number =>
      period - this.headLoss(cycle) - (cycle === last && this.outRank === 0 ? this.tailLoss() : 0);
    return { first: this.inRank, last, budget, widest: period - this.overhead };
  }

  public solve(): { placement: Placement; latency: number } {
    const { clockPeriod, latency } = this.options;
    if (latency !== undefined) return { placement: this.pinned(latency), latency };
    const free = placeEarly(this.graph, { ...this.segments(clockPeriod, 0), last: Infinity });
    const fewest = (free?.lastCycle ?? this.inRank) + this.outRank;
    // The output delay may push the last operations into one more segment.
    for (let ranks = fewest; ranks < fewest + 2; ranks++) {
      const placement = this.cheapest(clockPeriod, ranks);
      if (placement !== undefined) return { placement, latency: ranks };
    }
    return { placement: this.pinned(fewest), latency: fewest };
  }

  /** The best placement for a fixed number of ranks: within the clock if that is possible, else as fast as possible. */
  private pinned(latency: number): Placement {
    const met = this.cheapest(this.options.clockPeriod, latency);
    if (met !== undefined) return met;
    let low = this.options.clockPeriod;
    let high = low;
    for (const delay of this.graph.delay) high += delay;
    high += this.overhead + this.headLoss(0) + this.tailLoss();
    // 40 halvings bring any period to well below a femtosecond; 1 ps is enough.
    while (high - low > 1e-3) {
      const middle = (low + high) / 2;
      if (placeEarly(this.graph, this.segments(middle, latency)) === undefined) low = middle;
      else high = middle;
    }
    const placement = this.cheapest(high, latency);
    if (placement === undefined) throw new Error('a period that holds all logic in one segment must be feasible');
    return placement;
  }

  /** The placement with the fewest register bits among those tried. */
  private cheapest(period: number, latency: number): Placement | undefined {
    const segments = this.segments(period, latency);
    if (segments.last < segments.first) return undefined;
    const candidates = [placeEarly(this.graph, segments), placeLate(this.graph, segments)];
    let best: Placement | undefined;
    let bits = Infinity;
    for (const candidate of candidates) {
      if (candidate === undefined) continue;
      const own = registerBits(this.graph, candidate.cycle, latency);
      if (own < bits) [best, bits] = [candidate, own];
    }
    return best;
  }

  public segmentLengths(placement: Placement, latency: number): number[] {
    const last = latency - this.outRank;
    const lengths = Array.from({ length: latency + 1 }, (_, cycle) => {
      const idle = cycle < this.inRank || cycle > last;
      return idle ? 0 : this.headLoss(cycle) + (cycle === last ? this.tailLoss() : 0);
    });
    placement.arrival.forEach((time, value) => {
      const cycle = placement.cycle[value] ?? 0;
      const loss = this.headLoss(cycle) + (cycle === last ? this.tailLoss() : 0);
      lengths[cycle] = Math.max(lengths[cycle] ?? 0, time + loss);
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
