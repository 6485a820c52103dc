import { digitAdderLuts, digitBits, digitCount, floorShiftClocks, multiplexerLuts } from '../../design/digits.js';
import type { UnitForm } from '../../design/sequencing.js';
import type { DataflowNode, Kernel, NodeOf } from '../../dataflow/kinds.js';
import type { Instance, Program, ValueReference } from '../../dataflow/program.js';
import { intervalWidth, isPoint } from '../../numeric/interval.js';
import { at } from '../../support/invariant.js';
import type { Family } from '../../targets/delay-model.js';
import type { Foldable } from './folding.js';
import { chainLength, fold, foldable, foldingCost } from './folding.js';
import type { Arrivals } from './wires.js';
import { onWire } from './wires.js';

/** One way to carry out an instance, and about what it takes. */
export interface Choice {
  readonly form: UnitForm;
  readonly lanes: number;
  readonly slots: number;
  readonly spacing: number;
  readonly registered: boolean;
  readonly digitBits: number;
  readonly digits: number;
  /** Look-up tables, roughly: to compare choices with, not to report. */
  readonly luts: number;
  /** Multiplier blocks of chains. */
  readonly blocks: number;
}

/**
 * What values have in common that need no choice between them: they come on one wire, so long after one another as they are
 * wanted. `after`: clocks from slot 0 to the one that wants it.
 */
export type WireOf = (reference: ValueReference, after: number) => string;

/** Operands chosen among more slots, which takes more than a level of tables, wait in a register. */
const WIDEST_DIRECT_CHOICE = 4;

/** Clocks from one position to the next: the steps of windows are no longer. */
const LONGEST_PACE = 4;

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
  private matrix: Foldable | undefined | 'unknown' = 'unknown';

  /** `wordLuts`: of one kernel on whole words. */
  public constructor(
    private readonly instance: Instance,
    private readonly kernel: Kernel,
    private readonly wordLuts: number,
    private readonly family: Family,
    private readonly wires: WireOf = plainWire,
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

  /** Whole words, so many positions in turn, a position every `spacing` clocks. */
  public word(slots: number, spacing = 1): Choice {
    const lanes = Math.ceil(this.count / slots);
    const turns = { slots, spacing, wires: this.wires };
    return {
      form: slots === 1 ? 'parallel' : 'shared',
      lanes,
      slots,
      spacing,
      registered: slots > WIDEST_DIRECT_CHOICE && widestChoice(this.instance, turns) > WIDEST_DIRECT_CHOICE,
      digitBits: 0,
      digits: 0,
      luts: lanes * this.wordLuts + choosingLuts(this.instance, this.inputBits, turns),
      blocks: 0,
    };
  }

  /** Whole words as `word`, at the pace at which values come on wires that need no choice, where that is within `clocks`. */
  public paced(slots: number, clocks: number): Choice {
    let best = this.word(slots);
    if (slots === 1 || !this.readsWires) return best;
    for (let spacing = 2; spacing <= Math.min(LONGEST_PACE, Math.floor(clocks / slots)); spacing++) {
      const choice = this.word(slots, spacing);
      if (choice.luts < best.luts) best = choice;
    }
    return best;
  }

  /** Whether an operand of the first position comes on a wire, when others may have come on it. */
  private get readsWires(): boolean {
    const [references = []] = this.instance.positions;
    return references.some((reference) => this.wires(reference, 0) !== plainWire(reference));
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
    const turns = { slots, spacing: digits, wires: this.wires };
    const luts =
      lanes * (this.adders * digitAdderLuts(bits) + this.cuts.length * bits) +
      choosingLuts(this.instance, this.inputBits, turns) +
      serialisedBits(this.instance, this.inputBits, turns);
    return {
      form: 'serial',
      lanes,
      slots,
      spacing: digits,
      registered: false,
      digitBits: bits,
      digits,
      luts,
      blocks: 0,
    };
  }

  /** The results that chains of multipliers would give; none where the kernel is more than a matrix. */
  public get foldedResults(): number {
    return this.foldable?.outputs.length ?? 0;
  }

  /**
   * In chains that give so many results of a position one after another, so many positions in turn; undefined where that
   * cannot be. The order of operands costs nothing.
   */
  public folded(slots: number, turns: number): Choice | undefined {
    const matrix = this.foldable;
    if (matrix === undefined || turns < 2) return undefined;
    const cost = foldingCost(this.kernel, fold(this.kernel, matrix, turns, matrix.operands), this.family);
    if (cost === undefined) return undefined;
    const lanes = Math.ceil(this.count / slots);
    const luts =
      lanes * cost.luts + choosingLuts(this.instance, this.inputBits, { slots, spacing: turns, wires: this.wires });
    const blocks = lanes * cost.blocks;
    return {
      form: 'folded',
      lanes,
      slots,
      spacing: turns,
      registered: false,
      digitBits: 0,
      digits: turns,
      luts,
      blocks,
    };
  }

  private get foldable(): Foldable | undefined {
    if (this.matrix === 'unknown') this.matrix = this.sumBits === undefined ? undefined : foldable(this.kernel);
    return this.matrix;
  }
}

/** The ways to fold an instance with an event every `interval` clocks, fewest multiplier blocks first. */
export function foldingsFor(costs: FormCosts, interval: number): readonly Choice[] {
  const found = new Map<string, Choice>();
  const results = costs.foldedResults;
  if (results === 0) return [];
  for (const slots of slotCounts(costs.count, interval)) {
    const turns = chainLength(results, Math.min(results, Math.floor(interval / slots)));
    const choice = turns >= 2 ? costs.folded(slots, turns) : undefined;
    if (choice !== undefined) found.set(`${slots},${turns}`, choice);
  }
  return [...found.values()].sort((left, right) => left.blocks - right.blocks || left.luts - right.luts);
}

/** The ways to carry out an instance with an event every `interval` clocks, cheapest first. */
export function choicesFor(costs: FormCosts, interval: number): readonly [Choice, ...Choice[]] {
  const choices = new Map<number, Choice>();
  const serial = new Map<number, Choice>();
  for (const slots of slotCounts(costs.count, interval)) {
    choices.set(slots, costs.paced(slots, interval));
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

/** By the units that are chosen so far. */
export function wireOf(program: Program, arrivals: Arrivals): WireOf {
  return (reference, after) => {
    const found = onWire(program, arrivals, reference);
    return found === undefined ? plainWire(reference) : `${found.wire} at ${found.clock - after}`;
  };
}

function plainWire({ instance, index }: ValueReference): string {
  return `${instance}.${index}`;
}

/** How lanes take positions, and what comes to them. */
export interface Turns {
  readonly slots: number;
  readonly spacing: number;
  readonly wires: WireOf;
}

/** By lane and operand, the values that it takes in turn. */
function inTurn(instance: Instance, operand: number, { slots, spacing, wires }: Turns): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (let first = 0; first < instance.positions.length; first += slots) {
    const references = instance.positions.slice(first, first + slots).map((operands) => at(operands, operand));
    const values = references.map(plainWire);
    const flow = new Set(references.map((reference, slot) => wires(reference, slot * spacing)));
    // On one wire, in the clocks in which they are wanted, or each held in registers of its own.
    if (flow.size === 1) found.set([...flow].join(), 1);
    else found.set(values.join(), new Set(values).size);
  }
  return found;
}

/** Tables that choose the operands of slots. */
export function choosingLuts(instance: Instance, inputBits: readonly number[], turns: Turns): number {
  if (turns.slots === 1) return 0;
  let luts = 0;
  inputBits.forEach((bits, operand) => {
    for (const ways of inTurn(instance, operand, turns).values()) luts += bits * multiplexerLuts(ways);
  });
  return luts;
}

/** The most wires among which some operand is chosen. */
function widestChoice(instance: Instance, turns: Turns): number {
  let most = 0;
  for (const operand of (instance.positions[0] ?? []).keys()) {
    for (const ways of inTurn(instance, operand, turns).values()) most = Math.max(most, ways);
  }
  return most;
}

/** Tables that load words into shift registers: one a bit, for every word once. */
export function serialisedBits(instance: Instance, inputBits: readonly number[], turns: Turns): number {
  const words = new Map<string, number>();
  inputBits.forEach((bits, operand) => {
    for (const values of inTurn(instance, operand, turns).keys()) {
      words.set(values, Math.max(words.get(values) ?? 0, bits));
    }
  });
  return [...words.values()].reduce((sum, bits) => sum + bits, 0);
}
