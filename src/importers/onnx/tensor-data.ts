import type { onnx } from 'onnx-proto';
import { printable, type Location } from '../../diagnostics/diagnostic.js';
import { importCodes } from '../../diagnostics/codes/import.js';
import { DiagnosticError, fail } from '../../diagnostics/result.js';
import type { ConstantTensor } from './constant-tensor.js';
import { floatTensor, integerTensor } from './constant-tensor.js';
import type { ElementType, FloatType, IntegerType } from './element-types.js';
import { elementTypeName, elementTypeOf, roundFloat, wrapInteger } from './element-types.js';
import { bigintOf, numberOf } from './proto.js';

export const MAXIMUM_ELEMENTS = 20_000_000;
/** Deeper shapes than this are a mistake; NumPy stops here too. */
export const MAXIMUM_RANK = 64;
const EXTERNAL = 1;

export type ReadExternal = (location: string) => Uint8Array | undefined;

/** Decode a TensorProto. Throws DiagnosticError; allocates only once the stored data is known to match the shape. */
export function readTensor(
  tensor: onnx.ITensorProto,
  readExternal: ReadExternal | undefined,
  where: Location,
): ConstantTensor {
  const name = printable(tensor.name ?? '');
  const typeNumber = tensor.dataType ?? 0;
  const type = elementTypeOf(typeNumber);
  if (type === undefined) {
    return fail(importCodes.elementType, `tensor '${name}' has elements of type ${elementTypeName(typeNumber)}`, where);
  }
  if (tensor.segment !== null && tensor.segment !== undefined) {
    fail(importCodes.tensorData, `tensor '${name}' is stored in segments`, where);
  }
  const shape = (tensor.dims ?? []).map(numberOf);
  if (shape.some((dimension) => dimension < 0)) {
    fail(importCodes.tensorData, `tensor '${name}' has a negative dimension`, where);
  }
  const count = safeCount(shape);
  if (count > MAXIMUM_ELEMENTS || shape.length > MAXIMUM_RANK) {
    const text = shape.slice(0, 16).join(', ');
    fail(importCodes.tooManyElements, `tensor '${name}' claims [${text}], ${count} elements`, where);
  }
  const location: number = tensor.dataLocation ?? 0;
  if (location === EXTERNAL) {
    return fromBytes(type, externalBytes(tensor, readExternal, name, where), shape, count, name, where);
  }
  // The decoder sets a field on the message itself only when the file holds it.
  if (Object.hasOwn(tensor, 'rawData') && tensor.rawData !== null && tensor.rawData !== undefined) {
    return fromBytes(type, tensor.rawData, shape, count, name, where);
  }
  return 'float' in type
    ? floatTensor(shape, floatData(tensor, type.float, count, name, where), type.float)
    : integerTensor(shape, integerData(tensor, type.integer, count, name, where), type.integer);
}

/** Number of elements; not NaN even where other dimensions overflow beside a zero. */
export function safeCount(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, dimension) => product * dimension, 1);
}

function bitsOf(type: ElementType): number {
  if ('integer' in type) return type.integer.name === 'bool' ? 8 : type.integer.bits;
  return type.float === 'float64' ? 64 : type.float === 'float32' ? 32 : 16;
}

function checkCount(stored: number, expected: number, unit: string, name: string, where: Location): void {
  if (stored === expected) return;
  fail(importCodes.tensorData, `tensor '${name}' needs ${expected} ${unit} and stores ${stored}`, where);
}

function fromBytes(
  type: ElementType,
  bytes: Uint8Array,
  shape: readonly number[],
  count: number,
  name: string,
  where: Location,
): ConstantTensor {
  const bits = bitsOf(type);
  checkCount(bytes.length, Math.ceil((count * bits) / 8), 'bytes', name, where);
  // ONNX stores little-endian; a DataView reads so on every machine.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if ('float' in type) {
    const values = new Float64Array(count);
    for (let index = 0; index < count; index++) values[index] = floatAt(view, index, type.float);
    return floatTensor(shape, values, type.float);
  }
  const values = new BigInt64Array(count);
  for (let index = 0; index < count; index++) {
    values[index] = checkedInteger(integerAt(view, index, bits), type.integer, name, where);
  }
  return integerTensor(shape, values, type.integer);
}

function floatAt(view: DataView, index: number, type: FloatType): number {
  switch (type) {
    case 'float64':
      return view.getFloat64(index * 8, true);
    case 'float32':
      return view.getFloat32(index * 4, true);
    case 'float16':
      return halfFromBits(view.getUint16(index * 2, true));
    case 'bfloat16':
      return bfloatFromBits(view.getUint16(index * 2, true));
  }
}

/** The stored bits; the sign is applied by the caller. */
function integerAt(view: DataView, index: number, bits: number): bigint {
  switch (bits) {
    case 64:
      return view.getBigUint64(index * 8, true);
    case 32:
      return BigInt(view.getUint32(index * 4, true));
    case 16:
      return BigInt(view.getUint16(index * 2, true));
    case 8:
      return BigInt(view.getUint8(index));
    default: {
      // 2 and 4 bit elements are packed with the first element in the low bits.
      const perByte = 8 / bits;
      return BigInt((view.getUint8(Math.floor(index / perByte)) >> ((index % perByte) * bits)) & ((1 << bits) - 1));
    }
  }
}

function checkedInteger(bits: bigint, type: IntegerType, name: string, where: Location): bigint {
  if (type.name === 'bool') return bits === 0n ? 0n : 1n;
  const value = wrapInteger(bits, type);
  if (value > 0x7fff_ffff_ffff_ffffn) fail(importCodes.integerRange, `tensor '${name}' holds ${value}`, where);
  return value;
}

export function halfFromBits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

const scratch = new DataView(new ArrayBuffer(4));

export function bfloatFromBits(bits: number): number {
  scratch.setUint32(0, bits * 65536);
  return scratch.getFloat32(0);
}

function floatData(
  tensor: onnx.ITensorProto,
  type: FloatType,
  count: number,
  name: string,
  where: Location,
): Float64Array {
  const stored = type === 'float64' ? tensor.doubleData : type === 'float32' ? tensor.floatData : tensor.int32Data;
  checkCount(stored?.length ?? 0, count, 'values', name, where);
  const decode =
    type === 'float16'
      ? (value: number) => halfFromBits(value & 0xffff)
      : type === 'bfloat16'
        ? (value: number) => bfloatFromBits(value & 0xffff)
        : (value: number) => roundFloat(value, type);
  return Float64Array.from(stored ?? [], decode);
}

function integerData(
  tensor: onnx.ITensorProto,
  type: IntegerType,
  count: number,
  name: string,
  where: Location,
): BigInt64Array {
  if (type.bits < 8 && type.name !== 'bool') {
    const perByte = 8 / type.bits;
    const stored = tensor.int32Data ?? [];
    checkCount(stored.length, Math.ceil(count / perByte), 'packed values', name, where);
    return BigInt64Array.from({ length: count }, (_, index) => {
      const shifted = (stored[Math.floor(index / perByte)] ?? 0) >> ((index % perByte) * type.bits);
      return wrapInteger(BigInt(shifted & ((1 << type.bits) - 1)), type);
    });
  }
  const unsigned64 = type.name === 'uint32' || type.name === 'uint64';
  const stored: readonly (number | { toString(): string })[] =
    (type.name === 'int64' ? tensor.int64Data : unsigned64 ? tensor.uint64Data : tensor.int32Data) ?? [];
  checkCount(stored.length, count, 'values', name, where);
  return BigInt64Array.from({ length: count }, (_, index) =>
    checkedInteger(bigintOf(stored[index]), type, name, where),
  );
}

function externalBytes(
  tensor: onnx.ITensorProto,
  readExternal: ReadExternal | undefined,
  name: string,
  where: Location,
): Uint8Array {
  const entries = new Map((tensor.externalData ?? []).map((entry) => [entry.key ?? '', entry.value ?? ''] as const));
  const file = entries.get('location') ?? '';
  if (file === '') fail(importCodes.externalMissing, `tensor '${name}' names no data file`, where);
  if (!isInside(file)) {
    fail(importCodes.externalOutside, `tensor '${name}' points to '${printable(file)}'`, where);
  }
  const bytes = readLocated(readExternal, file, where);
  if (bytes === undefined) {
    return fail(importCodes.externalMissing, `tensor '${name}' needs the file '${printable(file)}'`, where);
  }
  const offset = decimal(entries.get('offset') ?? '0');
  const length = entries.has('length') ? decimal(entries.get('length') ?? '') : bytes.length - offset;
  if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) {
    fail(
      importCodes.externalRange,
      `tensor '${name}' needs bytes ${printable(entries.get('offset') ?? '0')} + ${printable(entries.get('length') ?? 'all')} of '${printable(file)}', which has ${bytes.length}`,
      where,
    );
  }
  return bytes.subarray(offset, offset + length);
}

/** The reader knows the file only: its diagnostics get the node that needs it. */
function readLocated(readExternal: ReadExternal | undefined, file: string, where: Location): Uint8Array | undefined {
  try {
    return readExternal?.(file);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    throw new DiagnosticError(
      error.diagnostics.map((diagnostic) => ({ ...diagnostic, location: { ...diagnostic.location, ...where } })),
    );
  }
}

/** NaN unless the text is a plain decimal. */
function decimal(text: string): number {
  return /^\d{1,15}$/u.test(text) ? Number(text) : Number.NaN;
}

/** Whether a location stays inside the model's folder by its spelling; links are the loader's business. */
export function isInside(location: string): boolean {
  if (location.includes('\0') || /^(?:[/\\]|[A-Za-z]:)/u.test(location)) return false;
  return !location.split(/[/\\]/u).includes('..');
}
