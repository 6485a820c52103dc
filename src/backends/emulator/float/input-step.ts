import { get, doubles, integer, loop, set } from '../../../support/web-assembly.js';
import type { Assembly, Step } from './step.js';
import { EVENT_BYTES } from './step.js';

/** Where events are put as they come, and the step that makes rows of them. */
export interface InputStep {
  /** Index in the memory, in doubles, of `block` events one after the other. */
  readonly start: number;
  readonly step: Step;
}

/** Events into the rows of their elements: element i of each into rows[i]. */
export function inputStep(assembly: Assembly, rows: Int32Array): InputStep {
  const width = rows.length;
  const start = assembly.table(new Float64Array(width * assembly.block));
  const table = assembly.table(assembly.addresses(rows));
  const step = assembly.step((locals, bytes) => {
    const [element, row, event, from] = [locals.integer(), locals.integer(), locals.integer(), locals.integer()];
    const value = (ahead: number) => integer.add(get(from), integer.constant(8 * width * ahead));
    if (width === 0) return [];
    return loop(element, integer.constant(0), 4, integer.constant(4 * width), [
      ...set(row, integer.load(get(element), table)),
      // The counter of elements is in steps of four bytes.
      ...set(from, integer.add(integer.constant(start), integer.add(get(element), get(element)))),
      ...loop(event, integer.constant(0), EVENT_BYTES, bytes, [
        ...[0, 1].flatMap((pair) =>
          doubles.store(
            integer.add(get(row), get(event)),
            doubles.loadTwo(value(2 * pair), value(2 * pair + 1)),
            16 * pair,
          ),
        ),
        ...set(from, value(4)),
      ]),
    ]);
  });
  return { start: start / Float64Array.BYTES_PER_ELEMENT, step };
}
