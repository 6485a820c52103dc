import { fromPattern, toPattern } from '../support/bits.js';
import { at, invariant } from '../support/invariant.js';
import type { FixedPointType } from '../numeric/fixed-point.js';
import type { CodeMatrix } from '../backends/emulator/code-matrix.js';
import { readLimbs } from './limbs.js';
import type { PackedPort } from './packed.js';

/** Where an element of a graph tensor lies on the RTL ports. */
export interface WiredElement {
  readonly tensor: string;
  readonly element: number;
  readonly port: string;
  readonly low: number;
  readonly type: FixedPointType;
  /** Clock of the event in which it stands there; 0 where absent. */
  readonly clock?: number;
}

/** Where an element lies in the packed rows of an event. */
interface Field {
  readonly clock: number;
  readonly limb: number;
  readonly shift: number;
  readonly width: number;
}

const LIMB = 4294967296;

/** The most clocks in which the elements of an event stand on the ports. */
export function clocksOf(elements: readonly WiredElement[]): number {
  return elements.reduce((most, { clock = 0 }) => Math.max(most, clock + 1), 1);
}

/**
 * Codes of all elements, one event a row, as packed rows of `rowLimbs` limbs whose control limb is zero: for each event as many
 * as it takes clocks (`clocksOf`). Numbers stay numbers: no value of up to 53 bits becomes a bigint.
 */
export function packCodes(
  codes: CodeMatrix,
  elements: readonly WiredElement[],
  ports: readonly PackedPort[],
  rowLimbs: number,
): Int32Array {
  invariant(codes.columns === elements.length, `${codes.columns} columns of codes for ${elements.length} elements`);
  const fields = fieldsOf(elements, ports);
  const clocks = clocksOf(elements);
  const rows = new Int32Array(codes.rows * clocks * rowLimbs);
  fields.forEach((field, column) => {
    for (let row = 0; row < codes.rows; row++) {
      const code = at<number | bigint>(codes.data, row * codes.columns + column);
      const start = (row * clocks + field.clock) * rowLimbs + field.limb;
      if (typeof code === 'bigint') placeWide(rows, start, field, code);
      else placeNumber(rows, start, field, code);
    }
  });
  return rows;
}

/** The code of an element in the packed row that begins at `start`. */
export function codeAt(rows: Int32Array, start: number, element: WiredElement, ports: readonly PackedPort[]): bigint {
  const { limb, limbs } = portOf(element, ports);
  const pattern = readLimbs(rows, start + limb, limbs) >> BigInt(element.low);
  return fromPattern(pattern, element.type.width, element.type.signed);
}

function fieldsOf(elements: readonly WiredElement[], ports: readonly PackedPort[]): readonly Field[] {
  return elements.map((element) => ({
    clock: element.clock ?? 0,
    limb: portOf(element, ports).limb + Math.floor(element.low / 32),
    shift: element.low % 32,
    width: element.type.width,
  }));
}

function portOf({ port, low, type }: WiredElement, ports: readonly PackedPort[]): PackedPort {
  const found = ports.find((candidate) => candidate.port.name === port);
  invariant(found !== undefined && low + type.width <= found.port.width, `no place on port ${port} at bit ${low}`);
  return found;
}

function placeNumber(rows: Int32Array, start: number, { shift, width }: Field, code: number): void {
  // The conversion to 32 bits is modulo 2^32, which is two's complement.
  placeLimb(rows, start, shift, Math.min(width, 32), code | 0);
  if (width > 32) placeLimb(rows, start + 1, shift, width - 32, Math.floor(code / LIMB) | 0);
}

function placeWide(rows: Int32Array, start: number, { shift, width }: Field, code: bigint): void {
  let rest = toPattern(code, width);
  for (let done = 0; done < width; done += 32) {
    placeLimb(rows, start + done / 32, shift, Math.min(width - done, 32), Number(rest & 0xffffffffn) | 0);
    rest >>= 32n;
  }
}

/** The low `width` bits of a limb, at bit `shift` of the limb at `start` and, where they reach so far, the next. */
function placeLimb(rows: Int32Array, start: number, shift: number, width: number, value: number): void {
  const masked = width === 32 ? value : value & ((1 << width) - 1);
  rows[start] = (rows[start] ?? 0) | (masked << shift);
  if (shift > 0 && shift + width > 32) rows[start + 1] = (rows[start + 1] ?? 0) | (masked >>> (32 - shift));
}
