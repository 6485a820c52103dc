import onnxProto from 'onnx-proto';
import type { onnx } from 'onnx-proto';
import { elementTypes } from './onnx-builder.js';

const { AttributeProto, ModelProto } = onnxProto.onnx;
const { float32, float64 } = elementTypes;

function doublesOf(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(values).buffer);
}

function floatsOf({ rawData, floatData }: onnx.ITensorProto): readonly number[] {
  if (rawData === null || rawData === undefined || rawData.length === 0) return floatData ?? [];
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  return Array.from({ length: rawData.length / 4 }, (_, index) => view.getFloat32(4 * index, true));
}

function widen(tensor: onnx.ITensorProto): void {
  if (tensor.dataType !== float32) return;
  tensor.rawData = doublesOf(floatsOf(tensor));
  tensor.floatData = [];
  tensor.dataType = float64;
}

function widenPort(port: onnx.IValueInfoProto): void {
  const type = port.type?.tensorType;
  if (type?.elemType === float32) type.elemType = float64;
}

function widenAttribute(node: onnx.INodeProto, attribute: onnx.IAttributeProto): void {
  if (attribute.t !== null && attribute.t !== undefined) widen(attribute.t);
  if (node.opType === 'Cast' && attribute.name === 'to' && Number(String(attribute.i)) === float32) {
    attribute.i = float64;
  }
  const alone = attribute.name === 'value_float';
  if (node.opType !== 'Constant' || !(alone || attribute.name === 'value_floats')) return;
  const values = alone ? [attribute.f ?? 0] : (attribute.floats ?? []);
  attribute.t = { dims: alone ? [] : [values.length], dataType: float64, rawData: doublesOf(values) };
  attribute.name = 'value';
  attribute.type = AttributeProto.AttributeType.TENSOR;
  attribute.floats = [];
  delete attribute.f;
}

/**
 * The same model on doubles, every constant and port: what is left of a difference there is none of float32, in which
 * a sum of large terms that cancel has no five correct digits.
 */
export function inDoubles(bytes: Uint8Array): Uint8Array {
  const model = ModelProto.decode(bytes);
  const { graph } = model;
  if (graph === null || graph === undefined) throw new Error('a model without a graph');
  for (const tensor of graph.initializer ?? []) widen(tensor);
  for (const port of [...(graph.input ?? []), ...(graph.output ?? [])]) widenPort(port);
  for (const node of graph.node ?? []) for (const attribute of node.attribute ?? []) widenAttribute(node, attribute);
  graph.valueInfo = [];
  return ModelProto.encode(model).finish();
}
