import type { TimingGraph } from './timing-graph.js';

/** The segments of a pipeline: logic may stand in cycles first … last, each with its own time budget in ns. */
export interface Segments {
  readonly first: number;
  readonly last: number;
  readonly budget: (cycle: number) => number;
  /** The largest budget of any segment. An operation slower than this cannot be cut: it takes a segment for itself. */
  readonly widest: number;
}

export interface Placement {
  /** Cycle of each value. */
  readonly cycle: Int32Array;
  /** Time within its cycle at which the value is settled, in ns. */
  readonly arrival: Float64Array;
  readonly lastCycle: number;
}

/** Whether an operation that exceeds every budget has its segment for itself, as far as is known on this side of it. */
function standsAlone(taken: number, delay: number, segments: Segments): boolean {
  return taken === 0 && delay > segments.widest;
}

/**
 * Every value as early as its operands allow, a new cycle where the budget would be exceeded. Undefined when the
 * segments do not suffice.
 */
export function placeEarly(graph: TimingGraph, segments: Segments): Placement | undefined {
  const cycle = new Int32Array(graph.size);
  const arrival = new Float64Array(graph.size);
  let lastCycle = segments.first;
  for (let value = 0; value < graph.size; value++) {
    let at = segments.first;
    let time = 0;
    const end = graph.first[value + 1] ?? 0;
    if (value >= graph.inputs) {
      for (let index = graph.first[value] ?? 0; index < end; index++) {
        const source = graph.operand[index] ?? 0;
        const sourceCycle = cycle[source] ?? 0;
        if (sourceCycle > at) {
          at = sourceCycle;
          time = arrival[source] ?? 0;
        } else if (sourceCycle === at) time = Math.max(time, arrival[source] ?? 0);
      }
    }
    const delay = graph.delay[value] ?? 0;
    if (delay > 0) {
      while (time + delay > segments.budget(at) && !standsAlone(time, delay, segments)) {
        if (at >= segments.last) return undefined;
        at++;
        time = 0;
      }
    }
    cycle[value] = at;
    arrival[value] = time + delay;
    if (at > lastCycle) lastCycle = at;
  }
  return { cycle, arrival, lastCycle };
}

/** Every value as late as its users allow, for the same segments. Undefined when they do not suffice. */
export function placeLate(graph: TimingGraph, segments: Segments): Placement | undefined {
  const cycle = new Int32Array(graph.size).fill(segments.last);
  // Time from the value's settling to the end of its cycle that its users take.
  const tail = new Float64Array(graph.size);
  for (let value = graph.size - 1; value >= graph.inputs; value--) {
    const delay = graph.delay[value] ?? 0;
    const end = graph.first[value + 1] ?? 0;
    let at = cycle[value] ?? 0;
    let after = tail[value] ?? 0;
    if (delay > 0) {
      while (after + delay > segments.budget(at) && !standsAlone(after, delay, segments)) {
        if (at <= segments.first) return undefined;
        at--;
        after = 0;
      }
      cycle[value] = at;
      tail[value] = after;
    }
    const needed = after + delay;
    for (let index = graph.first[value] ?? 0; index < end; index++) {
      const source = graph.operand[index] ?? 0;
      const sourceCycle = cycle[source] ?? 0;
      if (sourceCycle > at) {
        cycle[source] = at;
        tail[source] = needed;
      } else if (sourceCycle === at) tail[source] = Math.max(tail[source] ?? 0, needed);
    }
  }
  return settle(graph, cycle, segments.first);
}

/** Inputs stand at the front and free wiring beside its operands, so that registers hold the narrow side of a shift. */
function settle(graph: TimingGraph, cycle: Int32Array, first: number): Placement {
  const arrival = new Float64Array(graph.size);
  let lastCycle = first;
  for (let value = 0; value < graph.size; value++) {
    if (value < graph.inputs) {
      cycle[value] = first;
      continue;
    }
    const delay = graph.delay[value] ?? 0;
    const begin = graph.first[value] ?? 0;
    const end = graph.first[value + 1] ?? 0;
    let latest = first;
    for (let index = begin; index < end; index++) latest = Math.max(latest, cycle[graph.operand[index] ?? 0] ?? 0);
    if (delay === 0) cycle[value] = latest;
    const at = cycle[value] ?? 0;
    let time = 0;
    for (let index = begin; index < end; index++) {
      const source = graph.operand[index] ?? 0;
      if (cycle[source] === at) time = Math.max(time, arrival[source] ?? 0);
    }
    arrival[value] = time + delay;
    lastCycle = Math.max(lastCycle, at);
  }
  return { cycle, arrival, lastCycle };
}

/** Register bits that a placement needs: each value is held from its cycle to its last use. */
export function registerBits(graph: TimingGraph, cycle: Int32Array, latency: number): number {
  const lastUse = Int32Array.from(cycle);
  const use = (source: number, at: number): void => {
    const base = graph.alias[source] ?? source;
    if (at > (lastUse[base] ?? 0)) lastUse[base] = at;
  };
  for (let value = graph.inputs; value < graph.size; value++) {
    if (graph.alias[value] !== value) continue;
    const end = graph.first[value + 1] ?? 0;
    for (let index = graph.first[value] ?? 0; index < end; index++) use(graph.operand[index] ?? 0, cycle[value] ?? 0);
  }
  for (const output of graph.outputs) use(output, latency);
  let bits = 0;
  for (let value = 0; value < graph.size; value++) {
    if (graph.timeless[value] === 1) continue;
    const from = value < graph.inputs ? 0 : (cycle[value] ?? 0);
    bits += (graph.width[value] ?? 0) * Math.max(0, (lastUse[value] ?? 0) - from);
  }
  return bits;
}
