import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { dataCodes } from '../diagnostics/codes/data.js';
import { printable } from '../diagnostics/diagnostic.js';
import type { Result } from '../diagnostics/result.js';
import { DiagnosticBag, failure } from '../diagnostics/result.js';
import type { CodeMatrix } from '../backends/emulator/code-matrix.js';
import { CsvReader } from './csv.js';
import type { EventPort, InputPolicy } from './event-port.js';
import { EventSink, MAXIMUM_VALUES } from './event-sink.js';
import { NPY_HEADER_LIMIT, parseNpyHeader } from './npy-header.js';
import { npyLayout, readNpyData } from './npy-read.js';
import { GlobalTriggerPatternReader } from './global-trigger-pattern.js';
import type { PlacedElement } from './problems.js';
import { FileProblems, StopReading } from './problems.js';
import type { RealMatrix } from './real-sink.js';
import { RealSink } from './real-sink.js';
import type { ValueSink } from './value-sink.js';

export interface ReadOptions extends ReadLimits {
  /** The file holds integer codes of the ports' types rather than real values. */
  readonly codes: boolean;
  readonly policy: InputPolicy;
}

export interface ReadLimits {
  /** Values that one file may hold. */
  readonly maximumValues?: number;
  /** Bytes of text that one file may hold after decompression. */
  readonly maximumBytes?: number;
}

/** Text of one file after decompression: 4 GiB, more than the largest matrix needs. */
const MAXIMUM_BYTES = 2 ** 32;

export type EventFormat = 'csv' | 'csv.gz' | 'npy' | 'txt' | 'txt.gz';

/** The format of an event file, by the end of its name. */
export function eventFormat(path: string): EventFormat | undefined {
  const name = path.toLowerCase();
  if (name.endsWith('.csv')) return 'csv';
  if (name.endsWith('.csv.gz')) return 'csv.gz';
  if (name.endsWith('.txt')) return 'txt';
  if (name.endsWith('.txt.gz')) return 'txt.gz';
  return name.endsWith('.npy') ? 'npy' : undefined;
}

/**
 * Read events from .csv, .csv.gz or .npy: one event a row, one column for each of `ports`; or from .txt and .txt.gz,
 * pattern files of the CMS Global Trigger, the words of the ports. Returns the codes of all events, or what is wrong,
 * with row and column (TRG2001 to TRG2025).
 */
export async function readEvents(
  path: string,
  ports: readonly EventPort[],
  options: ReadOptions,
): Promise<Result<CodeMatrix>> {
  return readFile(path, options, {
    integers: options.codes,
    width: ports.length,
    sink: (problems, rows) =>
      new EventSink(ports, options.codes, options.policy, problems, rows, options.maximumValues),
    pattern: (problems) => {
      const sink = new EventSink(ports, options.codes, options.policy, problems, undefined, options.maximumValues);
      return { sink, reader: new GlobalTriggerPatternReader(sink, problems) };
    },
  });
}

/**
 * Read events as real numbers, whatever types the ports have: .csv, .csv.gz or .npy, one event a row, one column for
 * each of `elements`. NaN and infinities are refused with row and column.
 */
export async function readRealEvents(
  path: string,
  elements: readonly PlacedElement[],
  limits: ReadLimits = {},
): Promise<Result<RealMatrix>> {
  return readFile(path, limits, {
    integers: false,
    width: elements.length,
    sink: (problems, rows) => new RealSink(elements, problems, rows, limits.maximumValues),
    pattern: (problems) =>
      problems.stop(dataCodes.unknownFormat, 'a pattern file holds words of a trigger, real values are wanted here'),
  });
}

interface TextReader {
  readonly chunk: (bytes: Buffer) => void;
  readonly end: () => void;
}

/** What is made of the values of a file. */
interface Reading<Matrix> {
  /** Floats are refused. */
  readonly integers: boolean;
  /** Columns. */
  readonly width: number;
  readonly sink: (problems: FileProblems, expectedRows?: number) => ValueSink<Matrix>;
  readonly pattern: (problems: FileProblems) => { readonly sink: ValueSink<Matrix>; readonly reader: TextReader };
}

async function readFile<Matrix>(path: string, limits: ReadLimits, reading: Reading<Matrix>): Promise<Result<Matrix>> {
  const bag = new DiagnosticBag();
  const problems = new FileProblems(bag, path);
  try {
    const format = eventFormat(path);
    if (format === undefined) {
      const model = path.toLowerCase().endsWith('.onnx') ? 'is a model; events are' : 'is not';
      problems.stop(dataCodes.unknownFormat, `'${printable(path)}' ${model} .csv, .csv.gz, .npy, .txt or .txt.gz`);
    }
    const matrix =
      format === 'npy'
        ? await readNpy(path, limits, reading, problems)
        : await readText(path, format, limits, reading, problems);
    return bag.finish(matrix);
  } catch (error) {
    if (error instanceof StopReading) return failure(bag.diagnostics);
    throw error;
  }
}

async function readText<Matrix>(
  path: string,
  format: EventFormat | undefined,
  limits: ReadLimits,
  reading: Reading<Matrix>,
  problems: FileProblems,
): Promise<Matrix> {
  const { sink, reader } = format === 'txt' || format === 'txt.gz' ? reading.pattern(problems) : csv(reading, problems);
  const maximumBytes = limits.maximumBytes ?? MAXIMUM_BYTES;
  let bytes = 0;
  let stopped: unknown;
  const consume = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    try {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > maximumBytes) problems.stop(dataCodes.tooLarge, `more than ${maximumBytes} bytes of text`);
        reader.chunk(chunk);
      }
    } catch (error) {
      stopped = error;
      throw error;
    }
  };
  const file = createReadStream(path);
  try {
    if (format === 'csv.gz' || format === 'txt.gz') await pipeline(file, createGunzip(), consume);
    else await pipeline(file, consume);
  } catch (error) {
    // When the consumer stops early, the pipeline may report its own abort instead of the reason.
    return stopOn(stopped instanceof StopReading ? stopped : error, problems);
  }
  reader.end();
  return sink.finish();
}

function csv<Matrix>(
  reading: Reading<Matrix>,
  problems: FileProblems,
): { readonly sink: ValueSink<Matrix>; readonly reader: TextReader } {
  const sink = reading.sink(problems);
  return { sink, reader: new CsvReader(sink, problems) };
}

async function readNpy<Matrix>(
  path: string,
  limits: ReadLimits,
  reading: Reading<Matrix>,
  problems: FileProblems,
): Promise<Matrix> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const { size } = await file.stat();
    if (size === 0) problems.stop(dataCodes.emptyFile, 'the file is empty');
    const header = parseNpyHeader(await readAt(file, 0, Math.min(size, NPY_HEADER_LIMIT)), problems);
    if (reading.integers && header.element.kind === 'f') {
      problems.stop(dataCodes.npyElementType, 'integer codes are wanted, the elements are floats');
    }
    const values = header.shape.reduce((product, dimension) => product * dimension, 1);
    const limit = limits.maximumValues ?? MAXIMUM_VALUES;
    if (values > limit) problems.stop(dataCodes.tooLarge, `${values} values are more than ${limit}`);
    if (values === 0) problems.stop(dataCodes.emptyFile, `the array of shape (${header.shape.join(', ')}) is empty`);
    const layout = npyLayout(header, reading.width, problems);
    const wanted = values * header.element.bytes;
    if (size - header.offset !== wanted) {
      problems.stop(
        dataCodes.npySize,
        `the header promises ${wanted} bytes of data, the file holds ${size - header.offset}`,
      );
    }
    const data = await readAt(file, header.offset, wanted);
    const sink = reading.sink(problems, layout.rows);
    readNpyData(data, header, layout, sink);
    return sink.finish();
  } catch (error) {
    return stopOn(error, problems);
  } finally {
    await file?.close();
  }
}

/** Exactly `length` bytes, in pieces that every system reads in one call. */
async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(buffer, done, Math.min(length - done, 2 ** 28), position + done);
    if (bytesRead === 0) throw Object.assign(new Error('the file ended while it was read'), { code: 'EOF' });
    done += bytesRead;
  }
  return buffer;
}

/** Errors of the system and of zlib, in the user's terms. */
function stopOn(error: unknown, problems: FileProblems): never {
  if (error instanceof StopReading) throw error;
  if (!(error instanceof Error) || !('code' in error)) throw error;
  const code = String(error.code);
  if (code === 'Z_BUF_ERROR') problems.stop(dataCodes.truncatedGzip, 'the compressed data end too early');
  if (code.startsWith('Z_')) problems.stop(dataCodes.badGzip, `the compressed data are damaged (${error.message})`);
  if (!/^E[A-Z]+$/u.test(code)) throw error;
  return problems.stop(dataCodes.unreadableFile, `'${printable(problems.path)}' cannot be read (${code})`);
}
