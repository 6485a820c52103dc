import { dataCodes } from '../diagnostics/codes/data.js';
import { MAXIMUM_VALUES } from './event-sink.js';
import { parseField } from './exact-value.js';
import type { FileProblems, PlacedElement } from './problems.js';
import { placeName } from './problems.js';
import type { ValueSink } from './value-sink.js';

/** Real values, one event a row: element (row, column) is data[row × columns + column]. */
export interface RealMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

const INITIAL_ROWS = 256;
/** Quotients by powers of ten up to this are correctly rounded: both operands are exact. */
const EXACT_TENS = 22;

/** Takes the values of a file as doubles, whatever types the ports have; only NaN and infinities are refused. */
export class RealSink implements ValueSink<RealMatrix> {
  private data: Float64Array;
  private rowCount = 0;
  private base = 0;
  private line: number | undefined;
  private readonly maximumRows: number;

  public constructor(
    public readonly columns: readonly PlacedElement[],
    private readonly problems: FileProblems,
    expectedRows = INITIAL_ROWS,
    maximumValues = MAXIMUM_VALUES,
  ) {
    this.maximumRows = Math.floor(maximumValues / Math.max(1, columns.length));
    this.data = new Float64Array(Math.min(expectedRows, this.maximumRows) * columns.length);
  }

  public get rows(): number {
    return this.rowCount;
  }

  public beginEvent(line?: number): void {
    const width = this.columns.length;
    if (this.rowCount >= this.maximumRows) {
      const message = `more than ${this.maximumRows} events of ${width} values`;
      this.problems.stop(dataCodes.tooLarge, message, line === undefined ? {} : { line });
    }
    this.line = line;
    this.base = this.rowCount * width;
    this.rowCount++;
    if (this.base + width <= this.data.length) return;
    const grown = new Float64Array(Math.max(this.base + width, 2 * this.base));
    grown.set(this.data);
    this.data = grown;
  }

  public number(column: number, value: number): void {
    // Adding 0 turns -0 into 0.
    if (Number.isFinite(value)) this.data[this.base + column] = value + 0;
    else this.report(column, `${value} is not finite`);
  }

  public bigint(column: number, value: bigint): void {
    this.number(column, Number(value));
  }

  public decimal(column: number, mantissa: number, fractionDigits: number): boolean {
    if (fractionDigits > EXACT_TENS) return false;
    this.data[this.base + column] = mantissa / 10 ** fractionDigits + 0;
    return true;
  }

  public text(column: number, text: string): void {
    const field = parseField(text);
    if ('kind' in field) {
      const place = placeName(this.rowCount, column + 1, this.placed(column));
      this.problems.add(field.kind, `${place}: ${field.message}`, this.line, column + 1);
    } else this.number(column, Number(text.trim().replace(/^"(.*)"$/u, '$1')));
  }

  public finish(): RealMatrix {
    if (this.rowCount === 0) this.problems.stop(dataCodes.emptyFile, 'the file holds no events');
    const columns = this.columns.length;
    return { rows: this.rowCount, columns, data: this.data.subarray(0, this.rowCount * columns) };
  }

  private placed(column: number): PlacedElement {
    return this.columns[column] ?? { name: '', element: column };
  }

  private report(column: number, message: string): void {
    const place = placeName(this.rowCount, column + 1, this.placed(column));
    this.problems.add(dataCodes.notFinite, `${place}: ${message}`, this.line, column + 1);
  }
}
