import { at, invariant } from '../../support/invariant.js';
import type { NameTable } from '../../support/legal-names.js';
import type { Interval } from '../../numeric/interval.js';
import { intervalWidth, isPoint } from '../../numeric/interval.js';
import { codeRange } from '../../numeric/fixed-point.js';
import type { Kernel } from '../../dataflow/kinds.js';
import type { Instance, ValueReference } from '../../dataflow/program.js';
import { kernelOf, PROGRAM_INPUT } from '../../dataflow/program.js';
import type { Design } from '../../design/design.js';
import type { Sequencing, Unit } from '../../design/sequencing.js';
import { outputClock, positionsOf } from '../../design/sequencing.js';
import type { RtlExpression, RtlSignal } from '../../rtl/expression.js';
import { bitsOf, choose, literal, resize, signalOf } from '../../rtl/expression.js';
import type { RtlItem, RtlModule, RtlParameter } from '../../rtl/module.js';
import type { Folding } from '../sequence/folding.js';
import { fold, foldable } from '../sequence/folding.js';
import type { Gathering } from '../sequence/gathering.js';
import { gathering } from '../sequence/gathering.js';
import { Control } from './control.js';
import { chainPort, chainSignal, FOLD_BEGIN, foldedModule } from './folded-module.js';
import { GATHER_FIRST, gatheringModule, wirePort } from './gathering-module.js';
import { inputPort, kernelModule, nodeSignalName, outputPort } from './kernel-module.js';
import type { DesignModules, ObservedSignal } from './modules.js';
import { PortLayout } from './port-layout.js';
import { CLOCK, II_VIOLATION, RESET, VALID_IN, VALID_OUT } from './port-names.js';
import { beginPort, serialModule } from './serial-module.js';
import type { SerialModule } from './serial-module.js';

interface TopValue {
  /** What carries the value in clock `clock` of its event, and perhaps something else before and after. */
  readonly signal: RtlSignal;
  readonly clock: number;
  readonly range: Interval;
}

/**
 * The top module of a design that takes an event every few clocks: lanes, what leads operands to their slots, registers
 * that hold words until they are read, and the tokens that control it all.
 */
export class SequencedTop {
  private readonly values = new Map<string, TopValue>();
  private readonly held = new Map<string, RtlSignal>();
  private readonly words = new Map<string, RtlSignal>();
  private readonly modules: RtlModule[] = [];
  private readonly observed: ObservedSignal[] = [];
  private readonly layout: PortLayout;
  private readonly sequencing: Sequencing;
  private readonly control: Control;
  private readonly head: RtlItem[] = [];
  private readonly registers: RtlItem[] = [];
  private readonly body: RtlItem[] = [];

  public constructor(
    private readonly design: Design,
    private readonly names: NameTable,
    private readonly comments: readonly string[],
    private readonly parameters: readonly RtlParameter[],
  ) {
    invariant(design.sequencing !== undefined, `${design.name} takes an event each clock`);
    this.sequencing = design.sequencing;
    this.layout = new PortLayout(design.interface.ports, names);
    this.control = new Control(design.sequencing.interval);
  }

  public run(): DesignModules {
    const { latency } = this.design.schedule;
    const bit = { width: 1, signed: false };
    for (const name of [RESET, VALID_IN]) this.layout.ports.push({ name, direction: 'input', ...bit });
    for (const name of [VALID_OUT, II_VIOLATION]) this.layout.ports.push({ name, direction: 'output', ...bit });
    let flat = 0;
    const inputs = this.design.program.inputs.map(({ name, types }, input) =>
      this.layout.input(
        name,
        types,
        this.head,
        (signal, type, clock) => {
          this.define({ instance: PROGRAM_INPUT, index: flat++ }, signal, clock, codeRange(type));
        },
        at(this.sequencing.inputClocks, input),
      ),
    );
    this.design.program.instances.forEach((instance, index) => {
      this.instantiate(instance, index);
    });
    const outputs = this.design.program.outputs.map((output) => {
      const values = output.elements.map((reference) => this.read(reference, latency));
      return this.layout.output(output, values, this.body);
    });
    const control = this.control.finish({ name: VALID_OUT, ...bit }, { name: II_VIOLATION, ...bit }, latency);
    const top: RtlModule = {
      name: this.design.name,
      comments: this.comments,
      parameters: [
        { name: 'LATENCY', value: latency },
        { name: 'II', value: this.design.initiationInterval },
        ...this.layout.widths([...inputs, ...outputs]),
        ...this.parameters,
      ],
      clock: CLOCK,
      ports: this.layout.ports,
      items: declaredFirst([...control, ...this.head, ...this.registers, ...this.body]),
    };
    const names = this.layout.identifiers;
    return { modules: [top, ...this.modules], inputs, outputs, observed: this.observed, names };
  }

  private define(reference: ValueReference, signal: RtlSignal, clock: number, range: Interval): void {
    this.values.set(keyOf(reference), { signal, clock, range });
  }

  /** A value in a clock of its event: from where it comes, or from registers that have held it since. */
  private read(reference: ValueReference, clock: number): RtlExpression {
    const value = this.values.get(keyOf(reference));
    invariant(value !== undefined, `value ${keyOf(reference)} is read before it is defined`);
    if (isPoint(value.range)) return literal(value.range.low);
    invariant(clock >= value.clock, `value ${keyOf(reference)} of clock ${value.clock} is read in clock ${clock}`);
    return signalOf(this.hold(value, Math.ceil((clock - value.clock) / this.sequencing.interval)));
  }

  /** The value, held: each register keeps it for as long as no other event can come. */
  private hold(value: TopValue, rank: number): RtlSignal {
    if (rank === 0) return value.signal;
    const since = value.clock + (rank - 1) * this.sequencing.interval;
    const name = `${value.signal.name}_held_at_${since}`;
    const known = this.held.get(name);
    if (known !== undefined) return known;
    const before = this.hold(value, rank - 1);
    const signal = { ...before, name };
    this.held.set(name, signal);
    const take = signalOf(this.control.token(since));
    this.register(signal, choose(take, signalOf(before), signalOf(signal), signal.width, signal.signed));
    return signal;
  }

  private register(signal: RtlSignal, value: RtlExpression): void {
    const next = { ...signal, name: `${signal.name}_next` };
    this.registers.push({ kind: 'register', signal, next: next.name });
    this.body.push({ kind: 'wire', signal: next, value });
  }

  private instantiate(instance: Instance, index: number): void {
    const { program } = this.design;
    const kernel = kernelOf(program, instance);
    const unit = at(this.sequencing.units, index);
    const called = [instance.name, instance.origin.operator].find((text) => /[a-z0-9]/iu.test(text)) ?? 'instance';
    const { operator, name: origin } = instance.origin;
    const comments = [`${operator} '${origin}' and the operations that follow it`];
    const moduleName = this.names.fresh(`${this.design.name}_${called}`);
    const serial =
      unit.form === 'serial'
        ? serialModule(moduleName, kernel, unit.cycles, unit.digitBits, unit.digits, comments)
        : undefined;
    if (unit.form === 'gathered') {
      this.gather(instance, index, moduleName, called, comments);
      return;
    }
    const folding = unit.form === 'folded' ? foldingOf(kernel, unit) : undefined;
    const module =
      serial?.module ??
      (folding === undefined
        ? kernelModule(moduleName, kernel, unit.cycles, comments)
        : foldedModule(moduleName, kernel, folding, comments));
    this.modules.push(module);
    const operands = folding?.stages ?? [...kernel.inputs.keys()];
    for (let lane = 0; lane < unit.lanes; lane++) {
      const name = this.names.fresh(`u_${called}${unit.lanes > 1 ? `_${lane}` : ''}`);
      const positions = positionsOf(unit, lane, instance.positions.length);
      const connections: { port: string; value: RtlExpression }[] = [];
      if (module.clock !== undefined) connections.push({ port: module.clock, value: signalOf(clockSignal) });
      if (serial !== undefined) connections.push(...this.beginsOf(serial, unit));
      if (folding !== undefined)
        connections.push({ port: FOLD_BEGIN, value: this.tokensOfSlots(unit, unit.start - 2) });
      for (const operand of operands) {
        const id = at(kernel.inputs, operand);
        const node = at(kernel.nodes, id);
        if (isPoint(node.range)) continue;
        const references = positions.map((position) => at(at(instance.positions, position), operand));
        const clock = unit.start + at(unit.cycles, id);
        const value =
          folding !== undefined
            ? this.standing(references, unit, clock, node.range)
            : serial === undefined
              ? this.operand(references, unit, clock, node.range, `${name}_${operand}`)
              : this.digits(references, unit, node.range);
        connections.push({ port: inputPort(operand), value });
      }
      connections.push(
        ...(folding === undefined
          ? this.results(kernel, unit, index, positions, name)
          : this.chainResults(kernel, unit, folding, index, positions, name)),
      );
      this.body.push({ kind: 'instance', module: module.name, name, comment: `${operator} '${origin}'`, connections });
    }
  }

  /** Sums of values that come in turn: each wire to its port, silenced where it carries anything else. */
  private gather(
    instance: Instance,
    index: number,
    moduleName: string,
    called: string,
    comments: readonly string[],
  ): void {
    const { program } = this.design;
    const kernel = kernelOf(program, instance);
    const unit = at(this.sequencing.units, index);
    const { units, inputClocks, interval } = this.sequencing;
    const found = gathering(program, { units: units.slice(0, index), inputClocks }, instance, interval);
    invariant(found?.start === unit.start, `${instance.name} does not gather what comes in turn`);
    const { sums, turns, levels, start }: Gathering = found;
    const name = this.names.fresh(`u_${called}`);
    const signals = sums.map(({ wires }) =>
      wires.map(({ reference, referenceClock }) => {
        const value = this.values.get(keyOf(reference));
        invariant(value !== undefined, `value ${keyOf(reference)} is read before it is defined`);
        return this.delayed(value.signal, referenceClock - value.clock);
      }),
    );
    const module = gatheringModule(
      moduleName,
      found,
      (sum, wire) => {
        const { width, signed } = at(at(signals, sums.indexOf(sum)), wire);
        return { width, signed };
      },
      comments,
    );
    this.modules.push(module);
    const connections: { port: string; value: RtlExpression }[] = [
      { port: CLOCK, value: signalOf(clockSignal) },
      { port: GATHER_FIRST, value: signalOf(this.control.token(start + levels)) },
    ];
    sums.forEach(({ wires, output }, sum) => {
      wires.forEach((wire, number) => {
        const signal = at(at(signals, sum), number);
        const clocks = [...wire.turns].sort((left, right) => left - right).map((turn) => start + turn);
        const always = wire.turns.size === turns;
        const silenced = { ...signal, name: `w_${name.slice(2)}_${output}_${number}` };
        if (!always) {
          const value = choose(this.control.tokens(clocks), signalOf(signal), literal(0n), signal.width, signal.signed);
          this.body.push({ kind: 'wire', signal: silenced, value });
        }
        connections.push({ port: wirePort(output, number), value: signalOf(always ? signal : silenced) });
      });
    });
    connections.push(...this.results(kernel, unit, index, [0], name));
    const { operator, name: origin } = instance.origin;
    this.body.push({ kind: 'instance', module: module.name, name, comment: `${operator} '${origin}'`, connections });
  }

  /** High in a clock of each slot: `first` is that of slot 0. */
  private tokensOfSlots({ slots, spacing }: Unit, first: number): RtlExpression {
    return this.control.tokens(Array.from({ length: slots }, (_, slot) => first + slot * spacing));
  }

  /** The clock before each word's lowest digits, for what keeps state from digit to digit. */
  private beginsOf({ begins }: SerialModule, unit: Unit): { port: string; value: RtlExpression }[] {
    return begins.map((clock) => ({
      port: beginPort(clock),
      value: this.tokensOfSlots(unit, unit.start + clock - 1),
    }));
  }

  private results(
    kernel: Kernel,
    unit: Unit,
    index: number,
    positions: readonly number[],
    name: string,
  ): { port: string; value: RtlExpression }[] {
    const count = kernel.outputs.length;
    return kernel.outputs.flatMap((id, output) => {
      const node = at(kernel.nodes, id);
      const signal = {
        name: `w_${name.slice(2)}_out_${output}`,
        width: intervalWidth(node.range),
        signed: node.range.low < 0n,
      };
      for (const position of positions) {
        const reference = { instance: index, index: position * count + output };
        const clock = outputClock(unit, position, output);
        this.define(reference, signal, clock, node.range);
        if (isPoint(node.range)) continue;
        const inside =
          unit.form === 'serial' || unit.form === 'gathered' ? outputPort(output) : nodeSignalName(kernel, node);
        const { width, signed } = signal;
        this.observed.push({ reference, path: `${name}.${inside}`, width, signed, cycle: clock });
      }
      if (isPoint(node.range)) return [];
      this.head.push({ kind: 'declare', signal });
      return [{ port: outputPort(output), value: signalOf(signal) }];
    });
  }

  /** Results that come one after another on the wires of their chains. */
  private chainResults(
    kernel: Kernel,
    unit: Unit,
    { chains }: Folding,
    index: number,
    positions: readonly number[],
    name: string,
  ): { port: string; value: RtlExpression }[] {
    const count = kernel.outputs.length;
    for (const position of positions) {
      kernel.outputs.forEach((id, output) => {
        const { range } = at(kernel.nodes, id);
        // What does not vary is in no chain.
        if (isPoint(range)) this.define({ instance: index, index: position * count + output }, noSignal, 0, range);
      });
    }
    const parts = chains.flatMap((chain) => chain.parts);
    return parts.map((part, number) => {
      const signal = chainSignal(part, `w_${name.slice(2)}_chain_${number}`);
      for (const position of positions) {
        for (const output of part.outputs) {
          const reference = { instance: index, index: position * count + output };
          const clock = outputClock(unit, position, output);
          this.define(reference, signal, clock, at(kernel.nodes, at(kernel.outputs, output)).range);
          const { width, signed } = signal;
          this.observed.push({ reference, path: `${name}.${chainPort(number)}`, width, signed, cycle: clock });
        }
      }
      this.head.push({ kind: 'declare', signal });
      return { port: chainPort(number), value: signalOf(signal) };
    });
  }

  /** The operand of each slot in its turn, as a kernel on words reads it. */
  private operand(
    references: readonly ValueReference[],
    unit: Unit,
    clock: number,
    range: Interval,
    name: string,
  ): RtlExpression {
    const width = intervalWidth(range);
    const chosenAt = unit.registered ? clock - 1 : clock;
    const stem = `w_${name.slice(2)}_turn`;
    const chosen = this.chosen(references, unit, chosenAt, range, stem);
    if (!unit.registered) return chosen;
    const signal = { name: `${stem}_kept`, width, signed: range.low < 0n };
    this.register(signal, resize(chosen, width));
    return signalOf(signal);
  }

  /**
   * The value of each slot in its turn, from slot 0 at `clock` on: of a wire on which they come so long after one another,
   * as it was a while ago, or chosen among registers that hold each of them.
   */
  private chosen(
    references: readonly ValueReference[],
    unit: Unit,
    clock: number,
    range: Interval,
    name: string,
  ): RtlExpression {
    const width = intervalWidth(range);
    const late = this.flowing(references, unit, clock);
    if (late !== undefined) return resize(signalOf(late), width);
    const values = references.map((reference, slot) =>
      resize(this.read(reference, clock + slot * unit.spacing), width),
    );
    return this.inTurn(values, unit, clock, range, name);
  }

  /** The wire that values come on, delayed to where they are wanted; undefined where they do not, or waiting takes more registers. */
  private flowing(references: readonly ValueReference[], { spacing }: Unit, clock: number): RtlSignal | undefined {
    const values = references.map((reference) => this.values.get(keyOf(reference)));
    const [first] = values;
    if (first === undefined || references.length === 1 || isPoint(first.range)) return undefined;
    const delay = clock - first.clock;
    const flows = values.every(
      (value, slot) => value?.signal.name === first.signal.name && clock + slot * spacing - value.clock === delay,
    );
    if (!flows || delay < 0) return undefined;
    const held = references.length * Math.ceil(delay / this.sequencing.interval);
    return delay > held ? undefined : this.delayed(first.signal, delay);
  }

  /** A wire as it was so many clocks ago. */
  private delayed(signal: RtlSignal, clocks: number): RtlSignal {
    if (clocks === 0) return signal;
    const late = { ...signal, name: `${signal.name}_late_${clocks}` };
    if (!this.held.has(late.name)) {
      const before = this.delayed(signal, clocks - 1);
      this.held.set(late.name, late);
      this.registers.push({ kind: 'register', signal: late, next: before.name });
    }
    return late;
  }

  /** One of several expressions, by the slot that begins at `clock`. */
  private inTurn(
    values: readonly RtlExpression[],
    unit: Unit,
    clock: number,
    range: Interval,
    name: string,
  ): RtlExpression {
    const first = at(values, 0);
    if (values.every((value) => JSON.stringify(value, printed) === JSON.stringify(first, printed))) return first;
    const counter = this.control.slot(clock, unit.slots, unit.spacing);
    const [width, signed] = [intervalWidth(range), range.low < 0n];
    let level: readonly RtlExpression[] = values;
    for (let bit = 0; level.length > 1; bit++) {
      const select = bitsOf(counter, bit, 1, false);
      const next: RtlExpression[] = [];
      for (let index = 0; index < level.length; index += 2) {
        const [even, odd] = [at(level, index), level[index + 1]];
        if (odd === undefined) next.push(even);
        else {
          const signal = { name: `${name}_${bit}_${index / 2}`, width, signed };
          this.body.push({ kind: 'wire', signal, value: choose(select, odd, even, width, signed) });
          next.push(signalOf(signal));
        }
      }
      level = next;
    }
    return at(level, 0);
  }

  /** The digits of a word, lowest first, from the clock in which the unit begins: a register that shifts them out. */
  private digits(references: readonly ValueReference[], unit: Unit, range: Interval): RtlExpression {
    const { digitBits, start } = unit;
    const { word, made } = this.loaded(references, unit, start, range, digitBits);
    const digit = { name: `${word.name}_digit`, width: digitBits, signed: false };
    if (made) this.body.push({ kind: 'wire', signal: digit, value: bitsOf(word, 0, digitBits, false) });
    return signalOf(digit);
  }

  /** A word that stands for all turns of its slot, from clock `clock` on. */
  private standing(references: readonly ValueReference[], unit: Unit, clock: number, range: Interval): RtlExpression {
    return signalOf(this.loaded(references, unit, clock, range, 0).word);
  }

  /** A register that takes the word of each slot in the clock before `clock`, and gives `shift` bits away in every other. */
  private loaded(
    references: readonly ValueReference[],
    unit: Unit,
    clock: number,
    range: Interval,
    shift: number,
  ): { readonly word: RtlSignal; readonly made: boolean } {
    const [width, signed] = [intervalWidth(range), range.low < 0n];
    const { spacing, slots } = unit;
    const first = clock - 1;
    const key = `${references.map(keyOf).join(';')}:${first}:${spacing}:${shift}:${width}:${signed}`;
    const known = this.words.get(key);
    if (known !== undefined) return { word: known, made: false };
    const stem = `w_word_${this.words.size}`;
    const whole = { name: stem, width: Math.max(width, shift), signed };
    this.words.set(key, whole);
    const word = this.chosen(references, unit, first, range, `${stem}_turn`);
    const load: RtlSignal = { name: `${stem}_load`, width, signed };
    this.body.push({ kind: 'wire', signal: load, value: resize(word, width) });
    const otherwise = shift === 0 ? signalOf(whole) : bitsOf(whole, shift, whole.width, signed);
    const take = this.tokensOfSlots({ ...unit, slots: Math.min(slots, references.length) }, first);
    this.register(whole, choose(take, resize(signalOf(load), whole.width), otherwise, whole.width, signed));
    return { word: whole, made: true };
  }
}

function foldingOf(kernel: Kernel, unit: Unit): Folding {
  const matrix = foldable(kernel);
  invariant(matrix !== undefined, `${kernel.name} is no matrix`);
  const clockOf = (operand: number): number => at(unit.cycles, at(kernel.inputs, operand));
  const stages = [...matrix.operands].sort((left, right) => clockOf(left) - clockOf(right));
  return fold(kernel, matrix, unit.digits, stages);
}

/** Of values that do not vary: they are literals wherever they are read. */
const noSignal: RtlSignal = { name: '', width: 1, signed: false };
const clockSignal: RtlSignal = { name: CLOCK, width: 1, signed: false };

function printed(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

/** Registers and signals of instances before everything that reads them. */
function declaredFirst(items: readonly RtlItem[]): readonly RtlItem[] {
  const first = items.filter(({ kind }) => kind === 'register' || kind === 'declare');
  return [...first, ...items.filter(({ kind }) => kind !== 'register' && kind !== 'declare')];
}

function keyOf({ instance, index }: ValueReference): string {
  return `${instance},${index}`;
}
