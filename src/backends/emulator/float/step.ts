/** One operation on the first `count` events of a block; up to three events more may be computed and mean nothing. */
export type Step = (memory: Float64Array, count: number) => void;

/** Offsets of rows in memory. */
export function scaled(rows: Int32Array, block: number): Int32Array {
  return rows.map((row) => row * block);
}

/** A step of the given text, in which M is the memory, `count` the number of events, and every name its value. */
export function generated(parameters: readonly string[], values: readonly unknown[], body: string): Step {
  const text = `"use strict"; return (M, count) => {\n${body}\n};`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- generated code is the purpose of this backend
  const make = new Function(...parameters, text) as (...values: readonly unknown[]) => Step;
  return make(...values);
}
