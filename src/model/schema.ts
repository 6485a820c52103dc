import type { Codec, Schema } from '../support/codec.js';
import {
  bigintCodec,
  booleanCodec,
  choiceCodec,
  listCodec,
  numberCodec,
  stringCodec,
  wordCodec,
} from '../support/codec.js';
import { isList, printTree, TextSyntaxError } from '../support/text-tree.js';
import type { FixedPointType } from '../numeric/fixed-point.js';
import { parseQuantizer, printType } from '../numeric/fixed-point.js';
import type { Interval } from '../numeric/interval.js';
import type { Rounding } from '../numeric/rounding.js';
import { overflowNames, roundingNames } from '../numeric/rounding.js';
import type { ModelFields, ModelNodeId } from './kinds.js';
import { reduceOperations } from './kinds.js';

/** A type as the text form writes it: `ap_fixed<16,6>`, modes and shorthands excluded. */
function parseType(text: string): FixedPointType {
  const { type } = parseQuantizer(text);
  if (printType(type) !== text.replace(/\s/gu, '')) throw new RangeError(`'${text}' is not of the form ap_fixed<W,I>`);
  return type;
}

/** The operands are written in the parentheses after the kind, not among the fields. */
export const operandCodec: Codec<ModelNodeId> = {
  encode: numberCodec.encode,
  decode: (tree) => numberCodec.decode(tree) as ModelNodeId,
};
export const operandsCodec: Codec<readonly ModelNodeId[]> = listCodec(operandCodec);

const intervalCodec: Codec<Interval> = {
  encode: ({ low, high }) => [bigintCodec.encode(low), bigintCodec.encode(high)],
  decode: (tree) => {
    const [low, high] = isList(tree) && tree.length === 2 ? tree : [];
    if (low === undefined || high === undefined) throw new TextSyntaxError(`'${printTree(tree)}' is not [low, high]`);
    return { low: bigintCodec.decode(low), high: bigintCodec.decode(high) };
  },
};

export const typesCodec = listCodec(wordCodec(printType, parseType));
export const shapeCodec = listCodec(numberCodec);
const roundingCodec = choiceCodec<Rounding>([...roundingNames, 'CEIL', 'AWAY']);
const overflowCodec = choiceCodec(overflowNames);
const twoOperands = { left: operandCodec, right: operandCodec };
const oneOperand = { operand: operandCodec };

/** How each field of each kind is written in the text form; the order of fields is the order of printing. */
export const modelSchema: Schema<ModelFields> = {
  input: { name: stringCodec, types: typesCodec, rounding: roundingCodec, overflow: overflowCodec },
  assume: { ...oneOperand, lsb: numberCodec, ranges: listCodec(intervalCodec) },
  constant: { lsb: numberCodec, codes: listCodec(bigintCodec), float: booleanCodec },
  quantize: { ...oneOperand, types: typesCodec, rounding: roundingCodec, overflow: overflowCodec },
  add: twoOperands,
  subtract: twoOperands,
  multiply: twoOperands,
  minimum: twoOperands,
  maximum: twoOperands,
  negate: oneOperand,
  absolute: oneOperand,
  relu: oneOperand,
  bipolar: oneOperand,
  matmul: twoOperands,
  reshape: { ...oneOperand, shape: shapeCodec },
  transpose: { ...oneOperand, permutation: listCodec(numberCodec) },
  concat: { operands: operandsCodec, axis: numberCodec },
  gather: { ...oneOperand, axis: numberCodec, indices: listCodec(numberCodec) },
  reduce: {
    ...oneOperand,
    operation: choiceCodec(reduceOperations),
    axes: listCodec(numberCodec),
    keepDimensions: booleanCodec,
  },
};

/** The fields of one kind with the types loosened, so that one function prints or parses all kinds. */
export function fieldsOf(kind: keyof ModelFields): readonly (readonly [string, Codec<unknown>])[] {
  return Object.entries(modelSchema[kind] as unknown as Readonly<Record<string, Codec<unknown>>>);
}
