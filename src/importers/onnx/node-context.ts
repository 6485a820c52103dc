import type { onnx } from 'onnx-proto';
import { importCodes } from '../../diagnostics/codes/import.js';
import type { DiagnosticKind, Location } from '../../diagnostics/diagnostic.js';
import { printable } from '../../diagnostics/diagnostic.js';
import { fail } from '../../diagnostics/result.js';
import type { Provenance } from '../../model/kinds.js';
import type { ConstantTensor } from './constant-tensor.js';
import { numberAt, wholeNumbers, elementsOf } from './constant-tensor.js';
import { numberOf, type OnnxNode } from './proto.js';
import type { ConstantValue, ImportSession, Value } from './session.js';
import type { ReadExternal } from './tensor-data.js';
import { readTensor } from './tensor-data.js';
import { Tensors } from './tensors.js';

/** AttributeProto.AttributeType numbers. */
const FLOAT = 1;
const INT = 2;
const STRING = 3;
const TENSOR = 4;
const FLOATS = 6;
const INTS = 7;
const STRINGS = 8;

/** What a handler sees of the node it reads: operands, attributes, and the tensors it may build. */
export class NodeContext {
  public readonly tensors: Tensors;
  public readonly provenance: Provenance;
  /** Text of the quantiser that this node is, for the node table. */
  public quantizer: string | undefined;

  public constructor(
    public readonly session: ImportSession,
    public readonly node: OnnxNode,
    /** Version of the operator set that the node's domain imports. */
    public readonly opset: number,
    private readonly operands: readonly (Value | undefined)[],
    private readonly readExternal: ReadExternal | undefined,
  ) {
    this.provenance = { name: node.label, operator: node.operator };
    this.tensors = new Tensors(session, this.provenance);
  }

  /** The same node with other operands, read as that version of the standard has it. */
  public replacing(operands: ReadonlyMap<number, Value>, opset: number): NodeContext {
    const replaced = this.operands.map((operand, index) => operands.get(index) ?? operand);
    return new NodeContext(this.session, this.node, opset, replaced, this.readExternal);
  }

  public location(attribute?: string): Location {
    const base = { model: this.session.modelPath, node: this.node.label };
    return attribute === undefined ? base : { ...base, attribute };
  }

  public fail(kind: DiagnosticKind, message: string, hint?: string): never {
    return fail(kind, message, this.location(), hint);
  }

  public report(kind: DiagnosticKind, message: string, hint?: string): void {
    this.session.bag.add(kind, message, this.location(), hint);
  }

  /** Refuse the form in which the node uses its operator. */
  public refuse(message: string, hint?: string): never {
    return this.fail(importCodes.unsupportedVariant, message, hint);
  }

  public get inputCount(): number {
    return this.operands.length;
  }

  public has(index: number): boolean {
    return this.operands[index] !== undefined;
  }

  public input(index: number): Value {
    const value = this.operands[index];
    return value ?? this.fail(importCodes.operandCount, `input ${index} of ${this.node.operator} is missing`);
  }

  public optional(index: number): Value | undefined {
    return this.operands[index];
  }

  /** Input that must be known at compile time. */
  public constant(index: number, what: string): ConstantValue {
    const value = this.input(index);
    return value.kind === 'constant'
      ? value
      : this.fail(importCodes.notConstant, `input ${index} (${what}) is computed`);
  }

  public tensor(index: number, what: string): ConstantTensor {
    return this.constant(index, what).tensor;
  }

  public optionalTensor(index: number, what: string): ConstantTensor | undefined {
    return this.has(index) ? this.tensor(index, what) : undefined;
  }

  /** A constant list of whole numbers, such as axes or a shape. */
  public wholeInput(index: number, what: string): readonly number[] {
    const numbers = wholeNumbers(this.tensor(index, what));
    return numbers ?? this.fail(importCodes.operandValue, `input ${index} (${what}) holds numbers that are not whole`);
  }

  public optionalWholeInput(index: number, what: string): readonly number[] | undefined {
    return this.has(index) ? this.wholeInput(index, what) : undefined;
  }

  /** A constant of one element. */
  public scalarInput(index: number, what: string): number {
    const tensor = this.tensor(index, what);
    if (elementsOf(tensor) !== 1) {
      this.fail(importCodes.operandValue, `input ${index} (${what}) has ${elementsOf(tensor)} elements instead of one`);
    }
    return numberAt(tensor, 0);
  }

  public hasAttribute(name: string): boolean {
    return this.node.attributes.has(name);
  }

  public integer(name: string, missing?: number): number {
    const attribute = this.attribute(name, INT);
    if (attribute === undefined) return missing ?? this.missing(name);
    return numberOf(attribute.i);
  }

  public float(name: string, missing?: number): number {
    const attribute = this.attribute(name, FLOAT);
    if (attribute === undefined) return missing ?? this.missing(name);
    return attribute.f ?? 0;
  }

  public string(name: string, missing?: string): string {
    const attribute = this.attribute(name, STRING);
    if (attribute === undefined) return missing ?? this.missing(name);
    return new TextDecoder().decode(attribute.s ?? new Uint8Array());
  }

  public integers(name: string): readonly number[] | undefined {
    return this.attribute(name, INTS)?.ints?.map(numberOf);
  }

  public floats(name: string): readonly number[] | undefined {
    return this.attribute(name, FLOATS)?.floats ?? undefined;
  }

  public strings(name: string): readonly string[] | undefined {
    return this.attribute(name, STRINGS)?.strings?.map((bytes) => new TextDecoder().decode(bytes));
  }

  public tensorAttribute(name: string): ConstantTensor | undefined {
    const tensor = this.attribute(name, TENSOR)?.t;
    if (tensor === null || tensor === undefined) return undefined;
    return readTensor(tensor, this.readExternal, this.location(name));
  }

  /** Axis in [-rank, rank) as one in [0, rank). */
  public axis(axis: number, rank: number, what = 'axis'): number {
    if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
      this.fail(importCodes.operandValue, `${what} ${axis} is outside a tensor of rank ${rank}`);
    }
    return axis < 0 ? axis + rank : axis;
  }

  /** A list of different axes. */
  public axes(axes: readonly number[], rank: number): readonly number[] {
    const result = axes.map((axis) => this.axis(axis, rank));
    if (new Set(result).size !== result.length) {
      this.fail(importCodes.operandValue, `an axis is listed twice: [${axes.slice(0, 20).join(', ')}]`);
    }
    return result;
  }

  private attribute(name: string, type: number): onnx.IAttributeProto | undefined {
    const attribute = this.node.attributes.get(name);
    if (attribute === undefined) return undefined;
    // Files of IR version 1 and some exporters leave the type out.
    const declared: number = attribute.type ?? 0;
    if (declared !== 0 && declared !== type) {
      fail(importCodes.attribute, `attribute '${printable(name)}' has the wrong type`, this.location(name));
    }
    if ((attribute.refAttrName ?? '') !== '') {
      fail(importCodes.attribute, `attribute '${printable(name)}' refers to a function parameter`, this.location(name));
    }
    return attribute;
  }

  private missing(name: string): never {
    return fail(importCodes.attribute, `${this.node.operator} lacks its attribute '${name}'`, this.location(name));
  }
}
