import type { Cell, CellEmitter, CellTable } from './cell.js';
import { loadScratch, storeScratch } from './cells-arithmetic.js';
import type { Emitter } from './emitter.js';
import { limbCount } from '../limbs.js';
import { CONSTANT_ONE, CONSTANT_ZERO } from './nets.js';
import { constantValue } from './operands.js';

/**
 * Shifts. `$shl $sshl $shr $sshr` take an unsigned amount; `$shift $shiftx` (variable part selects) a possibly signed
 * one, and `$shiftx` reads x outside its operand.
 */
export const SHIFT_CELLS: CellTable = {
  $shl: shift({ left: true, arithmetic: false, amountMayBeSigned: false }),
  $sshl: shift({ left: true, arithmetic: false, amountMayBeSigned: false }),
  $shr: shift({ left: false, arithmetic: false, amountMayBeSigned: false }),
  $sshr: shift({ left: false, arithmetic: true, amountMayBeSigned: false }),
  $shift: shift({ left: false, arithmetic: false, amountMayBeSigned: true }),
  $shiftx: partSelect,
};

interface ShiftKind {
  readonly left: boolean;
  /** Whether a signed operand is continued by its sign for ever, rather than only to the width of the context. */
  readonly arithmetic: boolean;
  readonly amountMayBeSigned: boolean;
}

function shift(kind: ShiftKind): CellEmitter {
  return (cell, emitter) => {
    const signed = cell.parameter('A_SIGNED') === 1;
    const operand = extend(cell.bits('A'), Math.max(cell.bits('A').length, cell.output.width), signed);
    const forever = kind.arithmetic && signed ? (operand[operand.length - 1] ?? CONSTANT_ZERO) : CONSTANT_ZERO;
    const amountSigned = kind.amountMayBeSigned && cell.parameter('B_SIGNED') === 1;
    const constant = constantAmount(cell.bits('B'), amountSigned);
    if (constant !== undefined) {
      const moved = moveBits(operand, kind.left ? -constant : constant, cell.output.width, forever, CONSTANT_ZERO);
      emitter.define(cell.output, emitter.operand(moved, cell.output.limbs, false), true);
      return;
    }
    const amount = amountText(cell.bits('B'), amountSigned, emitter);
    if (operand.length <= 32 && !amountSigned) {
      emitter.define(cell.output, [narrowShift(kind, operand, forever !== CONSTANT_ZERO, amount, emitter)], false);
      return;
    }
    const signedFill = forever !== CONSTANT_ZERO;
    const shifted = wideShift(cell, emitter, operand, signedFill, kind.left ? `-${amount}` : amount);
    emitter.define(cell.output, shifted, false);
  };
}

/** The operand and the result fit one limb and the amount is not negative. */
function narrowShift(
  kind: ShiftKind,
  operand: readonly number[],
  signedFill: boolean,
  amount: string,
  emitter: Emitter,
): string {
  const value = emitter.temporary(emitter.operand(operand, 1, signedFill)[0] ?? '0');
  if (signedFill) return `${value}>>(${amount}>31?31:${amount})`;
  return `(${amount}>31?0:${value}${kind.left ? '<<' : '>>>'}${amount})`;
}

/** Any widths and any amount, through memory: bits above the operand are 0, or its top bit with `signedFill`. */
function wideShift(
  cell: Cell,
  emitter: Emitter,
  operand: readonly number[],
  signedFill: boolean,
  amount: string,
): readonly string[] {
  const count = limbCount(operand.length);
  const limbs = emitter.operand(operand, count, signedFill);
  const constant = constantValue(operand);
  let from: number;
  if (constant === undefined || signedFill) {
    from = storeScratch(cell, emitter, limbs);
  } else {
    // A table indexed by a part select: long, and the same in every cycle.
    from = cell.scratch(count);
    limbs.forEach((_, limb) => {
      const value = Number(BigInt.asIntN(32, constant >> BigInt(32 * limb)));
      emitter.nets.preset.push({ address: from + limb, value });
    });
  }
  const fill = signedFill ? `${emitter.temporary(limbs[count - 1] ?? '0')}>>31` : '0';
  const to = cell.scratch(cell.output.limbs);
  const sizes = [String(count), String(cell.output.limbs)] as const;
  emitter.statement(`shiftInto(M,${String(from)},${sizes[0]},${fill},${amount},${String(to)},${sizes[1]});`);
  return loadScratch(to, cell.output.limbs).map((text) => emitter.temporary(`${text}|0`));
}

/** `A[B +: width]`: bits outside A are unknown. */
function partSelect(cell: Cell, emitter: Emitter): void {
  const operand = cell.bits('A');
  const width = cell.output.width;
  const amountSigned = cell.parameter('B_SIGNED') === 1;
  const constant = constantAmount(cell.bits('B'), amountSigned);
  if (constant !== undefined) {
    const outside = cell.unknown(1)[0] ?? CONSTANT_ZERO;
    const moved = moveBits(operand, constant, width, outside, outside);
    emitter.define(cell.output, emitter.operand(moved, cell.output.limbs, false), true);
    return;
  }
  const amount = amountText(cell.bits('B'), amountSigned, emitter);
  const inside = wideShift(cell, emitter, operand, false, amount);
  const largest = 2 ** cell.bits('B').length - 1;
  if (!amountSigned && largest + width <= operand.length) {
    emitter.define(cell.output, inside, false);
    return;
  }
  const ones = Array.from(operand, () => CONSTANT_ONE);
  const known = wideShift(cell, emitter, ones, false, amount);
  const unknown = emitter.operand(cell.unknown(width), cell.output.limbs, false);
  emitter.define(
    cell.output,
    inside.map((text, limb) => `${text}|(${unknown[limb] ?? '0'}&~${known[limb] ?? '0'})`),
    false,
  );
}

/** Bit i of the result is bit i + amount of the operand, `above` beyond its top and `below` under bit 0. */
function moveBits(
  operand: readonly number[],
  amount: number,
  width: number,
  above: number,
  below: number,
): readonly number[] {
  return Array.from({ length: width }, (_, index) => {
    const from = index + amount;
    return from < 0 ? below : (operand[from] ?? above);
  });
}

function extend(bits: readonly number[], width: number, signed: boolean): readonly number[] {
  const top = signed ? (bits[bits.length - 1] ?? CONSTANT_ZERO) : CONSTANT_ZERO;
  return Array.from({ length: width }, (_, index) => bits[index] ?? top);
}

function constantAmount(bits: readonly number[], signed: boolean): number | undefined {
  const value = constantValue(bits);
  if (value === undefined) return undefined;
  return Number(signed ? BigInt.asIntN(bits.length, value) : value);
}

/** The amount as a number, clamped to ±2^30 where it is wider than a limb (no vector is that long). */
function amountText(bits: readonly number[], signed: boolean, emitter: Emitter): string {
  const limbs = limbCount(signed ? bits.length : bits.length + 1);
  const [low = '0', ...rest] = emitter.operand(bits, limbs, signed).map((text) => emitter.temporary(text));
  const top = rest[rest.length - 1];
  if (top === undefined) return emitter.temporary(low);
  const fits = rest.map((text) => `${text}===(${low}>>31)`).join('&&');
  return emitter.temporary(`(${fits}?${low}:${top}<0?-1073741824:1073741824)`);
}
