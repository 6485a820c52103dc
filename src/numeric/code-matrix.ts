import type { FixedPointType } from './fixed-point.js';
import { codeRange } from './fixed-point.js';
import { invariant } from '../support/invariant.js';

/**
 * Integer codes of many events, row-major: the code of `column` in event `row` is at `row × columns + column`. The
 * storage is the narrowest in which every code of the ports is exact.
 */
export interface CodeMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: CodeData;
}

export type CodeData = Float64Array | BigInt64Array | readonly bigint[];

/** `number`: codes within ±2^53; `int64`: within 64 bits; `bigint`: any. */
export type CodeStorage = 'number' | 'int64' | 'bigint';

/** The storage that holds every code of these types. */
export function codeStorage(types: Iterable<FixedPointType>): CodeStorage {
  let storage: CodeStorage = 'number';
  for (const type of types) {
    const { low, high } = codeRange(type);
    if (low < -(2n ** 63n) || high >= 2n ** 63n) return 'bigint';
    if (low < -(2n ** 53n) || high > 2n ** 53n) storage = 'int64';
  }
  return storage;
}

export function storageOf(data: CodeData): CodeStorage {
  return data instanceof Float64Array ? 'number' : data instanceof BigInt64Array ? 'int64' : 'bigint';
}

/** One code as a big integer. */
export function codeAt(matrix: CodeMatrix, row: number, column: number): bigint {
  const code = matrix.data[row * matrix.columns + column];
  invariant(code !== undefined, `no code at row ${row}, column ${column}`);
  return typeof code === 'bigint' ? code : BigInt(code);
}

/** One event as big integers. */
export function rowAt(matrix: CodeMatrix, row: number): bigint[] {
  return Array.from({ length: matrix.columns }, (_, column) => codeAt(matrix, row, column));
}

/** A matrix of given events: each row one event, all of the same length; `columns` says which where there is none. */
export function codeMatrix(
  events: readonly (readonly (bigint | number)[])[],
  storage: CodeStorage,
  columns = events[0]?.length ?? 0,
): CodeMatrix {
  const builder = new CodeMatrixBuilder(columns, storage, events.length);
  for (const event of events) {
    invariant(event.length === columns, `an event of ${event.length} codes in a matrix of ${columns} columns`);
    builder.beginRow();
    event.forEach((code, column) => {
      if (typeof code === 'bigint') builder.setBigint(column, code);
      else builder.setNumber(column, code);
    });
  }
  return builder.finish();
}

/** Fills a matrix row by row, growing as needed. Codes that are not set are 0. */
export class CodeMatrixBuilder {
  private numbers = new Float64Array(0);
  private longs = new BigInt64Array(0);
  private readonly bigints: bigint[] = [];
  private rowCount = 0;
  private base = 0;

  public constructor(
    private readonly columns: number,
    private readonly storage: CodeStorage,
    expectedRows = 256,
  ) {
    this.reserve(expectedRows * columns);
  }

  public get rows(): number {
    return this.rowCount;
  }

  /** Start the next event; the setters write to it. */
  public beginRow(): void {
    this.base = this.rowCount * this.columns;
    this.rowCount++;
    const end = this.rowCount * this.columns;
    if (this.storage === 'bigint') for (let count = this.columns; count > 0; count--) this.bigints.push(0n);
    else if (end > (this.storage === 'number' ? this.numbers : this.longs).length)
      this.reserve(Math.max(end, 2 * this.base));
  }

  /** `code` is a safe integer. */
  public setNumber(column: number, code: number): void {
    // Adding 0 turns -0, which is no integer code, into 0.
    if (this.storage === 'number') this.numbers[this.base + column] = code + 0;
    else this.setBigint(column, BigInt(code));
  }

  public setBigint(column: number, code: bigint): void {
    if (this.storage === 'number') this.numbers[this.base + column] = Number(code);
    else if (this.storage === 'int64') this.longs[this.base + column] = code;
    else this.bigints[this.base + column] = code;
  }

  public finish(): CodeMatrix {
    const length = this.rowCount * this.columns;
    const data =
      this.storage === 'number'
        ? this.numbers.subarray(0, length)
        : this.storage === 'int64'
          ? this.longs.subarray(0, length)
          : this.bigints;
    return { rows: this.rowCount, columns: this.columns, data };
  }

  private reserve(length: number): void {
    if (this.storage === 'number') {
      const grown = new Float64Array(length);
      grown.set(this.numbers);
      this.numbers = grown;
    } else if (this.storage === 'int64') {
      const grown = new BigInt64Array(length);
      grown.set(this.longs);
      this.longs = grown;
    }
  }
}
