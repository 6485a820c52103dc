import { splitPorts } from '../check-design.js';
import type { SimulationDesign } from '../engine.js';

export const ICARUS_BENCH_MODULE = 'trigc_simulation_bench';
export const ICARUS_BENCH_FILE = `${ICARUS_BENCH_MODULE}.v`;

/**
 * The Verilog bench around the design: reads a stimulus row per cycle, lets logic settle, writes the response (x and
 * all), and then raises the clock. A row is hexadecimal numbers between blanks: reset, valid, then a number per port.
 * Every port has a net of its own: packed into one vector, each change would cost Icarus the length of the vector.
 * Paths are relative to the working directory, so that none is ever quoted into the text.
 */
export function icarusBench(design: SimulationDesign): string {
  const { inputs, outputs } = splitPorts(design);
  const connections = [
    ...(design.clock === undefined ? [] : [`.${design.clock}(clock)`]),
    ...(design.reset === undefined ? [] : [`.${design.reset}(reset)`]),
    ...(design.validIn === undefined ? [] : [`.${design.validIn}(valid_in)`]),
    ...(design.validOut === undefined ? [] : [`.${design.validOut}(valid_out)`]),
    ...inputs.map(({ name }, index) => `.${name}(in_${String(index)})`),
    ...outputs.map(({ name }, index) => `.${name}(out_${String(index)})`),
  ];
  const inputNames = ['reset', 'valid_in', ...inputs.map((_, index) => `in_${String(index)}`)];
  const outputNames = ['valid_out', ...outputs.map((_, index) => `out_${String(index)}`)];
  const format = (names: readonly string[]): string => names.map(() => '%h').join(' ');
  const scan = `fields = $fscanf(rows, "${format(inputNames)}", ${inputNames.join(', ')});`;
  return [
    `module ${ICARUS_BENCH_MODULE};`,
    '  reg clock, reset, valid_in;',
    // Driven here only if the design does not.
    design.validOut === undefined ? "  wire valid_out = 1'b0;" : '  wire valid_out;',
    ...inputs.map(({ width }, index) => `  reg [${String(width - 1)}:0] in_${String(index)};`),
    ...outputs.map(({ width }, index) => `  wire [${String(width - 1)}:0] out_${String(index)};`),
    '  integer rows, answers, fields;',
    `  ${design.top} design_under_test (`,
    connections.map((connection) => `    ${connection}`).join(',\n'),
    '  );',
    '  initial begin',
    '    rows = $fopen("stimulus.hex", "r");',
    '    answers = $fopen("response.hex", "w");',
    '    clock = 0;',
    `    ${scan}`,
    `    while (fields == ${String(inputNames.length)}) begin`,
    `      #1 $fdisplay(answers, "${format(outputNames)}", ${outputNames.join(', ')});`,
    ...(design.clock === undefined ? [] : ['      #1 clock = 1;', '      #1 clock = 0;']),
    `      ${scan}`,
    '    end',
    '    $fclose(answers);',
    '    $finish;',
    '  end',
    'endmodule',
    '',
  ].join('\n');
}
