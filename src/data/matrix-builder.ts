import type { CodeMatrix } from '../backends/emulator/code-matrix.js';
import { needsBigint } from '../backends/emulator/code-matrix.js';
import type { FixedPointType } from '../numeric/fixed-point.js';

const INITIAL_ROWS = 256;

/** Fills a matrix of codes event by event, growing as needed. Codes that are not set are 0. */
export class CodeMatrixBuilder {
  /** Undefined where the types need big integers. */
  private numbers: Float64Array | undefined;
  private readonly bigints: bigint[] = [];
  private readonly columns: number;
  private rowCount = 0;
  private base = 0;

  public constructor(types: readonly FixedPointType[], expectedRows = INITIAL_ROWS) {
    this.columns = types.length;
    if (!needsBigint(types)) this.numbers = new Float64Array(expectedRows * this.columns);
  }

  public get rows(): number {
    return this.rowCount;
  }

  /** Start the next event; the setters write to it. */
  public beginRow(): void {
    this.base = this.rowCount * this.columns;
    this.rowCount++;
    const end = this.rowCount * this.columns;
    if (this.numbers === undefined) {
      for (let count = this.columns; count > 0; count--) this.bigints.push(0n);
    } else if (end > this.numbers.length) {
      const grown = new Float64Array(Math.max(end, 2 * this.base));
      grown.set(this.numbers);
      this.numbers = grown;
    }
  }

  /** `code` is a safe integer. */
  public setNumber(column: number, code: number): void {
    // Adding 0 turns -0, which is no integer code, into 0.
    if (this.numbers === undefined) this.bigints[this.base + column] = BigInt(code);
    else this.numbers[this.base + column] = code + 0;
  }

  public setBigint(column: number, code: bigint): void {
    if (this.numbers === undefined) this.bigints[this.base + column] = code;
    else this.numbers[this.base + column] = Number(code);
  }

  public finish(): CodeMatrix {
    const { rowCount: rows, columns } = this;
    return { rows, columns, data: this.numbers?.subarray(0, rows * columns) ?? this.bigints };
  }
}
