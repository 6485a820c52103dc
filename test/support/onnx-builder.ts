import onnxProto from 'onnx-proto';
import type { onnx } from 'onnx-proto';

/** ONNX element type numbers (TensorProto.DataType) by name. */
export const elementTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  bfloat16: 16,
  float8e4m3fn: 17,
  uint4: 21,
  int4: 22,
} as const;
export type ElementTypeName = keyof typeof elementTypes;

export type Attribute = onnx.IAttributeProto;
export type Attributes = Readonly<Record<string, Omit<Attribute, 'name'>>>;
export type Dimension = number | string;

const { AttributeProto, ModelProto } = onnxProto.onnx;
const { AttributeType } = AttributeProto;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Attribute values, typed as ONNX wants them. */
export const float = (f: number): Omit<Attribute, 'name'> => ({ type: AttributeType.FLOAT, f });
export const floats = (values: readonly number[]): Omit<Attribute, 'name'> => ({
  type: AttributeType.FLOATS,
  floats: [...values],
});
export const int = (i: number): Omit<Attribute, 'name'> => ({ type: AttributeType.INT, i });
export const ints = (values: readonly number[]): Omit<Attribute, 'name'> => ({
  type: AttributeType.INTS,
  ints: [...values],
});
export const text = (value: string): Omit<Attribute, 'name'> => ({ type: AttributeType.STRING, s: encode(value) });
export const strings = (values: readonly string[]): Omit<Attribute, 'name'> => ({
  type: AttributeType.STRINGS,
  strings: values.map(encode),
});
export const tensorValue = (t: onnx.ITensorProto): Omit<Attribute, 'name'> => ({ type: AttributeType.TENSOR, t });

/** A tensor with raw data. Element types: float32, float64, and integers of 8 to 64 bits. */
export function rawTensor(
  name: string,
  dims: readonly number[],
  values: readonly number[],
  type: ElementTypeName = 'float32',
): onnx.ITensorProto {
  return { name, dims: [...dims], dataType: elementTypes[type], rawData: rawBytes(values, type) };
}

export function rawBytes(values: readonly number[], type: ElementTypeName): Uint8Array {
  const sizes: Partial<Record<ElementTypeName, number>> = { float64: 8, int64: 8, uint64: 8, int16: 2, uint16: 2 };
  const size = ['int8', 'uint8', 'bool'].includes(type) ? 1 : (sizes[type] ?? 4);
  const view = new DataView(new ArrayBuffer(values.length * size));
  values.forEach((value, index) => {
    const at = index * size;
    if (type === 'float32') view.setFloat32(at, value, true);
    else if (type === 'float64') view.setFloat64(at, value, true);
    else if (size === 8) view.setBigInt64(at, BigInt(value), true);
    else if (size === 4) view.setInt32(at, value, true);
    else if (size === 2) view.setInt16(at, value, true);
    else view.setInt8(at, value);
  });
  return new Uint8Array(view.buffer);
}

export function valueInfo(
  name: string,
  dims: readonly Dimension[] | undefined,
  type: ElementTypeName = 'float32',
): onnx.IValueInfoProto {
  const dim = dims?.map((each) => (typeof each === 'number' ? { dimValue: each } : { dimParam: each }));
  return {
    name,
    type: { tensorType: { elemType: elementTypes[type], ...(dim === undefined ? {} : { shape: { dim } }) } },
  };
}

/** A tensor whose data lie in another file. */
export function externalTensor(
  name: string,
  dims: readonly number[],
  entries: Readonly<Record<string, string>>,
): onnx.ITensorProto {
  return {
    name,
    dims: [...dims],
    dataType: elementTypes.float32,
    dataLocation: onnxProto.onnx.TensorProto.DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  };
}

/** Puts ONNX models together for tests; nothing is checked, so that broken models can be made too. */
export class OnnxBuilder {
  public readonly graph = {
    name: 'graph',
    node: [] as onnx.INodeProto[],
    initializer: [] as onnx.ITensorProto[],
    sparseInitializer: [] as onnx.ISparseTensorProto[],
    input: [] as onnx.IValueInfoProto[],
    output: [] as onnx.IValueInfoProto[],
    quantizationAnnotation: [] as onnx.ITensorAnnotation[],
  };
  public functions: onnx.IFunctionProto[] = [];
  private readonly opsets: onnx.IOperatorSetIdProto[] = [];

  /** `opset` 0 leaves the standard domain out of opset_import. */
  public constructor(opset = 13, domain = '') {
    if (opset > 0) this.opsets.push({ domain, version: opset });
  }

  public importDomain(domain: string, version: number): this {
    this.opsets.push({ domain, version });
    return this;
  }

  public input(name: string, dims: readonly Dimension[] | undefined, type: ElementTypeName = 'float32'): this {
    this.graph.input.push(valueInfo(name, dims, type));
    return this;
  }

  public output(name: string, dims?: readonly Dimension[], type: ElementTypeName = 'float32'): this {
    this.graph.output.push(valueInfo(name, dims, type));
    return this;
  }

  public initializer(
    name: string,
    dims: readonly number[],
    values: readonly number[],
    type: ElementTypeName = 'float32',
  ): this {
    this.graph.initializer.push(rawTensor(name, dims, values, type));
    return this;
  }

  public tensor(tensor: onnx.ITensorProto): this {
    this.graph.initializer.push(tensor);
    return this;
  }

  public node(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Attributes = {},
    { domain = '', name = '' }: { readonly domain?: string; readonly name?: string } = {},
  ): this {
    this.graph.node.push({
      opType: operator,
      input: [...inputs],
      output: [...outputs],
      domain,
      name,
      attribute: Object.entries(attributes).map(([attribute, value]) => ({ name: attribute, ...value })),
    });
    return this;
  }

  public message(): onnx.IModelProto {
    return {
      irVersion: 7,
      producerName: 'test',
      producerVersion: '1.0',
      opsetImport: this.opsets,
      functions: this.functions,
      graph: this.graph,
    };
  }

  public bytes(): Uint8Array {
    return ModelProto.encode(ModelProto.create(this.message())).finish();
  }
}
