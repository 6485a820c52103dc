import { invariant } from '../../support/invariant.js';
import { contains } from '../../numeric/interval.js';
import { RESET, VALID_IN, VALID_OUT } from '../../lowering/rtl/port-names.js';
import type { RtlExpression } from '../../rtl/expression.js';
import { compare, literal } from '../../rtl/expression.js';
import type { TemplateView } from '../render-template.js';
import type { InputPromise, LaidOutPort, PortLayout, TestbenchOptions } from '../verilog/testbench.js';
import { EXPECTED_FILE, layOutPorts, paceOf, STIMULUS_FILE } from '../verilog/testbench.js';
import { printCondition } from './print-expression.js';

export const VHDL_TESTBENCH_TEMPLATE = 'vhdl-testbench.vhd.hbs';

/** What the testbench template prints: the run of the Verilog testbench, on the same vector files. */
export function vhdlTestbenchView(options: TestbenchOptions & { readonly folder: string }): TemplateView {
  const inputs = layOutPorts(options.inputs);
  const outputs = layOutPorts(options.outputs);
  const { clock, valid, latency } = options;
  const parts = inputs.clocks > 1;
  const lines = (indent: number, list: readonly string[]): string =>
    list.map((line) => `${' '.repeat(indent)}${line}`).join('\n');
  const connections = [
    ...(clock === undefined ? [] : [`${clock} => clk`]),
    ...(valid ? [`${RESET} => rst`, `${VALID_IN} => valid_in`, `${VALID_OUT} => valid_out`] : []),
    ...inputs.ports.map((port) => `${port.name} => ${parts ? partSignal(port) : `vector(${bitsOf(port)})`}`),
    ...outputs.ports.map((port) => `${port.name} => result(${bitsOf(port)})`),
  ];
  const edge = ["clk <= '1';", 'wait for 5 ns;', "clk <= '0';"];
  return {
    header: options.header,
    top: options.top,
    name: options.name,
    file: options.file,
    folder: options.folder,
    latency: String(latency),
    interval: String(options.interval),
    pace: paceOf(options.interval),
    inputBits: String(inputs.width),
    outputBits: String(outputs.width),
    gaps: valid ? '1' : '0',
    stimulusFile: STIMULUS_FILE,
    expectedFile: EXPECTED_FILE,
    signals: lines(2, [
      ...(clock === undefined ? [] : ["signal clk : std_logic := '0';"]),
      ...(valid ? ['signal rst, valid_in, valid_out : std_logic;'] : []),
      ...(parts ? partSignals(inputs) : []),
    ]),
    standing: parts ? `${lines(2, inputs.ports.map(standingPart))}\n` : '',
    connections: connections.map((connection) => `      ${connection}`).join(',\n'),
    promises: lines(8, promiseChecks(options.promises, inputs)),
    elements: lines(4, elementChecks(outputs)),
    inputNames: lines(
      6,
      inputs.elements.map(({ port, index }, flat) => `when ${flat} => return "port ${port}, element ${index}";`),
    ),
    reset: lines(4, [
      // Valid is high during the reset, so that a bit that is not cleared is seen.
      ...(valid ? ["vector <= (others => 'X');", "rst <= '1';", "valid_in <= '1';", 'wait for 5 ns;'] : []),
      ...(valid && clock !== undefined ? edge : []),
      ...(valid ? ['wait for 5 ns;', "rst <= '0';"] : []),
    ]),
    clearVector: lines(6, [
      ...(parts
        ? ['part <= cycle mod INTERVAL;', `if cycle mod INTERVAL = 0 or cycle mod INTERVAL >= ${inputs.clocks} then`]
        : []),
      `${parts ? '  ' : ''}now_in := (others => 'X');`,
      ...(parts ? ['end if;'] : []),
    ]),
    feed: lines(6, valid ? ['valid_in <= bit_of(fed >= 0);'] : []),
    validCheck: lines(
      6,
      valid ? ['if valid_out /= bit_of(due >= 0) then', '  wrong_valid := wrong_valid + 1;', 'end if;'] : [],
    ),
    clockEdge: lines(6, clock === undefined ? ['wait for 5 ns;'] : edge),
  };
}

/** One bit of a port is an element, not a vector of one. */
function bitsOf({ low, width }: { readonly low: number; readonly width: number }): string {
  return width === 1 ? String(low) : `${low + width - 1} downto ${low}`;
}

/** What stands on a port whose vector comes in parts. */
function partSignal({ name }: LaidOutPort): string {
  return `on_${name}`;
}

function partSignals({ ports }: PortLayout): readonly string[] {
  return [
    '-- The clock of its interval that a vector is in, and the part of it that stands on each port.',
    'signal part : natural := 0;',
    ...ports.map((port) => {
      const type = port.width === 1 ? 'std_logic' : `std_logic_vector(${port.width - 1} downto 0)`;
      return `signal ${partSignal(port)} : ${type};`;
    }),
  ];
}

function standingPart(port: LaidOutPort): string {
  const { low, width, clocks, stride } = port;
  const moved = clocks === 1 ? '' : ` + part * ${stride}`;
  const bits = width === 1 ? `${low}${moved}` : `${low + width - 1}${moved} downto ${low}${moved}`;
  return `${partSignal(port)} <= vector(${bits}) when part < ${clocks} else ${width === 1 ? "'X'" : "(others => 'X')"};`;
}

function elementChecks({ elements }: PortLayout): readonly string[] {
  return elements.flatMap(({ port, index, offset, type }) => [
    // Unknown bits differ too.
    `if difference(${offset + type.width - 1} downto ${offset}) /= (${type.width - 1} downto 0 => '0') then`,
    `  return "port ${port}, element ${index}";`,
    'end if;',
  ]);
}

function promiseChecks(promises: readonly InputPromise[], { elements }: PortLayout): readonly string[] {
  const flatIndex = new Map(elements.map(({ port, low, clock = 0 }, flat) => [`${port}:${low}:${clock}`, flat]));
  const forms = new Map([['now_in', 'std_logic_vector']] as const);
  return promises.flatMap(({ port, low, clock = 0, bit = 0, width, signed, range }) => {
    const flat = flatIndex.get(`${port}:${low}:${clock}`);
    const element = flat === undefined ? undefined : elements[flat];
    const inside = element !== undefined && bit + width <= element.type.width;
    invariant(flat !== undefined && inside, `no input element at bit ${low} of ${port}`);
    const offset = element.offset + bit;
    const value: RtlExpression = { kind: 'bits', name: 'now_in', high: offset + width - 1, low: offset, width, signed };
    const half = 1n << BigInt(width - 1);
    const full = signed ? { low: -half, high: half - 1n } : { low: 0n, high: 2n * half - 1n };
    if (contains(range, full)) return [];
    const bounds = [
      ...(range.low > full.low ? [compare('<', value, literal(range.low))] : []),
      ...(range.high < full.high ? [compare('<', literal(range.high), value)] : []),
    ].map((condition) => printCondition(condition, forms));
    return [`if ${bounds.join(' or ')} then`, `  breaks(${flat});`, 'end if;'];
  });
}
