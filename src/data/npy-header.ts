import { dataCodes } from '../diagnostics/codes/data.js';
import { printable } from '../diagnostics/diagnostic.js';
import type { FileProblems } from './problems.js';

/** Element type of a .npy file: `f` float, `i` signed, `u` unsigned, and its size in bytes. */
export interface NpyElementType {
  readonly kind: 'f' | 'i' | 'u';
  readonly bytes: 1 | 2 | 4 | 8;
  readonly littleEndian: boolean;
}

/** Header of NumPy's format, versions 1 to 3 (NumPy Enhancement Proposal 1, and numpy.lib.format). */
export interface NpyHeader {
  readonly element: NpyElementType;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the data begin. */
  readonly offset: number;
}

/** Enough of the file's start to hold any header that we accept. */
export const NPY_HEADER_LIMIT = 65_536 + 12;

const magic = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]);

/** Parse the start of a .npy file; stops the reading with a diagnostic when it is not one that we can read. */
export function parseNpyHeader(start: Buffer, problems: FileProblems): NpyHeader {
  if (start.length < 10 || !start.subarray(0, 6).equals(magic)) {
    const zip = start.subarray(0, 2).toString('latin1') === 'PK';
    const pickle = start[0] === 0x80 && (start[1] ?? 0xff) <= 5;
    if (pickle) problems.stop(dataCodes.npyObjects, 'the file is a Python pickle');
    problems.stop(
      dataCodes.badNpyHeader,
      zip ? 'the file is a .npz archive' : 'the file does not begin as .npy files do',
    );
  }
  const version = start[6] ?? 0;
  if (version < 1 || version > 3) problems.stop(dataCodes.badNpyHeader, `format version ${version} is not 1, 2 or 3`);
  const prefix = version === 1 ? 10 : 12;
  const length = version === 1 ? start.readUInt16LE(8) : start.length < 12 ? Infinity : start.readUInt32LE(8);
  if (prefix + length > start.length) {
    problems.stop(dataCodes.badNpyHeader, `the header of ${length} bytes is cut off, or too long to be one`);
  }
  const text = start.toString(version === 3 ? 'utf8' : 'latin1', prefix, prefix + length);
  return { ...parseDictionary(text, problems), offset: prefix + length };
}

function parseDictionary(text: string, problems: FileProblems): Omit<NpyHeader, 'offset'> {
  const shown = printable(text.trim());
  const descriptor = /'descr'\s*:\s*('([^']*)'|\[|\()/u.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)\b/u.exec(text);
  const shape = /'shape'\s*:\s*\(([\d,\sL]*)\)/u.exec(text);
  if (descriptor === null || order === null || shape === null || !/^\s*\{.*\}\s*$/su.test(text)) {
    return problems.stop(dataCodes.badNpyHeader, `the header '${shown}' lacks descr, fortran_order or shape`);
  }
  if (descriptor[2] === undefined)
    problems.stop(dataCodes.npyElementType, 'structured elements (fields) are not supported');
  const dimensions = (shape[1] ?? '')
    .split(',')
    .map((size) => size.trim().replace(/L$/u, ''))
    .filter((size) => size !== '')
    .map(Number);
  if (!dimensions.every(Number.isSafeInteger))
    problems.stop(dataCodes.badNpyHeader, `the header '${shown}' has no valid shape`);
  return {
    element: parseElementType(descriptor[2], problems),
    fortranOrder: order[1] === 'True',
    shape: dimensions,
  };
}

function parseElementType(descriptor: string, problems: FileProblems): NpyElementType {
  const match = /^([<>=|])([a-zA-Z])(\d*)$/u.exec(descriptor);
  const [, order, kind, size] = match ?? [];
  if (kind === 'O') problems.stop(dataCodes.npyObjects, `the elements are Python objects ('${printable(descriptor)}')`);
  const bytes = [1, 2, 4, 8].find((count) => String(count) === size) as NpyElementType['bytes'] | undefined;
  const known = kind === 'f' || kind === 'i' || kind === 'u';
  if (
    match === null ||
    !known ||
    bytes === undefined ||
    (kind === 'f' && bytes === 1) ||
    (order === '|' && bytes > 1)
  ) {
    return problems.stop(
      dataCodes.npyElementType,
      `elements of type '${printable(descriptor)}' are neither floats of 16, 32, 64 bits nor integers of 8 to 64`,
    );
  }
  return { kind, bytes, littleEndian: order !== '>' };
}
