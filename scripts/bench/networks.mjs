// Seeded networks of any size, as ONNX bytes: what the benchmarks scale.
import { Buffer } from 'node:buffer';
import onnxProto from 'onnx-proto';

const { AttributeProto, ModelProto } = onnxProto.onnx;
const { AttributeType } = AttributeProto;
const QONNX = 'qonnx.custom_op.general';
const FLOAT = 1;

/** Small generator, good enough to draw weights (Park and Miller's minimal standard). */
function random(seed) {
  let state = seed;
  return (low, high) => {
    state = (state * 48271) % 2147483647;
    return low + (state % (high - low + 1));
  };
}

class Network {
  graph = { name: 'graph', node: [], initializer: [], input: [], output: [] };

  constant(name, dims, values) {
    this.graph.initializer.push({
      name,
      dims,
      dataType: FLOAT,
      rawData: new Uint8Array(Float32Array.from(values).buffer),
    });
  }

  node(opType, input, output, attribute = [], domain = '') {
    this.graph.node.push({ name: output, opType, input, output: [output], attribute, domain });
  }

  /** Round to 2^lsb, half to even, and saturate. */
  quantize(from, to, lsb, bits, signed) {
    this.constant(`${to}_scale`, [], [2 ** lsb]);
    this.constant(`${to}_zero`, [], [0]);
    this.constant(`${to}_bits`, [], [bits]);
    const integer = (name, i) => ({ name, type: AttributeType.INT, i });
    const mode = { name: 'rounding_mode', type: AttributeType.STRING, s: Buffer.from('ROUND') };
    const parameters = [`${to}_scale`, `${to}_zero`, `${to}_bits`];
    this.node(
      'Quant',
      [from, ...parameters],
      to,
      [integer('signed', signed ? 1 : 0), integer('narrow', 0), mode],
      QONNX,
    );
  }

  port(list, name, width) {
    const shape = { dim: [{ dimParam: 'N' }, { dimValue: width }] };
    this.graph[list].push({ name, type: { tensorType: { elemType: FLOAT, shape } } });
  }

  bytes() {
    const opsetImport = [
      { domain: '', version: 13 },
      { domain: QONNX, version: 1 },
    ];
    return ModelProto.encode(ModelProto.create({ irVersion: 7, opsetImport, graph: this.graph })).finish();
  }
}

/** Dense layers of the given widths with 6-bit weights, one in five of them zero, and 8-bit activations. */
export function mlp(widths, seed = 1) {
  const draw = random(seed);
  const network = new Network();
  network.port('input', 'x', widths[0]);
  network.quantize('x', 'h0', -3, 8, true);
  for (let layer = 1; layer < widths.length; layer++) {
    const [rows, columns] = [widths[layer - 1], widths[layer]];
    const weights = Array.from({ length: rows * columns }, () => (draw(0, 4) === 0 ? 0 : draw(-31, 31) / 16));
    network.constant(`w${layer}`, [rows, columns], weights);
    network.quantize(`w${layer}`, `wq${layer}`, -4, 6, true);
    network.node('MatMul', [`h${layer - 1}`, `wq${layer}`], `m${layer}`);
    network.constant(
      `b${layer}`,
      [columns],
      Array.from({ length: columns }, () => draw(-31, 31) / 16),
    );
    network.quantize(`b${layer}`, `bq${layer}`, -4, 6, true);
    network.node('Add', [`m${layer}`, `bq${layer}`], `a${layer}`);
    network.node('Relu', [`a${layer}`], `r${layer}`);
    network.quantize(`r${layer}`, `h${layer}`, -1, 8, false);
  }
  network.port('output', `h${widths.length - 1}`, widths.at(-1));
  return network.bytes();
}

/**
 * `depth` element-wise steps over `width` elements: multiply by and add constants, round and saturate. The factors are
 * beyond 1, so that every step can reach all codes and none is simplified away.
 */
export function chain(width, depth, seed = 1) {
  const draw = random(seed);
  const network = new Network();
  network.port('input', 'x', width);
  network.quantize('x', 'h0', -3, 8, true);
  for (let step = 1; step <= depth; step++) {
    const vector = (name, value) => network.constant(name, [width], Array.from({ length: width }, value));
    vector(`f${step}`, () => (draw(0, 1) === 0 ? -1 : 1) * (draw(0, 1) === 0 ? 1.25 : 1.75));
    network.quantize(`f${step}`, `fq${step}`, -2, 4, true);
    vector(`c${step}`, () => draw(-63, 63) / 16);
    network.quantize(`c${step}`, `cq${step}`, -4, 8, true);
    network.node('Mul', [`h${step - 1}`, `fq${step}`], `p${step}`);
    network.node('Add', [`p${step}`, `cq${step}`], `a${step}`);
    network.quantize(`a${step}`, `h${step}`, -3, 8, true);
  }
  network.port('output', `h${depth}`, width);
  return network.bytes();
}
