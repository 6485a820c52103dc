import onnxProto from 'onnx-proto';
import type { onnx } from 'onnx-proto';
import { importCodes } from '../../diagnostics/codes/import.js';
import { DiagnosticError, fail } from '../../diagnostics/result.js';
import { checkWire } from './wire.js';

/** The parts of an ONNX file that Trigc reads, free of protobuf's optional fields and number types. */
export interface OnnxModel {
  readonly irVersion: number;
  readonly producer: string;
  readonly producerVersion: string;
  /** By normalised domain: the standard one is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  /** `domain::name` of the model-local functions. */
  readonly functions: ReadonlySet<string>;
  readonly graph: OnnxGraph;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly onnx.ITensorProto[];
  readonly sparseInitializers: readonly string[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  readonly annotations: number;
}

export interface OnnxValueInfo {
  readonly name: string;
  /** Undefined for values that are not dense tensors, or that declare no type. */
  readonly tensor: OnnxTensorType | undefined;
}

export interface OnnxTensorType {
  /** TensorProto.DataType number. */
  readonly elementType: number;
  /** A number, or the name of a symbolic dimension ('?' when it has none); undefined when even the rank is open. */
  readonly dimensions: readonly (number | string)[] | undefined;
}

export interface OnnxNode {
  readonly index: number;
  /** The node's name, made unique and never empty: what diagnostics, reports and configuration use. */
  readonly label: string;
  /** Whether the label differs from a name that the file gives, because an earlier node has the same. */
  readonly renamed: boolean;
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, onnx.IAttributeProto>;
}

/**
 * A protobuf integer: a number, or the decoder's 64-bit object, whose type is not declared. Values beyond 2^53 lose low
 * bits here; use `bigintOf` where they matter.
 */
export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number(bigintOf(value));
}

export function bigintOf(value: unknown): bigint {
  if (value === null || value === undefined) return 0n;
  // Both kinds print as plain decimals.
  return BigInt((value as number | { toString(): string }).toString());
}

/** Throws DiagnosticError when the bytes are not a well-formed model with a graph. */
export function decodeModel(bytes: Uint8Array, modelPath: string): OnnxModel {
  const location = { model: modelPath };
  if (bytes.length === 0) fail(importCodes.notOnnx, 'the file is empty', location);
  checkWire(bytes, modelPath);
  let model: onnx.ModelProto;
  try {
    model = onnxProto.onnx.ModelProto.decode(bytes);
  } catch (error) {
    if (error instanceof DiagnosticError || !(error instanceof Error)) throw error;
    return fail(importCodes.malformed, `the protobuf decoder gave up: ${error.message}`, location);
  }
  const { graph } = model;
  if (graph === null || graph === undefined) return fail(importCodes.noGraph, 'the model has no graph', location);
  return {
    irVersion: numberOf(model.irVersion),
    producer: model.producerName,
    producerVersion: model.producerVersion,
    opsets: new Map(
      model.opsetImport.map((opset) => [normaliseDomain(opset.domain ?? ''), numberOf(opset.version)] as const),
    ),
    functions: new Set(model.functions.map((local) => `${normaliseDomain(local.domain ?? '')}::${local.name ?? ''}`)),
    graph: {
      nodes: labelled(graph.node ?? []),
      initializers: graph.initializer ?? [],
      sparseInitializers: (graph.sparseInitializer ?? []).map((sparse) => sparse.values?.name ?? ''),
      inputs: (graph.input ?? []).map(valueInfo),
      outputs: (graph.output ?? []).map(valueInfo),
      annotations: graph.quantizationAnnotation?.length ?? 0,
    },
  };
}

function normaliseDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

function labelled(nodes: readonly onnx.INodeProto[]): readonly OnnxNode[] {
  const taken = new Set<string>();
  return nodes.map((node, index) => {
    const name = node.name ?? '';
    let label = name === '' ? `#${index}` : name;
    while (taken.has(label)) label = `${label}#${index}`;
    taken.add(label);
    return {
      index,
      label,
      renamed: name !== '' && label !== name,
      operator: node.opType ?? '',
      domain: normaliseDomain(node.domain ?? ''),
      inputs: node.input ?? [],
      outputs: node.output ?? [],
      attributes: attributesOf(node.attribute ?? []),
    };
  });
}

const noAttributes: OnnxNode['attributes'] = new Map();

function attributesOf(attributes: readonly onnx.IAttributeProto[]): OnnxNode['attributes'] {
  if (attributes.length === 0) return noAttributes;
  return new Map(attributes.map((attribute) => [attribute.name ?? '', attribute] as const));
}

function valueInfo(info: onnx.IValueInfoProto): OnnxValueInfo {
  const tensor = info.type?.tensorType;
  if (tensor === null || tensor === undefined) return { name: info.name ?? '', tensor: undefined };
  const dimensions = tensor.shape?.dim?.map((dimension) => {
    // The decoder leaves fields that are absent from the file undefined or at their default on the prototype.
    if (Object.hasOwn(dimension, 'dimValue')) return numberOf(dimension.dimValue);
    const symbol = dimension.dimParam ?? '';
    return symbol === '' ? '?' : symbol;
  });
  // A shape message without dimensions is a scalar; no shape message at all leaves the rank open.
  const shape = tensor.shape === null || tensor.shape === undefined ? undefined : (dimensions ?? []);
  return { name: info.name ?? '', tensor: { elementType: tensor.elemType ?? 0, dimensions: shape } };
}
