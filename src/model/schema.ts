import type { Codec, Schema } from '../support/codec.js';
import {
  bigintCodec,
  booleanCodec,
  choiceCodec,
  listCodec,
  numberCodec,
  realCodec,
  stringCodec,
} from '../support/codec.js';
import { intervalCodec, typeCodec, typesCodec } from '../numeric/codecs.js';
import type { Overflow, Rounding } from '../numeric/rounding.js';
import { overflowNames, roundingNames } from '../numeric/rounding.js';
import type { ModelFields, ModelNodeId } from './kinds.js';
import { reduceOperations } from './kinds.js';
import { realFunctionNames } from './real-functions.js';

/** The operands are written in the parentheses after the kind, not among the fields. */
export const operandCodec: Codec<ModelNodeId> = {
  encode: numberCodec.encode,
  decode: (tree) => numberCodec.decode(tree) as ModelNodeId,
};
export const operandsCodec: Codec<readonly ModelNodeId[]> = listCodec(operandCodec);

export const shapeCodec = listCodec(numberCodec);
const roundingCodec = choiceCodec<Rounding>([...roundingNames, 'CEIL', 'AWAY']);
const overflowCodec = choiceCodec<Overflow>([...overflowNames, 'MODULO']);
const twoOperands = { left: operandCodec, right: operandCodec };
const oneOperand = { operand: operandCodec };

/** How each field of each kind is written in the text form; the order of fields is the order of printing. */
export const modelSchema: Schema<ModelFields> = {
  input: { name: stringCodec, types: typesCodec, rounding: roundingCodec, overflow: overflowCodec },
  assume: { ...oneOperand, lsb: numberCodec, ranges: listCodec(intervalCodec) },
  constant: { lsb: numberCodec, codes: listCodec(bigintCodec), float: booleanCodec },
  quantize: { ...oneOperand, types: typesCodec, rounding: roundingCodec, overflow: overflowCodec },
  requantize: {
    ...oneOperand,
    numerators: listCodec(bigintCodec),
    offsets: listCodec(bigintCodec),
    denominators: listCodec(bigintCodec),
    types: typesCodec,
    rounding: roundingCodec,
    overflow: overflowCodec,
  },
  bits: { ...oneOperand, lows: listCodec(numberCodec), types: typesCodec },
  add: twoOperands,
  subtract: twoOperands,
  multiply: twoOperands,
  minimum: twoOperands,
  maximum: twoOperands,
  lessThan: twoOperands,
  equal: twoOperands,
  select: { condition: operandCodec, whenTrue: operandCodec, whenFalse: operandCodec },
  negate: oneOperand,
  absolute: oneOperand,
  relu: oneOperand,
  bipolar: oneOperand,
  round: { ...oneOperand, rounding: roundingCodec },
  function: {
    ...oneOperand,
    function: choiceCodec(realFunctionNames),
    parameters: listCodec(realCodec),
    scale: realCodec,
    offset: realCodec,
    fitted: booleanCodec,
  },
  quantizeDefault: oneOperand,
  table: { ...oneOperand, lsb: numberCodec, first: bigintCodec, type: typeCodec, codes: listCodec(bigintCodec) },
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
