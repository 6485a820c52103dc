import type { SimulationDesign } from '../engine.js';
import type { Netlist, NetlistBit } from './netlist.js';

/** The bits of every port the design names; undefined where it names none. */
export interface PortBits {
  readonly clock: NetlistBit | undefined;
  readonly reset: readonly NetlistBit[] | undefined;
  readonly validIn: readonly NetlistBit[] | undefined;
  readonly validOut: readonly NetlistBit[] | undefined;
  /** In the order of the design's input (output) ports. */
  readonly inputs: readonly (readonly NetlistBit[])[];
  readonly outputs: readonly (readonly NetlistBit[])[];
}

/** Matches the design's ports with the module's; `refuse` is called with a message for the first that differs. */
export function matchPorts(design: SimulationDesign, netlist: Netlist, refuse: (message: string) => never): PortBits {
  const named = new Set<string>();
  const find = (name: string, direction: 'input' | 'output', width: number): readonly NetlistBit[] => {
    const port = netlist.ports.get(name);
    if (port === undefined) refuse(`module ${design.top} has no port ${name}`);
    if (port.direction !== direction) refuse(`port ${name} is an ${port.direction}, not an ${direction}`);
    if (port.bits.length !== width) {
      refuse(`port ${name} has ${String(port.bits.length)} bits in the text, not ${String(width)}`);
    }
    named.add(name);
    return port.bits;
  };
  const findBit = (name: string | undefined, direction: 'input' | 'output'): readonly NetlistBit[] | undefined =>
    name === undefined ? undefined : find(name, direction, 1);
  const [inputs, outputs] = (['input', 'output'] as const).map((direction) =>
    design.ports.filter((port) => port.direction === direction).map((port) => find(port.name, direction, port.width)),
  );
  const ports = {
    clock: findBit(design.clock, 'input')?.[0],
    reset: findBit(design.reset, 'input'),
    validIn: findBit(design.validIn, 'input'),
    validOut: findBit(design.validOut, 'output'),
    inputs: inputs ?? [],
    outputs: outputs ?? [],
  };
  for (const [name, port] of netlist.ports) {
    if (port.direction !== 'output' && !named.has(name)) refuse(`input ${name} of ${design.top} would not be driven`);
  }
  return ports;
}
