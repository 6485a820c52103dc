import { digitAdderLuts, digitBits, digitCount, floorShiftClocks, multiplexerLuts } from '../../design/digits.js';
import type { Form } from '../../design/sequencing.js';
import type { DataflowNode, Kernel, NodeOf } from '../../dataflow/kinds.js';
import type { Instance } from '../../dataflow/program.js';
import { intervalWidth, isPoint } from '../../numeric/interval.js';
import { at } from '../../support/invariant.js';

/** One way to carry out an instance, and about what it takes. */
export interface Choice {
  readonly form: Form;
  readonly lanes: number;
  readonly slots: number;
  readonly spacing: number;
  readonly registered: boolean;
  readonly digitBits: number;
  readonly digits: number;
  /** Look-up tables, roughly: to compare choices with, not to report. */
  readonly luts: number;
}

/** Operands chosen among more slots, which takes more than a level of tables, wait in a register. */
const WIDEST_DIRECT_CHOICE = 4;

/** Whether a kernel has nothing but sums, shifts in both directions and constants. */
function isSums(kernel: Kernel): boolean {
  return (
    kernel.nodes.some((node) => addersOf(node) > 0 && !isPoint(node.range)) &&
    kernel.nodes.every((node) => {
      const { kind } = node;
      return addersOf(node) > 0 || ['input', 'constant', 'shiftLeft', 'floorShiftRight'].includes(kind);
    })
  );
}

/** Additions of a kernel that are more than a constant. */
export function addersIn(kernel: Kernel): number {
  return kernel.nodes.reduce((sum, node) => sum + (isPoint(node.range) ? 0 : addersOf(node)), 0);
}

function addersOf({ kind }: DataflowNode): number {
  if (kind === 'addThree') return 2;
  return kind === 'add' || kind === 'subtract' || kind === 'negate' ? 1 : 0;
}

/** What an instance takes in each form. */
export class FormCosts {
  /** Positions. */
  public readonly count: number;
  /**
   * Bits of the widest result, and of what bits are cut off from, which digits must cover; undefined where there is more than
   * sums.
   */
  public readonly sumBits: number | undefined;
  private readonly inputBits: readonly number[];
  private readonly adders: number;
  private readonly cuts: readonly NodeOf<'floorShiftRight'>[];

  /** `wordLuts`: of one kernel on whole words. */
  public constructor(
    private readonly instance: Instance,
    kernel: Kernel,
    private readonly wordLuts: number,
  ) {
    this.count = instance.positions.length;
    this.inputBits = operandBits(kernel);
    this.adders = addersIn(kernel);
    this.cuts = cutsOf(kernel);
    const covered = [...kernel.outputs, ...this.cuts.map(({ operand }) => operand)];
    this.sumBits = isSums(kernel)
      ? covered.reduce((most, id) => Math.max(most, intervalWidth(at(kernel.nodes, id).range)), 1)
      : undefined;
  }

  /** Whole words, so many positions in turn. */
  public word(slots: number): Choice {
    const lanes = Math.ceil(this.count / slots);
    return {
      form: slots === 1 ? 'parallel' : 'shared',
      lanes,
      slots,
      spacing: 1,
      registered: slots > WIDEST_DIRECT_CHOICE,
      digitBits: 0,
      digits: 0,
      luts: lanes * this.wordLuts + choosingLuts(this.instance, this.inputBits, slots),
    };
  }

  /** Whether words can go digit by digit within `clocks`: not where one is over before the first digit that is left of it. */
  public hasDigits(clocks: number): boolean {
    if (this.sumBits === undefined) return false;
    const bits = digitBits(this.sumBits, clocks);
    const digits = digitCount(this.sumBits, bits);
    return this.cuts.every(({ amount }) => floorShiftClocks(amount, bits) < digits);
  }

  /** Digit by digit, so many positions in turn, each within `clocks`; undefined where that cannot be. */
  public serial(slots: number, clocks: number): Choice | undefined {
    if (this.sumBits === undefined || !this.hasDigits(clocks)) return undefined;
    const bits = digitBits(this.sumBits, clocks);
    const digits = digitCount(this.sumBits, bits);
    const lanes = Math.ceil(this.count / slots);
    const luts =
      lanes * (this.adders * digitAdderLuts(bits) + this.cuts.length * bits) +
      choosingLuts(this.instance, this.inputBits, slots) +
      serialisedBits(this.instance, this.inputBits, slots);
    return { form: 'serial', lanes, slots, spacing: digits, registered: false, digitBits: bits, digits, luts };
  }
}

/** The ways to carry out an instance with an event every `interval` clocks, cheapest first. */
export function choicesFor(costs: FormCosts, interval: number): readonly [Choice, ...Choice[]] {
  const choices = new Map<number, Choice>();
  const serial = new Map<number, Choice>();
  for (const slots of slotCounts(costs.count, interval)) {
    choices.set(slots, costs.word(slots));
    const digitwise = costs.serial(slots, Math.floor(interval / slots));
    if (digitwise === undefined) continue;
    const known = serial.get(digitwise.lanes);
    if (known === undefined || digitwise.luts < known.luts) serial.set(digitwise.lanes, digitwise);
  }
  const sorted = [...choices.values(), ...serial.values()].sort((left, right) => left.luts - right.luts);
  return [at(sorted, 0), ...sorted.slice(1)];
}

/** Slots worth a look: the fewest for each number of kernels, in steps of a tenth where there are many. */
function slotCounts(count: number, interval: number): readonly number[] {
  const found = new Set<number>();
  for (let lanes = Math.ceil(count / interval); lanes <= count; lanes = Math.max(lanes + 1, Math.floor(lanes * 1.1))) {
    found.add(Math.ceil(count / lanes));
  }
  return [...found.add(1)];
}

/** Where a kernel cuts low bits off. */
export function cutsOf(kernel: Kernel): readonly NodeOf<'floorShiftRight'>[] {
  return kernel.nodes.flatMap((node) => (node.kind === 'floorShiftRight' && !isPoint(node.range) ? [node] : []));
}

/** Bits of each operand of a kernel; none of one that does not vary. */
export function operandBits(kernel: Kernel): readonly number[] {
  return kernel.inputs.map((id) => {
    const { range } = at(kernel.nodes, id);
    return isPoint(range) ? 0 : intervalWidth(range);
  });
}

/** By lane and operand, the values that it takes in turn. */
function inTurn(instance: Instance, operand: number, slots: number): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (let first = 0; first < instance.positions.length; first += slots) {
    const values = instance.positions.slice(first, first + slots).map((references) => {
      const { instance: from, index } = at(references, operand);
      return `${from}.${index}`;
    });
    found.set(values.join(), new Set(values).size);
  }
  return found;
}

/** Tables that choose the operands of slots. */
export function choosingLuts(instance: Instance, inputBits: readonly number[], slots: number): number {
  if (slots === 1) return 0;
  let luts = 0;
  inputBits.forEach((bits, operand) => {
    for (const ways of inTurn(instance, operand, slots).values()) luts += bits * multiplexerLuts(ways);
  });
  return luts;
}

/** Tables that load words into shift registers: one a bit, for every word once. */
export function serialisedBits(instance: Instance, inputBits: readonly number[], slots: number): number {
  const words = new Map<string, number>();
  inputBits.forEach((bits, operand) => {
    for (const values of inTurn(instance, operand, slots).keys()) {
      words.set(values, Math.max(words.get(values) ?? 0, bits));
    }
  });
  return [...words.values()].reduce((sum, bits) => sum + bits, 0);
}
