import { invariant } from '../support/invariant.js';
import type { PreparedSimulation, SimulationDesign, SimulationStimulus } from './engine.js';
import { readLimbs, writeLimbs } from './limbs.js';
import type { PackedSimulation, PackedStimulus, PackedTrace } from './packed.js';
import { countRows, packedLayout, RESET_BIT, VALID_BIT, VALID_OUT_BIT } from './packed.js';

/** A simulation on packed rows, and what the tool said about the design. */
export interface WarningSimulation {
  readonly simulation: PackedSimulation;
  /** Known after the first run at the latest. */
  readonly warnings: () => readonly string[];
}

/**
 * Packed rows for any engine: its own fast path, or its bigint rows. Without a fast path the rows of unknown data must
 * be those of the reset, and their responses are all unknown.
 */
export function packedSimulation(prepared: PreparedSimulation, design: SimulationDesign): WarningSimulation {
  if (prepared.packed !== undefined) {
    return { simulation: prepared.packed, warnings: () => prepared.warnings ?? [] };
  }
  const layout = packedLayout(design);
  let warnings: readonly string[] = prepared.warnings ?? [];
  const run = async (stimulus: PackedStimulus): Promise<PackedTrace> => {
    const cycles = countRows(layout, stimulus);
    const { unknownRows = 0 } = stimulus;
    const trace = await prepared.run(unpackStimulus(design, stimulus, cycles));
    ({ warnings } = trace);
    const response = new Int32Array(cycles * layout.responseLimbs);
    const unknown = new Uint8Array(cycles).fill(1, 0, unknownRows);
    trace.outputs.forEach((values, index) => {
      const start = (index + unknownRows) * layout.responseLimbs;
      layout.outputs.forEach(({ limb, limbs }, port) => {
        writeLimbs(response, start + limb, limbs, values[port] ?? 0n);
      });
      if (trace.validOut?.[index] === true) response[start] = VALID_OUT_BIT;
      unknown[index + unknownRows] = trace.unknown[index] === true ? 1 : 0;
    });
    return { rows: response, unknown };
  };
  return { simulation: { layout, run }, warnings: () => warnings };
}

/**
 * Rows 0 to `end` of a packed stimulus as bigint rows. The rows of unknown data must be those of the reset; they become
 * its cycles, so that cycle 0 is the row after them.
 */
export function unpackStimulus(
  design: SimulationDesign,
  { rows, unknownRows = 0 }: PackedStimulus,
  end: number,
): SimulationStimulus {
  const layout = packedLayout(design);
  invariant(unknownRows === 0 || design.reset !== undefined, 'only a reset comes with unknown data');
  const control = (row: number, bit: number): boolean => ((rows[row * layout.stimulusLimbs] ?? 0) & bit) !== 0;
  const known = Array.from({ length: end - unknownRows }, (_, index) => index + unknownRows);
  return {
    stimulus: known.map((row) =>
      layout.inputs.map(({ limb, limbs }) => readLimbs(rows, row * layout.stimulusLimbs + limb, limbs)),
    ),
    ...(design.validIn === undefined ? {} : { validIn: known.map((row) => control(row, VALID_BIT)) }),
    ...(design.reset === undefined
      ? {}
      : { reset: known.map((row) => control(row, RESET_BIT)), resetCycles: unknownRows }),
    drain: 0,
  };
}
