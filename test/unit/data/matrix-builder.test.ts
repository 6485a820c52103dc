import { describe, expect, it } from 'vitest';
import { codeRow } from '../../../src/backends/emulator/code-matrix.js';
import { CodeMatrixBuilder } from '../../../src/data/matrix-builder.js';
import { fixedPointType } from '../../../src/numeric/fixed-point.js';

describe('CodeMatrixBuilder', () => {
  it.each([8, 53, 54, 100])('%s bits: grows and keeps what was written', (width) => {
    const type = fixedPointType(true, width, width);
    const builder = new CodeMatrixBuilder([type, type, type], 1);
    for (let row = 0; row < 1000; row++) {
      builder.beginRow();
      builder.setNumber(0, row);
      builder.setBigint(2, BigInt(-row));
    }
    const matrix = builder.finish();
    expect(matrix).toMatchObject({ rows: 1000, columns: 3 });
    expect(matrix.data).toHaveLength(3000);
    expect(matrix.data instanceof Float64Array).toBe(width <= 53);
    for (const row of [0, 1, 2, 511, 512, 999]) expect(codeRow(matrix, row)).toEqual([BigInt(row), 0n, BigInt(-row)]);
  });

  it('has no negative zero', () => {
    const builder = new CodeMatrixBuilder([fixedPointType(true, 8, 8)]);
    builder.beginRow();
    builder.setNumber(0, -0);
    expect(Object.is(builder.finish().data[0], 0)).toBe(true);
  });
});
