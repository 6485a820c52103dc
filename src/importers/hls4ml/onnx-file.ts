import onnxProto from 'onnx-proto';
import type { onnx } from 'onnx-proto';

const { AttributeProto, ModelProto, TensorProto } = onnxProto.onnx;
const { AttributeType } = AttributeProto;
const { DataType } = TensorProto;

/** IR version 7 and opset 13: read by every ONNX Runtime since 1.7. */
const IR_VERSION = 7;
const OPSET = 13;

export type AttributeValue = number | readonly number[] | string;

interface PendingTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: readonly number[];
  readonly integers: boolean;
}

interface Port {
  readonly name: string;
  /** Without the event. */
  readonly shape: readonly number[];
}

/** A network that is written down node by node, and encoded as an ONNX file of floats, or of doubles where floats would lose bits. */
export class OnnxFile {
  private readonly nodes: onnx.INodeProto[] = [];
  private readonly tensors: PendingTensor[] = [];
  private readonly taken = new Set<string>();

  /** A name for a node that no other has. */
  public freeName(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.taken.has(name); count += 1) name = `${wanted}_${count}`;
    this.taken.add(name);
    return name;
  }

  /** Add a node; returns the name of its output. */
  public node(
    operator: string,
    name: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): string {
    const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value));
    this.nodes.push({ name, opType: operator, input: [...inputs], output: [output], attribute });
    return output;
  }

  public constant(name: string, dims: readonly number[], values: readonly number[]): string {
    this.tensors.push({ name, dims, values, integers: false });
    return name;
  }

  public integers(name: string, values: readonly number[]): string {
    this.tensors.push({ name, dims: [values.length], values, integers: true });
    return name;
  }

  public encode(graph: string, inputs: readonly Port[], outputs: readonly Port[]): Uint8Array {
    const double = this.tensors.some(({ values, integers }) => !integers && values.some((v) => Math.fround(v) !== v));
    const type = double ? DataType.DOUBLE : DataType.FLOAT;
    const message = ModelProto.create({
      irVersion: IR_VERSION,
      producerName: 'trigc import-hls4ml',
      opsetImport: [{ domain: '', version: OPSET }],
      graph: {
        name: graph,
        node: this.nodes,
        initializer: this.tensors.map((tensor) => tensorOf(tensor, double)),
        input: inputs.map((port) => portOf(port, type)),
        output: outputs.map((port) => portOf(port, type)),
      },
    });
    return ModelProto.encode(message).finish();
  }
}

function attributeOf(name: string, value: AttributeValue): onnx.IAttributeProto {
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: value };
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  return { name, type: AttributeType.INTS, ints: [...value] };
}

function tensorOf({ name, dims, values, integers }: PendingTensor, double: boolean): onnx.ITensorProto {
  const bytes = integers || double ? 8 : 4;
  const view = new DataView(new ArrayBuffer(values.length * bytes));
  values.forEach((value, index) => {
    if (integers) view.setBigInt64(index * bytes, BigInt(value), true);
    else if (double) view.setFloat64(index * bytes, value, true);
    else view.setFloat32(index * bytes, value, true);
  });
  const dataType = integers ? DataType.INT64 : double ? DataType.DOUBLE : DataType.FLOAT;
  return { name, dims: [...dims], dataType, rawData: new Uint8Array(view.buffer) };
}

function portOf({ name, shape }: Port, elemType: number): onnx.IValueInfoProto {
  const dim = [{ dimParam: 'batch' }, ...shape.map((dimValue) => ({ dimValue }))];
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}
