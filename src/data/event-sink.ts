import type { CodeMatrix } from '../backends/emulator/code-matrix.js';
import type { Rounding } from '../numeric/rounding.js';
import { dataCodes } from '../diagnostics/codes/data.js';
import type { DiagnosticKind } from '../diagnostics/diagnostic.js';
import { unreachable } from '../support/invariant.js';
import type { EventColumn, EventPort, InputPolicy } from './event-port.js';
import { eventColumn } from './event-port.js';
import type { Placed } from './exact-value.js';
import { exactFromNumber, parseField, placeCode, placeValue } from './exact-value.js';
import { CodeMatrixBuilder } from './matrix-builder.js';
import type { FileProblems } from './problems.js';
import { placeName } from './problems.js';
import type { ValueSink } from './value-sink.js';

/** Values in one file: 1 GiB of doubles, 2.3 million events of 57 inputs. */
export const MAXIMUM_VALUES = 2 ** 27;

/** Doubles below this hold a fraction of at least 20 bits exactly beside the integer. */
const SAFE_ROUNDING = 2 ** 32;

/** Digits of a decimal mantissa that a double always holds. */
export const FAST_DIGITS = 15;
const powersOfTen = Array.from({ length: FAST_DIGITS + 1 }, (_, digits) => 10 ** digits);
const powersOfFive = Array.from({ length: FAST_DIGITS + 1 }, (_, digits) => 5 ** digits);

/** A finite double rounded to an integer: `roundShift` for numbers. The fraction of a double is exact, so this is too. */
export function roundNumber(value: number, rounding: Rounding): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction === 0) return floor;
  switch (rounding) {
    case 'TRN':
      return floor;
    case 'TRN_ZERO':
      return value < 0 ? floor + 1 : floor;
    case 'CEIL':
      return floor + 1;
    case 'AWAY':
      return value < 0 ? floor : floor + 1;
    case 'RND':
      return fraction >= 0.5 ? floor + 1 : floor;
    case 'RND_MIN_INF':
      return fraction > 0.5 ? floor + 1 : floor;
    case 'RND_ZERO':
      return fraction > 0.5 || (fraction === 0.5 && value < 0) ? floor + 1 : floor;
    case 'RND_INF':
      return fraction > 0.5 || (fraction === 0.5 && value > 0) ? floor + 1 : floor;
    case 'RND_CONV':
      return fraction > 0.5 || (fraction === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
    default:
      return unreachable(rounding);
  }
}

/** Takes the values of a file, column by column, and turns them into codes: doubles where exact, big integers elsewhere. */
export class EventSink implements ValueSink<CodeMatrix> {
  public readonly columns: readonly EventColumn[];
  private readonly builder: CodeMatrixBuilder;
  private readonly maximumRows: number;
  private line: number | undefined;

  public constructor(
    ports: readonly EventPort[],
    private readonly codes: boolean,
    private readonly policy: InputPolicy,
    private readonly problems: FileProblems,
    expectedRows?: number,
    maximumValues = MAXIMUM_VALUES,
  ) {
    this.columns = ports.map(eventColumn);
    this.maximumRows = Math.floor(maximumValues / Math.max(1, ports.length));
    this.builder = new CodeMatrixBuilder(
      ports.map((port) => port.type),
      expectedRows === undefined ? undefined : Math.min(expectedRows, this.maximumRows),
    );
  }

  public get rows(): number {
    return this.builder.rows;
  }

  /** Start an event; `line` is where it stands in a text file. */
  public beginEvent(line?: number): void {
    if (this.builder.rows >= this.maximumRows) {
      this.problems.stop(
        dataCodes.tooLarge,
        `more than ${this.maximumRows} events of ${this.columns.length} values`,
        line === undefined ? {} : { line },
      );
    }
    this.line = line;
    this.builder.beginRow();
  }

  /** A double. Under `codes` it has to be an integer already. */
  public number(index: number, value: number): void {
    const column = this.columns[index];
    if (column?.fast === true) {
      const scaled = this.codes ? value : value * column.scale;
      if (this.store(index, column, scaled, value === 0)) return;
    }
    if (!Number.isFinite(value)) this.report(index, dataCodes.notFinite, `${value} is not finite`);
    else if (this.codes && !Number.isInteger(value)) {
      this.report(index, dataCodes.notIntegerCode, `${value} is not an integer`);
    } else if (this.codes) this.bigint(index, BigInt(value));
    else this.place(index, placeValue(exactFromNumber(value), this.portOf(index), this.policy, String(value)));
  }

  /** An integer of any size. */
  public bigint(index: number, value: bigint): void {
    const port = this.portOf(index);
    if (this.codes) this.place(index, placeCode(value, port));
    else this.place(index, placeValue({ numerator: value, twos: 0, tens: 0 }, port, this.policy, value.toString()));
  }

  /** mantissa / 10^fractionDigits with at most 15 digits: true when that could be decided without the text. */
  public decimal(index: number, mantissa: number, fractionDigits: number): boolean {
    const column = this.columns[index];
    if (column?.fast !== true) return false;
    if (this.codes) return fractionDigits === 0 && this.store(index, column, mantissa, mantissa === 0);
    if (fractionDigits === 0) return this.store(index, column, mantissa * column.scale, mantissa === 0);
    const five = powersOfFive[fractionDigits] ?? 1;
    if (mantissa % five === 0) {
      // m / 10^n = (m / 5^n) / 2^n, and both steps are exact.
      return this.store(index, column, ((mantissa / five) * column.scale) / 2 ** fractionDigits, mantissa === 0);
    }
    if (this.policy !== 'quantise') return false;
    // The quotient is off by less than 2^-20 here, so rounding is certain away from integers and halves.
    const quotient = (mantissa * column.scale) / (powersOfTen[fractionDigits] ?? 1);
    const fraction = quotient - Math.floor(quotient);
    const certain = Math.abs(fraction - 0.5) > 1e-5 && fraction > 1e-5 && fraction < 1 - 1e-5;
    return certain && Math.abs(quotient) < SAFE_ROUNDING && this.store(index, column, quotient, false);
  }

  /** One field of text. */
  public text(index: number, text: string): void {
    const field = parseField(text);
    const shown = text.trim().length <= 40 ? text.trim() : `${text.trim().slice(0, 40)}…`;
    if ('kind' in field) this.report(index, field.kind, field.message);
    else if (!this.codes) this.place(index, placeValue(field, this.portOf(index), this.policy, shown));
    else if (!/^\s*"?\s*(?:[+-]?\d+|0x[\da-f]+)\s*"?\s*$/iu.test(text)) {
      this.report(index, dataCodes.notIntegerCode, `'${shown}' is not an integer`);
    } else this.place(index, placeCode(field.numerator, this.portOf(index)));
  }

  public finish(): CodeMatrix {
    if (this.builder.rows === 0) this.problems.stop(dataCodes.emptyFile, 'the file holds no events');
    return this.builder.finish();
  }

  /** Store a code that doubles decide; false leaves it to the exact path. */
  private store(index: number, column: EventColumn, scaled: number, zero: boolean): boolean {
    let code = scaled;
    if (!Number.isInteger(code)) {
      if (this.policy !== 'quantise' || this.codes || !Number.isFinite(code)) return false;
      code = roundNumber(code, column.port.rounding);
    }
    // A value so small that it became 0 by scaling was not 0.
    if (code < column.low || code > column.high || (scaled === 0 && !zero)) return false;
    this.builder.setNumber(index, code);
    return true;
  }

  private place(index: number, placed: Placed): void {
    if ('code' in placed) this.builder.setBigint(index, placed.code);
    else this.report(index, placed.kind, placed.message);
  }

  private portOf(index: number): EventPort {
    const column = this.columns[index];
    if (column === undefined) throw new RangeError(`no column ${index}`);
    return column.port;
  }

  private report(index: number, kind: DiagnosticKind, message: string): void {
    const place = placeName(this.builder.rows, index + 1, this.portOf(index));
    this.problems.add(kind, `${place}: ${message}`, this.line, index + 1);
  }
}
