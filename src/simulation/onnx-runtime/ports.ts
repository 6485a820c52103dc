import { elementTypeName } from '../../importers/onnx/element-types.js';
import { decodeModel } from '../../importers/onnx/proto.js';
import { OnnxRuntimeError } from './error.js';

/** A graph input as ONNX Runtime is fed with it. */
export interface RuntimePort {
  readonly name: string;
  /** ONNX's name of the element type. */
  readonly type: string;
  /** Whether dimension 0 counts events; then `shape` has a one there. */
  readonly batched: boolean;
  readonly shape: readonly number[];
}

type Elements =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

const makers: Readonly<Record<string, (values: Float64Array) => Elements>> = {
  float32: (values) => Float32Array.from(values),
  float64: (values) => values,
  int8: (values) => Int8Array.from(values),
  uint8: (values) => Uint8Array.from(values),
  bool: (values) => Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)),
  int16: (values) => Int16Array.from(values),
  uint16: (values) => Uint16Array.from(values),
  int32: (values) => Int32Array.from(values),
  uint32: (values) => Uint32Array.from(values),
  int64: (values) => BigInt64Array.from(values, BigInt),
  uint64: (values) => BigUint64Array.from(values, BigInt),
};

/** Values in the element type of a port. */
export function elementsOf(type: string, values: Float64Array): Elements {
  const make = makers[type];
  if (make === undefined) throw new OnnxRuntimeError('refused', `inputs of type ${type} cannot be given to it`);
  return make(values);
}

/**
 * The graph inputs of a model that are no constants; `batch` as in the importer's options. Throws OnnxRuntimeError for
 * an input that is no tensor of numbers of a known shape, DiagnosticError for bytes that are no model.
 */
export function readPorts(bytes: Uint8Array, batch?: ReadonlyMap<string, 0 | 'none'>): readonly RuntimePort[] {
  const { graph } = decodeModel(bytes, 'model');
  const constants = new Set(graph.initializers.map((tensor) => tensor.name ?? ''));
  return graph.inputs
    .filter(({ name }) => !constants.has(name))
    .map(({ name, tensor }) => {
      if (tensor?.dimensions === undefined) {
        throw new OnnxRuntimeError('refused', `input '${name}' is no tensor of a declared shape`);
      }
      const { dimensions } = tensor;
      const rule = batch?.get(name);
      const batched = rule === 'none' ? false : dimensions.length >= 2 || (rule === 0 && dimensions.length === 1);
      const shape = dimensions.map((dimension, axis) => {
        if (batched && axis === 0) return 1;
        if (typeof dimension === 'number') return dimension;
        throw new OnnxRuntimeError('refused', `dimension ${axis} of input '${name}' is open`);
      });
      return { name, type: elementTypeName(tensor.elementType), batched, shape };
    });
}
