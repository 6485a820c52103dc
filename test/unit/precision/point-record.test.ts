import { describe, expect, it } from 'vitest';
import { fixedPointType } from '../../../src/numeric/fixed-point.js';
import { parsePoint, printPoint } from '../../../src/precision/point-record.js';

const model = 'a'.repeat(64);
const record = {
  plan: {
    tensors: new Map([
      ['x', { types: [fixedPointType(true, 7, 3)], rounding: 'RND' as const, overflow: 'SAT' as const }],
    ]),
    constants: new Map([['w', { lsb: -3, codes: [1n, -(2n ** 60n)] }]]),
  },
  figures: { lut: { value: 1234, unit: 'LUT', origin: 'estimate' as const } },
};

describe('a point of a search on disk', () => {
  it('reads back', () => {
    expect(parsePoint(model, printPoint(model, record))).toEqual(record);
  });

  it('is no point where it is torn, of another model, of another version or damaged', () => {
    const text = printPoint(model, record);
    expect(parsePoint(model, text.slice(0, text.length / 2))).toBeUndefined();
    expect(parsePoint('b'.repeat(64), text)).toBeUndefined();
    expect(parsePoint(model, text.replace('"version":1', '"version":0'))).toBeUndefined();
    expect(parsePoint(model, text.replace('1234', '"many"'))).toBeUndefined();
    expect(parsePoint(model, text.replace('"lsb":-3', '"lsb":null'))).toBeUndefined();
    expect(parsePoint(model, 'null')).toBeUndefined();
  });
});
