import type { Origin } from '../../dataflow/kinds.js';
import { at } from '../../support/invariant.js';
import type { Element, Groups } from './groups.js';
import type { ScalarArithmetic } from './scalar.js';
import type { Scaled } from './scalar.js';

/** A scalar to compute: its operands, and a text that says all else that its value depends on. */
export interface ScalarWork {
  readonly operands: readonly Element[];
  readonly parameters: string;
}

export type EmitScalar = (arithmetic: ScalarArithmetic, operands: readonly Scaled[], index: number) => Scaled;

/** Scalars that compute the same at some positions of a mapped group. */
interface Alike {
  readonly group: number;
  readonly positions: Set<number>;
  readonly members: number[];
}

/**
 * Emits scalars where their operands stand. Those that read one position of a mapped group, and do so alike at all of
 * its positions (the bias, the rectifier and the quantiser after a convolution), are written once, into the kernel
 * that is mapped; all others go into the open group of their latest operand.
 */
export function emitScalars(
  groups: Groups,
  origin: Origin,
  work: readonly ScalarWork[],
  emit: EmitScalar,
): readonly Element[] {
  const result = new Array<Element>(work.length);
  const done = new Uint8Array(work.length);
  for (const alike of everywhereAlike(groups, work)) {
    const arithmetic = groups.arithmetic(alike.group, origin);
    const first = at(alike.members, 0);
    const made = emit(
      arithmetic,
      at(work, first).operands.map((element) => groups.use(alike.group, element)),
      first,
    );
    for (const index of alike.members) {
      const position = positionOf(groups, at(work, index).operands)?.position ?? 0;
      result[index] = { kind: 'local', group: alike.group, position, ...made };
      done[index] = 1;
    }
  }
  const rest = work.filter((_, index) => done[index] !== 1);
  if (rest.length === 0) return result;
  const group = groups.join(
    rest.map(({ operands }) => operands),
    origin,
  );
  const arithmetic = groups.arithmetic(group, origin);
  work.forEach(({ operands }, index) => {
    if (done[index] === 1) return;
    const values = operands.map((element) => groups.use(group, element));
    result[index] = { kind: 'local', group, position: 0, ...emit(arithmetic, values, index) };
  });
  return result;
}

function everywhereAlike(groups: Groups, work: readonly ScalarWork[]): readonly Alike[] {
  const found = new Map<string, Alike>();
  work.forEach(({ operands, parameters }, index) => {
    const place = positionOf(groups, operands);
    if (place === undefined) return;
    const parts = operands.map((each) =>
      each.kind === 'constant' ? `${each.code}@${each.lsb}` : each.kind === 'local' ? `%${each.node}@${each.lsb}` : '',
    );
    const key = `${place.group}|${parts.join()}|${parameters}`;
    let alike = found.get(key);
    if (alike === undefined) {
      found.set(key, (alike = { group: place.group, positions: new Set(), members: [] }));
    }
    alike.positions.add(place.position);
    alike.members.push(index);
  });
  return [...found.values()].filter(({ group, positions }) => positions.size === groups.mappedPositions(group));
}

/** The one position of a mapped group that all operands but constants stand at. */
function positionOf(
  groups: Groups,
  operands: readonly Element[],
): { readonly group: number; readonly position: number } | undefined {
  let place: { readonly group: number; readonly position: number } | undefined;
  for (const element of operands) {
    if (element.kind === 'constant') continue;
    if (element.kind === 'input') return undefined;
    place ??= element;
    if (element.group !== place.group || element.position !== place.position) return undefined;
  }
  return place === undefined || groups.mappedPositions(place.group) === 0 ? undefined : place;
}
