import type { ValueReference } from '../../dataflow/program.js';
import type { Unit } from '../../design/sequencing.js';
import type { Interval } from '../../numeric/interval.js';
import { intervalWidth, isPoint } from '../../numeric/interval.js';
import type { RtlExpression, RtlSignal } from '../../rtl/expression.js';
import { bitsOf, choose, literal, resize, signalOf } from '../../rtl/expression.js';
import type { RtlItem } from '../../rtl/module.js';
import { at, invariant } from '../../support/invariant.js';
import type { Control } from './control.js';

interface TopValue {
  /** What carries the value in clock `clock` of its event, and perhaps something else before and after. */
  readonly signal: RtlSignal;
  readonly clock: number;
  readonly range: Interval;
}

/**
 * The values of a top module that takes an event every few clocks, and what hands them to whoever reads them: registers that hold
 * words, wires that are read some clocks late, choices between slots, and registers that shift digits out.
 */
export class TopValues {
  public readonly registers: RtlItem[] = [];
  public readonly items: RtlItem[] = [];
  private readonly values = new Map<string, TopValue>();
  private readonly held = new Map<string, RtlSignal>();
  private readonly words = new Map<string, RtlSignal>();

  public constructor(
    private readonly control: Control,
    private readonly interval: number,
  ) {}

  public define(reference: ValueReference, signal: RtlSignal, clock: number, range: Interval): void {
    this.values.set(keyOf(reference), { signal, clock, range });
  }

  /** The signal that carries a value, and the clock in which it does. */
  public valueOf(reference: ValueReference): TopValue {
    const value = this.values.get(keyOf(reference));
    invariant(value !== undefined, `value ${keyOf(reference)} is read before it is defined`);
    return value;
  }

  /** A value in a clock of its event: from where it comes, or from registers that have held it since. */
  public read(reference: ValueReference, clock: number): RtlExpression {
    const value = this.valueOf(reference);
    if (isPoint(value.range)) return literal(value.range.low);
    invariant(clock >= value.clock, `value ${keyOf(reference)} of clock ${value.clock} is read in clock ${clock}`);
    return signalOf(this.hold(value, Math.ceil((clock - value.clock) / this.interval)));
  }

  /** The value, held: each register keeps it for as long as no other event can come. */
  private hold(value: TopValue, rank: number): RtlSignal {
    if (rank === 0) return value.signal;
    const since = value.clock + (rank - 1) * this.interval;
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
    this.items.push({ kind: 'wire', signal: next, value });
  }

  /** High in a clock of each slot: `first` is that of slot 0. */
  public tokensOfSlots({ slots, spacing }: Unit, first: number): RtlExpression {
    return this.control.tokens(Array.from({ length: slots }, (_, slot) => first + slot * spacing));
  }

  /** The operand of each slot in its turn, as a kernel on words reads it. */
  public operand(
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
    const held = references.length * Math.ceil(delay / this.interval);
    return delay > held ? undefined : this.delayed(first.signal, delay);
  }

  /** A wire as it was so many clocks ago. */
  public delayed(signal: RtlSignal, clocks: number): RtlSignal {
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
          this.items.push({ kind: 'wire', signal, value: choose(select, odd, even, width, signed) });
          next.push(signalOf(signal));
        }
      }
      level = next;
    }
    return at(level, 0);
  }

  /** The digits of a word, lowest first, from the clock in which the unit begins: a register that shifts them out. */
  public digits(references: readonly ValueReference[], unit: Unit, range: Interval): RtlExpression {
    const { digitBits, start } = unit;
    const { word, made } = this.loaded(references, unit, start, range, digitBits);
    const digit = { name: `${word.name}_digit`, width: digitBits, signed: false };
    if (made) this.items.push({ kind: 'wire', signal: digit, value: bitsOf(word, 0, digitBits, false) });
    return signalOf(digit);
  }

  /** A word that stands for all turns of its slot, from clock `clock` on. */
  public standing(references: readonly ValueReference[], unit: Unit, clock: number, range: Interval): RtlExpression {
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
    this.items.push({ kind: 'wire', signal: load, value: resize(word, width) });
    const otherwise = shift === 0 ? signalOf(whole) : bitsOf(whole, shift, whole.width, signed);
    const take = this.tokensOfSlots({ ...unit, slots: Math.min(slots, references.length) }, first);
    this.register(whole, choose(take, resize(signalOf(load), whole.width), otherwise, whole.width, signed));
    return { word: whole, made: true };
  }
}

function printed(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function keyOf({ instance, index }: ValueReference): string {
  return `${instance},${index}`;
}
