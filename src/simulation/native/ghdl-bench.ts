import { splitPorts } from '../check-design.js';
import type { SimulationDesign, SimulationPort } from '../engine.js';

export const GHDL_BENCH_ENTITY = 'trigc_simulation_bench';
export const GHDL_BENCH_FILE = `${GHDL_BENCH_ENTITY}.vhd`;

/**
 * The VHDL bench around the design, with the files and the cycle of the Icarus bench: a row is reset, valid and a
 * hexadecimal number per port; logic settles, the response is written, unknown bits and all, and the clock rises.
 * A port of one bit is std_logic, every other std_logic_vector.
 */
export function ghdlBench(design: SimulationDesign): string {
  const { inputs, outputs } = splitPorts(design);
  const associations = [
    ...(design.clock === undefined ? [] : [`${design.clock} => clock`]),
    ...(design.reset === undefined ? [] : [`${design.reset} => reset`]),
    ...(design.validIn === undefined ? [] : [`${design.validIn} => valid_in`]),
    ...(design.validOut === undefined ? [] : [`${design.validOut} => valid_out`]),
    ...inputs.map(({ name }, index) => `${name} => in_${index}`),
    ...outputs.map(({ name }, index) => `${name} => out_${index}`),
  ];
  return [
    'library ieee;',
    'use ieee.std_logic_1164.all;',
    'use std.textio.all;',
    '',
    `entity ${GHDL_BENCH_ENTITY} is`,
    `end entity ${GHDL_BENCH_ENTITY};`,
    '',
    `architecture bench of ${GHDL_BENCH_ENTITY} is`,
    // Driven here only if the design does not.
    `  signal clock, reset, valid_in${design.validOut === undefined ? ', valid_out' : ''} : std_logic := '0';`,
    ...(design.validOut === undefined ? [] : ['  signal valid_out : std_logic;']),
    ...inputs.map((port, index) => `  signal in_${index} : ${typeOf(port)};`),
    ...outputs.map((port, index) => `  signal out_${index} : ${typeOf(port)};`),
    'begin',
    `  design_under_test : entity work.${design.top}`,
    '    port map (',
    associations.map((association) => `      ${association}`).join(',\n'),
    '    );',
    '',
    '  process',
    '    file rows : text open read_mode is "stimulus.hex";',
    '    file answers : text open write_mode is "response.hex";',
    '    variable row, answer : line;',
    '    variable reset_now, valid_now : std_logic;',
    ...inputs.map((port, index) => `    variable now_${index} : ${typeOf(port)};`),
    '  begin',
    '    while not endfile(rows) loop',
    '      readline(rows, row);',
    '      read(row, reset_now);',
    '      read(row, valid_now);',
    ...inputs.map(({ width }, index) => `      ${width === 1 ? 'read' : 'hread'}(row, now_${index});`),
    '      reset <= reset_now;',
    '      valid_in <= valid_now;',
    ...inputs.map((_, index) => `      in_${index} <= now_${index};`),
    '      wait for 1 ns;',
    '      write(answer, valid_out);',
    ...outputs.flatMap(({ width }, index) => [
      "      write(answer, ' ');",
      `      ${width === 1 ? 'write' : 'hwrite'}(answer, out_${index});`,
    ]),
    '      writeline(answers, answer);',
    ...(design.clock === undefined
      ? []
      : ['      wait for 1 ns;', "      clock <= '1';", '      wait for 1 ns;', "      clock <= '0';"]),
    '    end loop;',
    '    file_close(answers);',
    '    wait;',
    '  end process;',
    'end architecture bench;',
    '',
  ].join('\n');
}

function typeOf({ width }: SimulationPort): string {
  return width === 1 ? 'std_logic' : `std_logic_vector(${width - 1} downto 0)`;
}
