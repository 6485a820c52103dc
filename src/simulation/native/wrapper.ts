import type { SimulationDesign } from '../engine.js';
import { packedLayout, type PackedLayout, type PackedPort } from '../packed.js';

/** Name of the generated module around the design under test. */
export const WRAPPER_MODULE = 'trigc_simulation_wrapper';
export const WRAPPER_FILE = `${WRAPPER_MODULE}.v`;

/**
 * The wrapper has three ports whatever the design has: clock, a packed stimulus and a packed response. Hence one
 * hand-written harness serves every design. Each port starts at a multiple of 32 bits.
 */
export interface Wrapper extends PackedLayout {
  readonly text: string;
}

/** Builds the wrapper of a design. */
export function wrapDesign(design: SimulationDesign): Wrapper {
  const layout = packedLayout(design);
  const { inputs, outputs, stimulusLimbs, responseLimbs } = layout;
  const bits = ({ port, limb }: PackedPort): string => `${String(32 * limb + port.width - 1)}:${String(32 * limb)}`;
  const connections = [
    ...(design.clock === undefined ? [] : [`.${design.clock}(clock)`]),
    ...(design.reset === undefined ? [] : [`.${design.reset}(stimulus[0])`]),
    ...(design.validIn === undefined ? [] : [`.${design.validIn}(stimulus[1])`]),
    ...(design.validOut === undefined ? [] : [`.${design.validOut}(response[0])`]),
    ...inputs.map((packed) => `.${packed.port.name}(stimulus[${bits(packed)}])`),
    ...outputs.map((packed) => `.${packed.port.name}(response[${bits(packed)}])`),
  ];
  // Response bits between ports are driven, so that an undriven one is always the design's doing.
  const gaps = outputs
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
  return { text, ...layout };
}
