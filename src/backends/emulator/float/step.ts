import { at, invariant } from '../../../support/invariant.js';
import type { Code, FunctionBody } from '../../../support/web-assembly.js';
import { doubles, get, instantiate, integer, Locals, loop, set } from '../../../support/web-assembly.js';

/** One operation on the first `count` events of a block; up to three events more may be computed and mean nothing. */
export type Step = (count: number) => void;

/** Addresses end where a signed number does. */
const LARGEST_MEMORY = 2 ** 31;
const ALIGNMENT = 16;
/** Four events at a time. */
export const EVENT_BYTES = 32;

/**
 * The memory of a program and the functions that work on it. The rows come first, each of `block` doubles; tables of
 * constants follow. Everything is added before `link`, which makes the memory.
 */
export class Assembly {
  private readonly bodies: FunctionBody[] = [];
  private readonly tables: { readonly address: number; readonly content: Int32Array | Float64Array }[] = [];
  private functions: readonly Step[] = [];
  private linked: Float64Array = new Float64Array();
  private end: number;

  public constructor(
    private readonly rows: number,
    public readonly block: number,
  ) {
    this.end = rows * block * Float64Array.BYTES_PER_ELEMENT;
  }

  /** The memory, rows first; once linked. */
  public get memory(): Float64Array {
    return this.linked;
  }

  /** Addresses of rows. */
  public addresses(rows: Int32Array): Int32Array {
    return rows.map((row) => row * this.block * Float64Array.BYTES_PER_ELEMENT);
  }

  /** Put constants into the memory; their address. */
  public table(content: Int32Array | Float64Array): number {
    const address = Math.ceil(this.end / ALIGNMENT) * ALIGNMENT;
    this.tables.push({ address, content });
    this.end = address + content.byteLength;
    return address;
  }

  /** A step in WebAssembly; `write` gets the local variables and the bytes of a row that are to be computed. */
  public step(write: (locals: Locals, bytes: Code) => Code): Step {
    const locals = new Locals();
    const index = this.bodies.push({ locals, code: write(locals, get(locals.parameter)) }) - 1;
    return (count) => this.functions[index]?.(EVENT_BYTES * Math.ceil(count / 4));
  }

  public link(): void {
    invariant(this.end < LARGEST_MEMORY, `${this.end} bytes for ${this.rows} rows of ${this.block} events`);
    const { memory, functions } = instantiate(this.bodies, this.end);
    this.functions = functions;
    this.linked = new Float64Array(memory);
    for (const { address, content } of this.tables) {
      if (content instanceof Int32Array) new Int32Array(memory, address).set(content);
      else new Float64Array(memory, address).set(content);
    }
  }
}

/** What is computed for one element and two events. */
export interface Place {
  /** The two values of a tensor. */
  readonly load: (tensor: number) => Code;
  readonly store: (tensor: number, value: Code) => Code;
  /** The two values of the row at an address. */
  readonly loadAt: (row: Code) => Code;
  /** The constant of the element from a table of integers. */
  readonly integerOf: (table: number) => Code;
  /** The constant of the element from a table of doubles, for both. */
  readonly constant: (table: number) => Code;
}

/** A loop over the elements of some tensors of one size, and over the events of each. */
export function forElements(
  assembly: Assembly,
  locals: Locals,
  bytes: Code,
  tensors: readonly Int32Array[],
  body: (place: Place) => Code,
): Code {
  const size = tensors[0]?.length ?? 0;
  if (size === 0) return [];
  const [element, event] = [locals.integer(), locals.integer()];
  const rows = tensors.map(() => locals.integer());
  const tables = tensors.map((tensor) => assembly.table(assembly.addresses(tensor)));
  const address = (tensor: number): Code => integer.add(get(at(rows, tensor)), get(event));
  const pair = (offset: number): Code =>
    body({
      load: (tensor) => doubles.load(address(tensor), offset),
      store: (tensor, value) => doubles.store(address(tensor), value, offset),
      loadAt: (row) => doubles.load(integer.add(row, get(event)), offset),
      integerOf: (table) => integer.load(get(element), table),
      // The counter is in steps of four bytes.
      constant: (table) => doubles.loadSplat(integer.add(get(element), get(element)), table),
    });
  return loop(element, integer.constant(0), 4, integer.constant(4 * size), [
    ...tables.flatMap((table, tensor) => set(at(rows, tensor), integer.load(get(element), table))),
    ...loop(event, integer.constant(0), EVENT_BYTES, bytes, [...pair(0), ...pair(16)]),
  ]);
}

/** own[i] = map(operand[i], i), one value after the other. */
export function mappedStep(
  own: Int32Array,
  operand: Int32Array,
  map: (value: number, element: number) => number,
): (assembly: Assembly) => Step {
  return (assembly) => {
    const { block } = assembly;
    return (count) => {
      const { memory } = assembly;
      for (let element = 0; element < own.length; element++) {
        const [from, to] = [at(operand, element) * block, at(own, element) * block];
        for (let event = 0; event < count; event++) memory[to + event] = map(at(memory, from + event), element);
      }
    };
  };
}
