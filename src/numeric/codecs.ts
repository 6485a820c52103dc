import type { Codec } from '../support/codec.js';
import { bigintCodec, listCodec, wordCodec } from '../support/codec.js';
import { isList, printTree, TextSyntaxError } from '../support/text-tree.js';
import type { FixedPointType } from './fixed-point.js';
import { parseQuantizer, printType } from './fixed-point.js';
import type { Interval } from './interval.js';

/** `[low, high]`; an empty interval is refused. */
export const intervalCodec: Codec<Interval> = {
  encode: ({ low, high }) => [bigintCodec.encode(low), bigintCodec.encode(high)],
  decode: (tree) => {
    const [low, high] = isList(tree) && tree.length === 2 ? tree : [];
    if (low === undefined || high === undefined) throw new TextSyntaxError(`'${printTree(tree)}' is not [low, high]`);
    const range = { low: bigintCodec.decode(low), high: bigintCodec.decode(high) };
    if (range.low > range.high) throw new TextSyntaxError(`the interval ${printTree(tree)} is empty`);
    return range;
  },
};

export const typeCodec: Codec<FixedPointType> = wordCodec(printType, parseType);
/** `[ap_fixed<8,4> * 57]` */
export const typesCodec: Codec<readonly FixedPointType[]> = listCodec(typeCodec);

/** A type as the text forms write it: `ap_fixed<16,6>`, modes and shorthands excluded. */
function parseType(text: string): FixedPointType {
  const { type } = parseQuantizer(text);
  if (printType(type) !== text.replace(/\s/gu, '')) throw new RangeError(`'${text}' is not of the form ap_fixed<W,I>`);
  return type;
}
