import type { FixedPointType } from '../numeric/fixed-point.js';
import { codeRange, lsbExponent } from '../numeric/fixed-point.js';
import type { Interval } from '../numeric/interval.js';
import type { Overflow, Rounding } from '../numeric/rounding.js';

/** One column of an event file: one element of a port, in the flattened order of the graph. */
export interface EventPort {
  /** Name of the port. */
  readonly name: string;
  /** Element within the port, flattened, from 0. */
  readonly element: number;
  readonly type: FixedPointType;
  /** Codes that the user promised to stay within; a constant is an interval of one code. */
  readonly promised?: Interval;
  /** How real values are brought into the type under the policy `quantise`. */
  readonly rounding: Rounding;
  readonly overflow: Overflow;
}

/** `exact`: a value that is not a code of its port is an error; `quantise`: it is rounded and brought into range. */
export type InputPolicy = 'exact' | 'quantise';

/** Widths up to this have codes that are exact as doubles, with room for one more bit. */
const FAST_WIDTH = 52;
/** Exponents up to this can be added to any that a short decimal has without leaving the range of a double. */
const FAST_EXPONENT = 200;

/** What the hot loops need to know of a column, as numbers. */
export interface EventColumn {
  readonly port: EventPort;
  /** Whether doubles are exact for this column; otherwise everything takes the path of big integers. */
  readonly fast: boolean;
  /** 2^-lsb: value × scale is the code. */
  readonly scale: number;
  /** Codes allowed by type and promise together. */
  readonly low: number;
  readonly high: number;
}

export function eventColumn(port: EventPort): EventColumn {
  const lsb = lsbExponent(port.type);
  const range = codeRange(port.type);
  const promised = port.promised ?? range;
  return {
    port,
    fast: port.type.width <= FAST_WIDTH && Math.abs(lsb) <= FAST_EXPONENT,
    scale: 2 ** -lsb,
    low: Number(promised.low > range.low ? promised.low : range.low),
    high: Number(promised.high < range.high ? promised.high : range.high),
  };
}
