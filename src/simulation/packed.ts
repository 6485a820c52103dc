import { splitPorts } from './check-design.js';
import type { SimulationDesign, SimulationPort } from './engine.js';
import { limbCount } from './limbs.js';

/**
 * Rows of 32-bit words, little-endian, the form in which fast engines exchange vectors: no value becomes a bigint. A
 * row is a clock cycle. Limb 0 holds the control bits; each port follows at a whole limb, in the order of
 * `design.ports`, its unused high bits zero.
 */
export interface PackedLayout {
  readonly inputs: readonly PackedPort[];
  readonly outputs: readonly PackedPort[];
  /** Limbs per row. */
  readonly stimulusLimbs: number;
  readonly responseLimbs: number;
}

/** Where a port lies in a packed row. */
export interface PackedPort {
  readonly port: SimulationPort;
  /** First limb in a row. */
  readonly limb: number;
  readonly limbs: number;
}

/** Control bits of limb 0 of a stimulus row; without effect where the design has no such port. */
export const RESET_BIT = 1;
export const VALID_BIT = 2;
/** Control bit of limb 0 of a response row; zero where the design has no valid output. */
export const VALID_OUT_BIT = 1;

export interface PackedStimulus {
  /** Cycles × `stimulusLimbs`. Reset and valid are what each row says: nothing is added before, between or after. */
  readonly rows: Int32Array;
  /** In this many rows, from the first, data inputs are unknown whatever the row says (reset and valid are as it says). */
  readonly unknownRows?: number;
}

/** As `SimulationTrace`, a row for every stimulus row, unknown ones included. */
export interface PackedTrace {
  /** Cycles × `responseLimbs`. Unknown bits have an arbitrary value. */
  readonly rows: Int32Array;
  /** Per cycle 1 if some output bit (valid included) was unknown, else 0. */
  readonly unknown: Uint8Array;
}

/** The fast path of a prepared simulation. */
export interface PackedSimulation {
  readonly layout: PackedLayout;
  /** Runs from power-up. Throws `RangeError` if `rows` is not a whole number of rows. */
  run(stimulus: PackedStimulus): Promise<PackedTrace>;
}

/** The layout of a design, the same for every engine. */
export function packedLayout(design: SimulationDesign): PackedLayout {
  const { inputs, outputs } = splitPorts(design);
  const packedInputs = pack(inputs);
  const packedOutputs = pack(outputs);
  return {
    inputs: packedInputs,
    outputs: packedOutputs,
    stimulusLimbs: rowLimbs(packedInputs),
    responseLimbs: rowLimbs(packedOutputs),
  };
}

function pack(ports: readonly SimulationPort[]): readonly PackedPort[] {
  let limb = 1;
  return ports.map((port) => {
    const packed = { port, limb, limbs: limbCount(port.width) };
    limb += packed.limbs;
    return packed;
  });
}

function rowLimbs(packed: readonly PackedPort[]): number {
  return packed.reduce((sum, { limbs }) => sum + limbs, 1);
}

/** The number of whole rows. Throws `RangeError`. */
export function countRows(layout: PackedLayout, { rows, unknownRows = 0 }: PackedStimulus): number {
  const cycles = rows.length / layout.stimulusLimbs;
  if (!Number.isInteger(cycles)) throw new RangeError(`${String(rows.length)} limbs are no whole number of rows`);
  if (!Number.isInteger(unknownRows) || unknownRows < 0 || unknownRows > cycles) {
    throw new RangeError(`unknownRows is ${String(unknownRows)}`);
  }
  return cycles;
}
