import { invariant } from './invariant.js';

/**
 * A small part of WebAssembly (core specification 2.0, with 128-bit vectors of two doubles): functions of one 32-bit
 * integer that work on one memory. What is written here runs on every Node since 16.
 */

/** Instructions, as bytes; an expression leaves one value on the stack, a statement none. */
export type Code = readonly number[];

/** Index of a local variable. */
export type Local = number;

function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return bytes;
}

function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const last = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(last ? low : low | 0x80);
    if (last) return bytes;
  }
}

const vector = (opcode: number): Code => [0xfd, ...unsigned(opcode)];
/** Log2 of the alignment that is promised: none beyond the byte, which costs nothing. */
const access = (offset: number): Code => [0, ...unsigned(offset)];

export const get = (local: Local): Code => [0x20, ...unsigned(local)];
export const set = (local: Local, value: Code): Code => [...value, 0x21, ...unsigned(local)];

/** 32-bit integers: addresses and counters. */
export const integer = {
  constant: (value: number): Code => [0x41, ...signed(value)],
  add: (left: Code, right: Code): Code => [...left, ...right, 0x6a],
  load: (address: Code, offset = 0): Code => [...address, 0x28, ...access(offset)],
} as const;

const unary =
  (opcode: number) =>
  (operand: Code): Code => [...operand, ...vector(opcode)];
const binary =
  (opcode: number) =>
  (left: Code, right: Code): Code => [...left, ...right, ...vector(opcode)];

/** Vectors of two doubles; comparisons give a mask of ones or zeros for each. */
export const doubles = {
  load: (address: Code, offset = 0): Code => [...address, ...vector(0x00), ...access(offset)],
  /** One double in memory, twice. */
  loadSplat: (address: Code, offset = 0): Code => [...address, ...vector(0x0a), ...access(offset)],
  /** Two doubles from two places. */
  loadTwo: (low: Code, high: Code): Code => [...high, ...doubles.loadSplat(low), ...vector(0x57), ...access(0), 1],
  store: (address: Code, value: Code, offset = 0): Code => [...address, ...value, ...vector(0x0b), ...access(offset)],
  constant: (value: number): Code => {
    const bytes = [...new Uint8Array(Float64Array.of(value).buffer)];
    return [...vector(0x0c), ...bytes, ...bytes];
  },
  absolute: unary(0xec),
  negate: unary(0xed),
  floor: unary(0x75),
  truncate: unary(0x7a),
  add: binary(0xf0),
  subtract: binary(0xf1),
  multiply: binary(0xf2),
  divide: binary(0xf3),
  minimum: binary(0xf4),
  maximum: binary(0xf5),
  equal: binary(0x47),
  notEqual: binary(0x48),
  less: binary(0x49),
  greater: binary(0x4a),
  greaterEqual: binary(0x4c),
  and: binary(0x4e),
  or: binary(0x50),
  /** Bits of the first where the mask has ones, of the second where it has zeros. */
  select: (mask: Code, ones: Code, zeros: Code): Code => [...ones, ...zeros, ...mask, ...vector(0x52)],
} as const;

/** The parameter and the local variables of one function. */
export class Locals {
  public readonly parameter: Local = 0;
  private readonly types: number[] = [];

  public integer(): Local {
    return this.types.push(0x7f);
  }

  public doubles(): Local {
    return this.types.push(0x7b);
  }

  public encode(): Code {
    return list(this.types.map((type) => [1, type]));
  }
}

/** The body for `counter` from `from` on in steps of `step`, while it is below `end`; the first time in any case. */
export function loop(counter: Local, from: Code, step: number, end: Code, body: Code): Code {
  const next = [...integer.add(get(counter), integer.constant(step)), 0x22, ...unsigned(counter)];
  return [...set(counter, from), 0x03, 0x40, ...body, ...next, ...end, 0x49, 0x0d, 0, 0x0b];
}

export interface FunctionBody {
  readonly locals: Locals;
  readonly code: Code;
}

export type VectorFunction = (parameter: number) => void;

/** Bytes of a page of memory. */
export const PAGE = 65_536;

function list(entries: readonly Code[]): Code {
  return [...unsigned(entries.length), ...entries.flat()];
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function name(text: string): Code {
  return list(Array.from(new TextEncoder().encode(text), (byte) => [byte]));
}

/** The types of the standard library leave WebAssembly to browsers. */
interface WebAssemblyGlobal {
  readonly Memory: new (limits: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, object>>>>,
  ) => { readonly exports: Readonly<Record<string, VectorFunction>> };
}

/** Compile functions over a memory of their own, of `bytes` zeros. */
export function instantiate(
  bodies: readonly FunctionBody[],
  bytes: number,
): { readonly memory: ArrayBuffer; readonly functions: readonly VectorFunction[] } {
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyGlobal };
  const pages = Math.max(1, Math.ceil(bytes / PAGE));
  const program = [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    // One type: a 32-bit integer to nothing.
    ...section(1, list([[0x60, 1, 0x7f, 0]])),
    ...section(2, list([[...name('m'), ...name('m'), 0x02, 0, ...unsigned(pages)]])),
    ...section(3, list(bodies.map(() => [0]))),
    ...section(7, list(bodies.map((_, index) => [...name(`f${index}`), 0, ...unsigned(index)]))),
    ...section(
      10,
      list(
        bodies.map(({ locals, code }) => {
          const body = [...locals.encode(), ...code, 0x0b];
          return [...unsigned(body.length), ...body];
        }),
      ),
    ),
  ];
  const memory = new WebAssembly.Memory({ initial: pages });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(program)), { m: { m: memory } });
  const functions = bodies.map((_, index) => {
    const compiled = exports[`f${index}`];
    invariant(compiled !== undefined, `no function ${index}`);
    return compiled;
  });
  return { memory: memory.buffer, functions };
}
