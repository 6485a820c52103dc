import { limbCount } from '../limbs.js';
import type { LogicNode } from './elaborate.js';
import type { Emitter } from './emitter.js';
import type { NetlistBit, NetlistCell } from './netlist.js';
import { limbMask, type NetTable, type Word } from './nets.js';

/** One read port of a read-only memory. */
export interface MemoryRead {
  readonly output: Word;
  readonly dataBits: readonly NetlistBit[];
  node(resolve: (bits: readonly NetlistBit[], user: string) => readonly number[]): LogicNode;
}

/**
 * The read ports of a memory that is never written (a table): its contents become simulation memory, shared by all
 * ports. Written memories and clocked read ports are refused.
 */
export function memoryReads(
  cell: NetlistCell,
  label: string,
  nets: NetTable,
  refuse: (message: string) => never,
): readonly MemoryRead[] {
  const parameter = (name: string): number => Number.parseInt(cell.parameters[name] ?? '0', 2);
  const memory = `memory ${cell.parameters['MEMID'] ?? ''} (${label})`;
  if (parameter('WR_PORTS') > 0) refuse(`${memory} is written; only tables can be simulated`);
  const ports = parameter('RD_PORTS');
  const width = parameter('WIDTH');
  const size = parameter('SIZE');
  const addressBits = parameter('ABITS');
  if (cell.parameters['RD_CLK_ENABLE']?.includes('1') === true) refuse(`${memory} has a clocked read port`);
  const table = loadTable(cell.parameters['INIT'] ?? '', width, size, nets);
  // Y limbs of every entry lie side by side.
  const stride = limbCount(width);
  const offset = parameter('OFFSET');
  return Array.from({ length: ports }, (_, port) => {
    const output = nets.addWord(width);
    const address = (cell.connections['RD_ADDR'] ?? []).slice(port * addressBits, (port + 1) * addressBits);
    return {
      output,
      dataBits: (cell.connections['RD_DATA'] ?? []).slice(port * width, (port + 1) * width),
      node: (resolve) => {
        const inputs = resolve(address, label);
        const emit = (emitter: Emitter): void => {
          const low = emitter.operand(inputs, 1, false)[0] ?? '0';
          const index = emitter.temporary(offset === 0 ? low : `${low}-${String(offset)}|0`);
          const inRange = `${index}>>>0<${String(size)}`;
          const complete = offset === 0 && addressBits < 31 && 2 ** addressBits <= size;
          const unknown = complete
            ? []
            : emitter.operand(nets.nameBits(nets.addUnknownWord(width)), output.limbs, false);
          const limbs = Array.from({ length: output.limbs }, (_unused, limb) => {
            const entry = `M[${String(table + limb)}+${stride === 1 ? index : `${index}*${String(stride)}`}]`;
            return complete ? entry : `(${inRange}?${entry}:${unknown[limb] ?? '0'})`;
          });
          emitter.define(output, limbs, false);
        };
        return { label, inputs, emit };
      },
    };
  });
}

/** Puts the contents of a memory into simulation memory; returns the address of entry 0. */
function loadTable(contents: string, width: number, size: number, nets: NetTable): number {
  const stride = limbCount(width);
  const base = nets.allocate(size * stride);
  for (let entry = 0; entry < size; entry += 1) {
    for (let limb = 0; limb < stride; limb += 1) {
      let value = 0;
      let unknown = 0;
      for (let bit = 0; bit < 32 && limb * 32 + bit < width; bit += 1) {
        // The text has the last entry first and the most significant bit first.
        const digit = contents[contents.length - 1 - (entry * width + limb * 32 + bit)];
        if (digit === '1') value |= 1 << bit;
        else if (digit !== '0') unknown |= 1 << bit;
      }
      const address = base + entry * stride + limb;
      if (value !== 0) nets.preset.push({ address, value });
      if (unknown !== 0) nets.unknownSources.push({ address, mask: unknown & limbMask(width, limb) });
    }
  }
  return base;
}
