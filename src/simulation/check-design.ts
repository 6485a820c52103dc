import type { SimulationDesign, SimulationPort, SimulationStimulus } from './engine.js';

/** The order in which engines pack and report data ports. */
export interface SplitPorts {
  readonly inputs: readonly SimulationPort[];
  readonly outputs: readonly SimulationPort[];
}

const PLAIN_IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_$]*$/;

/**
 * Checks the names, widths and sources of a design. Names are pasted into tool scripts and Verilog, so anything but a
 * plain identifier is refused rather than escaped. Throws `RangeError`: such a design is a bug of the caller.
 */
export function splitPorts(design: SimulationDesign): SplitPorts {
  const special = [design.clock, design.reset, design.validIn, design.validOut].filter((name) => name !== undefined);
  const names = [...special, ...design.ports.map((port) => port.name)];
  for (const name of [design.top, ...names]) {
    if (!PLAIN_IDENTIFIER.test(name)) throw new RangeError(`not a plain Verilog identifier: ${JSON.stringify(name)}`);
  }
  if (new Set(names).size !== names.length) throw new RangeError(`a port of ${design.top} is named twice`);
  for (const port of design.ports) {
    if (!Number.isInteger(port.width) || port.width < 1) {
      throw new RangeError(`port ${port.name} has width ${String(port.width)}`);
    }
  }
  if (design.reset !== undefined && design.clock === undefined) throw new RangeError('a reset needs a clock');
  if (design.sources.length === 0) throw new RangeError('the design has no sources');
  return {
    inputs: design.ports.filter((port) => port.direction === 'input'),
    outputs: design.ports.filter((port) => port.direction === 'output'),
  };
}

/** Checks that every row fits the input ports. Throws `RangeError` with the row and the port. */
export function checkStimulus(
  design: SimulationDesign,
  inputs: readonly SimulationPort[],
  request: SimulationStimulus,
): void {
  const { stimulus, validIn, reset, drain, resetCycles } = request;
  if (!Number.isInteger(drain) || drain < 0) throw new RangeError(`drain is ${String(drain)}`);
  if (resetCycles !== undefined && (!Number.isInteger(resetCycles) || resetCycles < 0)) {
    throw new RangeError(`resetCycles is ${String(resetCycles)}`);
  }
  if (validIn !== undefined) {
    if (design.validIn === undefined) throw new RangeError('valid per row for a design without a valid input');
    if (validIn.length !== stimulus.length) throw new RangeError('validIn and stimulus differ in length');
  }
  if (reset !== undefined) {
    if (design.reset === undefined) throw new RangeError('reset per row for a design without a reset');
    if (reset.length !== stimulus.length) throw new RangeError('reset and stimulus differ in length');
  }
  if (stimulus.length === 0 && drain > 0) throw new RangeError('nothing to hold while draining: no stimulus rows');
  const limits = inputs.map((port) => 1n << BigInt(port.width));
  stimulus.forEach((row, index) => {
    if (row.length !== inputs.length) {
      throw new RangeError(`row ${String(index)} has ${String(row.length)} values for ${String(inputs.length)} ports`);
    }
    row.forEach((value, column) => {
      const limit = limits[column];
      if (limit === undefined || value < 0n || value >= limit) {
        throw new RangeError(
          `row ${String(index)}: ${String(value)} is no pattern of port ${inputs[column]?.name ?? ''}`,
        );
      }
    });
  });
}

/** File names for the sources that are legal everywhere, unique, and still recognisable in a tool's messages. */
export function sourceFileNames(design: SimulationDesign): readonly string[] {
  const taken = new Set<string>();
  return design.sources.map((source, index) => {
    const base = (source.name.split(/[\\/]/).pop() ?? '').replace(/[^A-Za-z0-9_.]/g, '_').replace(/^\.+/, '');
    const named = /\.(?:s?vh?|vhd)$/.test(base) ? base : `${base}.v`;
    const unique = taken.has(named) || named === '.v' ? `source${String(index)}_${named}` : named;
    taken.add(unique);
    return unique;
  });
}
