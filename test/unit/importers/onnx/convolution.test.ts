import { describe, expect, it } from 'vitest';
import { importCodes } from '../../../../src/diagnostics/codes/import.js';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';
import type { Attributes } from '../../../support/onnx-builder.js';
import { int, ints, text } from '../../../support/onnx-builder.js';
import type { ConvolutionCase } from '../../../support/reference-convolution.js';
import { convolve, convolveTransposed } from '../../../support/reference-convolution.js';
import type { Case } from './support.js';
import { folded, kindsOf, imported, noBatch, refusal, run, single } from './support.js';

function numbers(random: Random, count: number): readonly number[] {
  return Array.from({ length: count }, () => random.integer(-8, 8) / 4);
}

function product(list: readonly number[]): number {
  return list.reduce((all, each) => all * each, 1);
}

function randomCase(random: Random): ConvolutionCase {
  const rank = random.integer(1, 2);
  const draw = (low: number, high: number, count = rank): readonly number[] =>
    Array.from({ length: count }, () => random.integer(low, high));
  const groups = random.integer(1, 3);
  return {
    batch: random.integer(1, 2),
    channels: groups * random.integer(1, 2),
    filters: groups * random.integer(1, 2),
    groups,
    picture: draw(5, 7),
    kernel: draw(1, 3),
    strides: draw(1, 3),
    dilations: draw(1, 2),
    pads: draw(0, 2, 2 * rank),
  };
}

function attributesOf(test: ConvolutionCase): Record<string, Attributes[string]> {
  const { groups, strides, dilations, pads, kernel } = test;
  return {
    group: int(groups),
    strides: ints(strides),
    dilations: ints(dilations),
    pads: ints(pads),
    kernel_shape: ints(kernel),
  };
}

const seeds = Array.from({ length: 30 }, (_, seed) => seed);

describe('Conv', () => {
  it.each(seeds)('is what ONNX defines, computed and folded (seed %i)', (seed) => {
    const random = new Random(seed);
    const test = randomCase(random);
    const weightShape = [test.filters, test.channels / test.groups, ...test.kernel];
    const shape = [test.batch, test.channels, ...test.picture];
    const x = numbers(random, product(shape));
    const weights = numbers(random, product(weightShape));
    const bias = random.integer(0, 1) === 0 ? undefined : numbers(random, test.filters);
    const constants: Case['constants'] = [
      ['w', weightShape, weights],
      ...(bias === undefined ? [] : [['b', [test.filters], bias] as const]),
    ];
    const node = { shape, x, constants, attributes: attributesOf(test) };
    const expected = convolve(test, x, weights, bias);
    expect(run('Conv', node)).toEqual(expected);
    expect(folded('Conv', node)).toEqual(expected);
  });

  it.each([
    ['SAME_UPPER', [0, 1]],
    ['SAME_LOWER', [1, 0]],
    ['VALID', [0, 0]],
  ] as const)('pads as %s says and ignores pads beside it', (autoPad, pads) => {
    const x = [1, 2, 3, 4, 5, 6];
    const attributes = { auto_pad: text(autoPad), strides: ints([2]), pads: ints([0, 0]) };
    const constants: Case['constants'] = [['w', [1, 1, 3], [1, 10, 100]]];
    const expected = convolve(
      { batch: 1, channels: 1, filters: 1, groups: 1, picture: [6], kernel: [3], strides: [2], dilations: [1], pads },
      x,
      [1, 10, 100],
      undefined,
    );
    expect(run('Conv', { shape: [1, 1, 6], x, constants, attributes })).toEqual(expected);
  });

  it('takes computed weights', () => {
    const builder = single('Conv', { shape: [1, 1, 3], x: [] });
    builder.input('w', [1, 1, 2]);
    builder.graph.node[0]?.input?.push('w');
    const extra = { batch: new Map([...(noBatch.batch ?? []), ['w', 'none' as const]]) };
    expect(kindsOf(imported(builder, extra).graph)).toContain('matmul');
  });

  it('is one matrix product with wires around it', () => {
    const constants: Case['constants'] = [['w', [2, 1, 3], [1, 2, 3, 4, 5, 6]]];
    const graph = imported(single('Conv', { shape: [1, 1, 8], x: [], constants }), noBatch).graph;
    const computing = kindsOf(graph).filter((kind) => !['reshape', 'transpose', 'gather', 'concat'].includes(kind));
    expect(computing.toSorted()).toEqual(['constant', 'input', 'matmul']);
  });

  it('sums channels before taps, the order of hls4ml', () => {
    const constants: Case['constants'] = [['w', [1, 2, 2], [1, 2, 3, 4]]];
    const { graph } = imported(single('Conv', { shape: [1, 2, 5], x: [], constants }), noBatch);
    const matrices = graph.nodes.flatMap((node) => (node.kind === 'constant' ? [node.codes.map(Number)] : []));
    expect(matrices).toEqual([[1, 3, 2, 4]]);
    expect(run('Conv', { shape: [1, 2, 5], x: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], constants }).values).toEqual([
      51, 61, 71, 81,
    ]);
  });

  const weights: Case['constants'] = [['w', [1, 1, 3], [1, 2, 3]]];
  it.each([
    [
      'a kernel_shape that the weights contradict',
      { attributes: { kernel_shape: ints([2]) } },
      importCodes.attribute.code,
    ],
    ['pads of the wrong number', { attributes: { pads: ints([1]) } }, importCodes.attribute.code],
    ['a stride of zero', { attributes: { strides: ints([0]) } }, importCodes.attribute.code],
    ['no groups', { attributes: { group: int(0) } }, importCodes.attribute.code],
    ['an unknown auto_pad', { attributes: { auto_pad: text('SOME') } }, importCodes.unsupportedVariant.code],
    ['a window larger than the picture', { shape: [1, 1, 2] }, importCodes.operandValue.code],
    ['channels that do not fit', { shape: [1, 2, 4] }, importCodes.shapes.code],
    ['an operand without axes', { shape: [1, 1] }, importCodes.shapes.code],
  ])('refuses %s', (_, change: Partial<Case>, code) => {
    const test = { shape: [1, 1, 4], x: [], constants: weights, ...change };
    expect(refusal(single('Conv', test), noBatch)).toEqual([code]);
  });
});

describe('ConvTranspose', () => {
  it.each(seeds)('is what ONNX defines, computed and folded (seed %i)', (seed) => {
    const random = new Random(1000 + seed);
    const drawn = randomCase(random);
    const test = { ...drawn, pads: drawn.pads.map((pad) => Math.min(pad, 1)), batch: 1 };
    const padding = test.strides.map((stride) => random.integer(0, stride - 1));
    const weightShape = [test.channels, test.filters / test.groups, ...test.kernel];
    const shape = [1, test.channels, ...test.picture];
    const x = numbers(random, product(shape));
    const weights = numbers(random, product(weightShape));
    const bias = random.integer(0, 1) === 0 ? undefined : numbers(random, test.filters);
    const constants: Case['constants'] = [
      ['w', weightShape, weights],
      ...(bias === undefined ? [] : [['b', [test.filters], bias] as const]),
    ];
    const attributes = { ...attributesOf(test), output_padding: ints(padding) };
    const expected = convolveTransposed(test, padding, x, weights, bias);
    expect(run('ConvTranspose', { shape, x, constants, attributes })).toEqual(expected);
    expect(folded('ConvTranspose', { shape, x, constants, attributes })).toEqual(expected);
  });

  // One tap at each end of a stride of two: 2 × 3 - 1 + 2 = 7 elements before padding.
  it.each([
    ['SAME_UPPER', 6, [0, 1]],
    ['SAME_LOWER', 6, [1, 0]],
  ] as const)('gives stride times the length with %s', (autoPad, size, pads) => {
    const x = [1, 2, 3];
    const weights = [1, 10, 100];
    const expected = convolveTransposed(
      { batch: 1, channels: 1, filters: 1, groups: 1, picture: [3], kernel: [3], strides: [2], dilations: [1], pads },
      [0],
      x,
      weights,
      undefined,
    );
    expect(at(expected.shape, 2)).toBe(size);
    const constants: Case['constants'] = [['w', [1, 1, 3], weights]];
    for (const attributes of [
      { auto_pad: text(autoPad), strides: ints([2]) },
      { auto_pad: text(autoPad), strides: ints([2]), output_shape: ints([6]) },
    ]) {
      expect(run('ConvTranspose', { shape: [1, 1, 3], x, constants, attributes })).toEqual(expected);
    }
  });
});
