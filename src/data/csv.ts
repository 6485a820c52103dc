import { dataCodes } from '../diagnostics/codes/data.js';
import { printable } from '../diagnostics/diagnostic.js';
import { FAST_DIGITS } from './event-sink.js';
import { parseField } from './exact-value.js';
import type { FileProblems } from './problems.js';
import type { ValueSink } from './value-sink.js';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const COMMA = 0x2c;
const POINT = 0x2e;
const PLUS = 0x2b;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

/** Longest line: 1 MiB, or 1 KiB for each column where that is more. */
const LINE_LIMIT = 2 ** 20;
const FIELD_LIMIT = 2 ** 10;

/**
 * Reads CSV from chunks of bytes, keeping no more than one line. One event a line; a first line of which no field is a
 * number is a header; blank lines are skipped.
 */
export class CsvReader {
  private rest: Buffer = Buffer.alloc(0);
  private line = 0;
  private first = true;
  private readonly lineLimit: number;

  public constructor(
    private readonly sink: ValueSink<unknown>,
    private readonly problems: FileProblems,
  ) {
    this.lineLimit = Math.max(LINE_LIMIT, FIELD_LIMIT * sink.columns.length);
  }

  public chunk(bytes: Buffer): void {
    const data = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    let start = 0;
    for (;;) {
      const end = data.indexOf(NEWLINE, start);
      if (end < 0) break;
      this.readLine(data, start, end);
      start = end + 1;
    }
    this.rest = data.subarray(start);
    if (this.rest.length > this.lineLimit) {
      this.problems.stop(dataCodes.tooLarge, `a line is longer than ${this.lineLimit} bytes`, { line: this.line + 1 });
    }
  }

  public end(): void {
    if (this.rest.length > 0) this.readLine(this.rest, 0, this.rest.length);
  }

  private readLine(data: Buffer, from: number, to: number): void {
    this.line++;
    let start = from;
    let end = to;
    if (this.line === 1 && data.subarray(start, start + 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))) start += 3;
    while (end > start && isBlank(data[end - 1])) end--;
    while (start < end && isBlank(data[start])) start++;
    if (start === end) return;
    if (this.first) {
      this.first = false;
      if (this.isHeader(data.toString('utf8', start, end))) return;
    }
    this.readEvent(data, start, end);
  }

  private isHeader(line: string): boolean {
    const fields = line.split(',');
    const numeric = fields.filter((field) => {
      const parsed = parseField(field);
      return !('kind' in parsed) || parsed.kind === dataCodes.notFinite;
    });
    if (numeric.length > 0) {
      // pandas numbers unnamed columns 0, 1, 2 …, which is a perfectly good event as well.
      if (fields.length >= 3 && fields.every((field, index) => field.trim().replace(/"/gu, '') === String(index))) {
        this.problems.warn(dataCodes.numberedHeader, `the first line counts 0 to ${fields.length - 1}`, {
          line: this.line,
        });
      }
      return false;
    }
    const names = splitQuoted(line);
    if (names.length !== this.sink.columns.length) {
      // Every event would be wrong in the same way.
      this.problems.stop(dataCodes.columnCount, this.countMessage(names.length, 'the header has', line), {
        line: this.line,
      });
    }
    return true;
  }

  private readEvent(data: Buffer, start: number, end: number): void {
    const { sink } = this;
    const columns = sink.columns.length;
    let commas = 0;
    for (let index = start; index < end; index++) if (data[index] === COMMA) commas++;
    if (commas + 1 !== columns) {
      const text = data.toString('utf8', start, Math.min(end, start + 200));
      const message = this.countMessage(commas + 1, `event ${sink.rows + 1} has`, text);
      this.problems.add(dataCodes.columnCount, message, this.line, undefined);
      return;
    }
    sink.beginEvent(this.line);
    let position = start;
    for (let column = 0; column < columns; column++) position = this.readField(data, position, end, column) + 1;
  }

  /** Reads one field from `start` and returns where its comma, or the end of the line, is. */
  private readField(data: Buffer, start: number, end: number, column: number): number {
    let position = start;
    while (position < end && data[position] === SPACE) position++;
    const negative = data[position] === MINUS;
    if (negative || data[position] === PLUS) position++;
    let mantissa = 0;
    let digits = 0;
    let fractionStart = -1;
    for (; position < end; position++) {
      const byte = data[position] ?? 0;
      if (byte >= ZERO && byte <= NINE) {
        mantissa = mantissa * 10 + (byte - ZERO);
        digits++;
      } else if (byte === POINT && fractionStart < 0) fractionStart = digits;
      else break;
    }
    const complete = position >= end || data[position] === COMMA;
    if (complete && digits > 0 && digits <= FAST_DIGITS) {
      const fraction = fractionStart < 0 ? 0 : digits - fractionStart;
      // "3." has no fraction digits but is no integer code: the slow path says so.
      const plain = fractionStart < 0 || fraction > 0;
      if (plain && this.sink.decimal(column, negative ? -mantissa : mantissa, fraction)) return position;
    }
    const length = data.subarray(start, end).indexOf(COMMA);
    const stop = length < 0 ? end : start + length;
    this.sink.text(column, data.toString('utf8', start, stop));
    return stop;
  }

  /** `event 2 has 1 column, the ports have 2`, and a guess why. */
  private countMessage(found: number, subject: string, line: string): string {
    const wanted = this.sink.columns.length;
    const separator =
      found === 1 && wanted > 1 ? [';', '\t', ' '].find((mark) => line.split(mark).length === wanted) : undefined;
    const guess =
      separator === undefined ? '' : `; the fields are separated by '${printable(separator)}' instead of commas`;
    return `${subject} ${found} column${found === 1 ? '' : 's'}, the ports have ${wanted}${guess}`;
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === RETURN;
}

/** Fields of a header line, whose names may be quoted and hold commas. */
function splitQuoted(line: string): string[] {
  return line.match(/(?:"(?:[^"]|"")*"|[^,])+|(?<=^|,)(?=,|$)/gu) ?? [];
}
