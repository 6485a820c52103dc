import type { Emitter } from './emitter.js';
import type { Word } from './nets.js';

/** A combinational cell with its connections resolved to net numbers. */
export interface Cell {
  readonly type: string;
  /** Name and place in the text, for messages. */
  readonly label: string;
  /** Net numbers of a port, least significant first; empty for a port the cell lacks. */
  bits(port: string): readonly number[];
  /** An unsigned parameter; 0 if absent. */
  parameter(name: string): number;
  /** New nets that are never known. */
  unknown(width: number): readonly number[];
  /** Memory for `limbs` limbs, private to the cell; returns its address. */
  scratch(limbs: number): number;
  readonly output: Word;
}

/** Emits the code that defines `cell.output`. */
export type CellEmitter = (cell: Cell, emitter: Emitter) => void;

export type CellTable = Readonly<Record<string, CellEmitter>>;

/** Both operands are treated as signed only if both are declared so (Yosys manual, "binary cells"). */
export function bothSigned(cell: Cell): boolean {
  return cell.parameter('A_SIGNED') === 1 && cell.parameter('B_SIGNED') === 1;
}

/** The limbs of a 0 or 1 result, zero-extended to the output's width. */
export function truthLimbs(cell: Cell, condition: string): readonly string[] {
  return Array.from({ length: cell.output.limbs }, (_, limb) => (limb === 0 ? `(${condition}?1:0)` : '0'));
}
