import { at, unreachable } from '../support/invariant.js';
import type { DelayModel } from '../targets/delay-model.js';
import { blockMode } from './block-mode.js';
import { addBlock } from './block-timing.js';
import { cellKind } from './cells.js';
import type { MappedCell, MappedNetlist } from './netlist.js';
import { NetlistError, ONE_NET, pin, UntimedCellError, ZERO_NET } from './netlist.js';

/**
 * Where a path ends inside the module, or starts anew: `data` and `control` are its D pins and the rest, `outputs` what
 * appears `depth` register ranks later (nets that nothing reads included). Registers of a multiplier block have nodes
 * inside of the block in place of nets.
 */
export interface Register {
  readonly name: string;
  readonly data: readonly number[];
  /** ns that `data` stands before the clock edge; 0 where what leads here has it already. */
  readonly setup: number;
  readonly control: readonly number[];
  readonly outputs: readonly RegisterOutput[];
}

export interface RegisterOutput {
  readonly net: number;
  readonly depth: number;
  /** ns from the clock edge; the setup of a flip-flop that reads it is in that of a flip-flop. */
  readonly launch: number;
}

/** Delays between nets. Nodes below `netCount` are the nets; those above lie inside carry chains and multiplier blocks. */
export interface TimingGraph {
  readonly netlist: MappedNetlist;
  readonly nodeCount: number;
  /** One arc per index: from a node to a node, in ns, through a cell. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly delay: readonly number[];
  readonly through: readonly MappedCell[];
  readonly registers: readonly Register[];
  /** ns from a net to a pin that general routing leads to, such as the D pin of a flip-flop; 0 inside of a cell. */
  readonly routed: (net: number) => number;
  /** ns from a net to a port of the module: no routing, which belongs to whoever reads the port. */
  readonly toPort: (net: number) => number;
}

/** From the clock edge to the output of a shift register in a table, relative to a flip-flop: 1472 ps to 303 ps. */
const SHIFT_REGISTER_LAUNCH = 1472 / 303;

/**
 * The arcs of a mapped netlist. All figures come from the delay model; what each stands for:
 *
 * | arc | ns | why |
 * |---|---|---|
 * | net to a pin | `routing` | one constant, whatever the distance and the fan-out |
 * | table to the S pin behind it, chain to chain, table or multiplexer to the next multiplexer | 0 | wired in the slice |
 * | LUT1 to LUT6, INV | `lut` | slowest input, any size |
 * | S pin to the chain | `carryEntry` less `lut` | the model's entry contains the table, which is a cell of its own here |
 * | S pin that no table of its own drives | `carryEntry` | the table in front of it is a wire |
 * | DI or fabric carry input to the chain | `carryEntry` less `lut` | by the bypass input of the slice |
 * | along the chain, one bit | `carryPerBit` | |
 * | chain to a sum output | `carryPerBit` + `carryExit` | an adder of w bits comes to exactly `carryDelay(model, w)` |
 * | carry output to the fabric | `carryExit` | |
 * | MUXF7, MUXF8, MUXF9, each | `lut` | no figure in the model; Project X-Ray has 0.22 and 0.10 for an Artix-7 |
 * | flip-flop | `flipFlop`, all of it at the start | setup alone is about 0 there |
 * | SRL16E, SRLC32E | 4.9 × `flipFlop` | ratio of both in Project X-Ray's figures for an Artix-7 |
 * | DSP48E1, DSP48E2 | `block` | by the registers in it: `addBlock` |
 *
 * A table that drives several S pins lies in front of the first; a slice has no other way to them than a wire through a
 * table. Constant pins have no arc.
 */
export function buildTimingGraph(netlist: MappedNetlist, model: DelayModel): TimingGraph {
  return new Builder(netlist, model).build();
}

/** What drives a net, as far as the way out of its cell depends on it. */
type Driver = 'table' | 'wideMultiplexer' | 'carryOut' | 'chainEnd' | 'other';

class Builder {
  private readonly from: number[] = [];
  private readonly to: number[] = [];
  private readonly delay: number[] = [];
  private readonly through: MappedCell[] = [];
  private readonly registers: Register[] = [];
  private readonly drivers = new Map<number, Driver>();
  private readonly constants = new Map<number, 0 | 1>([
    [ZERO_NET, 0],
    [ONE_NET, 1],
  ]);
  /** Tables, by their output, that lie in front of a carry bit already. */
  private readonly placed = new Set<number>();
  private readonly bypassEntry: number;
  private nodeCount: number;

  public constructor(
    private readonly netlist: MappedNetlist,
    private readonly model: DelayModel,
  ) {
    this.nodeCount = netlist.netCount;
    this.bypassEntry = Math.max(0, model.carryEntry - model.lut);
  }

  public build(): TimingGraph {
    for (const { net } of this.netlist.inputs) this.drive(net, 'other');
    for (const cell of this.netlist.cells) this.addDrivers(cell);
    for (const cell of this.netlist.cells) this.addArcs(cell);
    for (const { net, name } of this.netlist.outputs) this.isSignal(net, `output ${name}`);
    const { netlist, nodeCount, from, to, delay, through, registers } = this;
    const routed = (net: number): number => this.routed(net);
    const toPort = (net: number): number => this.wayOut(net);
    return { netlist, nodeCount, from, to, delay, through, registers, routed, toPort };
  }

  private drive(net: number, driver: Driver): void {
    if (this.drivers.has(net)) throw new NetlistError(`net ${this.netlist.netName(net)} has two drivers`);
    this.drivers.set(net, driver);
  }

  private addDrivers(cell: MappedCell): void {
    const kind = cellKind(cell.type);
    const drive = (output: string, driver: Driver): void => {
      for (const net of cell.pins.get(output) ?? []) this.drive(net, driver);
    };
    switch (kind.kind) {
      case 'lut':
        drive(kind.output, 'table');
        return;
      case 'carry':
        drive('O', 'other');
        pin(cell, 'CO').forEach((net, bit) => this.drive(net, bit === kind.length - 1 ? 'chainEnd' : 'carryOut'));
        return;
      case 'wideMultiplexer':
        drive('O', 'wideMultiplexer');
        return;
      case 'buffer':
        drive('O', 'other');
        return;
      case 'flipFlop':
        drive('Q', 'other');
        return;
      case 'shiftRegister':
        drive('Q', 'other');
        drive('Q31', 'other');
        return;
      case 'constant':
        for (const net of pin(cell, kind.output)) this.constants.set(net, kind.value);
        return;
      case 'dsp':
        // Refuses a mode without figures, before nets of outputs that only such a mode has are missed.
        blockMode(cell);
        drive('P', 'other');
        drive('PCOUT', 'other');
        return;
      case 'blockRam':
        throw new UntimedCellError('blockRam', `${cell.name}: ${cell.type} has no delay in the model`);
      default:
        return unreachable(kind);
    }
  }

  /** Whether a net carries a signal rather than a constant. A net without driver is neither. */
  private isSignal(net: number, where: string): boolean {
    if (this.constants.has(net)) return false;
    if (!this.drivers.has(net)) {
      throw new NetlistError(`net ${this.netlist.netName(net)} at ${where} has no driver`);
    }
    return true;
  }

  private signals(cell: MappedCell, name: string): readonly number[] {
    return pin(cell, name).filter((net) => this.isSignal(net, `pin ${name} of ${cell.name}`));
  }

  /** ns to leave the slice: a carry output passes a multiplexer on its way to the fabric. */
  private wayOut(net: number): number {
    const driver = this.drivers.get(net);
    return driver === 'carryOut' || driver === 'chainEnd' ? this.model.carryExit : 0;
  }

  private routed(net: number): number {
    return net < this.netlist.netCount ? this.model.routing + this.wayOut(net) : 0;
  }

  private arc(from: number, to: number, delay: number, through: MappedCell): void {
    this.from.push(from);
    this.to.push(to);
    this.delay.push(delay);
    this.through.push(through);
  }

  private addArcs(cell: MappedCell): void {
    const kind = cellKind(cell.type);
    switch (kind.kind) {
      case 'lut': {
        const [output] = pin(cell, kind.output);
        if (output === undefined) return;
        for (const name of kind.inputs) {
          for (const net of this.signals(cell, name)) this.arc(net, output, this.routed(net) + this.model.lut, cell);
        }
        return;
      }
      case 'wideMultiplexer':
        this.addWideMultiplexer(cell);
        return;
      case 'carry':
        this.addCarry(cell, kind);
        return;
      case 'flipFlop':
        this.registers.push({
          name: cell.name,
          data: this.signals(cell, 'D'),
          setup: 0,
          control: kind.control.flatMap((name) => this.signals(cell, name)),
          outputs: pin(cell, 'Q').map((net) => ({ net, depth: 1, launch: this.model.flipFlop })),
        });
        return;
      case 'shiftRegister':
        this.addShiftRegister(cell, kind.address);
        return;
      case 'buffer': {
        const [output] = pin(cell, 'O');
        for (const net of this.signals(cell, 'I')) if (output !== undefined) this.arc(net, output, 0, cell);
        return;
      }
      case 'dsp':
        addBlock(cell, this.model.block, {
          node: () => this.nodeCount++,
          arc: (from, to, delay) => this.arc(from, to, delay, cell),
          register: (register) => this.registers.push(register),
          signals: (name) => (cell.pins.has(name) ? [...new Set(this.signals(cell, name))] : []),
          routed: (net) => this.routed(net),
        });
        return;
      case 'constant':
      case 'blockRam':
        return;
      default:
        return unreachable(kind);
    }
  }

  private addWideMultiplexer(cell: MappedCell): void {
    const [output] = pin(cell, 'O');
    if (output === undefined) return;
    const { lut } = this.model;
    for (const net of this.signals(cell, 'S')) this.arc(net, output, this.routed(net) + lut, cell);
    for (const net of [...this.signals(cell, 'I0'), ...this.signals(cell, 'I1')]) {
      const driver = this.drivers.get(net);
      const wired = driver === 'table' || driver === 'wideMultiplexer';
      // What no table drives reaches the multiplexer through a table that is a wire.
      this.arc(net, output, lut + (wired ? 0 : this.routed(net) + lut), cell);
    }
  }

  private addCarry(cell: MappedCell, kind: { readonly length: number; readonly fabricCarryIn: string }): void {
    const { carryPerBit, carryExit } = this.model;
    const [select, data, sum, carry] = [pin(cell, 'S'), pin(cell, 'DI'), pin(cell, 'O'), pin(cell, 'CO')];
    let chain = this.nodeCount++;
    for (const net of this.signals(cell, 'CI')) {
      const wired = this.drivers.get(net) === 'chainEnd';
      this.arc(net, chain, wired ? 0 : this.routed(net) + this.bypassEntry, cell);
    }
    for (const net of cell.pins.has(kind.fabricCarryIn) ? this.signals(cell, kind.fabricCarryIn) : []) {
      this.arc(net, chain, this.routed(net) + this.bypassEntry, cell);
    }
    for (let bit = 0; bit < kind.length; bit++) {
      const below = chain;
      chain = this.nodeCount++;
      const [selectNet, dataNet, sumNet, carryNet] = [at(select, bit), at(data, bit), at(sum, bit), at(carry, bit)];
      this.arc(below, chain, carryPerBit, cell);
      this.arc(below, sumNet, carryPerBit + carryExit, cell);
      if (this.isSignal(selectNet, `pin S[${bit}] of ${cell.name}`)) {
        const entry = this.intoChain(selectNet);
        this.arc(selectNet, chain, entry + carryPerBit, cell);
        this.arc(selectNet, sumNet, entry + carryPerBit + carryExit, cell);
      }
      if (this.isSignal(dataNet, `pin DI[${bit}] of ${cell.name}`)) {
        this.arc(dataNet, chain, this.routed(dataNet) + this.bypassEntry + carryPerBit, cell);
      }
      this.arc(chain, carryNet, 0, cell);
    }
  }

  private intoChain(net: number): number {
    if (this.drivers.get(net) !== 'table' || this.placed.has(net)) return this.routed(net) + this.model.carryEntry;
    this.placed.add(net);
    return this.bypassEntry;
  }

  private addShiftRegister(cell: MappedCell, address: readonly string[]): void {
    let depth = 1;
    address
      .flatMap((name) => pin(cell, name))
      .forEach((net, bit) => {
        const value = this.constants.get(net);
        if (value === undefined) throw new NetlistError(`${cell.name}: a shift register of variable depth`);
        depth += value << bit;
      });
    const launch = this.model.flipFlop * SHIFT_REGISTER_LAUNCH;
    this.registers.push({
      name: cell.name,
      data: this.signals(cell, 'D'),
      setup: 0,
      control: this.signals(cell, 'CE'),
      outputs: [
        ...pin(cell, 'Q').map((net) => ({ net, depth, launch })),
        ...(cell.pins.get('Q31') ?? []).map((net) => ({ net, depth: 32, launch })),
      ],
    });
  }
}
