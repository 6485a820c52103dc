import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { dataCodes } from '../diagnostics/codes/data.js';
import { printable } from '../diagnostics/diagnostic.js';
import type { Result } from '../diagnostics/result.js';
import { DiagnosticBag, failure } from '../diagnostics/result.js';
import type { CodeMatrix } from '../backends/emulator/code-matrix.js';
import { dyadicFromNumber, dyadicToNumber, printDyadic } from '../numeric/dyadic.js';
import type { FixedPointType } from '../numeric/fixed-point.js';
import { lsbExponent } from '../numeric/fixed-point.js';
import { invariant } from '../support/invariant.js';
import { shiftBy } from '../support/bits.js';
import { partialPath, removeAbandonedPartials } from '../system/partial.js';
import { eventFormat } from './read-events.js';
import { FileProblems, StopReading } from './problems.js';

export interface WriteOptions {
  /** Write integer codes (.npy: int64) rather than real values (.npy: float64). */
  readonly codes: boolean;
}

const CHUNK = 2 ** 16;

/**
 * Write events as .csv (exact decimals, no header), .csv.gz or .npy: one event a row. `types` are those of the columns.
 * The file appears complete or not at all. TRG2002, TRG2020 to TRG2022.
 */
export async function writeEvents(
  path: string,
  matrix: CodeMatrix,
  types: readonly FixedPointType[],
  options: WriteOptions,
): Promise<Result<undefined>> {
  invariant(types.length === matrix.columns, `${types.length} types for ${matrix.columns} columns`);
  const bag = new DiagnosticBag();
  const problems = new FileProblems(bag, path);
  const format = eventFormat(path);
  try {
    if (format === undefined || format === 'txt' || format === 'txt.gz')
      problems.stop(dataCodes.unknownFormat, `'${printable(path)}' is not .csv, .csv.gz or .npy`);
    const chunks = format === 'npy' ? npyChunks(matrix, types, options, problems) : csvChunks(matrix, types, options);
    await writeWhole(path, chunks, format === 'csv.gz', problems);
    return bag.finish(undefined);
  } catch (error) {
    if (error instanceof StopReading) return failure(bag.diagnostics);
    throw error;
  }
}

async function writeWhole(
  path: string,
  chunks: Iterable<Buffer>,
  compress: boolean,
  problems: FileProblems,
): Promise<void> {
  // A device or a pipe cannot be replaced by renaming: it is written directly.
  const special = await stat(path).then(
    (found) => !found.isFile() && !found.isDirectory(),
    () => false,
  );
  if (!special) removeAbandonedPartials(path);
  const working = special ? path : partialPath(path);
  try {
    const source = Readable.from(chunks);
    const file = createWriteStream(working);
    if (compress) await pipeline(source, createGzip(), file);
    else await pipeline(source, file);
    if (!special) await rename(working, path);
  } catch (error) {
    if (!special) await rm(working, { force: true });
    if (error instanceof Error && 'code' in error && /^E[A-Z]+$/u.test(String(error.code))) {
      problems.stop(dataCodes.unwritableFile, `'${printable(path)}' cannot be written (${String(error.code)})`);
    }
    throw error;
  }
}

/** How the codes of one column become text: plain number formatting where that prints the exact decimal. */
interface ColumnText {
  readonly lsb: number;
  readonly scale: number;
  readonly plainBelow: number;
}

function columnText(type: FixedPointType): ColumnText {
  const lsb = lsbExponent(type);
  // A decimal of at most 15 digits is what JavaScript prints for the double nearest to it, without an exponent from
  // 1e-6 up: 2^-19 is the smallest power of two above that.
  const plain = lsb >= -19 && lsb <= 40;
  return { lsb, scale: plain ? 2 ** lsb : 0, plainBelow: plain ? 1e15 / (lsb < 0 ? 5 ** -lsb : 2 ** lsb) : 0 };
}

function* csvChunks(matrix: CodeMatrix, types: readonly FixedPointType[], options: WriteOptions): Generator<Buffer> {
  const columns = types.map(columnText);
  const { data } = matrix;
  let text = '';
  for (let row = 0; row < matrix.rows; row++) {
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index];
      const code = data[row * matrix.columns + index];
      invariant(column !== undefined && code !== undefined, 'a code for every column');
      if (index > 0) text += ',';
      if (options.codes) text += String(code);
      else if (typeof code === 'number' && Math.abs(code) < column.plainBelow) text += String(code * column.scale);
      else text += printDyadic({ code: BigInt(code), lsb: column.lsb });
    }
    text += '\n';
    if (text.length > CHUNK) {
      yield Buffer.from(text, 'latin1');
      text = '';
    }
  }
  if (text !== '') yield Buffer.from(text, 'latin1');
}

function npyHeader(descriptor: string, rows: number, columns: number): Buffer {
  const dictionary = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  // Magic, version and length take 10 bytes; the data begin at a multiple of 64, after a line end.
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10;
  const buffer = Buffer.alloc(10 + length, ' ');
  buffer.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0], 0);
  buffer.writeUInt16LE(length, 8);
  buffer.write(dictionary, 10, 'latin1');
  buffer.write('\n', 10 + length - 1, 'latin1');
  return buffer;
}

function* npyChunks(
  matrix: CodeMatrix,
  types: readonly FixedPointType[],
  options: WriteOptions,
  problems: FileProblems,
): Generator<Buffer> {
  const lsbs = types.map(lsbExponent);
  const { data } = matrix;
  yield npyHeader(options.codes ? '<i8' : '<f8', matrix.rows, matrix.columns);
  const rowsPerChunk = Math.max(1, Math.floor(CHUNK / (8 * matrix.columns)));
  for (let start = 0; start < matrix.rows; start += rowsPerChunk) {
    const end = Math.min(matrix.rows, start + rowsPerChunk);
    const buffer = Buffer.alloc((end - start) * matrix.columns * 8);
    let offset = 0;
    for (let row = start; row < end; row++) {
      for (let column = 0; column < matrix.columns; column++, offset += 8) {
        const code = data[row * matrix.columns + column];
        invariant(code !== undefined, 'a code for every column');
        const place = `event ${row + 1}, column ${column + 1}`;
        if (options.codes) {
          const wide = BigInt(code);
          if (BigInt.asIntN(64, wide) !== wide) {
            problems.stop(dataCodes.notInt64, `${place}: the code needs more than 64 bits`, { column: column + 1 });
          }
          buffer.writeBigInt64LE(wide, offset);
        } else {
          const value = exactDouble(code, lsbs[column] ?? 0);
          if (value === undefined) {
            problems.stop(dataCodes.notDouble, `${place}: the value has more bits than a double`, {
              column: column + 1,
            });
          }
          buffer.writeDoubleLE(value, offset);
        }
      }
    }
    yield buffer;
  }
}

/** code × 2^lsb as a double, undefined when that would round. */
function exactDouble(code: number | bigint, lsb: number): number | undefined {
  // Scaling by a power of two is exact away from the ends of the range of doubles.
  if (typeof code === 'number' && Math.abs(lsb) <= 500) return code * 2 ** lsb;
  const wide = BigInt(code);
  const value = dyadicToNumber({ code: wide, lsb });
  if (wide === 0n) return 0;
  if (!Number.isFinite(value) || value === 0) return undefined;
  const back = dyadicFromNumber(value);
  return back.lsb >= lsb && shiftBy(back.code, back.lsb - lsb) === wide ? value : undefined;
}
