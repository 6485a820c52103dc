import type { FixedPointType } from '../../numeric/fixed-point.js';
import { at, invariant } from '../../support/invariant.js';

/**
 * Integer codes, one event a row: element (row, column) is data[row × columns + column]. Columns are the elements of
 * all ports, flattened in graph order, each in its own port type. Numbers hold codes up to 53 bits exactly; wider ports
 * need big integers.
 */
export interface CodeMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array | readonly bigint[];
}

/** Do codes of these types need big integers? */
export function needsBigint(types: readonly FixedPointType[]): boolean {
  return types.some((type) => type.width > 53);
}

/** A matrix of the given rows, with numbers where the types allow it. */
export function codeMatrix(rows: readonly (readonly bigint[])[], types: readonly FixedPointType[]): CodeMatrix {
  const columns = types.length;
  const data = needsBigint(types)
    ? new Array<bigint>(rows.length * columns).fill(0n)
    : new Float64Array(rows.length * columns);
  rows.forEach((row, index) => {
    invariant(row.length === columns, `${row.length} codes for ${columns} columns`);
    row.forEach((code, column) => {
      if (data instanceof Float64Array) data[index * columns + column] = Number(code);
      else data[index * columns + column] = code;
    });
  });
  return { rows: rows.length, columns, data };
}

/** One row as big integers. */
export function codeRow(matrix: CodeMatrix, row: number): readonly bigint[] {
  return Array.from({ length: matrix.columns }, (_, column) =>
    BigInt(at<bigint | number>(matrix.data, row * matrix.columns + column)),
  );
}
