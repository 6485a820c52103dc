import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { writeEvents } from '../../../src/data/write-events.js';
import { codeMatrix } from '../../../src/backends/emulator/code-matrix.js';
import type { FixedPointType } from '../../../src/numeric/fixed-point.js';
import { codeRange, fixedPointType, parseQuantizer } from '../../../src/numeric/fixed-point.js';
import { Random } from '../../../src/support/random.js';
import { codes, exact, filePath, matrixOf, ports } from './support.js';

const types = ['ap_fixed<8,4>', 'ap_ufixed<4,8>'].map((text) => parseQuantizer(text).type);
const small = codeMatrix(
  [
    [8n, 3n],
    [-127n, 15n],
    [0n, 0n],
  ],
  types,
);

const wide = [parseQuantizer('ap_int<70>').type];

async function written(name: string, matrix = small, columns = types, asCodes = false): Promise<string> {
  const path = filePath(name);
  const result = await writeEvents(path, matrix, columns, { codes: asCodes });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return path;
}

describe('writeEvents', () => {
  it('CSV with exact decimals or codes, compressed where asked', async () => {
    expect(readFileSync(await written('a.csv'), 'utf8')).toBe('0.5,48\n-7.9375,240\n0,0\n');
    expect(readFileSync(await written('a.csv', small, types, true), 'utf8')).toBe('8,3\n-127,15\n0,0\n');
    expect(gunzipSync(readFileSync(await written('a.csv.gz'))).toString()).toBe('0.5,48\n-7.9375,240\n0,0\n');
  });

  it('a .npy file as NumPy writes it', async () => {
    const bytes = readFileSync(await written('a.npy'));
    expect(bytes.subarray(0, 8)).toEqual(Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]));
    expect((10 + bytes.readUInt16LE(8)) % 64).toBe(0);
    expect(bytes.toString('latin1')).toContain("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }");
    expect(bytes.subarray(-48)).toEqual(Buffer.from(new Float64Array([0.5, 48, -7.9375, 240, 0, 0]).buffer));
  });

  it('what is written reads back, for random types and every format', async () => {
    const random = new Random(3);
    for (let round = 0; round < 40; round++) {
      const large = round % 4 === 0;
      const columns = Array.from({ length: random.integer(1, 5) }, (): FixedPointType => {
        const width = random.integer(1, large ? 90 : 50);
        return fixedPointType(random.integer(0, 1) === 1, width, random.integer(-30, 60));
      });
      const rows = Array.from({ length: 20 }, () =>
        columns.map((type) => {
          const { low, high } = codeRange(type);
          return random.bigint(low, high);
        }),
      );
      const matrix = codeMatrix(rows, columns);
      const readable = ports(
        ...columns.map((type) => `ap_${type.signed ? '' : 'u'}fixed<${type.width},${type.integer}>`),
      );
      for (const asCodes of [false, true]) {
        const options = asCodes ? codes : exact;
        for (const name of large ? ['r.csv', 'r.csv.gz'] : ['r.csv', 'r.npy']) {
          expect(await matrixOf(await written(name, matrix, columns, asCodes), readable, options)).toEqual(matrix);
        }
      }
    }
  });

  it('prints the exact decimal also where JavaScript would print fewer digits or an exponent', async () => {
    const fine = ['ap_fixed<40,8>', 'ap_fixed<50,31>', 'ap_fixed<4,60>'].map((text) => parseQuantizer(text).type);
    const matrix = codeMatrix(
      [
        [1n, 1n, 7n],
        [2n ** 39n - 1n, 2n ** 49n - 1n, -8n],
      ],
      fine,
    );
    expect(readFileSync(await written('f.csv', matrix, fine), 'utf8')).toBe(
      '0.00000000023283064365386962890625,0.0000019073486328125,504403158265495552\n' +
        '127.99999999976716935634613037109375,1073741823.9999980926513671875,-576460752303423488\n',
    );
  });

  it('refuses what the format cannot hold, and leaves no file', async () => {
    const matrix = codeMatrix([[1n], [(1n << 60n) + 1n], [1n << 65n]], wide);
    const path = filePath('w.npy');
    const values = await writeEvents(path, matrix, wide, { codes: false });
    expect(values.diagnostics[0]).toMatchObject({
      code: 'TRG2021',
      message: 'event 2, column 1: the value has more bits than a double',
    });
    const asCodes = await writeEvents(path, matrix, wide, { codes: true });
    expect(asCodes.diagnostics[0]).toMatchObject({
      code: 'TRG2022',
      message: 'event 3, column 1: the code needs more than 64 bits',
    });
    expect(readdirSync(dirname(path)).filter((name) => name.includes('w.npy'))).toEqual([]);
  });

  it('replaces a file only when the new one is complete', async () => {
    const path = filePath('old.npy');
    writeFileSync(path, 'old');
    const failed = await writeEvents(path, codeMatrix([[(1n << 60n) + 1n]], wide), wide, { codes: false });
    expect(failed.ok).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect((await writeEvents(path, small, types, { codes: false })).ok).toBe(true);
    expect(readFileSync(path, 'utf8')).not.toBe('old');
  });

  it('refuses unknown formats and unwritable places', async () => {
    const unknown = await writeEvents(filePath('a.txt'), small, types, { codes: false });
    expect(unknown.diagnostics.map((diagnostic) => diagnostic.code)).toEqual(['TRG2002']);
    const nowhere = await writeEvents('/nowhere/at/all.csv', small, types, { codes: false });
    expect(nowhere.diagnostics.map((diagnostic) => diagnostic.code)).toEqual(['TRG2020']);
  });
});
