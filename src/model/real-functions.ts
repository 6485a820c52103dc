import { errorFunction } from '../numeric/error-function.js';

/** One function of a real number, as `function` nodes name it. */
export interface RealFunction {
  /** Names of its parameters, in order. */
  readonly parameters: readonly string[];
  /** The value in double precision; infinite at a pole, NaN where the function is not defined. */
  readonly evaluate: (x: number, parameters: readonly number[]) => number;
  /** Where it is defined, both ends included; everywhere if absent. */
  readonly domain?: (parameters: readonly number[]) => { readonly low: number; readonly high: number };
  /**
   * The places strictly between `low` and `high` where it changes direction or jumps; between two of them it is
   * monotone. Of many, the first few, as long as they show its largest and smallest values.
   */
  readonly turns?: (low: number, high: number, parameters: readonly number[]) => readonly number[];
  /**
   * The float reference takes this for an infinite value: zero, for a factor of what is zero wherever it has its pole.
   * A table has its largest entry there, so that the product is the same.
   */
  readonly atPole?: 0;
}

const SELU_ALPHA = 1.6732632423543772;
const none: readonly string[] = [];
const p = (parameters: readonly number[], index: number): number => parameters[index] ?? Number.NaN;
const at = (...places: readonly number[]) => ({
  turns: (low: number, high: number): readonly number[] => places.filter((place) => place > low && place < high),
});
const real = (
  evaluate: (x: number) => number,
  more: Partial<Omit<RealFunction, 'evaluate' | 'parameters'>> = {},
): RealFunction => ({ parameters: none, evaluate, ...more });
const from = (low: number, high: number) => ({ domain: () => ({ low, high }) });

function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** Places offset + k × period inside the interval, at most the first four: they show all of one period. */
function periodic(offset: number, period: number) {
  return (low: number, high: number): readonly number[] => {
    const places: number[] = [];
    for (let k = Math.floor((low - offset) / period) + 1; places.length < 4 && offset + k * period < high; k++) {
      places.push(offset + k * period);
    }
    return places;
  };
}

const GELU_TANH = Math.sqrt(2 / Math.PI);

/** The functions of `function` nodes. ONNX's definitions where ONNX has the operator. */
export const realFunctions = {
  sigmoid: real(sigmoid),
  tanh: real(Math.tanh),
  softplus: real(softplus),
  softsign: real((x) => x / (1 + Math.abs(x))),
  elu: {
    parameters: ['alpha'],
    evaluate: (x, q) => (x >= 0 ? x : p(q, 0) * Math.expm1(x)),
    ...at(0),
  },
  celu: {
    parameters: ['alpha'],
    evaluate: (x, q) => (x >= 0 ? x : p(q, 0) * Math.expm1(x / p(q, 0))),
    ...at(0),
  },
  selu: {
    parameters: ['alpha', 'gamma'],
    evaluate: (x, q) => p(q, 1) * (x > 0 ? x : p(q, 0) * Math.expm1(x)),
    ...at(0),
  },
  gelu: real((x) => (x / 2) * (1 + errorFunction(x * Math.SQRT1_2)), at(-0.751791521761)),
  geluTanh: real((x) => (x / 2) * (1 + Math.tanh(GELU_TANH * (x + 0.044715 * x ** 3))), at(-0.752461419837)),
  swish: {
    parameters: ['beta'],
    evaluate: (x, q) => x * sigmoid(p(q, 0) * x),
    turns: (low, high, q) => [-1.278464542761074 / p(q, 0)].filter((place) => place > low && place < high),
  },
  mish: real((x) => x * Math.tanh(softplus(x)), at(-1.192431201518)),
  exp: real(Math.exp),
  log: real(Math.log, from(0, Number.POSITIVE_INFINITY)),
  sqrt: real(Math.sqrt, from(0, Number.POSITIVE_INFINITY)),
  reciprocal: real((x) => 1 / x, at(0)),
  inverseSqrt: real((x) => 1 / Math.sqrt(x), from(0, Number.POSITIVE_INFINITY)),
  /** What makes a vector one long, of Σ|x| and of Σx²: a vector of zeros stays what it is. */
  inverseSum: { ...real((x) => 1 / x, from(0, Number.POSITIVE_INFINITY)), atPole: 0 },
  inverseLength: { ...real((x) => 1 / Math.sqrt(x), from(0, Number.POSITIVE_INFINITY)), atPole: 0 },
  /** x to a constant real power. */
  power: {
    parameters: ['exponent'],
    evaluate: (x, q) => x ** p(q, 0),
    domain: (q) => ({
      low: Number.isInteger(p(q, 0)) ? Number.NEGATIVE_INFINITY : 0,
      high: Number.POSITIVE_INFINITY,
    }),
    ...at(0),
  },
  erf: real(errorFunction),
  sin: real(Math.sin, { turns: periodic(Math.PI / 2, Math.PI) }),
  cos: real(Math.cos, { turns: periodic(0, Math.PI) }),
  tan: real(Math.tan, { turns: periodic(Math.PI / 2, Math.PI) }),
  asin: real(Math.asin, from(-1, 1)),
  acos: real(Math.acos, from(-1, 1)),
  atan: real(Math.atan),
  sinh: real(Math.sinh),
  cosh: real(Math.cosh, at(0)),
  asinh: real(Math.asinh),
  acosh: real(Math.acosh, from(1, Number.POSITIVE_INFINITY)),
  atanh: real(Math.atanh, from(-1, 1)),
} as const satisfies Record<string, RealFunction>;

export type RealFunctionName = keyof typeof realFunctions;
export const realFunctionNames = Object.keys(realFunctions) as readonly RealFunctionName[];
/** ONNX's defaults of Selu. */
export const seluDefaults = [SELU_ALPHA, 1.0507009873554805] as const;

export function realFunction(name: RealFunctionName): RealFunction {
  return realFunctions[name];
}

/** What a `function` node computes: f(scale × x + offset). */
export interface FunctionFields {
  readonly function: RealFunctionName;
  readonly parameters: readonly number[];
  readonly scale: number;
  readonly offset: number;
}

/** The value of a `function` node for one element of its operand, in double precision. */
export function evaluateReal(node: FunctionFields, x: number): number {
  const { evaluate, atPole } = realFunction(node.function);
  const value = evaluate(node.scale * x + node.offset, node.parameters);
  return atPole !== undefined && Math.abs(value) === Number.POSITIVE_INFINITY ? atPole : value;
}
