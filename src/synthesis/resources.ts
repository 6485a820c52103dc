import { at } from '../support/invariant.js';
import { cellKind } from './cells.js';
import type { MappedCell, MappedNetlist } from './netlist.js';
import { FIRST_NET, pin } from './netlist.js';

export interface Resources {
  /** LUT1 … LUT6, at index 0 … 5. */
  readonly lut: readonly number[];
  /** LUT1 to LUT6 together: the figure that most published comparisons give. Inverters are not among them. */
  readonly lutSum: number;
  readonly inverters: number;
  readonly flipFlops: number;
  readonly shiftRegisters: number;
  /** Blocks of carry logic, of 4 or 8 bits. */
  readonly carryBlocks: number;
  /** Bits of carry logic up to the highest one of each block that is read. */
  readonly carryBits: number;
  readonly wideMultiplexers: number;
  readonly dsp: number;
  /** Blocks of 36 Kb; one of 18 Kb is half of one. */
  readonly blockRam: number;
  /** Table positions of slices that the netlist takes; see `countResources`. */
  readonly lutSites: number;
}

/**
 * Cells of a mapped netlist by kind, and the look-up table sites that they take:
 *
 * - one site for each bit of carry logic in use: the table in front of it is its own or a wire, and nobody else's;
 * - none for a table that drives the S pin of a carry bit, which lies in that site;
 * - one for every other LUT6 and for every shift register;
 * - one for two of the remaining tables (inverters included) that share a site: a site has two outputs and together
 *   five inputs (UG474, "Look-Up Table"), so two tables share one if together they have at most five different inputs.
 *   Partners are sought greedily in netlist order, first among tables with a common input, then any two that fit.
 *
 * The greedy pairing is a bound from above on the best one, and a placer that minds wiring pairs less than either.
 */
export function countResources(netlist: MappedNetlist): Resources {
  const lut = [0, 0, 0, 0, 0, 0];
  const count = {
    inverters: 0,
    flipFlops: 0,
    shiftRegisters: 0,
    carryBlocks: 0,
    wideMultiplexers: 0,
    dsp: 0,
    blockRam: 0,
  };
  const carries: MappedCell[] = [];
  const tables: MappedCell[] = [];
  for (const cell of netlist.cells) {
    const kind = cellKind(cell.type);
    if (kind.kind === 'lut') {
      tables.push(cell);
      if (cell.type === 'INV') count.inverters++;
      else lut[kind.inputs.length - 1] = at(lut, kind.inputs.length - 1) + 1;
    } else if (kind.kind === 'carry') {
      count.carryBlocks++;
      carries.push(cell);
    } else if (kind.kind === 'flipFlop') count.flipFlops++;
    else if (kind.kind === 'shiftRegister') count.shiftRegisters++;
    else if (kind.kind === 'wideMultiplexer') count.wideMultiplexers++;
    else if (kind.kind === 'dsp') count.dsp++;
    else if (kind.kind === 'blockRam') count.blockRam += kind.blocks;
  }
  const { carryBits, select } = usedCarryBits(netlist, carries);
  let alone = 0;
  const small: Table[] = [];
  for (const cell of tables) {
    const kind = cellKind(cell.type);
    if (kind.kind !== 'lut') continue;
    if (pin(cell, kind.output).some((net) => select.delete(net))) continue;
    const inputs = new Set(kind.inputs.flatMap((name) => pin(cell, name)).filter((net) => net >= FIRST_NET));
    if (inputs.size > SHARED_INPUTS) alone++;
    else small.push({ inputs: [...inputs], paired: false });
  }
  const lutSites = carryBits + alone + count.shiftRegisters + small.length - countPairs(small);
  return { lut, lutSum: lut.reduce((sum, each) => sum + each, 0), ...count, carryBits, lutSites };
}

/** Inputs that the two halves of a look-up table site have together. */
const SHARED_INPUTS = 5;
/** Tables with a common input that are looked at for a partner: nets of great fan-out must not make this quadratic. */
const CANDIDATES = 32;

/** Carry bits in use, and the nets at their S pins. */
function usedCarryBits(
  netlist: MappedNetlist,
  carries: readonly MappedCell[],
): { readonly carryBits: number; readonly select: Set<number> } {
  const read = new Uint8Array(netlist.netCount);
  for (const { net } of netlist.outputs) read[net] = 1;
  for (const cell of netlist.cells) {
    for (const [name, nets] of cell.pins) if (!isOutput(cell, name)) for (const net of nets) read[net] = 1;
  }
  let carryBits = 0;
  const select = new Set<number>();
  for (const cell of carries) {
    const [sum, carry] = [pin(cell, 'O'), pin(cell, 'CO')];
    let used = sum.length;
    while (used > 0 && read[at(sum, used - 1)] !== 1 && read[at(carry, used - 1)] !== 1) used--;
    carryBits += used;
    for (const net of pin(cell, 'S').slice(0, used)) if (net >= FIRST_NET) select.add(net);
  }
  return { carryBits, select };
}

function isOutput(cell: MappedCell, name: string): boolean {
  const kind = cellKind(cell.type);
  if (kind.kind === 'carry') return name === 'O' || name === 'CO';
  if (kind.kind === 'lut') return name === kind.output;
  return ['O', 'Q', 'Q31', 'P', 'G'].includes(name);
}

interface Table {
  readonly inputs: readonly number[];
  paired: boolean;
}

/** The tables that read a net, and how many of the first ones have partners already. */
interface Readers {
  readonly tables: Table[];
  done: number;
}

function countPairs(tables: readonly Table[]): number {
  // Large ones first: they have the fewest partners.
  const bySize = [...tables].sort((left, right) => right.inputs.length - left.inputs.length);
  const readers = new Map<number, Readers>();
  for (const table of bySize) {
    for (const net of table.inputs) {
      const known = readers.get(net);
      if (known === undefined) readers.set(net, { tables: [table], done: 0 });
      else known.tables.push(table);
    }
  }
  let pairs = 0;
  for (const table of bySize) {
    if (table.paired) continue;
    const partner = findPartner(table, readers);
    if (partner === undefined) continue;
    table.paired = true;
    partner.paired = true;
    pairs++;
  }
  // What is left has no partner with a common input, or too many to look at all: the largest with the smallest.
  const left = bySize.filter((table) => !table.paired);
  for (let large = 0, small = left.length - 1; large < small; large++) {
    if (at(left, large).inputs.length + at(left, small).inputs.length > SHARED_INPUTS) continue;
    pairs++;
    small--;
  }
  return pairs;
}

/** The unpaired table that shares the most inputs, of those that fit and are looked at. */
function findPartner(table: Table, readers: ReadonlyMap<number, Readers>): Table | undefined {
  let best: Table | undefined;
  let bestShared = 0;
  for (const net of table.inputs) {
    const list = readers.get(net);
    if (list === undefined) continue;
    while (list.tables[list.done]?.paired === true) list.done++;
    for (const other of list.tables.slice(list.done, list.done + CANDIDATES)) {
      if (other === table || other.paired) continue;
      const shared = other.inputs.filter((input) => table.inputs.includes(input)).length;
      if (table.inputs.length + other.inputs.length - shared > SHARED_INPUTS || shared <= bestShared) continue;
      [best, bestShared] = [other, shared];
    }
  }
  return best;
}
