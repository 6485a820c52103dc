/** What a simulation engine is given and what it answers; every engine is interchangeable behind `SimulationEngine`. */

import type { PackedSimulation } from './packed.js';

export type SimulationEngineName = 'yosys' | 'verilator' | 'verilator-wasm' | 'icarus' | 'ghdl';

/** The language that an engine reads; Verilog where an engine does not say. */
export type SourceLanguage = 'verilog' | 'vhdl';

/** A data port of the top module: a bit vector whose value is an unsigned bigint pattern of `width` bits. */
export interface SimulationPort {
  readonly name: string;
  readonly direction: 'input' | 'output';
  /** Bits, at least 1. */
  readonly width: number;
  /** Clocks of each event in which it has data, from the first on; 1 where absent. */
  readonly clocks?: number;
}

export interface SimulationSource {
  /** File name shown in tool messages; directories are stripped. */
  readonly name: string;
  /** Verilog-2005, or VHDL-2008 for an engine that reads VHDL. */
  readonly text: string;
}

export interface SimulationDesign {
  /** Name of the top module: a plain Verilog identifier, as are all port names. */
  readonly top: string;
  readonly sources: readonly SimulationSource[];
  /** Clock input (rising edge); absent for a purely combinational design (latency 0). */
  readonly clock?: string;
  /** Synchronous active-high reset input. It is held for `resetCycles` clocks before row 0, with unknown data inputs. */
  readonly reset?: string;
  /** 1-bit input that marks a row as carrying data. */
  readonly validIn?: string;
  /** 1-bit output that marks a cycle as carrying data. */
  readonly validOut?: string;
  /** Output among `ports`, the last of them, that tells that an event came too early: status, and no data. */
  readonly violation?: string;
  /** Every data port. An input of the module that is neither here nor named above is an error. */
  readonly ports: readonly SimulationPort[];
}

/** Clocks of reset where a request does not say. */
export const DEFAULT_RESET_CYCLES = 4;

export interface SimulationStimulus {
  /** One row per clock cycle: for each input port, in the order of `design.ports`, its bit pattern. */
  readonly stimulus: readonly (readonly bigint[])[];
  /** Valid per row, for a design with `validIn`. Default: all true. */
  readonly validIn?: readonly boolean[];
  /** Reset per row, for a design with `reset`, after the clocks of `resetCycles`. Default: all false. */
  readonly reset?: readonly boolean[];
  /** Clocks to keep running after the last row, which is then held with valid low. */
  readonly drain: number;
  /** Clocks of reset before row 0, for a design with `reset`. Default: `DEFAULT_RESET_CYCLES`. */
  readonly resetCycles?: number;
}

export interface SimulationRequest extends SimulationStimulus {
  readonly design: SimulationDesign;
  /** Hierarchical names of internal signals to record too ("u_layer1.sum_3"). Yosys engine only. */
  readonly observe?: readonly string[];
}

/**
 * The trace of one run. Row `t` of every array is cycle `t`: the inputs of stimulus row `t` are applied, logic settles,
 * outputs are sampled, and only then comes the rising clock edge that ends the cycle. Hence a combinational design
 * answers in row `t` itself, and a design with L register ranks answers in row `t + L`.
 */
export interface SimulationTrace {
  /** `outputs[cycle][output]`, output ports in the order of `design.ports`. Unknown bits have an arbitrary value. */
  readonly outputs: readonly (readonly bigint[])[];
  /** For a design with `validOut`; false where it is unknown. */
  readonly validOut?: readonly boolean[];
  /** For each observed signal, its value per cycle. */
  readonly observed?: ReadonlyMap<string, readonly bigint[]>;
  /**
   * Per cycle, whether some output bit (valid included) was unknown: it depends on a flip-flop that was never
   * loaded, on an undriven net or on an x in the text. Before the pipeline has filled that is expected.
   */
  readonly unknown: readonly boolean[];
  /** Warnings of the tool and of the engine about the design; empty for a clean one. */
  readonly warnings: readonly string[];
}

/** A design read (and compiled) once that can be run any number of times, each run from power-up. */
export interface PreparedSimulation {
  run(stimulus: SimulationStimulus): Promise<SimulationTrace>;
  /** The same simulation on packed rows, where the engine has a faster way than bigints. */
  readonly packed?: PackedSimulation;
  /** Warnings of the tool about the design, for callers of `packed`; a trace of `run` has them itself. */
  readonly warnings?: readonly string[];
  /** Releases files and memory; must be called once, also after a failed run. */
  close(): Promise<void>;
}

export interface SimulationEngine {
  readonly name: SimulationEngineName;
  readonly language?: SourceLanguage;
  /** Undefined when usable, otherwise the human reason why it is not. */
  unavailable(): Promise<string | undefined>;
  /** The version of the tool behind the engine, for reports. Throws `SimulationError` when unavailable. */
  version(): Promise<string>;
  /** Throws `SimulationError` for text the tool refuses, ports that do not match, or a tool that fails. */
  prepare(design: SimulationDesign, observe?: readonly string[]): Promise<PreparedSimulation>;
  /** `prepare`, one run, `close`. */
  run(request: SimulationRequest): Promise<SimulationTrace>;
}

/** The `run` of every engine, in terms of its `prepare`. */
export async function runOnce(
  engine: Pick<SimulationEngine, 'prepare'>,
  request: SimulationRequest,
): Promise<SimulationTrace> {
  const prepared = await engine.prepare(request.design, request.observe);
  try {
    return await prepared.run(request);
  } finally {
    await prepared.close();
  }
}
