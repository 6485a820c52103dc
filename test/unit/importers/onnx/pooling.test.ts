import { describe, expect, it } from 'vitest';
import { importCodes } from '../../../../src/diagnostics/codes/import.js';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';
import type { Attributes } from '../../../support/onnx-builder.js';
import { int, ints, text } from '../../../support/onnx-builder.js';
import { indicesOf } from '../../../support/reference-convolution.js';
import type { Case } from './support.js';
import { folded, imported, noBatch, range, refusal, run, single } from './support.js';

interface PoolCase {
  readonly picture: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly ceil: boolean;
}

function randomPool(random: Random): PoolCase {
  const rank = random.integer(1, 2);
  const draw = (low: number, high: number, count = rank): readonly number[] =>
    Array.from({ length: count }, () => random.integer(low, high));
  const kernel = draw(2, 3);
  return {
    picture: draw(4, 7),
    kernel,
    strides: draw(1, 3),
    dilations: draw(1, 2),
    pads: [...kernel, ...kernel].map(() => random.integer(0, 1)),
    ceil: random.integer(0, 1) === 1,
  };
}

function positionsOf(test: PoolCase): readonly number[] {
  const { picture, kernel, strides, dilations, pads, ceil } = test;
  return picture.map((length, axis) => {
    const before = at(pads, axis);
    const reach = (at(kernel, axis) - 1) * at(dilations, axis) + 1;
    const steps = (length + before + at(pads, axis + picture.length) - reach) / at(strides, axis);
    const count = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    // A window may not begin in the padding behind the picture.
    return ceil && (count - 1) * at(strides, axis) >= length + before ? count - 1 : count;
  });
}

/** Values of each window over one channel, and how many of its taps lie in picture and padding. */
function windows(
  test: PoolCase,
  x: readonly number[],
): readonly { readonly values: readonly number[]; readonly padded: number }[] {
  const { picture, kernel, strides, dilations, pads } = test;
  return Array.from(indicesOf(positionsOf(test)), (position) => {
    const values: number[] = [];
    let padded = 0;
    for (const tap of indicesOf(kernel)) {
      const from = position.map(
        (each, axis) => each * at(strides, axis) + at(tap, axis) * at(dilations, axis) - at(pads, axis),
      );
      if (from.every((each, axis) => each < at(picture, axis) + at(pads, axis + picture.length))) padded++;
      if (from.some((each, axis) => each < 0 || each >= at(picture, axis))) continue;
      values.push(
        at(
          x,
          from.reduce((sum, each, axis) => sum * at(picture, axis) + each, 0),
        ),
      );
    }
    return { values, padded };
  });
}

function attributesOf(test: PoolCase): Record<string, Attributes[string]> {
  const { kernel, strides, dilations, pads, ceil } = test;
  return {
    kernel_shape: ints(kernel),
    strides: ints(strides),
    dilations: ints(dilations),
    pads: ints(pads),
    ceil_mode: int(ceil ? 1 : 0),
  };
}

const seeds = Array.from({ length: 30 }, (_, seed) => seed);

describe('pools', () => {
  it.each(seeds)('MaxPool and AveragePool are what ONNX defines, computed and folded (seed %i)', (seed) => {
    const random = new Random(seed);
    const test = randomPool(random);
    const size = test.picture.reduce((all, each) => all * each, 1);
    // Negative throughout: a padding of zero would win.
    const channels = [0, 1].map(() => Array.from({ length: size }, () => -random.integer(1, 64) / 4));
    const shape = [1, 2, ...test.picture];
    const x = channels.flat();
    const found = channels.flatMap((channel) => windows(test, channel));
    const expectedShape = [1, 2, ...positionsOf(test)];
    const attributes = attributesOf(test);
    const node = { shape, x, attributes, opset: 19 };
    if (found.some(({ values }) => values.length === 0)) {
      expect(refusal(single('MaxPool', node), noBatch)).toEqual([importCodes.operandValue.code]);
      return;
    }
    const maxima = { shape: expectedShape, values: found.map(({ values }) => Math.max(...values)) };
    expect(run('MaxPool', node)).toEqual(maxima);
    expect(folded('MaxPool', node)).toEqual(maxima);
    for (const padding of [0, 1]) {
      const average = { ...node, attributes: { ...attributes, count_include_pad: int(padding) } };
      const expected = found.map(({ values, padded }) => {
        return values.reduce((sum, each) => sum + each, 0) / (padding === 1 ? padded : values.length);
      });
      for (const outcome of [run('AveragePool', average), folded('AveragePool', average)]) {
        expect(outcome.shape).toEqual(expectedShape);
        outcome.values.forEach((value, index) => expect(value).toBeCloseTo(at(expected, index), 5));
      }
    }
  });

  it('an average over a power of two is exact, any other draws a note', () => {
    const test = { shape: [1, 1, 6], x: range(6) };
    const exact = single('AveragePool', { ...test, attributes: { kernel_shape: ints([2]) } });
    expect(imported(exact, noBatch).codes).toEqual([]);
    const odd = single('AveragePool', { ...test, attributes: { kernel_shape: ints([3]) } });
    expect(imported(odd, noBatch).codes).toEqual([importCodes.reciprocalRounded.code]);
  });

  it('the global pools reduce each channel', () => {
    const test: Case = { shape: [1, 2, 2, 2], x: [1, 2, 3, 4, -5, -6, -7, -8] };
    for (const outcome of [run, folded]) {
      expect(outcome('GlobalMaxPool', test)).toEqual({ shape: [1, 2, 1, 1], values: [4, -5] });
      expect(outcome('GlobalAveragePool', test)).toEqual({ shape: [1, 2, 1, 1], values: [2.5, -6.5] });
    }
  });

  it('MaxPool pads as auto_pad says', () => {
    const test = { shape: [1, 1, 4], x: [1, 4, 2, 3] };
    const attributes = (autoPad: string): Attributes => ({ kernel_shape: ints([2]), auto_pad: text(autoPad) });
    expect(run('MaxPool', { ...test, attributes: attributes('SAME_UPPER') }).values).toEqual([4, 4, 3, 3]);
    expect(run('MaxPool', { ...test, attributes: attributes('SAME_LOWER') }).values).toEqual([1, 4, 4, 3]);
    expect(run('MaxPool', { ...test, attributes: attributes('VALID') }).values).toEqual([4, 4, 3]);
  });

  it.each([
    ['no kernel_shape', {}, importCodes.attribute.code],
    ['a kernel of the wrong rank', { kernel_shape: ints([2, 2]) }, importCodes.attribute.code],
  ])('MaxPool refuses %s', (_, attributes, code) => {
    expect(refusal(single('MaxPool', { shape: [1, 1, 4], x: [], attributes }), noBatch)).toEqual([code]);
  });

  it.each(['MaxPool', 'GlobalMaxPool'])('%s refuses an operand without axes', (name) => {
    const test = { shape: [1, 4], x: [], attributes: name === 'MaxPool' ? { kernel_shape: ints([1]) } : {} };
    expect(refusal(single(name, test), noBatch)).toEqual([importCodes.shapes.code]);
  });
});

describe('channels-last operators of QONNX', () => {
  const domain = 'qonnx.custom_op.channels_last';

  it('Conv has channels last in picture, weights and result', () => {
    // Two channels, two filters of one tap: the sum, and the first channel.
    const test: Case = {
      shape: [1, 3, 2],
      x: [1, 10, 2, 20, 3, 30],
      constants: [['w', [2, 1, 2], [1, 1, 1, 0]]],
      domain,
    };
    expect(run('Conv', test)).toEqual({ shape: [1, 3, 2], values: [11, 1, 22, 2, 33, 3] });
  });

  it('MaxPool and BatchNormalization have channels last', () => {
    const test = { shape: [1, 2, 2], x: [1, 40, 3, 20], domain };
    const pooled = run('MaxPool', { ...test, attributes: { kernel_shape: ints([2]) } });
    expect(pooled).toEqual({ shape: [1, 1, 2], values: [3, 40] });
    const constants: Case['constants'] = [
      ['scale', [2], [2, 1]],
      ['bias', [2], [0, 1]],
      ['mean', [2], [0, 0]],
      ['variance', [2], [1, 1]],
    ];
    const normalised = run('BatchNormalization', { ...test, constants });
    normalised.values.forEach((value, index) => expect(value).toBeCloseTo(at([2, 41, 6, 21], index), 2));
  });
});
