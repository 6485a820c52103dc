import type { FixedPointType, Quantizer } from '../../numeric/fixed-point.js';
import type { Overflow, Rounding } from '../../numeric/rounding.js';

/** `ap_fixed<16, 6>`: truncating and wrapping, which no exact assignment ever does. */
export function cppType({ signed, width, integer }: FixedPointType): string {
  return `ap_${signed ? '' : 'u'}fixed<${width}, ${integer}>`;
}

/** `ap_ufixed<9, 5, AP_RND_CONV, AP_SAT>`. Roundings without a name of the vendor's are functions of `arithmetic.h`. */
export function cppQuantizer({ type, rounding, overflow }: Quantizer): string {
  const modes = `${vendorRounding(rounding)}, ${vendorOverflow(type, overflow)}`;
  return modes === 'AP_TRN, AP_WRAP' ? cppType(type) : `${cppType(type).slice(0, -1)}, ${modes}>`;
}

function vendorRounding(rounding: Rounding): string {
  return rounding === 'CEIL' || rounding === 'AWAY' ? 'AP_TRN' : `AP_${rounding}`;
}

function vendorOverflow(type: FixedPointType, overflow: Overflow): string {
  if (overflow === 'MODULO') return 'AP_WRAP';
  // The same for a type without sign; the vendor's headers define it for the others only.
  return overflow === 'SAT_SYM' && !type.signed ? 'AP_SAT' : `AP_${overflow}`;
}

/** The shortest standard integer that holds all codes; undefined beyond 64 bits. */
export function integerType(codes: readonly bigint[]): string | undefined {
  for (const width of [8, 16, 32, 64]) {
    if (codes.every((code) => BigInt.asIntN(width, code) === code)) return `int${width}_t`;
  }
  return undefined;
}

/** `-3`, with the suffix that a literal of this size needs; the most negative one cannot be written as such. */
export function integerLiteral(code: bigint): string {
  if (code === -(1n << 63n)) return '(-9223372036854775807LL - 1)';
  return code >= -(1n << 31n) && code < 1n << 31n ? String(code) : `${code}LL`;
}

/** Literals in lines of at most 116 columns. */
export function literalLines(literals: readonly string[], indent = '    '): string {
  const lines: string[] = [];
  let line = indent;
  for (const [index, literal] of literals.entries()) {
    const piece = index + 1 < literals.length ? `${literal},` : literal;
    if (line.length > indent.length && line.length + piece.length + 1 > 116) {
      lines.push(line);
      line = indent;
    }
    line += line.length > indent.length ? ` ${piece}` : piece;
  }
  lines.push(line);
  return lines.join('\n');
}
