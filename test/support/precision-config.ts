import { readFileSync } from 'node:fs';
import onnxProto from 'onnx-proto';
import { lsbExponent, parseQuantizer } from '../../src/numeric/fixed-point.js';
import { at, invariant } from '../../src/support/invariant.js';
import { referenceFile } from './reference-set.js';

/** What `precision.json` of a deployed network says of one call in its C++. */
interface LayerCall {
  readonly op: string;
  readonly out: string;
  readonly out_t: string;
  readonly accum_t?: string;
  readonly w?: string;
  readonly b?: string;
  readonly table_t?: string;
  readonly table_size?: number;
}
interface Precision {
  readonly typedefs: Readonly<Record<string, { readonly type: string }>>;
  readonly weights: Readonly<Record<string, { readonly type: string }>>;
  readonly layer_calls: readonly LayerCall[];
}

/** A layer of a deployed network. */
export interface DeployedLayer {
  /** Its name in `layers/`, if it is there. */
  readonly layer: string;
  /** The node of `model.onnx` whose last cast is the layer's result. */
  readonly node: string;
  /** Exponent of the LSB of the codes in `layers/`. */
  readonly lsb: number;
}

/** ONNX operators by the beginning of hls4ml's name of a layer. */
const operators: readonly (readonly [prefix: string, operators: readonly string[]])[] = [
  ['conv', ['Conv']],
  ['pointwise_conv', ['Conv']],
  ['dense', ['Gemm', 'MatMul']],
  ['relu', ['Relu']],
  ['global_pooling', ['GlobalAveragePool']],
  ['sigmoid', ['Sigmoid']],
];

/**
 * The `trigc.yaml` of a deployed network, from the types of its C++. The files of the reference set name the results of
 * a node after the layer: `layer7_acc`.
 */
export function precisionConfig(name: string): { readonly yaml: string; readonly layers: readonly DeployedLayer[] } {
  const text = readFileSync(referenceFile('deployed', name, 'precision.json'), 'utf8');
  const precision = JSON.parse(text) as Precision;
  const { graph } = onnxProto.onnx.ModelProto.decode(readFileSync(referenceFile('deployed', name, 'model.onnx')));
  const nodes = graph?.node ?? [];
  const typeOf = (typedef: string): string => {
    const found = precision.typedefs[typedef];
    invariant(found !== undefined, `no type ${typedef}`);
    return found.type;
  };
  const lines = ['layers:'];
  const layers: DeployedLayer[] = [];
  for (const call of precision.layer_calls) {
    const layer = call.out.replace(/_out$/u, '');
    const allowed = operators.find(([prefix]) => call.op.startsWith(prefix))?.[1] ?? [];
    const found = nodes.filter(
      ({ opType, output }) =>
        allowed.includes(opType ?? '') && output?.some((value) => value.startsWith(`${layer}_`)) === true,
    );
    invariant(found.length === 1, `${found.length} nodes for ${layer} of ${name}`);
    const pooling = call.op.startsWith('global_pooling');
    // The mean is exact, and has a quantiser of its own in the file.
    const cast = nodes.find(({ output }) => output?.includes(`${layer}_q`) === true);
    const node = (pooling ? cast?.name : at(found, 0).name) ?? '';
    layers.push({ layer, node, lsb: lsbExponent(parseQuantizer(typeOf(call.out_t)).type) });
    if (pooling) continue;
    const keys = [`result: '${typeOf(call.out_t)}'`];
    if (call.accum_t !== undefined) keys.push(`accumulator: '${typeOf(call.accum_t)}'`);
    if (call.w !== undefined) keys.push(`weight: '${precision.weights[call.w]?.type ?? ''}'`);
    if (call.b !== undefined) keys.push(`bias: '${precision.weights[call.b]?.type ?? ''}'`);
    if (call.table_t !== undefined && call.table_size !== undefined) {
      keys.push(`table: { size: ${call.table_size}, type: '${typeOf(call.table_t)}' }`);
    }
    lines.push(`  ${node}: { ${keys.join(', ')} }`);
  }
  return { yaml: `${lines.join('\n')}\n`, layers };
}
