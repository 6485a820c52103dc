import type { DataflowKind } from '../../../src/dataflow/kinds.js';

/** Fields that are not operands, in plain numbers. */
export type Parameters = Readonly<Record<string, number | boolean | readonly number[]>>;

export interface Definition {
  readonly arity: number;
  /** Every choice of the parameters that the tests try. */
  readonly parameters: readonly Parameters[];
  /** The value by another route than the semantics table: ordinary arithmetic and strings of bits. */
  readonly value: (operands: readonly number[], parameters: Parameters) => number;
  /** Is the inferred interval the smallest one, whatever the intervals of the operands? */
  readonly tight: boolean;
}

const BITS = 24;

/** The low 24 bits of the infinite two's complement form, most significant first. */
function bitsOf(value: number): string {
  const period = 2 ** BITS;
  return (((value % period) + period) % period).toString(2).padStart(BITS, '0');
}

function signedOf(bits: string): number {
  const unsigned = bits === '' ? 0 : parseInt(bits, 2);
  return bits.startsWith('1') ? unsigned - 2 ** bits.length : unsigned;
}

function bitwise(left: number, right: number, table: Readonly<Record<string, string>>): number {
  const [a, b] = [bitsOf(left), bitsOf(right)];
  return signedOf(a.replace(/[01]/gu, (bit, index: number) => table[bit + b.charAt(index)] ?? '?'));
}

function number(parameters: Parameters, name: string): number {
  return Number(parameters[name]);
}

function numbers(parameters: Parameters, name: string): readonly number[] {
  return parameters[name] as readonly number[];
}

function amounts(name: string, low: number, high: number): readonly Parameters[] {
  return Array.from({ length: high - low + 1 }, (_, index) => ({ [name]: low + index }));
}

const none: readonly Parameters[] = [{}];
const everyBounds: readonly Parameters[] = amounts('low', -4, 4).flatMap((low) =>
  amounts('high', 0, 4).map((span) => {
    const from = number(low, 'low');
    return { bounds: [from, from + number(span, 'high')] };
  }),
);

type Computing = Exclude<DataflowKind, 'input' | 'constant' | 'assume'>;

export const definitions: Readonly<Record<Computing, Definition>> = {
  add: { arity: 2, parameters: none, tight: true, value: ([a = 0, b = 0]) => a + b },
  subtract: { arity: 2, parameters: none, tight: true, value: ([a = 0, b = 0]) => a - b },
  addThree: {
    arity: 3,
    parameters: [{ subtracts: false }, { subtracts: true }],
    tight: true,
    value: ([a = 0, b = 0, c = 0], p) => (p['subtracts'] === true ? a - (c - b) : c + (b + a)),
  },
  negate: { arity: 1, parameters: none, tight: true, value: ([a = 0]) => 0 - a },
  multiply: {
    arity: 2,
    parameters: none,
    tight: true,
    // Repeated addition.
    value: ([a = 0, b = 0]) => {
      let sum = 0;
      for (let count = 0; count < Math.abs(b); count++) sum += a;
      return b < 0 ? 0 - sum : sum;
    },
  },
  square: { arity: 1, parameters: none, tight: true, value: ([a = 0]) => Math.abs(a) ** 2 },
  shiftLeft: {
    arity: 1,
    parameters: amounts('amount', 0, 4),
    tight: true,
    value: ([a = 0], p) => signedOf(bitsOf(a) + '0'.repeat(number(p, 'amount'))),
  },
  floorShiftRight: {
    arity: 1,
    parameters: amounts('amount', 0, 4),
    tight: true,
    value: ([a = 0], p) => Math.floor(a / 2 ** number(p, 'amount')),
  },
  lessThan: { arity: 2, parameters: none, tight: true, value: ([a = 0, b = 0]) => (a - b < 0 ? 1 : 0) },
  equal: { arity: 2, parameters: none, tight: true, value: ([a = 0, b = 0]) => (bitsOf(a) === bitsOf(b) ? 1 : 0) },
  select: { arity: 3, parameters: none, tight: true, value: ([c = 0, a = 0, b = 0]) => (c === 0 ? b : a) },
  minimum: { arity: 2, parameters: none, tight: true, value: ([a = 0, b = 0]) => Math.min(a, b) },
  maximum: { arity: 2, parameters: none, tight: true, value: ([a = 0, b = 0]) => Math.max(a, b) },
  clamp: {
    arity: 1,
    parameters: everyBounds,
    tight: true,
    value: ([a = 0], p) => [a, ...numbers(p, 'bounds')].sort((x, y) => x - y)[1] ?? 0,
  },
  wrap: {
    arity: 1,
    parameters: [false, true].flatMap((signed) => amounts('width', 1, 5).map((width) => ({ ...width, signed }))),
    tight: true,
    value: ([a = 0], p) => {
      const bits = bitsOf(a).slice(BITS - number(p, 'width'));
      return p['signed'] === true ? signedOf(bits) : signedOf(`0${bits}`);
    },
  },
  table: {
    arity: 1,
    parameters: [-6, -2, 0, 3].flatMap((first) =>
      [[7], [3, -4], [1, 5, 2, 2, -9]].map((values) => ({ first, values })),
    ),
    tight: true,
    value: ([a = 0], p) => {
      const values = numbers(p, 'values');
      return values[Math.max(0, Math.min(values.length - 1, a - number(p, 'first')))] ?? 0;
    },
  },
  and: {
    arity: 2,
    parameters: none,
    tight: false,
    value: ([a = 0, b = 0]) => bitwise(a, b, { '00': '0', '01': '0', '10': '0', '11': '1' }),
  },
  or: {
    arity: 2,
    parameters: none,
    tight: false,
    value: ([a = 0, b = 0]) => bitwise(a, b, { '00': '0', '01': '1', '10': '1', '11': '1' }),
  },
  xor: {
    arity: 2,
    parameters: none,
    tight: false,
    value: ([a = 0, b = 0]) => bitwise(a, b, { '00': '0', '01': '1', '10': '1', '11': '0' }),
  },
  not: {
    arity: 1,
    parameters: none,
    tight: true,
    value: ([a = 0]) => signedOf(bitsOf(a).replace(/[01]/gu, (bit) => (bit === '1' ? '0' : '1'))),
  },
  slice: {
    arity: 1,
    parameters: amounts('low', 0, 4).flatMap((low) => amounts('width', 1, 4).map((width) => ({ ...low, ...width }))),
    tight: true,
    value: ([a = 0], p) => {
      const end = BITS - number(p, 'low');
      return parseInt(bitsOf(a).slice(end - number(p, 'width'), end), 2);
    },
  },
  concat: {
    arity: 2,
    parameters: amounts('lowWidth', 1, 4),
    tight: true,
    value: ([high = 0, low = 0], p) => signedOf(bitsOf(high) + bitsOf(low).slice(BITS - number(p, 'lowWidth'))),
  },
};
