import type { Cell, CellEmitter, CellTable } from './cell.js';
import { bothSigned, truthLimbs } from './cell.js';
import type { Emitter } from './emitter.js';
import { limbCount } from '../limbs.js';

/** Sums, products, quotients and order comparisons. */
export const ARITHMETIC_CELLS: CellTable = {
  $add: (cell, emitter) => {
    const [left, right] = operands(cell, emitter);
    defineSum(cell, emitter, left, right, false);
  },
  $sub: (cell, emitter) => {
    const [left, right] = operands(cell, emitter);
    defineSum(cell, emitter, left, right, true);
  },
  $neg: (cell, emitter) => {
    const operand = emitter.operand(cell.bits('A'), cell.output.limbs, cell.parameter('A_SIGNED') === 1);
    defineSum(
      cell,
      emitter,
      operand.map(() => '0'),
      operand,
      true,
    );
  },
  $mul: multiply,
  $div: divide(false),
  $mod: divide(true),
  $lt: lessThan({ swapped: false, negated: false }),
  $gt: lessThan({ swapped: true, negated: false }),
  $ge: lessThan({ swapped: false, negated: true }),
  $le: lessThan({ swapped: true, negated: true }),
};

function operands(cell: Cell, emitter: Emitter): readonly [readonly string[], readonly string[]] {
  const signed = bothSigned(cell);
  const limbs = cell.output.limbs;
  return [emitter.operand(cell.bits('A'), limbs, signed), emitter.operand(cell.bits('B'), limbs, signed)];
}

/** Ripple over limbs. The carry (borrow) out of a limb is the majority of its operands' top bits and the inverse sum. */
function defineSum(
  cell: Cell,
  emitter: Emitter,
  left: readonly string[],
  right: readonly string[],
  subtract: boolean,
): void {
  const operator = subtract ? '-' : '+';
  if (left.length === 1) {
    emitter.define(cell.output, [`${left[0] ?? '0'}${operator}${right[0] ?? '0'}`], false);
    return;
  }
  let carry = '';
  const sums = left.map((leftText, limb) => {
    const a = emitter.temporary(leftText);
    const b = emitter.temporary(right[limb] ?? '0');
    // The inner |0 keeps every intermediate an int32 for the optimiser.
    const partial = carry === '' ? `(${a}${operator}${b}|0)` : `((${a}${operator}${b}|0)${operator}${carry}|0)`;
    const sum = emitter.temporary(partial);
    if (limb + 1 < left.length) {
      const out = subtract ? `(~${a}&${b})|((~${a}|${b})&${sum})` : `(${a}&${b})|((${a}|${b})&~${sum})`;
      carry = emitter.temporary(`(${out})>>>31`);
    }
    return sum;
  });
  emitter.define(cell.output, sums, false);
}

function multiply(cell: Cell, emitter: Emitter): void {
  const limbs = cell.output.limbs;
  const [left, right] = operands(cell, emitter);
  if (limbs === 1) {
    emitter.define(cell.output, [`Math.imul(${left[0] ?? '0'},${right[0] ?? '0'})`], false);
    return;
  }
  const widths = [cell.bits('A').length, cell.bits('B').length] as const;
  if (Math.max(...widths) <= 32 && widths[0] + widths[1] <= 53) {
    // The product is exact in a double, and so are its two halves.
    const number = bothSigned(cell)
      ? (text: string): string => `(${text}|0)`
      : (text: string): string => `(${text}>>>0)`;
    const product = emitter.temporary(`${number(left[0] ?? '0')}*${number(right[0] ?? '0')}`);
    const high = emitter.temporary(`Math.floor(${product}/4294967296)|0`);
    const rest = Array.from({ length: limbs - 2 }, () => `${high}>>31`);
    emitter.define(cell.output, [product, high, ...rest], false);
    return;
  }
  const [a, b, y] = [storeScratch(cell, emitter, left), storeScratch(cell, emitter, right), cell.scratch(limbs)];
  emitter.statement(`multiplyInto(M,${String(a)},${String(b)},${String(y)},${String(limbs)});`);
  emitter.define(cell.output, loadScratch(y, limbs), false);
}

function divide(remainder: boolean): CellEmitter {
  return (cell, emitter) => {
    const signed = bothSigned(cell);
    const width = Math.max(cell.bits('A').length, cell.bits('B').length, cell.output.width);
    // One bit more than the widest, so that signed division of two's complement limbs serves unsigned operands too.
    const limbs = limbCount(width + 1);
    const left = emitter.operand(cell.bits('A'), limbs, signed);
    const right = emitter.operand(cell.bits('B'), limbs, signed).map((text) => emitter.temporary(text));
    const [a, b, y] = [storeScratch(cell, emitter, left), storeScratch(cell, emitter, right), cell.scratch(limbs)];
    const call = `divideInto(M,${String(a)},${String(b)},${String(y)},${String(limbs)},${String(remainder)})`;
    const nonZero = emitter.temporary(`(${right.join('|')})!==0`);
    emitter.statement(`if(${nonZero})${call};`);
    // Division by zero is x in Verilog.
    const unknown = emitter.operand(cell.unknown(cell.output.width), cell.output.limbs, false);
    const quotient = loadScratch(y, cell.output.limbs);
    emitter.define(
      cell.output,
      quotient.map((text, limb) => `(${nonZero}?${text}:${unknown[limb] ?? '0'})`),
      false,
    );
  };
}

/** Writes limbs to memory of the cell's own and returns the address. */
export function storeScratch(cell: Cell, emitter: Emitter, limbs: readonly string[]): number {
  const address = cell.scratch(limbs.length);
  emitter.store(address, 32 * limbs.length, limbs);
  return address;
}

export function loadScratch(address: number, limbs: number): readonly string[] {
  return Array.from({ length: limbs }, (_, limb) => `M[${String(address + limb)}]`);
}

/** A comparison in terms of "less than": `a > b` is `b < a` (swapped), `a >= b` is `!(a < b)` (negated). */
function lessThan({ swapped, negated }: { readonly swapped: boolean; readonly negated: boolean }): CellEmitter {
  return (cell, emitter) => {
    const signed = bothSigned(cell);
    const limbs = limbCount(Math.max(cell.bits('A').length, cell.bits('B').length));
    let left = emitter.operand(cell.bits('A'), limbs, signed).map((text) => emitter.temporary(text));
    let right = emitter.operand(cell.bits('B'), limbs, signed).map((text) => emitter.temporary(text));
    if (swapped) [left, right] = [right, left];
    const top = limbs - 1;
    const sign = signed ? '|0' : '>>>0';
    let less = `(${left[top] ?? '0'}${sign})<(${right[top] ?? '0'}${sign})`;
    // Lower limbs are unsigned and decide only where all limbs above are equal; built from the least significant up.
    if (limbs > 1) {
      less = `(${left[0] ?? '0'}>>>0)<(${right[0] ?? '0'}>>>0)`;
      for (let limb = 1; limb < limbs; limb += 1) {
        const [a, b] = [left[limb] ?? '0', right[limb] ?? '0'];
        const kind = limb === top ? sign : '>>>0';
        less = `(${a}===${b}?${less}:(${a}${kind})<(${b}${kind}))`;
      }
    }
    emitter.define(cell.output, truthLimbs(cell, negated ? `!(${less})` : less), true);
  };
}
