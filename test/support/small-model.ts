import { int, OnnxBuilder, text } from './onnx-builder.js';

/** The quantisers of QONNX, in its current spelling. */
const QONNX = 'qonnx.custom_op.general';

export interface QuantFields {
  /** LSB 2^lsb. */
  readonly lsb: number;
  readonly bits: number;
  readonly signed?: boolean;
  readonly rounding?: string;
  /** Node name; the output's name where absent. */
  readonly name?: string;
}

/** Adds `Quant` nodes and their parameters to a model. */
export class QonnxBuilder extends OnnxBuilder {
  public constructor() {
    super(13);
    this.importDomain(QONNX, 1);
  }

  public quant(from: string, to: string, fields: QuantFields): this {
    const { lsb, bits, signed = true, rounding = 'ROUND', name = to } = fields;
    this.initializer(`${to}_scale`, [], [2 ** lsb])
      .initializer(`${to}_zero`, [], [0])
      .initializer(`${to}_bits`, [], [bits]);
    const attributes = { signed: int(signed ? 1 : 0), narrow: int(0), rounding_mode: text(rounding) };
    return this.node('Quant', [from, `${to}_scale`, `${to}_zero`, `${to}_bits`], [to], attributes, {
      domain: QONNX,
      name,
    });
  }
}

export const firstWeights = [3, -2, 5, 0, 1, 7, -6, 2, -4, 1, 3, -7];
export const secondWeights = [2, -3, 1, 5, -1, 4];

/**
 * Two layers, 4 → 3 → 2: x ap_fixed<6,4> · ap_fixed<4,2> + bias, ReLU, ap_ufixed<6,5>, · ap_fixed<4,3>,
 * ap_fixed<8,6>. Nodes `dense_1`, `relu_1`, `dense_2`; ports `x` and `y`.
 */
export function smallModel(): QonnxBuilder {
  const model = new QonnxBuilder();
  model
    .input('x', ['N', 4])
    .quant('x', 'xq', { lsb: -2, bits: 6, name: 'quant_x' })
    .initializer(
      'w1',
      [4, 3],
      firstWeights.map((weight) => weight / 4),
    )
    .quant('w1', 'w1q', { lsb: -2, bits: 4, name: 'quant_w1' })
    .initializer('b1', [3], [0.5, -1.25, 2])
    .quant('b1', 'b1q', { lsb: -2, bits: 5, name: 'quant_b1' })
    .node('MatMul', ['xq', 'w1q'], ['m1'], {}, { name: 'dense_1' })
    .node('Add', ['m1', 'b1q'], ['a1'], {}, { name: 'bias_1' })
    .node('Relu', ['a1'], ['r1'], {}, { name: 'relu_1' })
    .quant('r1', 'h', { lsb: -1, bits: 6, signed: false, name: 'quant_h' })
    .initializer(
      'w2',
      [3, 2],
      secondWeights.map((weight) => weight / 2),
    )
    .quant('w2', 'w2q', { lsb: -1, bits: 4, name: 'quant_w2' })
    .node('MatMul', ['h', 'w2q'], ['m2'], {}, { name: 'dense_2' })
    .quant('m2', 'y', { lsb: -2, bits: 8, name: 'quant_y' })
    .output('y', ['N', 2]);
  return model;
}
