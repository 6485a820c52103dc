import { at } from '../../src/support/invariant.js';

/** A convolution written out as ONNX defines it, on flat row-major lists, for any number of axes. */
export interface ConvolutionCase {
  readonly batch: number;
  readonly channels: number;
  readonly filters: number;
  readonly groups: number;
  readonly picture: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Before each axis, then after each axis. */
  readonly pads: readonly number[];
}

export interface Tensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Every index of a shape, row-major. */
export function* indicesOf(shape: readonly number[]): Generator<readonly number[]> {
  const [first, ...rest] = shape;
  if (first === undefined) {
    yield [];
    return;
  }
  for (let index = 0; index < first; index++) for (const others of indicesOf(rest)) yield [index, ...others];
}

function flat(shape: readonly number[], index: readonly number[]): number {
  return index.reduce((sum, each, axis) => sum * at(shape, axis) + each, 0);
}

export function convolve(
  test: ConvolutionCase,
  x: readonly number[],
  weights: readonly number[],
  bias: readonly number[] | undefined,
): Tensor {
  const { batch, channels, filters, groups, picture, kernel, strides, dilations, pads } = test;
  const size = picture.map((length, axis) => {
    const padded = length + at(pads, axis) + at(pads, axis + picture.length);
    return Math.floor((padded - (at(kernel, axis) - 1) * at(dilations, axis) - 1) / at(strides, axis)) + 1;
  });
  const shape = [batch, filters, ...size];
  const values: number[] = [];
  for (const [n = 0, filter = 0, ...position] of indicesOf(shape)) {
    let sum = bias === undefined ? 0 : at(bias, filter);
    const perGroup = channels / groups;
    const group = Math.floor(filter / (filters / groups));
    for (let channel = 0; channel < perGroup; channel++) {
      for (const tap of indicesOf(kernel)) {
        const from = position.map(
          (each, axis) => each * at(strides, axis) + at(tap, axis) * at(dilations, axis) - at(pads, axis),
        );
        if (from.some((each, axis) => each < 0 || each >= at(picture, axis))) continue;
        const weight = at(weights, flat([filters, perGroup, ...kernel], [filter, channel, ...tap]));
        sum += weight * at(x, flat([batch, channels, ...picture], [n, group * perGroup + channel, ...from]));
      }
    }
    values.push(sum);
  }
  return { shape, values };
}

/** The transposed convolution, scattered as ONNX defines it; weights are [channels, filters / groups, …kernel]. */
export function convolveTransposed(
  test: ConvolutionCase,
  outputPadding: readonly number[],
  x: readonly number[],
  weights: readonly number[],
  bias: readonly number[] | undefined,
): Tensor {
  const { batch, channels, filters, groups, picture, kernel, strides, dilations, pads } = test;
  const size = picture.map(
    (length, axis) =>
      at(strides, axis) * (length - 1) +
      at(outputPadding, axis) +
      (at(kernel, axis) - 1) * at(dilations, axis) +
      1 -
      at(pads, axis) -
      at(pads, axis + picture.length),
  );
  const shape = [batch, filters, ...size];
  const values = Array.from(indicesOf(shape), ([, filter = 0]) => (bias === undefined ? 0 : at(bias, filter)));
  const perGroup = filters / groups;
  for (const [n = 0, channel = 0, ...position] of indicesOf([batch, channels, ...picture])) {
    const group = Math.floor(channel / (channels / groups));
    const value = at(x, flat([batch, channels, ...picture], [n, channel, ...position]));
    for (let within = 0; within < perGroup; within++) {
      for (const tap of indicesOf(kernel)) {
        const to = position.map(
          (each, axis) => each * at(strides, axis) + at(tap, axis) * at(dilations, axis) - at(pads, axis),
        );
        if (to.some((each, axis) => each < 0 || each >= at(size, axis))) continue;
        const target = flat(shape, [n, group * perGroup + within, ...to]);
        const weight = at(weights, flat([channels, perGroup, ...kernel], [channel, within, ...tap]));
        values[target] = at(values, target) + weight * value;
      }
    }
  }
  return { shape, values };
}
