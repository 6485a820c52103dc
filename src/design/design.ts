import type { Program } from '../dataflow/program.js';
import type { Sequencing } from './sequencing.js';

/** Which ports have a register right behind (in) or before (out) them. */
export type PortRegisters = 'in' | 'out' | 'both' | 'none';

/** How the design meets the outside. */
export interface DesignInterface {
  /** One packed port per graph tensor, or one port per element. */
  readonly ports: 'packed' | 'elements';
  readonly registers: PortRegisters;
  /** Adds `valid_in`, `valid_out` and a synchronous, active-high `rst` that clears the valid bits only. */
  readonly valid: boolean;
}

/**
 * When each value is computed. Cycle c is the combinational segment after c register ranks; inputs arrive in cycle 0,
 * outputs are read in cycle `latency`. A value that is used later than it is computed is held in registers.
 */
export interface Schedule {
  /** Register ranks on every path from input to output. */
  readonly latency: number;
  /** cycles[instance][position][node]; constants and kernel inputs carry the cycle of their first use. */
  readonly cycles: readonly (readonly Int32Array[])[];
}

/** A program with its time: what the RTL is printed from. */
export interface Design {
  readonly name: string;
  readonly program: Program;
  readonly schedule: Schedule;
  readonly interface: DesignInterface;
  /** Clocks from one event to the next. */
  readonly initiationInterval: number;
  /** How its instances share hardware; only where the interval is longer than a clock. */
  readonly sequencing?: Sequencing;
}
