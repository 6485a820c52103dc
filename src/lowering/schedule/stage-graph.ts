import type { TimingGraph } from './timing-graph.js';

/** Whole numbers of this unit make sums of delays exact, so that every way of adding up a path agrees. */
const FEMTOSECONDS_PER_NANOSECOND = 1e6;
/** Noise of floating point in figures given in ns, in fs. */
const NOISE = 1e-4;

/** A delay in whole femtoseconds, never shorter than it is. */
export function wholeDelay(nanoseconds: number): number {
  return Math.ceil(nanoseconds * FEMTOSECONDS_PER_NANOSECOND - NOISE);
}

/** A time budget in whole femtoseconds, never longer than it is. */
export function wholeBudget(nanoseconds: number): number {
  return Math.floor(nanoseconds * FEMTOSECONDS_PER_NANOSECOND + NOISE);
}

export function inNanoseconds(femtoseconds: number): number {
  return femtoseconds / FEMTOSECONDS_PER_NANOSECOND;
}

/**
 * What is placed in cycles: the program's values without constants, and without the wiring that the registers of another
 * value hold. Inputs come first, operands before their users.
 */
export interface StageGraph {
  readonly size: number;
  readonly inputs: number;
  /** Whole femtoseconds. */
  readonly delay: Float64Array;
  /** Bits. */
  readonly width: Int32Array;
  /** Operands of value i: operand[operandStart[i]] … operand[operandStart[i + 1] - 1], each once. */
  readonly operandStart: Int32Array;
  readonly operand: Int32Array;
  /** Users of value i, likewise. */
  readonly userStart: Int32Array;
  readonly user: Int32Array;
  /** 1 for values that an output port reads. */
  readonly isOutput: Uint8Array;
  /** The number here of each value of the timing graph, -1 for constants and for wiring behind them. */
  readonly numberOf: Int32Array;
}

export function stageGraph(graph: TimingGraph): StageGraph {
  const numberOf = new Int32Array(graph.size).fill(-1);
  let size = 0;
  for (let value = 0; value < graph.size; value++) {
    if (graph.timeless[value] === 1) continue;
    const base = graph.alias[value] ?? value;
    numberOf[value] = base === value ? size++ : (numberOf[base] ?? 0);
  }
  const delay = new Float64Array(size);
  const width = new Int32Array(size);
  const operandStart = new Int32Array(size + 1);
  const operand = new Int32Array(graph.operand.length);
  const users = new Int32Array(size + 1);
  const seenBy = new Int32Array(size).fill(-1);
  let count = 0;
  for (let value = 0; value < graph.size; value++) {
    const number = numberOf[value] ?? 0;
    if (number < 0 || graph.alias[value] !== value) continue;
    delay[number] = wholeDelay(graph.delay[value] ?? 0);
    width[number] = graph.width[value] ?? 0;
    operandStart[number] = count;
    if (value < graph.inputs) continue;
    const end = graph.first[value + 1] ?? 0;
    for (let index = graph.first[value] ?? 0; index < end; index++) {
      const source = numberOf[graph.operand[index] ?? 0] ?? 0;
      if (source < 0 || seenBy[source] === number) continue;
      seenBy[source] = number;
      operand[count++] = source;
      users[source + 1] = (users[source + 1] ?? 0) + 1;
    }
  }
  operandStart[size] = count;
  for (let value = 0; value < size; value++) users[value + 1] = (users[value + 1] ?? 0) + (users[value] ?? 0);
  const user = new Int32Array(count);
  const next = users.slice();
  for (let value = 0; value < size; value++) {
    const end = operandStart[value + 1] ?? 0;
    for (let index = operandStart[value] ?? 0; index < end; index++) {
      const source = operand[index] ?? 0;
      user[next[source] ?? 0] = value;
      next[source] = (next[source] ?? 0) + 1;
    }
  }
  const isOutput = new Uint8Array(size);
  for (const output of graph.outputs) {
    const number = numberOf[output] ?? -1;
    if (number >= 0) isOutput[number] = 1;
  }
  return {
    size,
    inputs: graph.inputs,
    delay,
    width,
    operandStart,
    operand: operand.slice(0, count),
    userStart: users,
    user,
    isOutput,
    numberOf,
  };
}
