import type { Codec, Schema } from '../support/codec.js';
import { bigintCodec, booleanCodec, listCodec, numberCodec, wordCodec } from '../support/codec.js';
import { intervalCodec } from '../numeric/codecs.js';
import type { DataflowFields, DataflowKind, NodeId } from './kinds.js';
import type { ValueReference } from './program.js';
import { PROGRAM_INPUT } from './program.js';

/** The operands are written in the parentheses after the kind, not among the fields. */
export const operandCodec: Codec<NodeId> = {
  encode: numberCodec.encode,
  decode: (tree) => numberCodec.decode(tree) as NodeId,
};

const twoOperands = { left: operandCodec, right: operandCodec };
const oneOperand = { operand: operandCodec };

/**
 * How each field of each kind is written in the text form. The order of fields is the order of printing, and that of
 * the operands is the one of the semantics table.
 */
export const dataflowSchema: Schema<DataflowFields> = {
  input: { index: numberCodec, bounds: intervalCodec },
  constant: { value: bigintCodec },
  add: twoOperands,
  subtract: twoOperands,
  addThree: { first: operandCodec, second: operandCodec, third: operandCodec, subtracts: booleanCodec },
  negate: oneOperand,
  multiply: twoOperands,
  square: oneOperand,
  shiftLeft: { ...oneOperand, amount: numberCodec },
  floorShiftRight: { ...oneOperand, amount: numberCodec },
  lessThan: twoOperands,
  equal: twoOperands,
  select: { condition: operandCodec, whenTrue: operandCodec, whenFalse: operandCodec },
  minimum: twoOperands,
  maximum: twoOperands,
  clamp: { ...oneOperand, bounds: intervalCodec },
  wrap: { ...oneOperand, width: numberCodec, signed: booleanCodec },
  table: { ...oneOperand, first: bigintCodec, values: listCodec(bigintCodec) },
  and: twoOperands,
  or: twoOperands,
  xor: twoOperands,
  not: oneOperand,
  slice: { ...oneOperand, low: numberCodec, width: numberCodec },
  concat: { high: operandCodec, low: operandCodec, lowWidth: numberCodec },
  assume: { ...oneOperand, bounds: intervalCodec },
};

export const dataflowKinds = Object.keys(dataflowSchema) as readonly DataflowKind[];

/** The fields of one kind by where they are written. */
export interface KindLayout {
  readonly kind: DataflowKind;
  /** Names of the operands, in the parentheses. */
  readonly operands: readonly string[];
  /** Names and codecs of the other fields, in the braces. */
  readonly attributes: readonly (readonly [string, Codec<unknown>])[];
}

const layouts: ReadonlyMap<string, KindLayout> = new Map(
  dataflowKinds.map((kind) => {
    const rows = Object.entries(dataflowSchema[kind] as unknown as Readonly<Record<string, Codec<unknown>>>);
    const isOperand = (codec: Codec<unknown>): boolean => codec === (operandCodec as Codec<unknown>);
    const operands = rows.filter(([, codec]) => isOperand(codec)).map(([name]) => name);
    return [kind, { kind, operands, attributes: rows.filter(([, codec]) => !isOperand(codec)) }];
  }),
);

/** Undefined when there is no such kind. */
export function layoutOf(kind: string): KindLayout | undefined {
  return layouts.get(kind);
}

/** `in.3` is element 3 of the input ports, `i2.0` is result 0 of instance 2. */
export function printReference({ instance, index }: ValueReference): string {
  return instance === PROGRAM_INPUT ? `in.${index}` : `i${instance}.${index}`;
}

function parseReference(text: string): ValueReference {
  const match = /^i(?:n|(\d{1,9}))\.(\d{1,9})$/u.exec(text);
  if (match === null) throw new RangeError(`'${text}' is not of the form in.3 or i2.0`);
  return { instance: match[1] === undefined ? PROGRAM_INPUT : Number(match[1]), index: Number(match[2]) };
}

export const referencesCodec: Codec<readonly ValueReference[]> = listCodec(wordCodec(printReference, parseReference));
