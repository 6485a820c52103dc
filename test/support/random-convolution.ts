import { at } from '../../src/support/invariant.js';
import type { Random } from '../../src/support/random.js';
import type { Attributes } from './onnx-builder.js';
import { float, int, ints, OnnxBuilder, text } from './onnx-builder.js';

const qonnx = 'qonnx.custom_op.general';
/** No picture of a network has more elements, so that a file of many networks stays small. */
const MAXIMUM_ELEMENTS = 72;

/** What a random network contains, for counting what a campaign covers. */
export interface RandomConvolution {
  readonly builder: OnnxBuilder;
  readonly operators: readonly string[];
}

/**
 * A quantised convolutional network of one to three layers as an exporter would write it: Conv of one or two axes with
 * random strides, dilations, padding and groups, biases, rectifiers, quantisers, pools of all kinds, transposed
 * convolutions, residual sums, repeated elements, and sometimes a dense layer at the end.
 */
export function randomConvolution(random: Random): RandomConvolution {
  return new Writer(random).run();
}

class Writer {
  private readonly builder = new OnnxBuilder(19).importDomain(qonnx, 1);
  private readonly operators: string[] = [];
  private tensor = 'x';
  private shape: readonly number[];
  private count = 0;

  public constructor(private readonly random: Random) {
    const rank = random.integer(1, 2);
    const picture = Array.from({ length: rank }, () => (rank === 1 ? random.integer(6, 14) : random.integer(4, 6)));
    this.shape = [1, random.integer(1, 2), ...picture];
  }

  public run(): RandomConvolution {
    const { random } = this;
    this.builder.input('x', this.shape);
    this.quantize();
    const layers = random.integer(1, 3);
    for (let layer = 0; layer < layers; layer++) {
      const before = { tensor: this.tensor, shape: this.shape };
      if (random.integer(0, 5) === 0) this.transposed();
      else this.convolution();
      if (random.integer(0, 2) > 0) this.node('Relu', [this.tensor]);
      // Without a quantiser words grow, or take the default type in front of the next layer.
      if (random.integer(0, 4) > 0) this.quantize();
      if (before.shape.join() === this.shape.join()) this.node('Add', [this.tensor, before.tensor]);
      this.pool();
      if (random.integer(0, 7) === 0) this.repeat();
    }
    if (random.integer(0, 2) === 0) this.dense();
    if (random.integer(0, 1) === 0) this.quantize();
    this.builder.output(this.tensor);
    return { builder: this.builder, operators: this.operators };
  }

  private get picture(): readonly number[] {
    return this.shape.slice(2);
  }

  private get channels(): number {
    return at(this.shape, 1);
  }

  private node(operator: string, inputs: readonly string[], attributes: Attributes = {}, domain = ''): void {
    const name = `${operator.toLowerCase()}_${this.count++}`;
    this.builder.node(operator, inputs, [name], attributes, { name, domain });
    this.operators.push(operator);
    this.tensor = name;
  }

  private constant(dims: readonly number[], values: readonly number[]): string {
    const name = `c${this.count++}`;
    this.builder.initializer(name, dims, values);
    return name;
  }

  private quantize(): void {
    const { random } = this;
    const scale = 2 ** random.integer(-3, 1);
    const constants = [scale, 0, random.integer(2, 6)].map((value) => this.constant([], [value]));
    const rounding = random.pick(['ROUND', 'FLOOR', 'CEIL', 'ROUND_TO_ZERO', 'HALF_UP']);
    this.node(
      'Quant',
      [this.tensor, ...constants],
      { signed: int(random.integer(0, 1)), narrow: int(random.integer(0, 1)), rounding_mode: text(rounding) },
      qonnx,
    );
  }

  /** Weights of few bits; their quantiser gives them their grid, or none does. */
  private weights(dims: readonly number[]): string {
    const { random } = this;
    const count = dims.reduce((all, each) => all * each, 1);
    const values = Array.from({ length: count }, () => (random.integer(0, 3) === 0 ? 0 : random.integer(-7, 7) / 4));
    const plain = this.constant(dims, values);
    if (random.integer(0, 3) === 0) return plain;
    const before = this.tensor;
    this.node('Quant', [plain, ...[0.25, 0, 4].map((value) => this.constant([], [value]))], { signed: int(1) }, qonnx);
    this.operators.pop();
    const quantized = this.tensor;
    this.tensor = before;
    return quantized;
  }

  private draw(low: number, high: number, count = this.picture.length): readonly number[] {
    return Array.from({ length: count }, () => this.random.integer(low, high));
  }

  private groups(): number {
    return this.random.pick([1, 1, this.channels]);
  }

  private convolution(): void {
    const { random } = this;
    const groups = this.groups();
    const filters = groups * random.integer(1, groups === 1 ? 3 : 2);
    const kernel = this.picture.map((length) => random.integer(1, Math.min(3, length)));
    const automatic = random.pick(['NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'] as const);
    const explicit = automatic === 'NOTSET';
    const strides = this.draw(1, 2);
    const pads = explicit ? this.draw(0, 1, 2 * kernel.length) : [...kernel, ...kernel].map(() => 0);
    const dilations = kernel.map((taps, axis) =>
      taps < 3 && at(this.picture, axis) > taps ? random.integer(1, 2) : 1,
    );
    const picture = this.picture.map((length, axis) => {
      const stride = at(strides, axis);
      if (automatic.startsWith('SAME')) return Math.ceil(length / stride);
      const reach = (at(kernel, axis) - 1) * at(dilations, axis) + 1;
      return Math.floor((length + at(pads, axis) + at(pads, axis + kernel.length) - reach) / stride) + 1;
    });
    const inputs = [this.tensor, this.weights([filters, this.channels / groups, ...kernel])];
    if (random.integer(0, 2) > 0) inputs.push(this.bias(filters));
    this.node('Conv', inputs, {
      group: int(groups),
      strides: ints(strides),
      dilations: ints(dilations),
      ...(explicit ? { pads: ints(pads) } : { auto_pad: text(automatic) }),
    });
    if (groups > 1) this.operators.push('grouped Conv');
    if (automatic.startsWith('SAME') || pads.some((pad) => pad > 0)) this.operators.push('padded Conv');
    this.shape = [1, filters, ...picture];
  }

  private bias(filters: number): string {
    return this.constant(
      [filters],
      Array.from({ length: filters }, () => this.random.integer(-8, 8) / 8),
    );
  }

  private transposed(): void {
    const { random } = this;
    const groups = this.groups();
    const perGroup = random.integer(1, 2);
    const kernel = this.draw(1, 3);
    const strides = this.draw(1, 2);
    const picture = this.picture.map((length, axis) => (length - 1) * at(strides, axis) + at(kernel, axis));
    const elements = groups * perGroup * picture.reduce((all, each) => all * each, 1);
    if (elements > MAXIMUM_ELEMENTS) {
      this.convolution();
      return;
    }
    const inputs = [this.tensor, this.weights([this.channels, perGroup, ...kernel])];
    if (random.integer(0, 1) === 0) inputs.push(this.bias(groups * perGroup));
    this.node('ConvTranspose', inputs, { group: int(groups), strides: ints(strides) });
    this.shape = [1, groups * perGroup, ...picture];
  }

  private pool(): void {
    const { random } = this;
    const operator = random.pick(['MaxPool', 'MaxPool', 'AveragePool', 'GlobalMaxPool', 'GlobalAveragePool', '', '']);
    if (operator === '') return;
    if (operator.startsWith('Global')) {
      if (random.integer(0, 1) === 0) return;
      this.node(operator, [this.tensor]);
      this.shape = [1, this.channels, ...this.picture.map(() => 1)];
      return;
    }
    const kernel = this.picture.map((length) => Math.min(2, length));
    const strides = this.draw(1, 2);
    const ceil = random.integer(0, 1);
    const picture = this.picture.map((length, axis) => {
      const steps = (length - at(kernel, axis)) / at(strides, axis);
      const positions = (ceil === 1 ? Math.ceil(steps) : Math.floor(steps)) + 1;
      return ceil === 1 && (positions - 1) * at(strides, axis) >= length ? positions - 1 : positions;
    });
    this.node(operator, [this.tensor], {
      kernel_shape: ints(kernel),
      strides: ints(strides),
      ceil_mode: int(ceil),
      ...(operator === 'AveragePool' ? { count_include_pad: int(random.integer(0, 1)) } : {}),
    });
    this.shape = [1, this.channels, ...picture];
  }

  private repeat(): void {
    const elements = this.shape.reduce((all, each) => all * each, 1);
    if (elements * 2 ** this.picture.length > MAXIMUM_ELEMENTS) return;
    const scales = this.constant([this.shape.length], [1, 1, ...this.picture.map(() => 2)]);
    this.node('Resize', [this.tensor, '', scales], {
      coordinate_transformation_mode: text('asymmetric'),
      nearest_mode: text('floor'),
    });
    this.shape = [1, this.channels, ...this.picture.map((length) => 2 * length)];
  }

  private dense(): void {
    this.node('Flatten', [this.tensor]);
    const inner = this.shape.reduce((all, each) => all * each, 1);
    const outer = this.random.integer(1, 3);
    this.node('Gemm', [this.tensor, this.weights([inner, outer])], { alpha: float(1) });
    this.shape = [1, outer];
  }
}
