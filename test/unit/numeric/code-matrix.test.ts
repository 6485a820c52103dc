import { describe, expect, it } from 'vitest';
import {
  CodeMatrixBuilder,
  codeAt,
  codeMatrix,
  codeStorage,
  rowAt,
  storageOf,
} from '../../../src/numeric/code-matrix.js';
import { fixedPointType } from '../../../src/numeric/fixed-point.js';

describe('codeStorage', () => {
  it.each([
    [[fixedPointType(true, 8, 8), fixedPointType(false, 53, 0)], 'number'],
    [[fixedPointType(true, 54, 0)], 'number'],
    [[fixedPointType(true, 8, 8), fixedPointType(false, 54, 0)], 'int64'],
    [[fixedPointType(true, 64, 64)], 'int64'],
    [[fixedPointType(false, 64, 64)], 'bigint'],
    [[fixedPointType(true, 65, 64)], 'bigint'],
    [[], 'number'],
  ] as const)('%#', (types, storage) => {
    expect(codeStorage(types)).toBe(storage);
  });
});

describe('CodeMatrixBuilder', () => {
  it.each(['number', 'int64', 'bigint'] as const)('%s: grows and keeps what was written', (storage) => {
    const builder = new CodeMatrixBuilder(3, storage, 1);
    for (let row = 0; row < 1000; row++) {
      builder.beginRow();
      builder.setNumber(0, row);
      builder.setBigint(2, BigInt(-row));
    }
    const matrix = builder.finish();
    expect(matrix).toMatchObject({ rows: 1000, columns: 3 });
    expect(matrix.data).toHaveLength(3000);
    expect(storageOf(matrix.data)).toBe(storage);
    for (const row of [0, 1, 2, 511, 512, 999]) expect(rowAt(matrix, row)).toEqual([BigInt(row), 0n, BigInt(-row)]);
  });

  it('has no negative zero', () => {
    const matrix = codeMatrix([[-0]], 'number');
    expect(Object.is(matrix.data[0], 0)).toBe(true);
  });

  it('refuses events of different lengths and places outside', () => {
    expect(() => codeMatrix([[1], [1, 2]], 'number')).toThrow('an event of 2 codes');
    expect(() => codeAt(codeMatrix([], 'number', 2), 0, 0)).toThrow('no code');
  });
});
