import { scheduleCodes } from '../../diagnostics/codes/schedule.js';
import type { Result } from '../../diagnostics/result.js';
import { DiagnosticBag, failure } from '../../diagnostics/result.js';
import type { PortRegisters } from '../../design/design.js';
import { inputPlace } from '../../design/input-place.js';
import type { DeclaredReuse, Form, Sequencing, Unit } from '../../design/sequencing.js';
import { outputClock, placeOf, standsAtOnce } from '../../design/sequencing.js';
import type { Kernel } from '../../dataflow/kinds.js';
import type { Instance, Program, ValueReference } from '../../dataflow/program.js';
import { kernelOf, PROGRAM_INPUT } from '../../dataflow/program.js';
import { isPoint } from '../../numeric/interval.js';
import { at, invariant } from '../../support/invariant.js';
import type { Family } from '../../targets/delay-model.js';
import type { ScheduleResult } from '../schedule/schedule-program.js';
import type { Choice } from './choose-form.js';
import { choicesFor, FormCosts, wireOf } from './choose-form.js';
import { DeclaredLayers } from './declared-layers.js';
import { fold, foldable } from './folding.js';
import type { Gathering } from './gathering.js';
import { gathering, gatheringLuts } from './gathering.js';
import { shareBlocks } from './share-blocks.js';
import type { TimingOptions, UnitTiming } from './unit-timing.js';
import { foldedTiming, gatheredTiming, serialTiming, wordTiming } from './unit-timing.js';
import type { Arrivals } from './wires.js';

export interface SequenceOptions extends TimingOptions {
  /** Clocks from one event to the next. */
  readonly interval: number;
  /** Clocks; as few as the units allow where absent. */
  readonly latency?: number;
  readonly registers: PortRegisters;
  /** Forms that may be chosen beside `parallel`; all where not given. */
  readonly forms?: readonly Form[];
  readonly family: Family;
  /** Multiplier blocks that may be given to matrices beside those of layers that are declared `folded`; none where absent. */
  readonly blocks?: number;
  /** By layer, what is declared instead of chosen. */
  readonly declared?: ReadonlyMap<string, DeclaredReuse>;
  /** By input, the clocks in which it comes; all at once where absent. Each divides the elements of its input, and none is above `interval`. */
  readonly inputClocks?: readonly number[];
}

export interface SequencedProgram {
  readonly sequencing: Sequencing;
  readonly schedule: ScheduleResult;
}

/**
 * A form for each instance, declared or the cheapest of those that `choicesFor` lists, and the clocks in which its slots begin: as
 * early as the words that they read are there. `wordLuts` estimates a kernel on whole words.
 */
export function sequenceProgram(
  program: Program,
  options: SequenceOptions,
  wordLuts: (kernel: Kernel, cycles: Int32Array) => number,
): Result<SequencedProgram> {
  return new Sequencer(program, options, wordLuts).run();
}

class Sequencer {
  private readonly units: Unit[] = [];
  private readonly segments: number[] = [];
  private readonly bag = new DiagnosticBag();
  private readonly declared: DeclaredLayers;
  private readonly plain = new Map<Kernel, Result<UnitTiming>>();
  private readonly luts = new Map<Kernel, number>();
  private readonly arrivals: Arrivals;

  public constructor(
    private readonly program: Program,
    private readonly options: SequenceOptions,
    private readonly wordLuts: (kernel: Kernel, cycles: Int32Array) => number,
  ) {
    this.declared = new DeclaredLayers(options.declared ?? new Map(), options.interval);
    this.arrivals = { inputClocks: options.inputClocks ?? program.inputs.map(() => 1), units: this.units };
  }

  public run(): Result<SequencedProgram> {
    const folded = this.shareBlocks();
    for (const [index, instance] of this.program.instances.entries()) {
      const kernel = kernelOf(this.program, instance);
      const timed = this.choose(instance, kernel, folded.get(index));
      if (timed === undefined) return failure(this.bag.diagnostics);
      const { choice, timing, start } = timed;
      const begun: Unit = { ...choice, cycles: timing.cycles, outputs: timing.outputs, start: 0 };
      const unit: Unit = { ...begun, start: start ?? this.startOf(instance, kernel, begun) };
      this.units.push(unit);
      this.note(unit, timing);
    }
    this.declared.check(this.bag);
    const fewest = this.fewestClocks();
    const { interval, latency = fewest, clockPeriod } = this.options;
    if (latency < fewest) {
      const message = `a latency of ${latency} clocks at an event every ${interval}, of which this design takes ${fewest}`;
      this.bag.add(scheduleCodes.reuseTooSlow, message, { configPath: 'target.latency' });
    }
    const segments = Array.from({ length: latency + 1 }, (_, clock) => this.segments[clock] ?? 0);
    const longest = segments.reduce((most, length) => Math.max(most, length), 0);
    if (longest > clockPeriod + 1e-9) {
      const message =
        `the logic of clock ${segments.indexOf(longest)} is estimated at ${longest.toFixed(2)} ns, beyond the clock period ` +
        `of ${clockPeriod.toFixed(2)} ns`;
      this.bag.add(scheduleCodes.segmentTooSlow, message);
    }
    const sequencing: Sequencing = { interval, ...this.arrivals };
    return this.bag.finish({
      sequencing,
      schedule: {
        schedule: { latency, cycles: this.cycles() },
        segments,
        segmentLimit: Math.max(clockPeriod, longest),
        registerBits: 0,
        registerPlacement: 'heuristic',
      },
    });
  }

  /** By instance, the chains of multipliers that the blocks are best spent on. */
  private shareBlocks(): ReadonlyMap<number, Choice> {
    const { interval, blocks = 0, declared, forms } = this.options;
    if (blocks === 0 || !(forms?.includes('folded') ?? true)) return new Map();
    const free = this.program.instances.map((instance) => {
      const kernel = kernelOf(this.program, instance);
      const plain = this.plainTiming(kernel);
      return plain.ok && !(declared?.has(instance.origin.name) ?? false)
        ? this.costsOf(instance, kernel, plain.value)
        : undefined;
    });
    return shareBlocks(free, interval, blocks);
  }

  private plainTiming(kernel: Kernel): Result<UnitTiming> {
    let timing = this.plain.get(kernel);
    if (timing === undefined) this.plain.set(kernel, (timing = wordTiming(kernel, this.options, 0)));
    return timing;
  }

  private costsOf(instance: Instance, kernel: Kernel, { cycles }: UnitTiming): FormCosts {
    let luts = this.luts.get(kernel);
    if (luts === undefined) this.luts.set(kernel, (luts = this.wordLuts(kernel, cycles)));
    return new FormCosts(instance, kernel, luts, this.options.family, wireOf(this.program, this.arrivals));
  }

  private choose(
    instance: Instance,
    kernel: Kernel,
    folded: Choice | undefined,
  ): { readonly choice: Choice; readonly timing: UnitTiming; readonly start?: number } | undefined {
    const { interval, forms } = this.options;
    const plain = this.plainTiming(kernel);
    if (!plain.ok) {
      this.bag.addAll(plain.diagnostics);
      return undefined;
    }
    const costs = this.costsOf(instance, kernel, plain.value);
    const choices = choicesFor(costs, interval);
    const allowed = choices.find(({ form }) => form === 'parallel' || (forms?.some((other) => other === form) ?? true));
    const declared = this.declared.choice(instance, costs);
    const choice = declared ?? folded ?? allowed ?? choices[0];
    const gathered =
      declared === undefined && (forms?.includes('shared') ?? true)
        ? gathering(this.program, this.arrivals, instance, interval)
        : undefined;
    if (gathered !== undefined && gatheringLuts(gathered) < choice.luts) return this.gathered(kernel, gathered);
    if (choice.form === 'serial') {
      return { choice, timing: serialTiming(kernel, this.options, choice.digitBits, choice.digits) };
    }
    if (choice.form === 'folded') return { choice, timing: this.foldedTiming(instance, kernel, choice) };
    const chosen = choice.slots === 1 ? plain : wordTiming(kernel, this.options, choice.registered ? 0 : 1);
    if (!chosen.ok) {
      this.bag.addAll(chosen.diagnostics);
      return undefined;
    }
    return { choice, timing: chosen.value };
  }

  /** Sums that take values as they come begin when the first does. */
  private gathered(kernel: Kernel, found: Gathering): { choice: Choice; timing: UnitTiming; start: number } {
    const { start, turns } = found;
    const unit = { lanes: 1, slots: 1, spacing: 1, registered: false, digitBits: 0, digits: turns, blocks: 0 };
    const choice: Choice = { form: 'gathered', ...unit, luts: gatheringLuts(found) };
    return { choice, timing: gatheredTiming(kernel, this.options, found), start };
  }

  /** Chains take operands in the order in which those are there. */
  private foldedTiming(instance: Instance, kernel: Kernel, { slots, spacing, digits }: Choice): UnitTiming {
    const matrix = foldable(kernel);
    invariant(matrix !== undefined, `${kernel.name} is no matrix`);
    const ready = kernel.inputs.map((_, operand) =>
      instance.positions.reduce((latest, references, position) => {
        const turn = (position % slots) * spacing;
        return Math.max(latest, this.readyClock(at(references, operand), false) - turn);
      }, -Infinity),
    );
    const stages = [...matrix.operands].sort((left, right) => at(ready, left) - at(ready, right) || left - right);
    return foldedTiming(kernel, this.options, fold(kernel, matrix, digits, stages));
  }

  /** Slot 0 begins so late that every slot finds its operands. */
  private startOf(instance: Instance, kernel: Kernel, unit: Unit): number {
    // Words that digits or chains work on are loaded in the clock before; what counts slots begins a clock earlier.
    const loads = unit.form === 'serial' || unit.form === 'folded';
    const ahead = unit.registered || loads ? 1 : 0;
    // What counts the results of chains begins two clocks before the first operand stands.
    let start = Math.max(ahead + (unit.slots > 1 ? 1 : 0), unit.form === 'folded' ? 2 : 0);
    instance.positions.forEach((references, position) => {
      const begins = placeOf(unit, position).slot * unit.spacing;
      references.forEach((reference, operand) => {
        const id = at(kernel.inputs, operand);
        if (isPoint(at(kernel.nodes, id).range)) return;
        const wanted = begins + (unit.form === 'serial' ? 0 : at(unit.cycles, id)) - ahead;
        start = Math.max(start, this.readyClock(reference, !loads) - wanted);
      });
    });
    return start;
  }

  /** The first clock in which a value can be read: at once by what registers it, else behind a register. */
  private readyClock({ instance, index }: ValueReference, registered: boolean): number {
    const { registers } = this.options;
    if (instance === PROGRAM_INPUT) {
      const { clock } = inputPlace(this.program, this.arrivals.inputClocks, index);
      return registered || registers === 'in' || registers === 'both' ? clock + 1 : clock;
    }
    const producer = at(this.units, instance);
    const count = producer.outputs.length;
    const clock = outputClock(producer, Math.floor(index / count), index % count);
    return registered && !standsAtOnce(producer) ? clock + 1 : clock;
  }

  private fewestClocks(): number {
    const { registers } = this.options;
    const registered = registers === 'out' || registers === 'both';
    let last = registered ? 1 : 0;
    for (const { elements } of this.program.outputs) {
      for (const reference of elements) {
        const clock = this.readyClock(reference, false);
        last = Math.max(last, registered ? clock + 1 : clock);
      }
    }
    return last;
  }

  private note(unit: Unit, { segments }: UnitTiming): void {
    const lasting = unit.slots * Math.max(unit.spacing, unit.digits);
    segments.forEach((length, clock) => {
      for (let later = 0; later < lasting; later++) {
        const when = unit.start + clock + later;
        this.segments[when] = Math.max(this.segments[when] ?? 0, length);
      }
    });
  }

  private cycles(): Int32Array[][] {
    return this.program.instances.map((instance, index) => {
      const unit = at(this.units, index);
      return instance.positions.map((_, position) => {
        const begins = unit.start + placeOf(unit, position).slot * unit.spacing;
        return unit.cycles.map((cycle) => begins + cycle);
      });
    });
  }
}
