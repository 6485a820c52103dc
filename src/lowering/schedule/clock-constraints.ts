import type { StageGraph } from './stage-graph.js';

/**
 * The clock as differences of cycles: where the longest path from `source` to `target`, both included, exceeds the budget
 * between two registers, `target` stands at least one cycle after `source`. There are too many such pairs to list (up to
 * a square of the graph), so they are found where a placement breaks them.
 */
export type Pair = (source: number, target: number) => void;

/** What the placements here keep to. */
export interface ClockRule {
  /** Budget between two registers, whole femtoseconds. */
  readonly budget: number;
  /** 1 for values that may break the rule: those that can stand in a first cycle with a larger budget. */
  readonly exempt: Uint8Array;
}

/**
 * The least placement at or above `cycle`, in place, that keeps the rule and the order of operands; calls `pair` with what
 * moved a value by more than its operands. Returns whether anything moved.
 */
export function raiseToClock(graph: StageGraph, rule: ClockRule, cycle: Int32Array, pair: Pair): boolean {
  const arrival = new Float64Array(graph.size);
  const critical = new Int32Array(graph.size);
  let moved = false;
  for (let value = 0; value < graph.size; value++) {
    let here = cycle[value] ?? 0;
    let time = 0;
    let slowest = -1;
    const begin = graph.operandStart[value] ?? 0;
    const end = graph.operandStart[value + 1] ?? 0;
    for (let index = begin; index < end; index++) {
      const source = graph.operand[index] ?? 0;
      const sourceCycle = cycle[source] ?? 0;
      const settled = arrival[source] ?? 0;
      if (sourceCycle > here) here = sourceCycle;
      else if (sourceCycle < here || settled <= time) continue;
      time = settled;
      slowest = source;
    }
    const delay = graph.delay[value] ?? 0;
    if (delay > 0 && time > 0 && time + delay > rule.budget && rule.exempt[value] === 0) {
      for (let index = begin; index < end; index++) {
        const source = graph.operand[index] ?? 0;
        const settled = arrival[source] ?? 0;
        if (cycle[source] !== here || settled === 0 || settled + delay <= rule.budget) continue;
        pair(startOfPath(graph, rule.budget, critical, source, delay), value);
      }
      here++;
      time = 0;
      slowest = -1;
    }
    if (here !== cycle[value]) {
      cycle[value] = here;
      moved = true;
    }
    arrival[value] = time + delay;
    critical[value] = slowest;
  }
  return moved;
}

/** The greatest placement at or below `cycle`, in place, otherwise as `raiseToClock`. */
export function lowerToClock(graph: StageGraph, rule: ClockRule, cycle: Int32Array, pair: Pair): boolean {
  // Longest path from a value to one that is not exempt: only there the rule binds.
  const tail = new Float64Array(graph.size);
  const critical = new Int32Array(graph.size);
  let moved = false;
  for (let value = graph.size - 1; value >= graph.inputs; value--) {
    let here = cycle[value] ?? 0;
    let after = 0;
    let slowest = -1;
    const begin = graph.userStart[value] ?? 0;
    const end = graph.userStart[value + 1] ?? 0;
    for (let index = begin; index < end; index++) {
      const user = graph.user[index] ?? 0;
      const userCycle = cycle[user] ?? 0;
      const needed = tail[user] ?? 0;
      if (userCycle < here) here = userCycle;
      else if (userCycle > here || needed <= after) continue;
      after = needed;
      slowest = user;
    }
    const delay = graph.delay[value] ?? 0;
    if (delay > 0 && after > 0 && after + delay > rule.budget) {
      for (let index = begin; index < end; index++) {
        const user = graph.user[index] ?? 0;
        const needed = tail[user] ?? 0;
        if (cycle[user] !== here || needed === 0 || needed + delay <= rule.budget) continue;
        pair(value, startOfPath(graph, rule.budget, critical, user, delay, rule.exempt));
      }
      here--;
      after = 0;
      slowest = -1;
    }
    if (here !== cycle[value]) {
      cycle[value] = here;
      moved = true;
    }
    tail[value] = after > 0 || rule.exempt[value] === 0 ? after + delay : 0;
    critical[value] = slowest;
  }
  return moved;
}

/** Along the critical path from `value` on, the first operation with which the path, `taken` before it, exceeds the budget. */
function startOfPath(
  graph: StageGraph,
  budget: number,
  critical: Int32Array,
  value: number,
  taken: number,
  exempt?: Uint8Array,
): number {
  let total = taken + (graph.delay[value] ?? 0);
  let last = value;
  while (total <= budget || graph.delay[last] === 0 || exempt?.[last] === 1) {
    const next = critical[last] ?? -1;
    if (next < 0) break;
    last = next;
    total += graph.delay[last] ?? 0;
  }
  return last;
}
