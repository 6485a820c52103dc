import type { UnknownBits } from './nets.js';

/** A vector in simulation memory: `limbCount(width)` limbs from `address`. */
export interface Slot {
  readonly address: number;
  readonly width: number;
}

/** A design as code over one Int32Array of simulation memory. */
export interface Program {
  readonly memorySize: number;
  /** Function bodies over `M` that compute one cycle: all logic, then the next state into `nextState`. */
  readonly bodies: readonly string[];
  readonly inputs: readonly Slot[];
  readonly outputs: readonly Slot[];
  readonly observed: ReadonlyMap<string, Slot>;
  readonly reset?: Slot;
  readonly validIn?: Slot;
  readonly validOut?: Slot;
  /** The clock edge copies `limbs` limbs from `next` to `current`. */
  readonly state: { readonly current: number; readonly next: number; readonly limbs: number };
  readonly preset: readonly { readonly address: number; readonly value: number }[];
  readonly unknownState: readonly UnknownBits[];
  readonly unknownSources: readonly UnknownBits[];
  readonly warnings: readonly string[];
}
