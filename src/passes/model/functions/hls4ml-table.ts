import { typingCodes } from '../../../diagnostics/codes/typing.js';
import { printable } from '../../../diagnostics/diagnostic.js';
import type { DiagnosticBag } from '../../../diagnostics/result.js';
import { dyadicFromNumber } from '../../../numeric/dyadic.js';
import type { FixedPointType, Quantizer } from '../../../numeric/fixed-point.js';
import { fixedPointType } from '../../../numeric/fixed-point.js';
import { quantizeCode } from '../../../numeric/rounding.js';
import type { RealFunctionName } from '../../../model/real-functions.js';
import { realFunction } from '../../../model/real-functions.js';

/** A table as hls4ml declares it for an activation. */
export interface TableDeclaration {
  /** Number of entries, a power of two: hls4ml's `table_size`. */
  readonly size: number;
  /** Type of the entries: hls4ml's `table_t`. */
  readonly type: Quantizer;
  /** The entries cover -range to range; hls4ml's own range of the function where absent. A power of two. */
  readonly range?: number;
}

/** An hls4ml table as nodes: first a quantiser to the address, towards zero and exact otherwise, then the table. */
export interface Hls4mlTable {
  /** Exponent of the address: one entry covers 2^lsb. */
  readonly lsb: number;
  readonly first: bigint;
  readonly type: FixedPointType;
  readonly codes: readonly bigint[];
}

/**
 * Ranges of the tables in hls4ml's `nnet_activation.h`. Its softmax and its one-sided tables (elu, selu) follow other
 * rules and are not among them.
 */
const ranges: Partial<Record<RealFunctionName, number>> = { sigmoid: 8, tanh: 4, softplus: 8, softsign: 8 };

/**
 * The table that hls4ml makes for an activation: entry i is the function, in single precision, of
 * 2 × range × (i - size/2) / size, cast to the type of the entries. The firmware reads entry
 * trunc(x × size / (2 × range)) + size/2, clamped to the table; the truncation is towards zero.
 */
export function hls4mlTable(name: RealFunctionName, declaration: TableDeclaration): Hls4mlTable {
  const range = declaration.range ?? ranges[name] ?? Number.NaN;
  const { size } = declaration;
  const { type, rounding, overflow } = declaration.type;
  const codes = Array.from({ length: size }, (_, index) => {
    const x = Math.fround((2 * range * (index - size / 2)) / size);
    const { code, lsb } = dyadicFromNumber(single(name, x));
    return quantizeCode(code, lsb, type, rounding, overflow);
  });
  return { lsb: Math.log2((2 * range) / size), first: BigInt(-size / 2), type, codes };
}

/** The function with the roundings to float32 that the firmware's C++ makes. */
function single(name: RealFunctionName, x: number): number {
  const { fround, exp } = Math;
  if (name === 'sigmoid') return fround(1 / (1 + fround(exp(fround(-x)))));
  return fround(realFunction(name).evaluate(x, []));
}

/** Reports what hls4ml's rule does not cover; true where the declaration can be followed. */
export function checkTableDeclaration(
  name: RealFunctionName,
  declaration: TableDeclaration,
  node: string,
  bag: DiagnosticBag,
): boolean {
  const refuse = (message: string): false => {
    bag.add(typingCodes.tableDeclaration, message, { node: printable(node) });
    return false;
  };
  const powerOfTwo = (value: number): boolean => value > 0 && Number.isInteger(Math.log2(value));
  const range = declaration.range ?? ranges[name];
  if (ranges[name] === undefined || range === undefined) {
    return refuse(`hls4ml has no table for ${name} with a symmetric range and an index by position`);
  }
  if (!Number.isInteger(declaration.size) || declaration.size < 2 || declaration.size > 65536) {
    return refuse(`a table of ${declaration.size} entries`);
  }
  if (!powerOfTwo(declaration.size)) return refuse(`a table of ${declaration.size} entries: not a power of two`);
  if (!powerOfTwo(range)) return refuse(`a table from ${-range} to ${range}: not a power of two`);
  return true;
}

/** A type that holds every multiple of 2^lsb with magnitude below 2^bits. */
export function addressType(lsb: number, bits: number): FixedPointType {
  const integer = Math.max(bits, lsb) + 1;
  return fixedPointType(true, integer - lsb, integer);
}
