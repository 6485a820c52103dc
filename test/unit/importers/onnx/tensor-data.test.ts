import { describe, expect, it } from 'vitest';
import type { onnx } from 'onnx-proto';
import { DiagnosticError } from '../../../../src/diagnostics/result.js';
import { numbersOf } from '../../../../src/importers/onnx/constant-tensor.js';
import { roundFloat } from '../../../../src/importers/onnx/element-types.js';
import { halfFromBits, isInside, readTensor } from '../../../../src/importers/onnx/tensor-data.js';
import type { ElementTypeName } from '../../../support/onnx-builder.js';
import { elementTypes, externalTensor, rawTensor } from '../../../support/onnx-builder.js';

function values(tensor: onnx.ITensorProto): readonly number[] {
  return Array.from(numbersOf(readTensor(tensor, undefined, {})));
}

function codeOf(tensor: onnx.ITensorProto): string | undefined {
  try {
    readTensor(tensor, undefined, {});
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0]?.code;
    throw error;
  }
  return undefined;
}

const raw = (type: ElementTypeName, dims: readonly number[], bytes: readonly number[]): onnx.ITensorProto => ({
  name: 't',
  dims: [...dims],
  dataType: elementTypes[type],
  rawData: Uint8Array.from(bytes),
});

describe('tensor data', () => {
  it.each([
    ['float32', [1.5, -0.1, 3e38], [1.5, Math.fround(-0.1), Math.fround(3e38)]],
    ['float64', [0.1, -(2 ** 60)], [0.1, -(2 ** 60)]],
    ['int8', [-128, 127], [-128, 127]],
    ['uint8', [0, 255], [0, 255]],
    ['int16', [-32768, 32767], [-32768, 32767]],
    ['uint16', [65535], [65535]],
    ['int32', [-(2 ** 31)], [-(2 ** 31)]],
    ['uint32', [2 ** 32 - 1], [2 ** 32 - 1]],
    ['int64', [-(2 ** 53), 2 ** 53], [-(2 ** 53), 2 ** 53]],
    ['bool', [0, 1, 7], [0, 1, 1]],
  ] as const)('raw %s', (type, stored, expected) => {
    expect(values(rawTensor('t', [stored.length], stored, type))).toEqual(expected);
  });

  it('raw data of unaligned views', () => {
    const bytes = new Uint8Array(13);
    bytes.set(rawTensor('t', [3], [1, 2, 3]).rawData ?? [], 1);
    expect(values({ name: 't', dims: [3], dataType: 1, rawData: bytes.subarray(1) })).toEqual([1, 2, 3]);
  });

  it('raw halves, bfloats and packed small integers', () => {
    expect(values(raw('float16', [4], [0x00, 0x3c, 0x01, 0x00, 0xff, 0xfb, 0x00, 0x80]))).toEqual([
      1,
      2 ** -24,
      -65504,
      -0,
    ]);
    expect(values(raw('bfloat16', [2], [0x80, 0x3f, 0x40, 0xc0]))).toEqual([1, -3]);
    expect(values(raw('int4', [3], [0x8f, 0x07]))).toEqual([-1, -8, 7]);
    expect(values(raw('uint4', [3], [0x8f, 0x07]))).toEqual([15, 8, 7]);
  });

  it('typed fields', () => {
    const typed = (type: ElementTypeName, fields: onnx.ITensorProto, count: number): readonly number[] =>
      values({ name: 't', dims: [count], dataType: elementTypes[type], ...fields });
    expect(typed('float32', { floatData: [0.5, 2] }, 2)).toEqual([0.5, 2]);
    expect(typed('float64', { doubleData: [0.1] }, 1)).toEqual([0.1]);
    expect(typed('int64', { int64Data: [-5] }, 1)).toEqual([-5]);
    expect(typed('uint64', { uint64Data: [5] }, 1)).toEqual([5]);
    expect(typed('uint32', { uint64Data: [4_294_967_295] }, 1)).toEqual([4_294_967_295]);
    expect(typed('int8', { int32Data: [-3] }, 1)).toEqual([-3]);
    expect(typed('bool', { int32Data: [2, 0] }, 2)).toEqual([1, 0]);
    expect(typed('float16', { int32Data: [0x3c00] }, 1)).toEqual([1]);
    expect(typed('bfloat16', { int32Data: [0xc040] }, 1)).toEqual([-3]);
    expect(typed('int4', { int32Data: [0x8f, 0x07] }, 3)).toEqual([-1, -8, 7]);
  });

  it('scalars and empty tensors', () => {
    expect(values(rawTensor('t', [], [3]))).toEqual([3]);
    expect(values(rawTensor('t', [0], []))).toEqual([]);
  });

  it('refuses what does not fit, without allocating it', () => {
    expect(codeOf(rawTensor('t', [3], [1, 2]))).toBe('TRG1031');
    expect(codeOf({ name: 't', dims: [2], dataType: 1, floatData: [1] })).toBe('TRG1031');
    expect(codeOf({ name: 't', dims: [2], dataType: 1 })).toBe('TRG1031');
    expect(codeOf(rawTensor('t', [-1], []))).toBe('TRG1031');
    expect(codeOf({ ...rawTensor('t', [1], [1]), segment: { begin: 0, end: 1 } })).toBe('TRG1031');
    expect(codeOf(rawTensor('t', [1_000_000, 1_000_000], []))).toBe('TRG1019');
    expect(codeOf(rawTensor('t', new Array<number>(70).fill(1), [1]))).toBe('TRG1019');
    expect(codeOf(raw('string', [1], []))).toBe('TRG1030');
    expect(codeOf(raw('complex64', [1], []))).toBe('TRG1030');
    expect(codeOf(raw('float8e4m3fn', [1], [0]))).toBe('TRG1030');
    expect(codeOf({ name: 't', dims: [1], dataType: 99, rawData: Uint8Array.of(0) })).toBe('TRG1030');
    expect(codeOf(raw('uint64', [1], [255, 255, 255, 255, 255, 255, 255, 255]))).toBe('TRG1037');
    expect(codeOf(externalTensor('t', [1], {}))).toBe('TRG1033');
  });

  it('rounds to half precision as its decoding says', () => {
    for (let bits = 0; bits < 0x7c00; bits += 37) {
      const value = halfFromBits(bits);
      const above = halfFromBits(bits + 1);
      expect(roundFloat(value, 'float16')).toBe(value);
      const middle = (value + above) / 2;
      expect(roundFloat(middle, 'float16')).toBe(bits % 2 === 0 ? value : above);
    }
    expect(roundFloat(65520, 'float16')).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('locations of external data', () => {
  it.each(['data.bin', 'sub/data.bin', './data', '..data', 'a..b/c'])('%s stays inside', (location) => {
    expect(isInside(location)).toBe(true);
  });

  it.each(['/etc/passwd', '../data', 'a/../../b', '..', 'C:\\x', '\\\\host\\x', 'a\\..\\b', 'x\0y'])(
    '%j does not',
    (location) => {
      expect(isInside(location)).toBe(false);
    },
  );
});
