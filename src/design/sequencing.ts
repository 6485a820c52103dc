/**
 * How a design takes an event every N clocks with less hardware than one that takes an event each clock. Each instance
 * of a program is carried out in one form; all times are clocks after the one in which the event is accepted.
 */

/**
 * `parallel`: one kernel for each position. `shared`: the positions are walked over by fewer kernels, one position a
 * clock. `serial`: sums alone, a digit of every word a clock, and positions walked over where there is time for it.
 * `folded`: a matrix of constants alone, in chains of multipliers: each multiplies its operand by another weight every clock
 * and adds what comes from the one before, so that a chain gives one result a clock.
 */
export const forms = ['parallel', 'shared', 'serial', 'folded'] as const;
export type Form = (typeof forms)[number];

/** `gathered`: sums of values that come in turn, with an adder for each wire that they come on. It is not declared: what comes decides. */
export const unitForms = [...forms, 'gathered'] as const;
export type UnitForm = (typeof unitForms)[number];

/** Clocks from one event to the next that a trigger may take. */
export const MAXIMUM_INTERVAL = 4096;

/** What is declared of a layer instead of being chosen by cost. */
export interface DeclaredReuse {
  /** Of all parts of the layer that can take it. */
  readonly form?: Form;
  /** Clocks of each interval in which the hardware of the layer is at work: turns, times the digits of each. */
  readonly factor?: number;
}

export interface Unit {
  readonly form: UnitForm;
  /** Kernels side by side. */
  readonly lanes: number;
  /** Positions that each takes one after another: position p is slot p mod `slots` of lane floor(p / slots). */
  readonly slots: number;
  /** Clocks from a slot to the next: of a serial or folded unit those that it works on each, of a shared one those after which values come. */
  readonly spacing: number;
  /** Whether operands, once chosen, wait a clock in registers before the kernel reads them; of a shared unit. */
  readonly registered: boolean;
  /** Clock in which slot 0 begins: reads its operands, works on its lowest digits, or multiplies its first operand. */
  readonly start: number;
  /**
   * Clock of each node after the begin of its slot; of a serial sum, that of its lowest digit; of an operand of a folded
   * matrix, that from which it stands.
   */
  readonly cycles: Int32Array;
  /** Clocks after the begin of its slot in which each output stands as a word. */
  readonly outputs: readonly number[];
  /**
   * Of a serial unit: bits of a digit, and digits of a word. Of a folded one: 0, and results that each chain gives in turn; of a
   * gathered one: 0, and clocks in which values come.
   */
  readonly digitBits: number;
  readonly digits: number;
}

export interface Sequencing {
  /** Clocks from one event to the next, at the least. */
  readonly interval: number;
  /** By input of the program, the clocks in which it comes: one after another, an equal part of its elements in each. */
  readonly inputClocks: readonly number[];
  /** One for each instance of the program. */
  readonly units: readonly Unit[];
}

/** The lane and the slot of a position. */
export function placeOf(unit: Unit, position: number): { readonly lane: number; readonly slot: number } {
  return { lane: Math.floor(position / unit.slots), slot: position % unit.slots };
}

/** Positions that a lane carries out, in the order of its slots. */
export function positionsOf(unit: Unit, lane: number, positions: number): readonly number[] {
  const first = lane * unit.slots;
  return Array.from({ length: Math.min(unit.slots, positions - first) }, (_, slot) => first + slot);
}

/** Whether what a unit gives comes from registers; the results of kernels on words are read behind one. */
export function standsAtOnce({ form }: Unit): boolean {
  return form === 'serial' || form === 'folded' || form === 'gathered';
}

/** Clock in which an output of a position stands as a word. */
export function outputClock(unit: Unit, position: number, output: number): number {
  return unit.start + placeOf(unit, position).slot * unit.spacing + (unit.outputs[output] ?? 0);
}
