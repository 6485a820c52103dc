import type { Program } from '../../src/dataflow/program.js';
import { evaluateProgram } from '../../src/dataflow/evaluate.js';
import type { Design, DesignInterface } from '../../src/design/design.js';
import type { DesignModules } from '../../src/lowering/rtl/modules.js';
import type { RtlPortMap } from '../../src/lowering/rtl/port-layout.js';
import { designModules, reservedPortNames } from '../../src/lowering/rtl/design-modules.js';
import { RESET, VALID_IN } from '../../src/lowering/rtl/port-names.js';
import { scheduleProgram } from '../../src/lowering/schedule/schedule-program.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { printModule } from '../../src/backends/verilog/print-module.js';
import { printModules } from '../../src/backends/vhdl/print-module.js';
import type { RtlPort } from '../../src/rtl/module.js';
import { NameTable } from '../../src/support/legal-names.js';
import { toPattern } from '../../src/support/bits.js';
import type { SimulationDesign, SimulationEngine } from '../../src/simulation/engine.js';
import { delayModels } from '../../src/targets/delay-model.js';

export interface DesignChoices extends Partial<DesignInterface> {
  readonly latency?: number;
  /** ns; 5 by default. */
  readonly clockPeriod?: number;
  readonly name?: string;
}

export interface BuiltDesign {
  readonly design: Design;
  readonly modules: DesignModules;
  readonly names: NameTable;
}

/** A program scheduled and lowered to modules. */
export function buildDesign(program: Program, choices: DesignChoices = {}): BuiltDesign {
  const registers = choices.registers ?? 'none';
  const { schedule } = unwrap(
    scheduleProgram(program, {
      model: delayModels.generic,
      clockPeriod: choices.clockPeriod ?? 5,
      ...(choices.latency === undefined ? {} : { latency: choices.latency }),
      registers,
      inputDelay: 0,
      outputDelay: 0,
    }),
  );
  const names = new NameTable(reservedPortNames);
  const design: Design = {
    name: names.legal(choices.name ?? program.name),
    program,
    schedule,
    interface: { ports: choices.ports ?? 'packed', registers, valid: choices.valid ?? false },
    initiationInterval: 1,
  };
  return { design, modules: designModules(design, names, [`design of ${program.name}`], []), names };
}

/** One design of a bundle, with the events to feed it and what it must answer. */
export interface BundleMember extends BuiltDesign {
  /** Codes of the inputs, flattened, one row per clock. */
  readonly events: readonly (readonly bigint[])[];
  /** Codes of the outputs, flattened; from the Dataflow evaluator unless an oracle gave them. */
  readonly expected?: readonly (readonly bigint[])[];
}

/**
 * Simulate many designs in one tool run, side by side in one module, a new event in every clock. Returns a sentence for
 * every output that differs in value or in the clock in which it appears, at most one per design.
 */
export async function simulateBundle(engine: SimulationEngine, members: readonly BundleMember[]): Promise<string[]> {
  const rows = Math.max(...members.map(({ events }) => events.length));
  const latencies = members.map(({ design }) => design.schedule.latency);
  const drain = Math.max(...latencies);
  const clocked = members.some(({ modules }) => modules.modules[0]?.clock !== undefined);
  const withValid = members.some(({ design }) => design.interface.valid);
  const validIn = Array.from({ length: rows }, (_, row) => row % 5 !== 3);
  const stimulus = Array.from({ length: rows }, (_, row) =>
    members.flatMap(({ events, modules }) => portPatterns(modules.inputs, events[row % events.length] ?? [])),
  );
  const trace = await engine.run({
    design: (engine.language === 'vhdl' ? vhdlBundleSource : bundleSource)(members, clocked, withValid),
    stimulus,
    drain,
    ...(withValid ? { validIn } : {}),
  });
  const problems: string[] = [...trace.warnings];
  let column = 0;
  members.forEach((member, index) => {
    const { design, modules, events } = member;
    const latency = design.schedule.latency;
    const where = `${design.name} (latency ${latency}, ports ${design.interface.ports})`;
    const first = column + (design.interface.valid ? 1 : 0);
    const ports = portNames(modules.outputs);
    const fault = events.findIndex((event, row) => {
      const codes = member.expected?.[row] ?? evaluateProgram(design.program, event).outputs;
      const patterns = portPatterns(modules.outputs, codes);
      const seen = trace.outputs[row + latency]?.slice(first, first + ports.length) ?? [];
      const wrong = patterns.findIndex((pattern, port) => seen[port] !== pattern);
      if (wrong < 0) return false;
      problems.push(
        `${where}, event ${row}, ${differingElement(modules.outputs, wrong, seen[wrong] ?? -1n, patterns[wrong] ?? 0n)}`,
      );
      return true;
    });
    if (design.interface.valid && fault < 0) {
      const wrong = trace.outputs.findIndex(
        (outputs, cycle) => outputs[column] !== (validIn[cycle - latency] === true ? 1n : 0n),
      );
      if (wrong >= 0) problems.push(`${where}: valid_out is wrong in cycle ${wrong} (design ${index})`);
    }
    column = first + ports.length;
  });
  const unknown = trace.unknown.findIndex((bit, cycle) => bit && cycle >= drain);
  if (unknown >= 0) problems.push(`an output is unknown in cycle ${unknown}`);
  return problems;
}

/** Every design's files as one text, and a module that holds an instance of each. */
export function bundleSource(members: readonly BuiltDesign[], clocked: boolean, withValid: boolean): SimulationDesign {
  const data = members.flatMap(({ modules }, index) =>
    (modules.modules[0]?.ports ?? [])
      .filter(({ name }) => name !== RESET && name !== VALID_IN)
      .map((port) => ({ port, index, outer: `d${index}_${port.name}` })),
  );
  // The order of the members' port maps: inputs in their order, valid_out before the outputs.
  const declared = [
    ...(clocked ? ['input wire clk'] : []),
    ...(withValid ? [`input wire ${RESET}`, `input wire ${VALID_IN}`] : []),
    ...data.map(({ port, outer }) => `${port.direction} wire [${port.width - 1}:0] ${outer}`),
  ];
  const instances = members.map(({ modules }, index) => {
    const [top] = modules.modules;
    const ports: readonly RtlPort[] = top?.ports ?? [];
    const connections = ports.map(({ name }) =>
      name === RESET || name === VALID_IN ? `.${name}(${name})` : `.${name}(d${index}_${name})`,
    );
    if (top?.clock !== undefined) connections.unshift(`.${top.clock}(clk)`);
    return `  ${top?.name ?? ''} d${index} (${connections.join(', ')});`;
  });
  const text = `module bundle (\n  ${declared.join(',\n  ')}\n);\n${instances.join('\n')}\nendmodule\n`;
  return {
    top: 'bundle',
    sources: [
      { name: 'bundle.v', text },
      ...members.flatMap(({ modules }, index) =>
        modules.modules.map((module) => ({ name: `d${index}_${module.name}.v`, text: printModule(module) })),
      ),
    ],
    ...(clocked ? { clock: 'clk' } : {}),
    ...(withValid ? { reset: RESET, validIn: VALID_IN } : {}),
    ports: data.map(({ port, outer }) => ({ name: outer, direction: port.direction, width: port.width })),
  };
}

/** The same in VHDL; every design is in a folder's worth of entities of its own, told apart by a prefix. */
export function vhdlBundleSource(
  members: readonly BuiltDesign[],
  clocked: boolean,
  withValid: boolean,
): SimulationDesign {
  const verilog = bundleSource(members, clocked, withValid);
  const type = (width: number): string => (width === 1 ? 'std_logic' : `std_logic_vector(${width - 1} downto 0)`);
  const declared = [
    ...(clocked ? ['clk : in std_logic'] : []),
    ...(withValid ? [`${RESET}, ${VALID_IN} : in std_logic`] : []),
    ...verilog.ports.map(
      ({ name, direction, width }) => `${name} : ${direction === 'input' ? 'in' : 'out'} ${type(width)}`,
    ),
  ];
  const instances = members.map(({ modules }, index) => {
    const [top] = modules.modules;
    const ports = (top?.ports ?? []).map(({ name }) =>
      name === RESET || name === VALID_IN ? `${name} => ${name}` : `${name} => d${index}_${name}`,
    );
    if (top?.clock !== undefined) ports.unshift(`${top.clock} => clk`);
    return `  d${index} : entity work.${top?.name ?? ''} port map (${ports.join(', ')});`;
  });
  const text = [
    'library ieee;\nuse ieee.std_logic_1164.all;',
    `entity bundle is port (${declared.join('; ')}); end entity;`,
    `architecture rtl of bundle is begin\n${instances.join('\n')}\nend architecture;\n`,
  ].join('\n');
  return {
    ...verilog,
    sources: [
      { name: 'bundle.vhd', text },
      ...members.flatMap(({ modules }, index) =>
        printModules(modules.modules).map((printed) => ({
          name: `d${index}_${printed.module.name}.vhd`,
          text: printed.text,
        })),
      ),
    ],
  };
}

/** Verilog ports of a map, in order. */
function portNames(maps: readonly RtlPortMap[]): string[] {
  return [...new Set(maps.flatMap((map) => map.elements.map(({ port }) => port)))];
}

/** The pattern of every Verilog port for a flattened row of codes. */
export function portPatterns(maps: readonly RtlPortMap[], codes: readonly bigint[]): bigint[] {
  return [...partPatterns(maps, codes, 0).values()];
}

/** What stands on each port that has data in a clock of its event. */
export function partPatterns(
  maps: readonly RtlPortMap[],
  codes: readonly bigint[],
  clock: number,
): ReadonlyMap<string, bigint> {
  // Binary text, element 0 last: it joins in linear time.
  const bits = new Map<string, string[]>();
  let flat = 0;
  for (const map of maps) {
    for (const { port, type, clock: own = 0 } of map.elements) {
      flat++;
      if (own !== clock) continue;
      const list = bits.get(port) ?? [];
      bits.set(port, list);
      list.push(
        toPattern(codes[flat - 1] ?? 0n, type.width)
          .toString(2)
          .padStart(type.width, '0'),
      );
    }
  }
  return new Map([...bits].map(([port, list]) => [port, BigInt(`0b${list.reverse().join('')}`)]));
}

function differingElement(maps: readonly RtlPortMap[], port: number, seen: bigint, expected: bigint): string {
  const name = portNames(maps)[port];
  let flat = 0;
  for (const { elements } of maps) {
    for (const element of elements) {
      const pick = (pattern: bigint): bigint => toPattern(pattern >> BigInt(element.low), element.type.width);
      if (element.port === name && pick(seen) !== pick(expected)) {
        return `output ${flat} (${element.port}, bit ${element.low}): ${pick(seen)} instead of ${pick(expected)}`;
      }
      flat++;
    }
  }
  return `port ${name ?? ''}`;
}

/** Latencies, register choices and port styles in turn, so that every combination meets many programs. */
export function variedChoices(index: number): DesignChoices {
  const registers = (['none', 'in', 'out', 'both'] as const)[index % 4] ?? 'none';
  const ranks = { none: 0, in: 1, out: 1, both: 2 }[registers];
  const extra = Math.floor(index / 4) % 5;
  return {
    registers,
    ports: index % 3 === 0 ? 'elements' : 'packed',
    valid: index % 5 === 1,
    ...(extra === 4 ? { clockPeriod: 1.5 + (index % 7) / 4 } : { latency: ranks + extra }),
  };
}
