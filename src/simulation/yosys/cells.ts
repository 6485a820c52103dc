import type { CellTable } from './cell.js';
import { ARITHMETIC_CELLS } from './cells-arithmetic.js';
import { LOGIC_CELLS } from './cells-logic.js';
import { SHIFT_CELLS } from './cells-shift.js';

/** Every combinational word-level cell of Yosys that plain Verilog-2005 leads to. */
export const CELLS: CellTable = { ...LOGIC_CELLS, ...ARITHMETIC_CELLS, ...SHIFT_CELLS };
