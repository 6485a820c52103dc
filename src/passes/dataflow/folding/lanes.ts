import type { ValueReference } from '../../../dataflow/program.js';
import { at } from '../../../support/invariant.js';

/** The wire on which a value may come, and when: in clocks after some other value of its own wire. */
export interface Turn {
  readonly lane: string;
  readonly clock: number;
}

/** Positions in the order in which lanes take them: all of the first lane, in turn, then those of the second. */
export interface LaneOrder {
  readonly order: readonly number[];
  /** Positions of each lane, and clocks from one to the next. */
  readonly turns: number;
  readonly step: number;
}

/**
 * Positions whose operands come in turn on the same wires, at one distance from each other, belong to one lane: it reads each
 * of those wires some clocks late, and needs no choice between them. The columns of an image that comes row by row
 * are such lanes, for a window as for a single value. Undefined where not all positions make lanes of equally many.
 */
export function laneOrder(
  positions: readonly (readonly ValueReference[])[],
  turnOf: (reference: ValueReference) => Turn | undefined,
): LaneOrder | undefined {
  const lanes = new Map<string, { readonly position: number; readonly clock: number }[]>();
  for (const [position, references] of positions.entries()) {
    const turns: Turn[] = [];
    for (const reference of references) {
      const turn = turnOf(reference);
      if (turn === undefined) return undefined;
      turns.push(turn);
    }
    const { clock = 0 } = turns[0] ?? {};
    const key = turns.map((turn) => `${turn.lane}@${turn.clock - clock}`).join();
    const lane = lanes.get(key) ?? [];
    lanes.set(key, lane);
    lane.push({ position, clock });
  }
  const found = [...lanes.values()].map((lane) => lane.sort((left, right) => left.clock - right.clock));
  const [first = []] = found;
  const turns = first.length;
  const step = turns < 2 ? 0 : at(first, 1).clock - at(first, 0).clock;
  const even = found.every(
    (lane) =>
      lane.length === turns && lane.every(({ clock }, turn) => turn === 0 || clock - at(lane, turn - 1).clock === step),
  );
  if (step < 1 || !even) return undefined;
  return { order: found.flat().map(({ position }) => position), turns, step };
}
