import type { CodeMatrix } from '../backends/emulator/code-matrix.js';
import { at, invariant } from '../support/invariant.js';
import type { PreparedSimulation, SimulationDesign } from './engine.js';
import type { PackedLayout, PackedTrace } from './packed.js';
import { packedLayout, RESET_BIT, VALID_BIT, VALID_OUT_BIT } from './packed.js';
import { packedSimulation } from './packed-adapter.js';
import type { PhaseName, PlannedPhase, ProtocolPlan } from './protocol.js';
import { MARGIN, planProtocol } from './protocol.js';
import type { WiredElement } from './wired-codes.js';
import { clocksOf, codeAt, packCodes } from './wired-codes.js';

export interface VerifyRequest {
  readonly design: SimulationDesign;
  readonly inputs: readonly WiredElement[];
  readonly outputs: readonly WiredElement[];
  /** Input codes, and the output codes that the reference gives for them; one event a row. */
  readonly stimulus: CodeMatrix;
  readonly expected: CodeMatrix;
  /** Cycles after which the design claims to answer. */
  readonly latency: number;
  /** Clocks from one event to the next; 1 where not given. */
  readonly interval?: number;
}

export interface Mismatch {
  readonly vector: number;
  readonly tensor: string;
  readonly element: number;
  readonly expected: bigint;
  readonly actual: bigint;
  /** An unknown bit was seen: the value is arbitrary. */
  readonly unknown: boolean;
  readonly phase: PhaseName;
  /** The row of the stimulus in which the vector was sent. */
  readonly row: number;
}

export interface PhaseResult {
  readonly phase: PhaseName;
  /** Events sent, and those of them that a reset took away before they could come out. */
  readonly events: number;
  readonly discarded: number;
  /** Events with at least one wrong or unknown output. */
  readonly mismatches: number;
  /** Of these, events with an unknown output. */
  readonly unknown: number;
  /** Cycles in which `valid_out`, or the status of early events, was not what `valid_in` and the reset make of it. */
  readonly validErrors: number;
}

export interface VerifyResult {
  readonly vectors: number;
  /** Vectors with at least one wrong output, in any phase. */
  readonly mismatches: number;
  readonly first: Mismatch | undefined;
  readonly phases: readonly PhaseResult[];
  /**
   * Cycles from a valid input to the valid output, or where there is no valid bit from a vector to its values; undefined
   * when nothing comes, when no delay makes all values right, or when several do.
   */
  readonly measuredLatency: number | undefined;
  /** Every delay at which all vectors in a row are right. More than one: the outputs do not tell vectors apart. */
  readonly fittingDelays: readonly number[];
  /** Clocks from one vector to the next at which all are right; undefined when they are not. */
  readonly measuredInterval: number | undefined;
  readonly validErrors: number;
  /** The first row in which `valid_out` is wrong. */
  readonly firstValidError: number | undefined;
  readonly plan: ProtocolPlan;
  readonly warnings: readonly string[];
}

/** Carry out the protocol on a design and compare values, latency and valid bits. */
export async function verifyDesign(request: VerifyRequest, prepared: PreparedSimulation): Promise<VerifyResult> {
  const { simulation, warnings } = packedSimulation(prepared, request.design);
  const plan = planFor(request);
  const trace = await simulation.run(plan.stimulus);
  return { ...judge(request, plan, trace), warnings: warnings() };
}

/** The stimulus for a request: the same for every engine and for every design with these ports and this latency. */
export function planFor({ design, inputs, stimulus, latency, interval }: VerifyRequest): ProtocolPlan {
  const layout = packedLayout(design);
  const vectors = packCodes(stimulus, inputs, layout.inputs, layout.stimulusLimbs);
  return planProtocol(design, layout, vectors, { latency, interval: interval ?? 1, clocks: clocksOf(inputs) });
}

/** What the response to a plan says about the design. */
export function judge(request: VerifyRequest, plan: ProtocolPlan, trace: PackedTrace): Omit<VerifyResult, 'warnings'> {
  const layout = packedLayout(request.design);
  const comparison = new Comparison(request, layout, plan, trace);
  const { latency, design } = request;
  const wrong = new Uint8Array(request.expected.rows);
  let first: Mismatch | undefined;
  let firstValidError: number | undefined;
  const phases = plan.phases.map((phase): PhaseResult => {
    let [discarded, mismatches, unknown] = [0, 0, 0];
    for (let event = phase.firstEvent; event < phase.endEvent; event++) {
      if (comparison.isDiscarded(event)) discarded++;
      else if (!comparison.isRight(event, latency)) {
        mismatches++;
        if (comparison.isUnknown(event, latency)) unknown++;
        wrong[at(plan.vectorOf, event)] = 1;
        first ??= comparison.describe(event, phase.name);
      }
    }
    const invalid = design.validOut === undefined ? undefined : comparison.validErrors(phase);
    const validErrors = invalid?.count ?? 0;
    firstValidError ??= invalid?.first;
    const events = phase.endEvent - phase.firstEvent;
    return { phase: phase.name, events, discarded, mismatches, unknown, validErrors };
  });
  const fittingDelays = comparison.fittingDelays(phaseOf(plan, 'back-to-back'));
  const pulse = design.validOut === undefined ? undefined : comparison.pulseDelay(phaseOf(plan, 'pulse'));
  const shown = fittingDelays.length === 1 ? fittingDelays[0] : undefined;
  return {
    vectors: request.expected.rows,
    mismatches: wrong.reduce((sum, bit) => sum + bit, 0),
    first,
    phases,
    measuredLatency: design.validOut === undefined ? shown : pulse,
    fittingDelays,
    measuredInterval: fittingDelays.includes(latency) ? (request.interval ?? 1) : undefined,
    validErrors: phases.reduce((sum, phase) => sum + phase.validErrors, 0),
    firstValidError,
    plan,
  };
}

function phaseOf(plan: ProtocolPlan, name: PhaseName): PlannedPhase {
  const phase = plan.phases.find((candidate) => candidate.name === name);
  invariant(phase !== undefined, `the protocol has no phase ${name}`);
  return phase;
}

class Comparison {
  private readonly width: number;
  private readonly expected: Int32Array;
  /** For each row, the last row before it in which reset was high; -1 where there is none. */
  private readonly lastReset: Int32Array;
  /** 1 for the rows whose valid vector is taken: not in reset, and not too early after another. */
  private readonly taken: Uint8Array;
  /** Whether an event came too early before each row, since the last reset. */
  private readonly violated: Uint8Array;
  /** Limbs of the control bits and the data, without the status of a design that has one. */
  private readonly dataLimbs: number;

  public constructor(
    private readonly request: VerifyRequest,
    private readonly layout: PackedLayout,
    private readonly plan: ProtocolPlan,
    private readonly trace: PackedTrace,
  ) {
    this.width = layout.responseLimbs;
    this.expected = packCodes(request.expected, request.outputs, layout.outputs, this.width);
    this.lastReset = new Int32Array(trace.unknown.length + 1).fill(-1);
    for (let row = 0; row < trace.unknown.length; row++) {
      this.lastReset[row + 1] = this.isSet(row, RESET_BIT) ? row : at(this.lastReset, row);
    }
    this.dataLimbs = this.width - (request.design.violation === undefined ? 0 : 1);
    this.taken = new Uint8Array(trace.unknown.length);
    this.violated = new Uint8Array(trace.unknown.length + 1);
    this.follow(request.interval ?? 1);
  }

  /** What an interval makes of the valid rows and the resets. */
  private follow(interval: number): void {
    let last = -Infinity;
    for (let row = 0; row < this.taken.length; row++) {
      const [reset, valid] = [this.isSet(row, RESET_BIT), this.isSet(row, VALID_BIT)];
      const early = valid && row - last < interval;
      this.violated[row + 1] = reset ? 0 : at(this.violated, row) | (early ? 1 : 0);
      if (valid && !early) {
        this.taken[row] = 1;
        last = row;
      }
      if (reset) last = -Infinity;
    }
  }

  /** A reset between the event and its answer. Where nothing is marked valid, nothing is lost. */
  public isDiscarded(event: number): boolean {
    const row = at(this.plan.rowOf, event);
    return at(this.lastReset, row + this.request.latency) >= row;
  }

  public isUnknown(event: number, delay: number): boolean {
    return at(this.trace.unknown, at(this.plan.rowOf, event) + delay) !== 0;
  }

  /** All outputs of an event, `delay` cycles after it. */
  public isRight(event: number, delay: number): boolean {
    if (this.isUnknown(event, delay)) return false;
    const actual = (at(this.plan.rowOf, event) + delay) * this.width;
    const wanted = at(this.plan.vectorOf, event) * this.width;
    // Limb 0 holds the valid bit.
    for (let limb = 1; limb < this.dataLimbs; limb++) {
      if (this.trace.rows[actual + limb] !== this.expected[wanted + limb]) return false;
    }
    return true;
  }

  public fittingDelays({ firstEvent, endEvent }: PlannedPhase): readonly number[] {
    const fitting: number[] = [];
    for (let delay = 0; delay <= this.request.latency + MARGIN - 1; delay++) {
      let event = firstEvent;
      while (event < endEvent && this.isRight(event, delay)) event++;
      if (event === endEvent) fitting.push(delay);
    }
    return fitting;
  }

  /** Cycles from the one valid input of a phase to the first valid output after it. */
  public pulseDelay({ firstEvent, end }: PlannedPhase): number | undefined {
    const sent = at(this.plan.rowOf, firstEvent);
    for (let row = sent; row < end; row++) {
      if (this.isValid(row)) return row - sent;
    }
    return undefined;
  }

  /** Cycles of the phase in which `valid_out` is not the valid bit of `latency` cycles before, or the status is wrong. */
  public validErrors({ first, end }: PlannedPhase): { readonly count: number; readonly first: number | undefined } {
    const { latency } = this.request;
    let count = 0;
    let firstError: number | undefined;
    for (let row = first; row < end; row++) {
      const sent = row - latency;
      const due = sent >= 0 && at(this.taken, sent) === 1 && at(this.lastReset, row) < sent;
      if (this.isValid(row) === due && this.statusIsRight(row)) continue;
      count++;
      firstError ??= row;
    }
    return { count, first: firstError };
  }

  private statusIsRight(row: number): boolean {
    if (this.dataLimbs === this.width) return true;
    return this.trace.rows[row * this.width + this.dataLimbs] === at(this.violated, row);
  }

  /** The first wrong element of an event that is not right. */
  public describe(event: number, phase: PhaseName): Mismatch {
    const [row, vector] = [at(this.plan.rowOf, event), at(this.plan.vectorOf, event)];
    const [answer, wanted] = [(row + this.request.latency) * this.width, vector * this.width];
    const unknown = this.isUnknown(event, this.request.latency);
    const values = (element: WiredElement): { readonly expected: bigint; readonly actual: bigint } => ({
      expected: codeAt(this.expected, wanted, element, this.layout.outputs),
      actual: codeAt(this.trace.rows, answer, element, this.layout.outputs),
    });
    const differs = (element: WiredElement): boolean => {
      const { expected, actual } = values(element);
      return expected !== actual;
    };
    const element = this.request.outputs.find(differs) ?? at(this.request.outputs, 0);
    const { tensor } = element;
    return { vector, tensor, element: element.element, ...values(element), unknown, phase, row };
  }

  private isValid(row: number): boolean {
    return ((this.trace.rows[row * this.width] ?? 0) & VALID_OUT_BIT) !== 0;
  }

  private isSet(row: number, bit: number): boolean {
    return ((this.plan.stimulus.rows[row * this.layout.stimulusLimbs] ?? 0) & bit) !== 0;
  }
}
