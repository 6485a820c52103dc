/** The part of Yosys' JSON netlist that the simulator uses, checked and typed. */

/** A net number (2 and above), or a constant. */
export type NetlistBit = number | '0' | '1' | 'x' | 'z';

export interface NetlistCell {
  readonly name: string;
  readonly type: string;
  /** Where the cell comes from in the text, for messages. */
  readonly source: string;
  /** Bit strings, most significant bit first. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Least significant bit first. */
  readonly connections: Readonly<Record<string, readonly NetlistBit[]>>;
}

export interface NetlistPort {
  readonly direction: 'input' | 'output' | 'inout';
  readonly bits: readonly NetlistBit[];
}

export interface NetlistSignal {
  readonly bits: readonly NetlistBit[];
  /** Initial value from the text, most significant bit first, x where there is none. */
  readonly initial?: string;
  /** Present where Yosys, not the text, gave the name. */
  readonly hidden?: true;
}

export interface Netlist {
  readonly ports: ReadonlyMap<string, NetlistPort>;
  readonly cells: readonly NetlistCell[];
  /** By hierarchical name after flattening ("u_layer1.sum_3"). */
  readonly signals: ReadonlyMap<string, NetlistSignal>;
}

interface JsonModule {
  readonly ports: Readonly<Record<string, NetlistPort>>;
  readonly cells: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly parameters: Readonly<Record<string, string>>;
        readonly attributes: Readonly<Record<string, string>>;
        readonly connections: Readonly<Record<string, readonly NetlistBit[]>>;
      }
    >
  >;
  readonly netnames: Readonly<
    Record<
      string,
      {
        readonly hide_name: number;
        readonly bits: readonly NetlistBit[];
        readonly attributes: Readonly<Record<string, string>>;
      }
    >
  >;
}

/** Cells that carry no value: names of flattened instances, and text printed by testbench statements. */
const SILENT_CELLS: ReadonlySet<string> = new Set(['$scopeinfo', '$print']);

/** Parses what `write_json` wrote. The shape is Yosys' own documented format, so only the top's presence is checked. */
export function parseNetlist(json: string, top: string): Netlist {
  const parsed = JSON.parse(json) as { readonly modules?: Readonly<Record<string, JsonModule>> };
  const module = parsed.modules?.[top];
  if (module === undefined) throw new Error(`the netlist has no module ${top}`);
  const signals = new Map<string, NetlistSignal>();
  for (const [name, signal] of Object.entries(module.netnames)) {
    const initial = signal.attributes['init'];
    const { bits, hide_name: hidden } = signal;
    signals.set(name, {
      bits,
      ...(hidden === 0 ? {} : { hidden: true }),
      ...(initial === undefined ? {} : { initial }),
    });
  }
  const cells: NetlistCell[] = [];
  for (const [name, cell] of Object.entries(module.cells)) {
    if (SILENT_CELLS.has(cell.type)) continue;
    const { type, parameters, connections } = cell;
    cells.push({ name, type, source: cell.attributes['src'] ?? '', parameters, connections });
  }
  return { ports: new Map(Object.entries(module.ports)), cells, signals };
}
