import type { Cell } from './cell.js';
import { CELLS } from './cells.js';
import type { Emitter } from './emitter.js';
import { choose, FLIP_FLOPS, type Control, type FlipFlop } from './flip-flops.js';
import { memoryReads } from './memory-cells.js';
import type { Netlist, NetlistBit, NetlistCell } from './netlist.js';
import { CONSTANT_ONE, CONSTANT_ZERO, NetTable, type Word } from './nets.js';

/** Something that defines a word from nets, in one cycle. */
export interface LogicNode {
  readonly label: string;
  readonly inputs: readonly number[];
  emit(emitter: Emitter): void;
}

/** A flip-flop with its word of state; `the state area starts at address 0. */
export interface StateNode {
  readonly label: string;
  readonly state: Word;
  /** The nets of Q. */
  readonly outputNets: readonly NetlistBit[];
  /** Resolves the operands; called once, when the flip-flop turns out to be used. */
  connect(): FlipFlop;
}

export interface Elaboration {
  readonly nets: NetTable;
  /** The logic behind a word, by word number; created on first request, so that dead cells are never looked at. */
  logicOf(word: Word): LogicNode | undefined;
  /** The flip-flop behind a word, by word number. */
  readonly stateOf: ReadonlyMap<number, StateNode>;
  /** Limbs of state: at the start of memory, followed by as many for the next state. */
  readonly stateLimbs: number;
  /** Net numbers of a vector; x bits and undriven nets become nets that are never known, with a warning. */
  resolve(bits: readonly NetlistBit[], user: string): readonly number[];
  readonly warnings: string[];
}

/**
 * Gives every driver of the netlist a word of simulation memory and every cell a way to emit its code. `refuse` is
 * called with a message for what cannot be simulated: an unknown cell, two drivers of one net, another clock.
 */
export function elaborate(
  netlist: Netlist,
  clock: NetlistBit | undefined,
  refuse: (message: string) => never,
): Elaboration {
  const nets = new NetTable(highestNet(netlist) + 1);
  const warnings: string[] = [];
  const logicOfWord = new Map<number, () => LogicNode>();
  const builtLogic = new Map<number, LogicNode>();
  const stateOf = new Map<number, StateNode>();
  const nameOfNet = netNames(netlist);
  const unknownOfNet = new Map<number, number>();

  const resolve = (bits: readonly NetlistBit[], user: string): readonly number[] => {
    let constants = 0;
    const resolved = bits.map((bit) => {
      if (bit === '0') return CONSTANT_ZERO;
      if (bit === '1') return CONSTANT_ONE;
      if (typeof bit === 'number') {
        if (nets.locate(bit) !== undefined) return bit;
        if (bit === clock) refuse(`the clock is used as data in ${user}`);
        const known = unknownOfNet.get(bit);
        if (known !== undefined) return known;
        warnings.push(`${nameOfNet(bit)}, used in ${user}, has no driver`);
        const net = nets.nameBits(nets.addUnknownWord(1))[0] ?? CONSTANT_ZERO;
        unknownOfNet.set(bit, net);
        return net;
      }
      constants += 1;
      return nets.nameBits(nets.addUnknownWord(1))[0] ?? CONSTANT_ZERO;
    });
    if (constants > 0) warnings.push(`${String(constants)} constant x bits are used in ${user}`);
    return resolved;
  };
  const drive = (word: Word, bits: readonly NetlistBit[], label: string): void => {
    const conflict = nets.drive(word, bits);
    if (conflict === undefined) return;
    const what = typeof conflict === 'number' ? nameOfNet(conflict) : `constant ${conflict}`;
    refuse(`${what} is driven by ${label} and by something else`);
  };

  // State first, so that the clock edge is one copy of one block.
  const stateCells = netlist.cells.filter((cell) => FLIP_FLOPS[cell.type] !== undefined);
  const states = stateCells.map((cell) => nets.addWord(connection(cell, 'Q').length));
  const stateLimbs = nets.memorySize;
  nets.allocate(stateLimbs);

  stateCells.forEach((cell, index) => {
    const state = states[index];
    if (state === undefined) return;
    const clockBit = connection(cell, 'CLK')[0];
    if (clock === undefined || clockBit !== clock) refuse(`${labelOf(cell)} is not clocked by the clock input`);
    if (cell.parameters['CLK_POLARITY']?.endsWith('1') !== true) refuse(`${labelOf(cell)} uses the falling clock edge`);
    addFlipFlop(cell, state);
  });

  function addFlipFlop(cell: NetlistCell, state: Word): void {
    const label = labelOf(cell);
    const kind = FLIP_FLOPS[cell.type];
    const asynchronous = kind?.reset === 'asynchronous';
    const control = (port: string): Control => ({
      net: resolve(connection(cell, port), label)[0] ?? CONSTANT_ZERO,
      activeHigh: cell.parameters[`${port}_POLARITY`]?.endsWith('1') === true,
    });
    const resetPort = asynchronous ? 'ARST' : 'SRST';
    const resetValue = (): readonly number[] => resolve(parameterBits(cell, `${resetPort}_VALUE`), label);
    const stateNets = asynchronous ? nets.nameBits(state) : undefined;
    stateOf.set(state.index, {
      label,
      state,
      outputNets: connection(cell, 'Q'),
      connect: () => {
        const reset = kind?.reset === 'none' ? undefined : { ...control(resetPort), value: resetValue() };
        return {
          data: resolve(connection(cell, 'D'), label),
          state: stateNets ?? resolve(connection(cell, 'Q'), label),
          ...(kind?.enable === true ? { enable: control('EN') } : {}),
          ...(reset === undefined ? {} : { reset }),
          enableFirst: cell.type === '$sdffce',
        };
      },
    });
    if (stateNets === undefined) {
      drive(state, connection(cell, 'Q'), label);
      return;
    }
    // An asynchronous reset also acts on the output at once: Q is logic over the state and the reset.
    const output = nets.addWord(state.width);
    drive(output, connection(cell, 'Q'), label);
    logicOfWord.set(output.index, () => {
      const reset = control(resetPort);
      const value = resetValue();
      return {
        label,
        inputs: [reset.net, ...stateNets, ...value],
        emit: (emitter) => {
          const held = emitter.operand(stateNets, output.limbs, false);
          emitter.define(output, choose(emitter, reset, emitter.operand(value, output.limbs, false), held), false);
        },
      };
    });
  }

  for (const netlistCell of netlist.cells) {
    if (FLIP_FLOPS[netlistCell.type] !== undefined) continue;
    const label = labelOf(netlistCell);
    if (netlistCell.type === '$mem_v2') {
      for (const read of memoryReads(netlistCell, label, nets, refuse)) {
        drive(read.output, read.dataBits, label);
        logicOfWord.set(read.output.index, () => read.node(resolve));
      }
      continue;
    }
    const emitCell = CELLS[netlistCell.type];
    if (emitCell === undefined) refuse(`no simulation of cell type ${netlistCell.type} (${label})`);
    const outputBits = connection(netlistCell, 'Y');
    const output = nets.addWord(outputBits.length);
    drive(output, outputBits, label);
    logicOfWord.set(output.index, () => {
      const cell = resolveCell(netlistCell, output, nets, resolve);
      const inputs = ['A', 'B', 'S'].flatMap((port) => cell.bits(port));
      return {
        label,
        inputs,
        emit: (emitter) => {
          emitCell(cell, emitter);
        },
      };
    });
  }

  return {
    nets,
    stateOf,
    stateLimbs,
    resolve,
    warnings,
    logicOf: (word) => {
      const existing = builtLogic.get(word.index);
      if (existing !== undefined) return existing;
      const node = logicOfWord.get(word.index)?.();
      if (node !== undefined) builtLogic.set(word.index, node);
      return node;
    },
  };
}

function resolveCell(
  cell: NetlistCell,
  output: Word,
  nets: NetTable,
  resolve: (bits: readonly NetlistBit[], user: string) => readonly number[],
): Cell {
  const label = labelOf(cell);
  const resolved = new Map<string, readonly number[]>();
  for (const port of ['A', 'B', 'S']) resolved.set(port, resolve(cell.connections[port] ?? [], label));
  return {
    type: cell.type,
    label,
    output,
    bits: (port) => resolved.get(port) ?? [],
    parameter: (name) => Number.parseInt(cell.parameters[name] ?? '0', 2),
    unknown: (width) => nets.nameBits(nets.addUnknownWord(width)),
    scratch: (limbs) => nets.allocate(limbs),
  };
}

function connection(cell: NetlistCell, port: string): readonly NetlistBit[] {
  return cell.connections[port] ?? [];
}

/** A bit-string parameter, least significant first. */
function parameterBits(cell: NetlistCell, name: string): readonly NetlistBit[] {
  return Array.from(cell.parameters[name] ?? '', (digit) => (digit === '0' || digit === '1' ? digit : 'x')).reverse();
}

function labelOf(cell: NetlistCell): string {
  return cell.source === '' ? `${cell.type} ${cell.name}` : `${cell.type} at ${cell.source}`;
}

function highestNet(netlist: Netlist): number {
  let highest = CONSTANT_ONE;
  const visit = (bits: readonly NetlistBit[]): void => {
    for (const bit of bits) if (typeof bit === 'number' && bit > highest) highest = bit;
  };
  for (const port of netlist.ports.values()) visit(port.bits);
  for (const signal of netlist.signals.values()) visit(signal.bits);
  for (const cell of netlist.cells) Object.values(cell.connections).forEach(visit);
  return highest;
}

/** Names nets for messages; the reverse table is only built when there is something to say. */
function netNames(netlist: Netlist): (net: number) => string {
  let names: Map<number, string> | undefined;
  return (net) => {
    if (names === undefined) {
      names = new Map();
      for (const [name, signal] of netlist.signals) {
        for (const [offset, bit] of signal.bits.entries()) {
          const label = signal.bits.length === 1 ? name : `${name}[${String(offset)}]`;
          // Names that Yosys made up start with a dollar; one from the text says more.
          const present = typeof bit === 'number' ? names.get(bit) : undefined;
          if (typeof bit === 'number' && (present === undefined || present.startsWith('$'))) names.set(bit, label);
        }
      }
    }
    return names.get(net) ?? `net ${String(net)}`;
  };
}
