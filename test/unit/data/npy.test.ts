import { describe, expect, it } from 'vitest';
import { codeRow } from '../../../src/backends/emulator/code-matrix.js';
import { codes, events, exact, file, matrixOf, npy, ports, problems, quantise } from './support.js';

function dictionary(descriptor: string, shape: string, fortran = false): string {
  return `{'descr': '${descriptor}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${shape}, }`;
}

/** Elements written by a DataView method. */
function data(
  bytes: number,
  values: readonly number[],
  write: (view: DataView, offset: number, value: number) => void,
) {
  const buffer = Buffer.alloc(bytes * values.length);
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  values.forEach((value, index) => {
    write(view, index * bytes, value);
  });
  return buffer;
}

const doubles = (values: readonly number[]): Buffer =>
  data(8, values, (view, offset, value) => {
    view.setFloat64(offset, value, true);
  });

const two = ports('ap_fixed<9,5>', 'ap_fixed<9,5>');

describe('.npy: what is read', () => {
  it.each<[string, number, (view: DataView, offset: number, value: number) => void]>([
    [
      '<f8',
      8,
      (view, offset, value) => {
        view.setFloat64(offset, value, true);
      },
    ],
    [
      '>f8',
      8,
      (view, offset, value) => {
        view.setFloat64(offset, value, false);
      },
    ],
    [
      '<f4',
      4,
      (view, offset, value) => {
        view.setFloat32(offset, value, true);
      },
    ],
    [
      '>f4',
      4,
      (view, offset, value) => {
        view.setFloat32(offset, value, false);
      },
    ],
    [
      '|i1',
      1,
      (view, offset, value) => {
        view.setInt8(offset, value);
      },
    ],
    [
      '|u1',
      1,
      (view, offset, value) => {
        view.setUint8(offset, value);
      },
    ],
    [
      '<i2',
      2,
      (view, offset, value) => {
        view.setInt16(offset, value, true);
      },
    ],
    [
      '>u2',
      2,
      (view, offset, value) => {
        view.setUint16(offset, value, false);
      },
    ],
    [
      '<i4',
      4,
      (view, offset, value) => {
        view.setInt32(offset, value, true);
      },
    ],
    [
      '>u4',
      4,
      (view, offset, value) => {
        view.setUint32(offset, value, false);
      },
    ],
    [
      '<i8',
      8,
      (view, offset, value) => {
        view.setBigInt64(offset, BigInt(value), true);
      },
    ],
    [
      '>u8',
      8,
      (view, offset, value) => {
        view.setBigUint64(offset, BigInt(value), false);
      },
    ],
  ])('%s', async (descriptor, bytes, write) => {
    const signed = !descriptor.includes('u');
    const values = signed ? [0, 1, -16, 15] : [0, 1, 3, 15];
    const path = file('t.npy', npy(dictionary(descriptor, '(2, 2)'), data(bytes, values, write)));
    const expected = values.map((value) => value * 16);
    expect((await events(path, two)).flat()).toEqual(expected);
  });

  it('half precision, subnormals included', async () => {
    // 1, -2, 2^-24, 65504, 0.099976, -0: bit patterns of IEEE 754 binary16.
    const patterns = [0x3c00, 0xc000, 0x0001, 0x7bff, 0x2e66, 0x8000];
    const half = data(2, patterns, (view, offset, value) => {
      view.setUint16(offset, value, true);
    });
    const path = file('h.npy', npy(dictionary('<f2', '(6, 1)'), half));
    const read = await events(path, ports('ap_fixed<42,18>'));
    expect(read.flat().map((code) => code / 2 ** 24)).toEqual([1, -2, 2 ** -24, 65504, 0.0999755859375, 0]);
  });

  it('all header versions, and NumPy 1.x under Python 2', async () => {
    for (const version of [1, 2, 3]) {
      expect(await events(file('v.npy', npy(dictionary('<f8', '(1, 2)'), doubles([1, 2]), version)), two)).toEqual([
        [16, 32],
      ]);
    }
    expect(await events(file('v.npy', npy(dictionary('<f8', '(1L, 2L)'), doubles([1, 2]))), two)).toEqual([[16, 32]]);
  });

  it('Fortran order and more axes', async () => {
    const columns = ports(...Array.from({ length: 6 }, () => 'ap_uint<8>'));
    // Event e, axes i (2) and j (3): value 100 e + 10 i + j.
    const c: number[] = [];
    const fortran: number[] = [];
    for (let e = 0; e < 2; e++) for (let i = 0; i < 2; i++) for (let j = 0; j < 3; j++) c.push(100 * e + 10 * i + j);
    for (let j = 0; j < 3; j++)
      for (let i = 0; i < 2; i++) for (let e = 0; e < 2; e++) fortran.push(100 * e + 10 * i + j);
    const expected = [
      [0, 1, 2, 10, 11, 12],
      [100, 101, 102, 110, 111, 112],
    ];
    expect(await events(file('c.npy', npy(dictionary('<f8', '(2, 2, 3)'), doubles(c))), columns)).toEqual(expected);
    expect(await events(file('f.npy', npy(dictionary('<f8', '(2, 2, 3)', true), doubles(fortran))), columns)).toEqual(
      expected,
    );
    const flat = [0, 100, 1, 101, 2, 102, 10, 110, 11, 111, 12, 112];
    expect(await events(file('f.npy', npy(dictionary('<f8', '(2, 6)', true), doubles(flat))), columns)).toEqual(
      expected,
    );
  });

  it('vectors: one event, or events of one value', async () => {
    const vector = npy(dictionary('<f8', '(2,)'), doubles([1, 2]));
    expect(await events(file('v.npy', vector), two)).toEqual([[16, 32]]);
    expect(await events(file('v.npy', vector), ports('ap_int<8>'))).toEqual([[1], [2]]);
    expect(await events(file('s.npy', npy(dictionary('<f8', '()'), doubles([3]))), ports('ap_int<8>'))).toEqual([[3]]);
  });

  it('integer codes up to 64 bits', async () => {
    const buffer = Buffer.alloc(16);
    buffer.writeBigInt64LE(-(2n ** 63n), 0);
    buffer.writeBigInt64LE(2n ** 63n - 1n, 8);
    const path = file('c.npy', npy(dictionary('<i8', '(2, 1)'), buffer));
    const matrix = await matrixOf(path, ports('ap_fixed<64,3>'), codes);
    expect([codeRow(matrix, 0), codeRow(matrix, 1)]).toEqual([[-(2n ** 63n)], [2n ** 63n - 1n]]);
  });

  it('doubles are exact, whatever their size', async () => {
    const values = [2 ** -1074, 2 ** 1000, 3 * 2 ** -1074];
    const columns = ports('ap_ufixed<2100,1025>');
    const matrix = await matrixOf(file('x.npy', npy(dictionary('<f8', '(3, 1)'), doubles(values))), columns);
    expect([0, 1, 2].map((row) => codeRow(matrix, row)[0])).toEqual([2n, 1n << 2075n, 6n]);
    expect(
      await problems(file('x.npy', npy(dictionary('<f8', '(1, 1)'), doubles([5e-324]))), ports('ap_fixed<8,30>')),
    ).toHaveLength(1);
  });

  it('quantises doubles', async () => {
    const path = file('q.npy', npy(dictionary('<f8', '(2, 2)'), doubles([0.03125, 0.1, -99, 0.09375])));
    expect(
      await events(path, ports('ap_fixed<9,5,AP_RND_CONV,AP_SAT>', 'ap_fixed<9,5,AP_RND,AP_SAT>'), quantise),
    ).toEqual([
      [0, 2],
      [-256, 2],
    ]);
  });
});

describe('.npy: what is refused', () => {
  const good = npy(dictionary('<f8', '(1, 2)'), doubles([1, 2]));

  it.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'TRG2003'],
    ['no events', npy(dictionary('<f8', '(0, 2)'), Buffer.alloc(0)), 'TRG2003: the array of shape (0, 2) is empty'],
    ['text', Buffer.from('1,2\n3,4\n5,6\n'), 'TRG2013: the file does not begin'],
    ['a .npz archive', Buffer.from('PK\u0003\u0004aaaaaaaaaaaa'), 'TRG2013: the file is a .npz archive'],
    ['a pickle', Buffer.from([0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 'TRG2016: the file is a Python pickle'],
    ['only the magic', good.subarray(0, 8), 'TRG2013'],
    ['a cut header', good.subarray(0, 40), 'TRG2013: the header of'],
    [
      'version 9',
      Buffer.concat([good.subarray(0, 6), Buffer.from([9, 0]), good.subarray(8)]),
      'TRG2013: format version 9',
    ],
    ['version 2 with a huge header', npy('{}', Buffer.alloc(0), 2).fill(0xff, 8, 12), 'TRG2013'],
    ['cut data', good.subarray(0, good.length - 1), 'TRG2014: the header promises 16 bytes of data, the file holds 15'],
    ['more data', Buffer.concat([good, Buffer.alloc(1)]), 'TRG2014'],
    ['no dictionary', npy('hello', Buffer.alloc(0)), 'TRG2013'],
    ['no shape', npy("{'descr': '<f8', 'fortran_order': False}", Buffer.alloc(0)), 'TRG2013'],
    ['a negative shape', npy(dictionary('<f8', '(-1, 2)'), Buffer.alloc(0)), 'TRG2013'],
    ['a shape beyond integers', npy(dictionary('<f8', '(99999999999999999999, 2)'), Buffer.alloc(0)), 'TRG2013'],
    ['a shape beyond memory', npy(dictionary('<f8', '(99999999999, 2)'), Buffer.alloc(0)), 'TRG2017'],
    ['objects', npy(dictionary('|O', '(1, 2)'), Buffer.alloc(8)), 'TRG2016: the elements are Python objects'],
    [
      'fields',
      npy("{'descr': [('a', '<f8'), ('b', '<f8')], 'fortran_order': False, 'shape': (1,), }", Buffer.alloc(16)),
      'TRG2015',
    ],
    ['complex numbers', npy(dictionary('<c16', '(1, 2)'), Buffer.alloc(32)), 'TRG2015'],
    ['text elements', npy(dictionary('<U3', '(1, 2)'), Buffer.alloc(24)), 'TRG2015'],
    ['long doubles', npy(dictionary('<f16', '(1, 2)'), Buffer.alloc(32)), 'TRG2015'],
    [
      'too many columns',
      npy(dictionary('<f8', '(1, 3)'), doubles([1, 2, 3])),
      'TRG2004: the array of shape (1, 3) has 3 values an event, the ports have 2',
    ],
    [
      'a vector of the wrong length',
      npy(dictionary('<f8', '(3,)'), doubles([1, 2, 3])),
      'TRG2004: the array of shape (3,)',
    ],
    [
      'NaN',
      npy(dictionary('<f8', '(1, 2)'), doubles([1, NaN])),
      "TRG2006 column 2: event 1, column 2 ('x' element 1): NaN is not finite",
    ],
    ['infinity', npy(dictionary('<f8', '(1, 2)'), doubles([-Infinity, 0])), 'TRG2006 column 1'],
    [
      'between codes',
      npy(dictionary('<f8', '(2, 2)'), doubles([1, 2, 3, 0.1])),
      "TRG2007 column 2: event 2, column 2 ('x' element 1): 0.1 is not a multiple of 0.0625",
    ],
    ['out of range', npy(dictionary('<f8', '(1, 2)'), doubles([16, 0])), 'TRG2008 column 1'],
  ])('%s', async (_, content, expected) => {
    const found = await problems(file('bad.npy', content), two);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  it('floats as codes', async () => {
    expect(await problems(file('c.npy', good), two, codes)).toEqual([
      'TRG2015: integer codes are wanted, the elements are floats',
    ]);
  });

  it('codes outside the type, and integers beyond doubles', async () => {
    const buffer = Buffer.alloc(16);
    buffer.writeBigUInt64LE(2n ** 64n - 1n, 0);
    const path = file('u.npy', npy(dictionary('<u8', '(1, 2)'), buffer));
    expect((await problems(path, two, codes))[0]).toContain('code 18446744073709551615 is outside -256…255');
    expect((await problems(path, two, exact))[0]).toContain('TRG2008');
    expect(await events(path, ports('ap_ufixed<64,64,AP_TRN,AP_WRAP>', 'ap_int<2>'))).toEqual([[2 ** 64, 0]]);
  });

  it('random damage of a header never crashes', async () => {
    for (let index = 0; index < good.length - 16; index++) {
      for (const byte of [0x00, 0x27, 0x29, 0xff]) {
        const broken = Buffer.from(good);
        broken[index] = byte;
        await problems(file('fuzz.npy', broken), two);
      }
    }
  });
});
