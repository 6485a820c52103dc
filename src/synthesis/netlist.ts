/**
 * A mapped netlist: cells of an FPGA family and the nets between them, one bit each, as Yosys' `write_json` gives them
 * after a mapping flow (Yosys manual, `write_json`). Nets are numbers from 2 up; 0 and 1 are the constants.
 */
export interface MappedNetlist {
  readonly top: string;
  /** Input bits of the module, clocks included. */
  readonly inputs: readonly PortBit[];
  readonly outputs: readonly PortBit[];
  readonly cells: readonly MappedCell[];
  /** One more than the highest net number. */
  readonly netCount: number;
  /** A readable name of a net, such as `sum_3[7]`. */
  netName(net: number): string;
}

export interface PortBit {
  readonly name: string;
  readonly net: number;
}

export interface MappedCell {
  readonly name: string;
  readonly type: string;
  /** Nets by pin, least significant bit first; an unconnected or undefined bit reads as 0. */
  readonly pins: ReadonlyMap<string, readonly number[]>;
  /** As in the netlist: whole numbers are bit strings, or numbers (`-compat-int`); what is not there is the default. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Constants in place of net numbers. */
export const ZERO_NET = 0;
export const ONE_NET = 1;
export const FIRST_NET = 2;

/** A netlist that cannot be analysed: not a mapped netlist, a cell that is not in the table, a combinational loop. */
export class NetlistError extends Error {
  public override readonly name = 'NetlistError';
}

/** A cell that is counted but has no delay in the model: memory blocks, and modes of multiplier blocks. */
export class UntimedCellError extends NetlistError {
  public constructor(
    public readonly kind: 'dsp' | 'blockRam',
    message: string,
  ) {
    super(message);
  }
}

/** The nets of a pin; an error where the cell lacks it, because a missing pin would be a path without delay. */
export function pin(cell: MappedCell, name: string): readonly number[] {
  const nets = cell.pins.get(name);
  if (nets === undefined) throw new NetlistError(`cell ${cell.name} of type ${cell.type} has no pin ${name}`);
  return nets;
}

/** The names of the modules in a netlist that are mapped: cells of the vendor's library are boxes. */
export function mappedModules(json: unknown): readonly string[] {
  const modules = record(record(json, 'the netlist')['modules'], 'modules');
  return Object.keys(modules).filter((name) => {
    const attributes = record(record(modules[name], `module ${name}`)['attributes'] ?? {}, 'attributes');
    return attributes['blackbox'] === undefined && attributes['whitebox'] === undefined;
  });
}

/**
 * Check and convert the parsed JSON of `write_json`. `top` may be left out where one module carries Yosys' attribute
 * `top`, or only one module exists. Cells that are `instances` of other modules are left out: what they hold is counted in them. Throws
 * NetlistError where the value is something else.
 */
export function readMappedNetlist(json: unknown, top?: string, instances: readonly string[] = []): MappedNetlist {
  const left = new Set(instances);
  const modules = record(record(json, 'the netlist')['modules'], 'modules');
  const name = top ?? findTop(modules);
  if (modules[name] === undefined) throw new NetlistError(`the netlist has no module ${name}`);
  const module = record(modules[name], `module ${name}`);
  const reader = new Reader();
  const inputs: PortBit[] = [];
  const outputs: PortBit[] = [];
  for (const [port, value] of Object.entries(record(module['ports'], 'ports'))) {
    const { direction, bits } = record(value, `port ${port}`);
    const nets = reader.nets(bits, `port ${port}`);
    if (direction !== 'input' && direction !== 'output') {
      throw new NetlistError(`port ${port} is neither input nor output`);
    }
    const list = direction === 'input' ? inputs : outputs;
    nets.forEach((net, index) => list.push({ name: indexed(port, index, nets.length), net }));
  }
  const cells: MappedCell[] = [];
  for (const [cellName, value] of Object.entries(record(module['cells'], 'cells'))) {
    const { type, connections, parameters } = record(value, `cell ${cellName}`);
    if (typeof type !== 'string') throw new NetlistError(`cell ${cellName} has no type`);
    // Yosys since 0.37 remembers flattened modules in cells without pins.
    if (left.has(type) || type === '$scopeinfo') continue;
    const pins = new Map<string, readonly number[]>();
    for (const [pinName, bits] of Object.entries(record(connections, `connections of ${cellName}`))) {
      pins.set(pinName, reader.nets(bits, `pin ${pinName} of ${cellName}`));
    }
    cells.push({ name: cellName, type, pins, parameters: record(parameters ?? {}, `parameters of ${cellName}`) });
  }
  const names = netNames(reader, record(module['netnames'] ?? {}, 'netnames'));
  return {
    top: name,
    inputs,
    outputs,
    cells,
    netCount: reader.netCount,
    netName: (net) => (net < FIRST_NET ? String(net) : (names.get(net) ?? `net ${net}`)),
  };
}

function findTop(modules: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(modules);
  const marked = names.filter((name) => {
    const attributes = record(record(modules[name], `module ${name}`)['attributes'] ?? {}, 'attributes');
    return typeof attributes['top'] === 'string' && attributes['top'].endsWith('1');
  });
  const [only, second] = marked.length > 0 ? marked : names;
  if (only === undefined || second !== undefined) {
    throw new NetlistError(
      `the netlist has ${names.length} modules and none or several are marked as its top: name one`,
    );
  }
  return only;
}

class Reader {
  public netCount = FIRST_NET;

  public nets(value: unknown, where: string): readonly number[] {
    if (!Array.isArray(value)) throw new NetlistError(`${where} has no list of bits`);
    return value.map((bit: unknown) => this.net(bit, where));
  }

  private net(bit: unknown, where: string): number {
    if (bit === '1') return ONE_NET;
    if (bit === '0' || bit === 'x' || bit === 'z') return ZERO_NET;
    if (typeof bit !== 'number' || !Number.isInteger(bit) || bit < FIRST_NET) {
      throw new NetlistError(`${where} has a bit that is no net: ${String(bit)}`);
    }
    this.netCount = Math.max(this.netCount, bit + 1);
    return bit;
  }
}

/** The first name of each net: names from the source text before those that a tool made up. */
function netNames(reader: Reader, netnames: Readonly<Record<string, unknown>>): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const wanted of [0, 1]) {
    for (const [name, value] of Object.entries(netnames)) {
      const { bits, hide_name: hidden } = record(value, `net ${name}`);
      if (hidden !== wanted) continue;
      const nets = reader.nets(bits, `net ${name}`);
      nets.forEach((net, index) => {
        if (net >= FIRST_NET && !names.has(net)) names.set(net, indexed(name, index, nets.length));
      });
    }
  }
  return names;
}

function indexed(name: string, index: number, width: number): string {
  return width === 1 ? name : `${name}[${index}]`;
}

function record(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new NetlistError(`${where}: not an object, so this is no netlist of Yosys`);
  }
  return value as Readonly<Record<string, unknown>>;
}
