import type { Program } from '../../src/dataflow/program.js';
import { unwrap } from '../../src/diagnostics/result.js';
import type { Design, DesignInterface } from '../../src/design/design.js';
import type { DeclaredReuse, Form } from '../../src/design/sequencing.js';
import { designModules, reservedPortNames } from '../../src/lowering/rtl/design-modules.js';
import type { DesignModules } from '../../src/lowering/rtl/modules.js';
import { II_VIOLATION, RESET, VALID_IN, VALID_OUT } from '../../src/lowering/rtl/port-names.js';
import { sequenceProgram } from '../../src/lowering/sequence/sequence-program.js';
import { NetlistSimulation } from '../../src/rtl/simulate.js';
import { NameTable } from '../../src/support/legal-names.js';
import type { Random } from '../../src/support/random.js';
import { delayModels } from '../../src/targets/delay-model.js';
import { partPatterns } from './verilog-bundle.js';

export interface SequencedChoices extends Partial<Pick<DesignInterface, 'ports' | 'registers'>> {
  readonly interval: number;
  readonly forms?: readonly Form[];
  readonly declared?: ReadonlyMap<string, DeclaredReuse>;
  /** ns; 3 by default. */
  readonly clockPeriod?: number;
  readonly latency?: number;
  readonly blocks?: number;
  /** Clocks in which each input comes. */
  readonly inputClocks?: readonly number[];
}

export interface SequencedDesign {
  readonly design: Design;
  readonly modules: DesignModules;
}

/** A program, whose kernels may be split, with its units and modules. */
export function buildSequenced(program: Program, choices: SequencedChoices): SequencedDesign {
  const { interval, forms, declared, latency, blocks, inputClocks, registers = 'none', ports = 'packed' } = choices;
  const options = {
    model: delayModels.generic,
    family: 'generic' as const,
    clockPeriod: choices.clockPeriod ?? 3,
    interval,
    registers,
  };
  const { sequencing, schedule } = unwrap(
    sequenceProgram(
      program,
      {
        ...options,
        ...(forms === undefined ? {} : { forms }),
        ...(declared === undefined ? {} : { declared }),
        ...(latency === undefined ? {} : { latency }),
        ...(blocks === undefined ? {} : { blocks }),
        ...(inputClocks === undefined ? {} : { inputClocks }),
      },
      (kernel) => kernel.nodes.length * 6,
    ),
  );
  const names = new NameTable(reservedPortNames);
  const design: Design = {
    name: names.legal('reused'),
    program,
    schedule: schedule.schedule,
    interface: { ports, registers, valid: true },
    initiationInterval: interval,
    sequencing,
  };
  return { design, modules: designModules(design, names, [], []) };
}

export interface SequencedRun {
  /** Output patterns by port, one row for each clock in which `valid_out` was high. */
  readonly rows: readonly (readonly bigint[])[];
  /** Clocks from each event that was taken to its answer. */
  readonly latencies: ReadonlySet<number>;
  readonly violation: boolean;
}

/**
 * Run events through the netlist, `interval` clocks apart and at times more, with other data between them and registers
 * that begin with anything. `early`: valid data come between some events, which the design must not take.
 */
export function runSequenced(
  { design, modules }: SequencedDesign,
  events: readonly (readonly bigint[])[],
  random: Random,
  early = false,
): SequencedRun {
  const drawn = (width: number): bigint => {
    let value = 0n;
    for (let bits = 0; bits < width; bits += 30) value = (value << 30n) | BigInt(random.next() >>> 2);
    return BigInt.asUintN(width, value);
  };
  const simulation = new NetlistSimulation(modules.modules, ({ width }) => drawn(width));
  const top = modules.modules[0]?.ports ?? [];
  const inputs = [...new Set(modules.inputs.flatMap(({ elements }) => elements.map(({ port }) => port)))];
  const outputs = [...new Set(modules.outputs.flatMap(({ elements }) => elements.map(({ port }) => port)))];
  const widths = new Map(top.map(({ name, width }) => [name, width]));
  const [rows, sent, latencies] = [[] as bigint[][], [] as number[], new Set<number>()];
  const drive = (patterns: ReadonlyMap<string, bigint> | undefined, valid: boolean): void => {
    for (const port of inputs) simulation.drive(port, patterns?.get(port) ?? drawn(widths.get(port) ?? 1));
    simulation.drive(VALID_IN, valid ? 1n : 0n);
  };
  simulation.drive(RESET, 1n);
  for (let clock = 0; clock < 3; clock++) {
    drive(undefined, true);
    simulation.clock();
  }
  simulation.drive(RESET, 0n);
  const interval = design.initiationInterval;
  let [next, clock] = [0, 0];
  const last = events.length * (interval + 4) + design.schedule.latency + 8;
  for (; rows.length < events.length && clock < last; clock++) {
    const event = clock >= next ? events[sent.length] : undefined;
    const intrudes = early && event === undefined && clock < next && random.integer(0, 5) === 0;
    // Parts of an event follow the first, whatever else is asked to begin.
    const current = event ?? events[sent.length - 1];
    const part = event === undefined ? clock - (sent.at(-1) ?? 0) : 0;
    drive(
      current === undefined ? undefined : partPatterns(modules.inputs, current, part),
      event !== undefined || intrudes,
    );
    if (event !== undefined) {
      sent.push(clock);
      // After the interval, and with early data about: not between two intervals, where they would be taken.
      next = clock + interval + (early ? 0 : random.pick([0, 0, 0, 1, 3]));
    }
    if (simulation.read(VALID_OUT) === 1n) {
      latencies.add(clock - (sent[rows.length] ?? 0));
      rows.push(outputs.map((port) => simulation.read(port)));
    }
    simulation.clock();
  }
  return { rows, latencies, violation: simulation.read(II_VIOLATION) === 1n };
}
