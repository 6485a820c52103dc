import { describe, expect, it } from 'vitest';
import { SIMULATION_ENGINES } from '../../../src/simulation/choose-engine.js';
import type { SimulationDesign } from '../../../src/simulation/engine.js';
import { SimulationError } from '../../../src/simulation/simulation-error.js';
import { expectCleanTemporaryFolder } from './scratch-folder.js';

const { ghdl } = SIMULATION_ENGINES;
const missing = await ghdl.unavailable();

/** Two ranks of data without a reset, and a valid bit with one; the top file comes first on purpose. */
function design(sum = 'a + b'): SimulationDesign {
  const head = 'library ieee;\nuse ieee.std_logic_1164.all;\nuse ieee.numeric_std.all;\n';
  const ports =
    'clk, rst, valid_in : in std_logic; a : in std_logic_vector(5 downto 0); b : in std_logic; ' +
    'valid_out : out std_logic; y : out std_logic_vector(6 downto 0); z : out std_logic';
  const top = `${head}entity top is port (${ports}); end entity;
architecture rtl of top is
  signal sum, sum_d1 : unsigned(6 downto 0);
  signal b_d1, valid_d1 : std_logic;
begin
  u_adder : entity work.adder port map (a => unsigned(a), b => b, y => sum);
  process (clk) begin
    if rising_edge(clk) then
      sum_d1 <= sum; y <= std_logic_vector(sum_d1);
      b_d1 <= b; z <= b_d1;
      valid_d1 <= valid_in and not rst; valid_out <= valid_d1 and not rst;
    end if;
  end process;
end architecture;
`;
  const adder = `${head}entity adder is
  port (a : in unsigned(5 downto 0); b : in std_logic; y : out unsigned(6 downto 0));
end entity;
architecture rtl of adder is begin
  y <= resize(${sum.replace('b', "unsigned'(0 => b)")}, 7);
end architecture;
`;
  return {
    top: 'top',
    sources: [
      { name: 'vhdl/top.vhd', text: top },
      { name: 'vhdl/adder.vhd', text: adder },
    ],
    clock: 'clk',
    reset: 'rst',
    validIn: 'valid_in',
    validOut: 'valid_out',
    ports: [
      { name: 'a', direction: 'input', width: 6 },
      { name: 'b', direction: 'input', width: 1 },
      { name: 'y', direction: 'output', width: 7 },
      { name: 'z', direction: 'output', width: 1 },
    ],
  };
}

async function refusal(broken: SimulationDesign): Promise<SimulationError> {
  try {
    await ghdl.prepare(broken);
  } catch (error) {
    if (error instanceof SimulationError) return error;
    throw error;
  }
  throw new Error('GHDL took the design');
}

expectCleanTemporaryFolder();

describe.skipIf(missing !== undefined)('the engine ghdl', () => {
  it('answers two cycles later, with valid, and tells unknown bits', async () => {
    const stimulus = [
      [5n, 1n],
      [62n, 0n],
      [17n, 1n],
      [63n, 0n],
    ];
    const trace = await ghdl.run({ design: design(), stimulus, validIn: [true, false, true, true], drain: 2 });
    expect(trace.outputs.slice(2)).toEqual([
      [6n, 1n],
      [62n, 0n],
      [18n, 1n],
      [63n, 0n],
    ]);
    expect(trace.validOut).toEqual([false, false, true, false, true, true]);
    // Data were unknown during the reset, and have no reset themselves.
    expect(trace.unknown).toEqual([true, true, false, false, false, false]);
    expect(trace.warnings).toEqual([]);
  });

  it('says which line it does not take', async () => {
    const error = await refusal(design('a + b + c'));
    expect(error.engine).toBe('ghdl');
    expect(error.message).toMatch(/^ghdl failed: adder\.vhd:\d+:\d+: no declaration for "c"$/u);
  });

  it('refuses ports that differ from their description', async () => {
    const { ports, ...rest } = design();
    const wider = await refusal({
      ...rest,
      ports: ports.map((port) => (port.name === 'a' ? { ...port, width: 9 } : port)),
    });
    expect(wider.message).toMatch(/^the ports of top differ from their description: ghdl failed: .*constraints/u);
    const fewer = await refusal({ ...rest, ports: ports.slice(1) });
    expect(fewer.message).toMatch(/^the ports of top differ from their description: ghdl failed: .*"a"/u);
  });
});

it('is told how to come by GHDL where it is not there', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = '';
  try {
    expect(await ghdl.unavailable()).toBe('ghdl not found on PATH (Debian and Ubuntu: apt-get install ghdl)');
  } finally {
    process.env['PATH'] = path;
  }
});
