import type { StageGraph } from './stage-graph.js';

/** Time for logic in the first cycle, the last, the one that is both, and those between two registers; whole fs. */
export interface Budgets {
  readonly first: number;
  readonly middle: number;
  readonly last: number;
  readonly only: number;
}

/** The segments of a pipeline: logic may stand in cycles first … last. */
export interface Segments {
  readonly first: number;
  /** Infinity while the number of ranks is open, which takes an unlimited time for operations alone in a segment. */
  readonly last: number;
  readonly budget: Budgets;
  /** What an operation that exceeds the middle budget, and cannot be cut, may take where it is alone in its segment. */
  readonly alone: Budgets;
}

function inCycle({ first, last }: Segments, budgets: Budgets, cycle: number): number {
  if (cycle === first) return cycle === last ? budgets.only : budgets.first;
  return cycle === last ? budgets.last : budgets.middle;
}

/** Whether an operation fits into a cycle of which `taken` is used, as far as is known on this side of it. */
export function fits(segments: Segments, cycle: number, taken: number, delay: number): boolean {
  if (delay === 0 || taken + delay <= inCycle(segments, segments.budget, cycle)) return true;
  return taken === 0 && delay > segments.budget.middle && delay <= inCycle(segments, segments.alone, cycle);
}

/**
 * Every value as early as its operands allow and not before its cycle in `lower`, a new cycle where the budget would be
 * exceeded: the least of all placements, value by value. Undefined when the segments do not suffice.
 */
export function placeEarly(graph: StageGraph, segments: Segments, lower?: Int32Array): Int32Array | undefined {
  const cycle = new Int32Array(graph.size);
  const arrival = new Float64Array(graph.size);
  for (let value = 0; value < graph.size; value++) {
    let here = Math.max(segments.first, lower?.[value] ?? 0);
    let time = 0;
    const end = graph.operandStart[value + 1] ?? 0;
    for (let index = graph.operandStart[value] ?? 0; index < end; index++) {
      const source = graph.operand[index] ?? 0;
      const sourceCycle = cycle[source] ?? 0;
      if (sourceCycle > here) {
        here = sourceCycle;
        time = arrival[source] ?? 0;
      } else if (sourceCycle === here) time = Math.max(time, arrival[source] ?? 0);
    }
    const delay = graph.delay[value] ?? 0;
    while (!fits(segments, here, time, delay)) {
      if (here >= segments.last) return undefined;
      here++;
      time = 0;
    }
    cycle[value] = here;
    arrival[value] = time + delay;
  }
  return cycle;
}

/** Every value as late as its users and `upper` allow: the greatest of all placements. Undefined when there is none. */
export function placeLate(graph: StageGraph, segments: Segments, upper?: Int32Array): Int32Array | undefined {
  const cycle = new Int32Array(graph.size);
  // Time from the value's settling to the end of its cycle that its users take.
  const tail = new Float64Array(graph.size);
  for (let value = graph.size - 1; value >= 0; value--) {
    const delay = graph.delay[value] ?? 0;
    let here = Math.min(segments.last, upper?.[value] ?? segments.last);
    let after = 0;
    const end = graph.userStart[value + 1] ?? 0;
    for (let index = graph.userStart[value] ?? 0; index < end; index++) {
      const user = graph.user[index] ?? 0;
      const userCycle = cycle[user] ?? 0;
      if (userCycle < here) {
        here = userCycle;
        after = tail[user] ?? 0;
      } else if (userCycle === here) after = Math.max(after, tail[user] ?? 0);
    }
    while (!fits(segments, here, after, delay)) {
      if (here <= segments.first) return undefined;
      here--;
      after = 0;
    }
    cycle[value] = here;
    tail[value] = after + delay;
  }
  return cycle;
}

/** Inputs stand at the front and free wiring beside its operands, so that registers hold the narrow side of a shift. */
export function settle(graph: StageGraph, latest: Int32Array, first: number): Int32Array {
  const cycle = Int32Array.from(latest);
  cycle.fill(first, 0, graph.inputs);
  for (let value = graph.inputs; value < graph.size; value++) {
    if ((graph.delay[value] ?? 0) > 0) continue;
    let beside = first;
    const end = graph.operandStart[value + 1] ?? 0;
    for (let index = graph.operandStart[value] ?? 0; index < end; index++) {
      beside = Math.max(beside, cycle[graph.operand[index] ?? 0] ?? 0);
    }
    cycle[value] = beside;
  }
  return cycle;
}

/** Time within its cycle at which each value is settled, in whole femtoseconds. */
export function arrivals(graph: StageGraph, cycle: Int32Array): Float64Array {
  const arrival = new Float64Array(graph.size);
  for (let value = 0; value < graph.size; value++) {
    let time = 0;
    const end = graph.operandStart[value + 1] ?? 0;
    for (let index = graph.operandStart[value] ?? 0; index < end; index++) {
      const source = graph.operand[index] ?? 0;
      if (cycle[source] === cycle[value]) time = Math.max(time, arrival[source] ?? 0);
    }
    arrival[value] = time + (graph.delay[value] ?? 0);
  }
  return arrival;
}

/** Register bits that a placement needs: each value is held from its cycle, an input from cycle 0, to its last use. */
export function registerBits(graph: StageGraph, cycle: Int32Array, latency: number): number {
  let bits = 0;
  for (let value = 0; value < graph.size; value++) {
    const own = cycle[value] ?? 0;
    let lastUse = graph.isOutput[value] === 1 ? latency : own;
    const end = graph.userStart[value + 1] ?? 0;
    for (let index = graph.userStart[value] ?? 0; index < end; index++) {
      lastUse = Math.max(lastUse, cycle[graph.user[index] ?? 0] ?? 0);
    }
    bits += (graph.width[value] ?? 0) * (lastUse - (value < graph.inputs ? 0 : own));
  }
  return bits;
}
