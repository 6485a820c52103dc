import { bitLength } from '../../../support/bits.js';
import { at } from '../../../support/invariant.js';
import type { FixedPointType, Quantizer } from '../../../numeric/fixed-point.js';
import { fixedPointType, lsbExponent } from '../../../numeric/fixed-point.js';
import { intervalWidth, union } from '../../../numeric/interval.js';
import { point } from '../../../numeric/interval.js';
import type { ModelBuilder } from '../../../model/builder.js';
import type { ModelNodeId, Provenance } from '../../../model/kinds.js';
import type { OperandRange } from './function-curve.js';
import type { Lines } from './lines.js';
import { roundsToNearest } from './lines.js';
import type { StepMap } from './steps.js';

/**
 * Straight pieces as nodes: two tables with one address, base and slope; slope × place + base, rounded to the type. The
 * result does not wrap: it lies within the type but for an error of the last place.
 */
export function emitLines(
  builder: ModelBuilder,
  operand: ModelNodeId,
  range: OperandRange,
  lines: Lines,
  result: Quantizer,
  provenance: Provenance,
): ModelNodeId {
  const { node, exponent } = addressed(builder, operand, range, lines, provenance);
  const rounding = roundsToNearest(result.rounding) ? 'TRN' : result.rounding;
  const half = rounding === result.rounding ? 0n : 1n << BigInt(lsbExponent(result.type) - lines.lsb - 1);
  const table = (codes: readonly bigint[], lsb: number): ModelNodeId =>
    builder.add(
      'table',
      { operand: node, lsb: exponent, first: lines.first, type: narrowestType(codes, lsb), codes },
      provenance,
    );
  const bases = table(
    lines.bases.map((code) => code + half),
    lines.lsb,
  );
  const overflow = result.overflow === 'SAT_SYM' ? 'SAT_SYM' : 'SAT';
  const rounded = (value: ModelNodeId): ModelNodeId =>
    builder.add('quantize', { operand: value, types: [result.type], rounding, overflow }, provenance);
  if (lines.placeBits === 0 || lines.slopes.every((slope) => slope === 0n)) return rounded(bases);
  const place = builder.add(
    'quantize',
    {
      operand: node,
      types: [fixedPointType(false, lines.placeBits, exponent)],
      rounding: 'TRN',
      overflow: 'MODULO',
    },
    provenance,
  );
  // The place is in units of the address, one step of which is 2^exponent.
  const slopes = table(lines.slopes, lines.lsb - exponent);
  const rise = builder.add('multiply', { left: slopes, right: place }, provenance);
  return rounded(builder.add('add', { left: bases, right: rise }, provenance));
}

/** What the tables are addressed with, and the exponent of one step in it. */
function addressed(
  builder: ModelBuilder,
  operand: ModelNodeId,
  range: OperandRange,
  { map, placeBits }: Lines,
  provenance: Provenance,
): { readonly node: ModelNodeId; readonly exponent: number } {
  if (map.kind === 'uniform') return { node: operand, exponent: range.lsb + map.drop };
  return { node: floatingPoint(builder, operand, range, map, placeBits, provenance), exponent: placeBits };
}

/**
 * The operand as a floating-point number, read as an integer: the octave above `mantissaBits + placeBits` bits below the
 * leading one. Each octave is wiring, and a tree of selections by powers of two picks one of them.
 */
function floatingPoint(
  builder: ModelBuilder,
  operand: ModelNodeId,
  { lsb, codes }: OperandRange,
  { linearBits, mantissaBits }: Extract<StepMap, { readonly kind: 'octaves' }>,
  placeBits: number,
  provenance: Provenance,
): ModelNodeId {
  const bits = mantissaBits + placeBits;
  const scalar = (exponent: number, code = 1n): ModelNodeId =>
    builder.constant({ lsb: exponent, codes: [code], float: false }, [], provenance);
  /** The bits below 2^top, as an integer; with the octave's number above them. */
  const octave = (top: number, number: number): ModelNodeId => {
    const types = [fixedPointType(false, bits, lsb + top)];
    const low = builder.add('quantize', { operand, types, rounding: 'TRN', overflow: 'MODULO' }, provenance);
    const integer = builder.add('multiply', { left: low, right: scalar(bits - lsb - top) }, provenance);
    if (number === 0) return integer;
    return builder.add('add', { left: integer, right: scalar(bits, BigInt(number)) }, provenance);
  };
  const words = [octave(linearBits, 0)];
  const length = bitLength(codes.high);
  for (let top = linearBits; top < length; top++) words.push(octave(top, words.length));
  const pick = (from: number, to: number): ModelNodeId => {
    if (to - from === 1) return at(words, from);
    const middle = (from + to) >> 1;
    const threshold = scalar(lsb + linearBits + middle - 1);
    const below = builder.add('lessThan', { left: operand, right: threshold }, provenance);
    return builder.add(
      'select',
      { condition: below, whenTrue: pick(from, middle), whenFalse: pick(middle, to) },
      provenance,
    );
  };
  return pick(0, words.length);
}

function narrowestType(codes: readonly bigint[], lsb: number): FixedPointType {
  const range = codes.map(point).reduce(union);
  const width = Math.max(1, intervalWidth(range));
  return fixedPointType(range.low < 0n, width, width + lsb);
}
