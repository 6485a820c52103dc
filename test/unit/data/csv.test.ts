import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { quantizeCode, roundingNames } from '../../../src/numeric/rounding.js';
import { lsbExponent, parseQuantizer } from '../../../src/numeric/fixed-point.js';
import { codeRow } from '../../../src/backends/emulator/code-matrix.js';
import { Random } from '../../../src/support/random.js';
import { codes, events, exact, file, matrixOf, ports, problems, quantise } from './support.js';

const two = ports('ap_fixed<8,4>', 'ap_ufixed<4,4>');

describe('CSV: what is read', () => {
  it.each([
    ['plain', '0.5,3\n-8,15\n'],
    ['no last line end', '0.5,3\n-8,15'],
    ['Windows line ends', '0.5,3\r\n-8,15\r\n'],
    ['byte order mark', '\ufeff0.5,3\n-8,15\n'],
    ['header', 'a,b\n0.5,3\n-8,15\n'],
    ['quoted header', '"pt, corrected",eta\n0.5,3\n-8,15\n'],
    ['header of numpy.savetxt', '# a,b\n0.5,3\n-8,15\n'],
    ['blank lines and spaces', '\n 0.5 , 3 \n\n-8,15\n\n'],
    ['exponents, signs and zeros', '+5e-1,0003\n-8.000000000000000000000,1.5E1\n'],
    ['quoted numbers', '"0.5","3"\n"-8","15"\n'],
  ])('%s', async (_, text) => {
    expect(await events(file('a.csv', text), two)).toEqual([
      [8, 3],
      [-128, 15],
    ]);
  });

  it('compressed', async () => {
    expect(await events(file('a.csv.gz', gzipSync('0.5,3\n-8,15\n')), two)).toEqual([
      [8, 3],
      [-128, 15],
    ]);
  });

  it('integer codes', async () => {
    expect(await events(file('a.csv', '8,3\n-128,15\n'), two, codes)).toEqual([
      [8, 3],
      [-128, 15],
    ]);
  });

  it('lines across chunk borders', async () => {
    const rows = Array.from({ length: 12_000 }, (_, row) => [row % 256, (row * 7) % 16]);
    const text = rows.map(([left = 0, right = 0]) => `${left / 16 - 8},${right}`).join('\n');
    const read = await events(file('long.csv', text), two);
    expect(read).toEqual(rows.map(([left = 0, right = 0]) => [left - 128, right]));
  });

  it('wide and very fine types exactly', async () => {
    const wide = ports('ap_fixed<100,60>', 'ap_fixed<64,1>', 'ap_fixed<12,-290>');
    const matrix = await matrixOf(file('w.csv', '0.5,-1,0'), wide);
    expect(codeRow(matrix, 0)).toEqual([1n << 39n, -(1n << 63n), 0n]);
    expect(matrix.data).toBeInstanceOf(Array);
    const long = await matrixOf(file('w.csv', '-9223372036854775807'), ports('ap_int<64>'), codes);
    expect(codeRow(long, 0)).toEqual([-9223372036854775807n]);
    expect(long.data).toBeInstanceOf(Array);
  });

  it('every code of random types, printed as a decimal, comes back', async () => {
    const random = new Random(11);
    for (let round = 0; round < 60; round++) {
      const width = random.integer(1, 40);
      const type = `ap_fixed<${width},${random.integer(-12, 30)}>`;
      const columns = ports(type);
      const lsb = lsbExponent(parseQuantizer(type).type);
      const half = 1n << BigInt(width - 1);
      const chosen = Array.from({ length: 20 }, () => random.bigint(-half, half - 1n));
      const text = chosen.map((code) => (lsb >= 0 ? `${code << BigInt(lsb)}` : `${code * 5n ** BigInt(-lsb)}e${lsb}`));
      const read = await matrixOf(file('r.csv', text.join('\n')), columns);
      expect(Array.from(chosen, (_, row) => codeRow(read, row)[0])).toEqual(chosen);
    }
  });
});

describe('CSV: quantise', () => {
  it('rounds decimals as the exact rational, in every mode, ties included', async () => {
    const random = new Random(5);
    for (const rounding of roundingNames) {
      const type = `ap_fixed<9,5,AP_${rounding},AP_SAT>`;
      const quantizer = parseQuantizer(type);
      const texts = [
        '0.03125',
        '-0.03125',
        '0.09375',
        '-0.09375',
        '0.1',
        '-0.1',
        '0.0312500000000001',
        '1e-300',
        '99',
        '-99',
      ];
      for (let count = 0; count < 300; count++) texts.push((random.integer(-30_000, 30_000) / 1000).toString());
      const read = await events(file('q.csv', texts.join('\n')), ports(type), quantise);
      const expected = texts.map((text) => {
        // Independent: the decimal as a fraction of 10^300, brought to a power of two fine enough to keep it apart.
        const [mantissa = '', exponent = '0'] = text.split('e');
        const [whole = '', fraction = ''] = mantissa.split('.');
        const scaled = BigInt(whole + fraction.padEnd(300 + Number(exponent), '0'));
        const negative = text.startsWith('-');
        const magnitude = (scaled < 0n ? -scaled : scaled) << 1200n;
        const floor = magnitude / 10n ** 300n;
        const code = negative ? -floor : floor;
        // A remainder below 2^-1200 matters for ties only, where there is none.
        return Number(quantizeCode(code, -1200, quantizer.type, quantizer.rounding, quantizer.overflow));
      });
      expect(read.map(([code]) => code)).toEqual(expected);
    }
  });

  it('wraps and saturates as declared', async () => {
    const columns = ports(
      'ap_fixed<4,4,AP_TRN,AP_WRAP>',
      'ap_fixed<4,4,AP_TRN,AP_SAT>',
      'ap_fixed<4,4,AP_TRN,AP_SAT_ZERO>',
    );
    expect(await events(file('q.csv', '9,9,9\n-9,-9,-9\n'), columns, quantise)).toEqual([
      [-7, 7, 0],
      [7, -8, 0],
    ]);
  });

  it('still keeps promises', async () => {
    const columns = ports({ type: 'ap_fixed<8,8,AP_RND,AP_SAT>', low: 0n, high: 10n });
    expect(await problems(file('q.csv', '10.4\n10.5\n'), columns, quantise)).toEqual([
      "TRG2009 line 2 column 1: event 2, column 1 ('x' element 0): 11 is not within the promised 0…10",
    ]);
  });
});

describe('CSV: what is refused, with row and column', () => {
  it.each<[string, string, string]>([
    ['too few columns', '1,2\n3\n', 'TRG2004 line 2: event 2 has 1 column, the ports have 2'],
    ['too many columns', '1,2\n1,2,3\n', 'TRG2004 line 2: event 2 has 3 columns, the ports have 2'],
    [
      'other separators',
      '1;2\n',
      "TRG2004 line 1: the header has 1 column, the ports have 2; the fields are separated by ';' instead of commas",
    ],
    ['header of another width', 'a,b,c\n1,2\n', 'TRG2004 line 1: the header has 3 columns, the ports have 2'],
    ['text', '1,2\n3,x\n', "TRG2005 line 2 column 2: event 2, column 2 ('x' element 1): 'x' is not a number"],
    ['empty field', '1,\n', "TRG2005 line 1 column 2: event 1, column 2 ('x' element 1): the field is empty"],
    [
      'hexadecimal beyond the type',
      '0x10,2\n',
      "TRG2008 line 1 column 1: event 1, column 1 ('x' element 0): 0x10 is outside -8…7.9375, the range of ap_fixed<8,4>",
    ],
    [
      'no hexadecimal',
      '0x1g,2\n',
      "TRG2005 line 1 column 1: event 1, column 1 ('x' element 0): '0x1g' is not a number",
    ],
    ['two points', '1.2.3,2\n', "TRG2005 line 1 column 1: event 1, column 1 ('x' element 0): '1.2.3' is not a number"],
    ['NaN', 'nan,2\n', "TRG2006 line 1 column 1: event 1, column 1 ('x' element 0): 'nan' is not finite"],
    ['infinity', '1,2\n-Inf,2\n', "TRG2006 line 2 column 1: event 2, column 1 ('x' element 0): '-Inf' is not finite"],
    [
      'between codes',
      '0.3,2\n',
      "TRG2007 line 1 column 1: event 1, column 1 ('x' element 0): 0.3 is not a multiple of 0.0625, the step of ap_fixed<8,4>",
    ],
    [
      'tiny',
      '1e-300,2\n',
      "TRG2007 line 1 column 1: event 1, column 1 ('x' element 0): 1e-300 is not a multiple of 0.0625, the step of ap_fixed<8,4>",
    ],
    [
      'above',
      '8,2\n',
      "TRG2008 line 1 column 1: event 1, column 1 ('x' element 0): 8 is outside -8…7.9375, the range of ap_fixed<8,4>",
    ],
    [
      'just above',
      '7.95,2\n',
      "TRG2008 line 1 column 1: event 1, column 1 ('x' element 0): 7.95 is outside -8…7.9375, the range of ap_fixed<8,4>",
    ],
    [
      'negative to unsigned',
      '1,-1\n',
      "TRG2008 line 1 column 2: event 1, column 2 ('x' element 1): -1 is outside 0…15, the range of ap_ufixed<4,4>",
    ],
  ])('%s', async (_, text, expected) => {
    expect(await problems(file('bad.csv', text), two)).toEqual([expected]);
  });

  it.each<[string, string, string]>([
    ['a fraction', '0.5,1\n', "TRG2010 line 1 column 1: event 1, column 1 ('x' element 0): '0.5' is not an integer"],
    [
      'an integer with a point',
      '5.,1\n',
      "TRG2010 line 1 column 1: event 1, column 1 ('x' element 0): '5.' is not an integer",
    ],
    ['an exponent', '1e1,1\n', "TRG2010 line 1 column 1: event 1, column 1 ('x' element 0): '1e1' is not an integer"],
    [
      'a code too large',
      '128,1\n',
      "TRG2008 line 1 column 1: event 1, column 1 ('x' element 0): code 128 is outside -128…127, the codes of ap_fixed<8,4>",
    ],
  ])('codes: %s', async (_, text, expected) => {
    expect(await problems(file('bad.csv', text), two, codes)).toEqual([expected]);
  });

  it('broken promises, constants included', async () => {
    const columns = ports({ type: 'ap_fixed<8,7>', low: -2n, high: 6n }, { type: 'ap_fixed<8,8>', low: 0n, high: 0n });
    expect(await events(file('p.csv', '3,0\n-1,0\n'), columns)).toEqual([
      [6, 0],
      [-2, 0],
    ]);
    expect(await problems(file('p.csv', '3.5,0\n3,1\n'), columns)).toEqual([
      "TRG2009 line 1 column 1: event 1, column 1 ('x' element 0): 3.5 is not within the promised -1…3",
      "TRG2009 line 2 column 2: event 2, column 2 ('x' element 1): 1 is not within the promised the constant 0",
    ]);
    expect(await problems(file('p.csv', '7,0\n'), columns, codes)).toHaveLength(1);
  });

  it.each([
    ['nothing', ''],
    ['blank lines', '\n\n \n'],
    ['a header only', 'a,b\n'],
  ])('no events: %s', async (_, text) => {
    expect(await problems(file('e.csv', text), two)).toEqual(['TRG2003: the file holds no events']);
  });

  it('all problems of a file, up to a limit', async () => {
    expect(await problems(file('many.csv', 'x,0\n0,x\n0,99\n1\n'), two)).toHaveLength(4);
    const many = await problems(file('many.csv', '99,99\n'.repeat(1000)), two);
    expect(many).toHaveLength(21);
    expect(many[20]).toContain('TRG2019');
  });

  it('warns of a header of column numbers', async () => {
    const three = ports('ap_uint<4>', 'ap_uint<4>', 'ap_uint<4>');
    const path = file('pandas.csv', '0,1,2\n3,4,5\n');
    expect(await problems(path, three)).toEqual(['TRG2018 line 1: the first line counts 0 to 2']);
    expect(await events(path, three)).toHaveLength(2);
  });

  it('files that cannot be read', async () => {
    expect((await problems('/nowhere/at/all.csv', two))[0]).toMatch(/^TRG2001: .*ENOENT/);
    expect((await problems('/nowhere/at/all.npy', two))[0]).toMatch(/^TRG2001: .*ENOENT/);
    expect((await problems(file('a.text', '1,2'), two))[0]).toMatch(/^TRG2002/);
    expect((await problems('/tmp/.csv/../../tmp', two))[0]).toMatch(/^TRG2002/);
  });

  it('damaged compression', async () => {
    const whole = gzipSync('1,2\n'.repeat(10_000));
    expect((await problems(file('t.csv.gz', whole.subarray(0, whole.length - 10)), two))[0]).toMatch(/^TRG2011/);
    expect((await problems(file('t.csv.gz', whole.subarray(0, 5)), two))[0]).toMatch(/^TRG2011/);
    expect((await problems(file('t.csv.gz', '1,2\n'), two))[0]).toMatch(/^TRG2012/);
    const flipped = Buffer.from(whole);
    flipped[flipped.length - 5] = (flipped[flipped.length - 5] ?? 0) ^ 0xff;
    expect((await problems(file('t.csv.gz', flipped), two))[0]).toMatch(/^TRG201[12]/);
  });

  it('what would exhaust the memory', async () => {
    const lines = gzipSync(Buffer.alloc(3_000_000, '\n'));
    expect((await problems(file('b.csv.gz', lines), two, { ...exact, maximumBytes: 1_000_000 }))[0]).toMatch(
      /^TRG2017/,
    );
    const bomb = gzipSync(Buffer.alloc(3_000_000, '1'));
    expect((await problems(file('b.csv.gz', bomb), two))[0]).toMatch(/^TRG2017 line 1: a line is longer/);
    const values = file('v.csv', '1,2\n'.repeat(10));
    expect((await problems(values, two, { ...exact, maximumValues: 8 }))[0]).toMatch(
      /^TRG2017 line 5: more than 4 events/,
    );
    expect((await problems(file('n.csv', `${'1'.repeat(30_000)},2\n`), two))[0]).toMatch(/^TRG2005/);
    expect((await problems(file('n.csv', '1e9999,2\n'), two))[0]).toMatch(/^TRG2008/);
    expect((await problems(file('n.csv', '1e-9999,2\n'), two))[0]).toMatch(/^TRG2007/);
  });
});
