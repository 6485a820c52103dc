import { describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import { formatDiagnostic } from '../../../src/diagnostics/diagnostic.js';
import { dataCodes } from '../../../src/diagnostics/codes/data.js';
import { readRealEvents } from '../../../src/data/read-events.js';
import { file, npy } from './support.js';

const elements = [0, 1].map((element) => ({ name: 'x', element }));

async function values(path: string): Promise<readonly number[]> {
  const read = await readRealEvents(path, elements);
  if (!read.ok) throw new Error(read.diagnostics.map(formatDiagnostic).join('\n'));
  expect(read.value.columns).toBe(2);
  expect(read.value.data.length).toBe(2 * read.value.rows);
  return [...read.value.data];
}

async function problems(path: string): Promise<readonly string[]> {
  const read = await readRealEvents(path, elements);
  expect(read.ok).toBe(false);
  return read.diagnostics.map(({ code, message, location }) => {
    expect(location?.model).toBe(path);
    return `${code} ${location?.line ?? ''}:${location?.column ?? ''} ${message}`;
  });
}

function floats(values: readonly number[], shape: string): Buffer {
  const data = Buffer.from(Float32Array.from(values).buffer);
  return npy(`{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`, data);
}

describe('events as real numbers', () => {
  it('are the nearest doubles of what a .csv says, and the same from .csv.gz', async () => {
    const text = 'a,b\n1.5,-0\n0.1,1e-3\n12345678.9123456,0x1f\n"2", 3 \n';
    const expected = [1.5, 0, 0.1, 1e-3, 12345678.9123456, 31, 2, 3];
    expect(await values(file('real.csv', text))).toEqual(expected);
    expect(await values(file('real.csv.gz', gzipSync(text)))).toEqual(expected);
  });

  it('are the elements of a .npy, floats and integers beyond every port type', async () => {
    expect(await values(file('f.npy', floats([0.1, -3e38, 5, 0], '(2, 2)')))).toEqual([
      Math.fround(0.1),
      Math.fround(-3e38),
      5,
      0,
    ]);
    const integers = Buffer.from(BigInt64Array.from([2n ** 62n, -7n]).buffer);
    const text = "{'descr': '<i8', 'fortran_order': False, 'shape': (1, 2), }";
    expect(await values(file('i.npy', npy(text, integers)))).toEqual([2 ** 62, -7]);
  });

  it('grow beyond the first rows of a text file', async () => {
    const text = Array.from({ length: 1000 }, (_, row) => `${row},${-row}\n`).join('');
    expect(await values(file('long.csv', text))).toEqual(
      Array.from({ length: 1000 }, (_, row) => [row, -row + 0]).flat(),
    );
  });

  it('are refused with row and column where they are NaN or infinite', async () => {
    const { code } = dataCodes.notFinite;
    expect(await problems(file('nan.npy', floats([1, Number.NaN, Infinity, 2], '(2, 2)')))).toEqual([
      `${code} :2 event 1, column 2 ('x' element 1): NaN is not finite`,
      `${code} :1 event 2, column 1 ('x' element 0): Infinity is not finite`,
    ]);
    expect(await problems(file('nan.csv', '1,2\n3,nan\n'))).toEqual([
      `${code} 2:2 event 2, column 2 ('x' element 1): 'nan' is not finite`,
    ]);
  });

  it('are refused where the file has another width, type, or no events', async () => {
    expect(await problems(file('wide.npy', floats([1, 2, 3], '(1, 3)')))).toEqual([
      expect.stringContaining(dataCodes.columnCount.code),
    ]);
    expect((await problems(file('wide.csv', '1,2,3\n')))[0]).toContain(dataCodes.columnCount.code);
    expect(await problems(file('empty.npy', floats([], '(0, 2)')))).toEqual([
      expect.stringContaining(dataCodes.emptyFile.code),
    ]);
    const text = npy("{'descr': '<U3', 'fortran_order': False, 'shape': (1, 2), }", Buffer.alloc(24));
    expect(await problems(file('text.npy', text))).toEqual([expect.stringContaining(dataCodes.npyElementType.code)]);
    expect(await problems(file('pattern.txt', '0 0\n'))).toEqual([
      expect.stringContaining('real values are wanted here'),
    ]);
  });

  it('are not read from a model', async () => {
    expect(await problems(file('network.onnx', Buffer.from([8, 7])))).toEqual([
      expect.stringContaining('is a model; events are'),
    ]);
    expect(
      await problems(file('network.npy', Buffer.from([8, 7, 0x12, 4, 0x70, 0x79, 0x74, 0x6f, 0x72, 0x63]))),
    ).toEqual([expect.stringContaining(dataCodes.badNpyHeader.code)]);
  });
});
