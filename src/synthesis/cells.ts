import { NetlistError } from './netlist.js';

/** What the analysis has to know of a cell type. Names of pins are the vendor's (UG953, UG974). */
export type CellKind =
  /** A look-up table of `inputs` inputs I0…; INV is one too. */
  | { readonly kind: 'lut'; readonly inputs: readonly string[]; readonly output: string }
  /** A carry chain of `length` bits: S and DI in, O and CO out, CI from the chain below, the other from the fabric. */
  | { readonly kind: 'carry'; readonly length: number; readonly fabricCarryIn: string }
  /** The multiplexer behind two tables of a slice, or behind two such multiplexers. */
  | { readonly kind: 'wideMultiplexer' }
  /** A flip-flop. Control pins end paths like D but do not count for its rank. */
  | { readonly kind: 'flipFlop'; readonly control: readonly string[] }
  /** A shift register in a table; its depth is the constant on the address pins, least significant first, plus 1. */
  | { readonly kind: 'shiftRegister'; readonly address: readonly string[] }
  /** A buffer of pads or clocks, outside of what is measured: transparent, without delay. */
  | { readonly kind: 'buffer' }
  | { readonly kind: 'constant'; readonly output: string; readonly value: 0 | 1 }
  /** A multiplier block; what lies on a path through it follows from its parameters (`block-mode.ts`). */
  | { readonly kind: 'dsp' }
  /** A block of memory, in blocks of 36 Kb. It is counted; there is no delay for it, so a path through it is refused. */
  | { readonly kind: 'blockRam'; readonly blocks: number };

const pinsOf = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

const table = new Map<string, CellKind>([
  ...[1, 2, 3, 4, 5, 6].map((inputs): [string, CellKind] => [
    `LUT${inputs}`,
    { kind: 'lut', inputs: pinsOf('I', inputs), output: 'O' },
  ]),
  ['INV', { kind: 'lut', inputs: ['I'], output: 'O' }],
  ['CARRY4', { kind: 'carry', length: 4, fabricCarryIn: 'CYINIT' }],
  ['CARRY8', { kind: 'carry', length: 8, fabricCarryIn: 'CI_TOP' }],
  ...['MUXF7', 'MUXF8', 'MUXF9'].map((type): [string, CellKind] => [type, { kind: 'wideMultiplexer' }]),
  ['FDRE', { kind: 'flipFlop', control: ['CE', 'R'] }],
  ['FDSE', { kind: 'flipFlop', control: ['CE', 'S'] }],
  ['FDCE', { kind: 'flipFlop', control: ['CE', 'CLR'] }],
  ['FDPE', { kind: 'flipFlop', control: ['CE', 'PRE'] }],
  ['SRL16E', { kind: 'shiftRegister', address: pinsOf('A', 4) }],
  ['SRLC32E', { kind: 'shiftRegister', address: ['A'] }],
  ...['IBUF', 'OBUF', 'BUFG'].map((type): [string, CellKind] => [type, { kind: 'buffer' }]),
  ['VCC', { kind: 'constant', output: 'P', value: 1 }],
  ['GND', { kind: 'constant', output: 'G', value: 0 }],
  ...['DSP48E1', 'DSP48E2'].map((type): [string, CellKind] => [type, { kind: 'dsp' }]),
  ...['RAMB18E1', 'RAMB18E2'].map((type): [string, CellKind] => [type, { kind: 'blockRam', blocks: 0.5 }]),
  ...['RAMB36E1', 'RAMB36E2'].map((type): [string, CellKind] => [type, { kind: 'blockRam', blocks: 1 }]),
]);

/** The kind of a cell; an error for a type that is not in the table, so that nothing is taken for free. */
export function cellKind(type: string): CellKind {
  const kind = table.get(type);
  if (kind === undefined) {
    throw new NetlistError(`cell type ${type} is not known: ${[...table.keys()].join(', ')} are`);
  }
  return kind;
}
