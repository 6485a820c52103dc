import { checkStimulus } from './check-design.js';
import {
  DEFAULT_RESET_CYCLES,
  type SimulationDesign,
  type SimulationStimulus,
  type SimulationTrace,
} from './engine.js';
import { readLimbs, writeLimbs } from './limbs.js';
import {
  RESET_BIT,
  VALID_BIT,
  VALID_OUT_BIT,
  type PackedLayout,
  type PackedSimulation,
  type PackedStimulus,
  type PackedTrace,
} from './packed.js';

/** A run on bigint rows in terms of the packed one, warnings aside. Throws `RangeError` for rows that do not fit. */
export async function runUnpacked(
  packed: PackedSimulation,
  design: SimulationDesign,
  request: SimulationStimulus,
): Promise<Omit<SimulationTrace, 'warnings'>> {
  const { layout } = packed;
  checkStimulus(
    design,
    layout.inputs.map(({ port }) => port),
    request,
  );
  const stimulus = packStimulus(layout, design, request);
  return unpackTrace(layout, design, await packed.run(stimulus), stimulus.unknownRows);
}

/** Packs a checked request: rows of reset, the stimulus, and the last row held while draining. */
function packStimulus(
  layout: PackedLayout,
  design: SimulationDesign,
  request: SimulationStimulus,
): Required<PackedStimulus> {
  const unknownRows = design.reset === undefined ? 0 : (request.resetCycles ?? DEFAULT_RESET_CYCLES);
  const cycles = request.stimulus.length + request.drain;
  const width = layout.stimulusLimbs;
  const rows = new Int32Array((unknownRows + cycles) * width);
  for (let row = 0; row < unknownRows; row += 1) rows[row * width] = RESET_BIT;
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const start = (unknownRows + cycle) * width;
    const values = request.stimulus[cycle];
    if (values === undefined) {
      rows.copyWithin(start, start - width, start);
      rows[start] = 0;
      continue;
    }
    layout.inputs.forEach(({ limb, limbs }, index) => {
      writeLimbs(rows, start + limb, limbs, values[index] ?? 0n);
    });
    rows[start] =
      ((request.validIn?.[cycle] ?? true) ? VALID_BIT : 0) | (request.reset?.[cycle] === true ? RESET_BIT : 0);
  }
  return { rows, unknownRows };
}

function unpackTrace(
  layout: PackedLayout,
  design: SimulationDesign,
  trace: PackedTrace,
  firstRow: number,
): Omit<SimulationTrace, 'warnings'> {
  const outputs: (readonly bigint[])[] = [];
  const unknown: boolean[] = [];
  const validOut: boolean[] = [];
  for (let cycle = firstRow; cycle < trace.unknown.length; cycle += 1) {
    const start = cycle * layout.responseLimbs;
    const isUnknown = trace.unknown[cycle] !== 0;
    unknown.push(isUnknown);
    outputs.push(layout.outputs.map(({ limb, limbs }) => readLimbs(trace.rows, start + limb, limbs)));
    validOut.push(((trace.rows[start] ?? 0) & VALID_OUT_BIT) !== 0 && !isUnknown);
  }
  return { outputs, unknown, ...(design.validOut === undefined ? {} : { validOut }) };
}
