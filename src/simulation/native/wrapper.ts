import { splitPorts } from '../check-design.js';
import {
  DEFAULT_RESET_CYCLES,
  type SimulationDesign,
  type SimulationPort,
  type SimulationStimulus,
} from '../engine.js';
import { limbCount, readLimbs, writeLimbs } from '../limbs.js';

/** Name of the generated module around the design under test. */
export const WRAPPER_MODULE = 'trigc_simulation_wrapper';
export const WRAPPER_FILE = `${WRAPPER_MODULE}.v`;

/** Where a port lies in the wrapper's packed vectors. */
export interface PackedPort {
  readonly port: SimulationPort;
  /** First limb in a row. */
  readonly limb: number;
  readonly limbs: number;
}

/**
 * The wrapper has three ports whatever the design has: clock, a packed stimulus and a packed response. Hence one
 * hand-written harness serves every design. Each port starts at a multiple of 32 bits.
 */
export interface Wrapper {
  readonly text: string;
  readonly inputs: readonly PackedPort[];
  readonly outputs: readonly PackedPort[];
  /** Limbs per row; the first stimulus limb holds reset (bit 0) and valid (bit 1), the first response limb valid. */
  readonly stimulusLimbs: number;
  readonly responseLimbs: number;
}

/** Builds the wrapper of a design. */
export function wrapDesign(design: SimulationDesign): Wrapper {
  const { inputs, outputs } = splitPorts(design);
  const packedInputs = pack(inputs);
  const packedOutputs = pack(outputs);
  const stimulusLimbs = rowLimbs(packedInputs);
  const responseLimbs = rowLimbs(packedOutputs);
  const bits = ({ port, limb }: PackedPort): string => `${String(32 * limb + port.width - 1)}:${String(32 * limb)}`;
  const connections = [
    ...(design.clock === undefined ? [] : [`.${design.clock}(clock)`]),
    ...(design.reset === undefined ? [] : [`.${design.reset}(stimulus[0])`]),
    ...(design.validIn === undefined ? [] : [`.${design.validIn}(stimulus[1])`]),
    ...(design.validOut === undefined ? [] : [`.${design.validOut}(response[0])`]),
    ...packedInputs.map((packed) => `.${packed.port.name}(stimulus[${bits(packed)}])`),
    ...packedOutputs.map((packed) => `.${packed.port.name}(response[${bits(packed)}])`),
  ];
  // Response bits between ports are driven, so that an undriven one is always the design's doing.
  const gaps = packedOutputs
    .filter(({ port, limbs }) => port.width < 32 * limbs)
    .map(
      ({ port, limb, limbs }) =>
        `  assign response[${String(32 * (limb + limbs) - 1)}:${String(32 * limb + port.width)}] = 0;`,
    );
  const text = [
    `module ${WRAPPER_MODULE} (`,
    '  input wire clock,',
    `  input wire [${String(32 * stimulusLimbs - 1)}:0] stimulus,`,
    `  output wire [${String(32 * responseLimbs - 1)}:0] response`,
    ');',
    `  ${design.top} design_under_test (`,
    connections.map((connection) => `    ${connection}`).join(',\n'),
    '  );',
    `  assign response[31:${design.validOut === undefined ? '0' : '1'}] = 0;`,
    ...gaps,
    'endmodule',
    '',
  ].join('\n');
  return { text, inputs: packedInputs, outputs: packedOutputs, stimulusLimbs, responseLimbs };
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

const RESET_BIT = 1;
const VALID_BIT = 2;

/** All cycles of a run as packed stimulus rows; `resetRows` of them come before row 0 of the trace. */
export interface PackedStimulus {
  readonly rows: Int32Array;
  readonly cycles: number;
  readonly resetRows: number;
}

/** Packs a checked request. Data bits of reset rows are zero; harnesses drive them with unknown values. */
export function packStimulus(wrapper: Wrapper, design: SimulationDesign, request: SimulationStimulus): PackedStimulus {
  const resetRows = design.reset === undefined ? 0 : (request.resetCycles ?? DEFAULT_RESET_CYCLES);
  const cycles = request.stimulus.length + request.drain;
  const width = wrapper.stimulusLimbs;
  const rows = new Int32Array((resetRows + cycles) * width);
  for (let row = 0; row < resetRows; row += 1) rows[row * width] = RESET_BIT;
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const start = (resetRows + cycle) * width;
    const values = request.stimulus[cycle];
    if (values === undefined) {
      rows.copyWithin(start, start - width, start);
      rows[start] = 0;
      continue;
    }
    wrapper.inputs.forEach(({ limb, limbs }, index) => {
      writeLimbs(rows, start + limb, limbs, values[index] ?? 0n);
    });
    rows[start] = (request.validIn?.[cycle] ?? true) ? VALID_BIT : 0;
  }
  return { rows, cycles, resetRows };
}

/** The output values of one packed response row. */
export function unpackResponse(wrapper: Wrapper, response: Int32Array, start: number): readonly bigint[] {
  return wrapper.outputs.map(({ limb, limbs }) => readLimbs(response, start + limb, limbs));
}
