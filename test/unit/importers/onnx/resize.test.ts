import { describe, expect, it } from 'vitest';
import { importCodes } from '../../../../src/diagnostics/codes/import.js';
import type { Attributes } from '../../../support/onnx-builder.js';
import { floats, int, text } from '../../../support/onnx-builder.js';
import type { Case } from './support.js';
import { folded, noBatch, range, refusal, run, single } from './support.js';

const line = { shape: [1, 1, 4], x: [0, 1, 2, 3] };
const scaled = (factor: number): NonNullable<Case['constants']> => [
  ['', [], []],
  ['scales', [3], [1, 1, factor]],
];
const sized = (size: number): NonNullable<Case['constants']> => [
  ['', [], []],
  ['scales', [0], []],
  ['sizes', [3], [1, 1, size], 'int64'],
];

function both(operator: string, test: Case): readonly number[] {
  const outcome = run(operator, test);
  expect(folded(operator, test)).toEqual(outcome);
  return outcome.values;
}

describe('Resize, nearest', () => {
  // Position x of six lies at (x + 0.5) / 1.5 - 0.5 = -1/6, 1/2, 7/6, 11/6, 5/2, 19/6 and so on.
  it.each<[string, Attributes, number, readonly number[]]>([
    ['half_pixel, the default', {}, 6, [0, 0, 1, 2, 2, 3]],
    ['round_prefer_ceil', { nearest_mode: text('round_prefer_ceil') }, 6, [0, 1, 1, 2, 3, 3]],
    ['floor', { nearest_mode: text('floor') }, 6, [0, 0, 1, 1, 2, 3]],
    ['ceil', { nearest_mode: text('ceil') }, 6, [0, 1, 2, 2, 3, 3]],
    [
      'asymmetric and floor',
      { coordinate_transformation_mode: text('asymmetric'), nearest_mode: text('floor') },
      8,
      [0, 0, 1, 1, 2, 2, 3, 3],
    ],
    ['align_corners', { coordinate_transformation_mode: text('align_corners') }, 7, [0, 0, 1, 1, 2, 2, 3]],
    ['pytorch_half_pixel, one position', { coordinate_transformation_mode: text('pytorch_half_pixel') }, 1, [0]],
    ['half_pixel, one position', {}, 1, [1]],
    ['tf_half_pixel_for_nn', { coordinate_transformation_mode: text('tf_half_pixel_for_nn') }, 2, [1, 3]],
    ['half_pixel_symmetric', { coordinate_transformation_mode: text('half_pixel_symmetric') }, 2, [0, 2]],
  ])('%s', (_, attributes, size, expected) => {
    expect(both('Resize', { ...line, constants: sized(size), attributes })).toEqual(expected);
  });

  it('takes scales, with the size rounded down', () => {
    const attributes = { coordinate_transformation_mode: text('asymmetric'), nearest_mode: text('floor') };
    expect(both('Resize', { ...line, constants: scaled(2.2), attributes })).toEqual([0, 0, 0, 1, 1, 2, 2, 3]);
    expect(both('Resize', { ...line, constants: scaled(0.5), attributes })).toEqual([0, 2]);
  });

  it('takes the scales as its second operand before operator set 11', () => {
    const constants: NonNullable<Case['constants']> = [['scales', [3], [1, 1, 2]]];
    expect(both('Resize', { ...line, opset: 10, constants })).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  });

  it.each<[string, Partial<Case>, string]>([
    ['mode linear', { attributes: { mode: text('linear') } }, importCodes.unsupportedVariant.code],
    [
      'tf_crop_and_resize',
      { attributes: { coordinate_transformation_mode: text('tf_crop_and_resize') } },
      importCodes.unsupportedVariant.code,
    ],
    ['an unknown nearest_mode', { attributes: { nearest_mode: text('up') } }, importCodes.unsupportedVariant.code],
    [
      'an aspect ratio to keep',
      { attributes: { keep_aspect_ratio_policy: text('not_larger') } },
      importCodes.unsupportedVariant.code,
    ],
    ['neither scales nor sizes', { constants: [] }, importCodes.operandValue.code],
    [
      'too few scales',
      {
        constants: [
          ['', [], []],
          ['s', [1], [2]],
        ],
      },
      importCodes.operandValue.code,
    ],
  ])('refuses %s', (_, change, code) => {
    expect(refusal(single('Resize', { ...line, constants: sized(8), ...change }), noBatch)).toEqual([code]);
  });
});

describe('Upsample', () => {
  it('repeats elements, with scales as attribute or operand', () => {
    const expected = [0, 0, 1, 1, 2, 2, 3, 3];
    expect(both('Upsample', { ...line, opset: 7, attributes: { scales: floats([1, 1, 2]) } })).toEqual(expected);
    expect(both('Upsample', { ...line, opset: 9, constants: [['s', [3], [1, 1, 2]]] })).toEqual(expected);
  });

  it('refuses scales of the wrong number', () => {
    const test = { ...line, opset: 7, attributes: { scales: floats([2]) } };
    expect(refusal(single('Upsample', test), noBatch)).toEqual([importCodes.attribute.code]);
  });
});

describe('DepthToSpace and SpaceToDepth', () => {
  const depth = { shape: [1, 8, 1, 1], x: range(8) };

  it('DepthToSpace in both modes', () => {
    const attributes = { blocksize: int(2) };
    // DCR: channel = (row of the block × 2 + column) × depth + channel of the result.
    expect(both('DepthToSpace', { ...depth, attributes })).toEqual([0, 2, 4, 6, 1, 3, 5, 7]);
    const crd = { ...attributes, mode: text('CRD') };
    expect(both('DepthToSpace', { ...depth, attributes: crd })).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('SpaceToDepth undoes DCR', () => {
    const test = { shape: [1, 2, 2, 2], x: [0, 2, 4, 6, 1, 3, 5, 7], attributes: { blocksize: int(2) } };
    expect(run('SpaceToDepth', test)).toEqual({ shape: [1, 8, 1, 1], values: range(8) });
  });

  it.each<[string, string, Partial<Case>, string]>([
    ['DepthToSpace', 'channels that do not divide', { shape: [1, 6, 1, 1] }, importCodes.operandValue.code],
    ['DepthToSpace', 'a block of 0', { attributes: { blocksize: int(0) } }, importCodes.attribute.code],
    ['DepthToSpace', 'another rank', { shape: [8, 1, 1] }, importCodes.operandValue.code],
    [
      'DepthToSpace',
      'an unknown mode',
      { attributes: { blocksize: int(2), mode: text('RCD') } },
      importCodes.unsupportedVariant.code,
    ],
    ['SpaceToDepth', 'positions that do not divide', { shape: [1, 1, 3, 2] }, importCodes.operandValue.code],
  ])('%s refuses %s', (name, _, change, code) => {
    const test = { ...depth, attributes: { blocksize: int(2) }, ...change };
    expect(refusal(single(name, test), noBatch)).toEqual([code]);
  });
});
