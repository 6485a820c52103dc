import { invariant } from '../../../../support/invariant.js';
import type { Summand, Terms } from '../terms.js';
import type { Network } from './network.js';
import { shiftOf, signOf, valueOf } from './packed-term.js';
import { SumTree } from './sum-tree.js';
import { topologicalOrder } from './topological-order.js';

/**
 * Makes the values of a network with the terms given: `sources` are its inputs there, `constants` what those of them
 * are that are constants. Returns the summand of each target.
 */
export function realize(
  network: Network,
  terms: Terms,
  sources: readonly number[],
  constants: ReadonlyMap<number, bigint>,
  depthLimit: number,
): readonly (Summand | undefined)[] {
  const tree = new SumTree(network);
  const made: (Summand | undefined)[] = sources.map((value) => ({ value, shift: 0, negative: false }));
  for (const value of topologicalOrder(network)) {
    const list = network.lists[value] ?? [];
    const places = summandsOf(list, made, constants, terms);
    if (places.length === 0) continue;
    if (network.isTarget[value] === true) turnDifference(places, terms);
    const limit = network.depthAllowed(value, depthLimit);
    // The cheaper of the two plans, made last.
    if (tree.cost(list, limit, 1, true) < tree.cost(list, limit, 1)) tree.cost(list, limit, 1, true);
    let result = places.find((place) => place !== undefined);
    for (let index = 0; index < tree.merges.length; index += 2) {
      const [to, from] = [tree.merges[index] ?? 0, tree.merges[index + 1] ?? 0];
      const [left, right] = [places[to], places[from]];
      invariant(left !== undefined && right !== undefined, 'both summands of a plan are there');
      result = terms.combine(left, right);
      places[to] = result;
    }
    made[value] = result;
  }
  return network.targets.map((target) => made[target]);
}

/** The summands of a list by place; all its constants are one, at the place of the first. */
function summandsOf(
  list: readonly number[],
  made: readonly (Summand | undefined)[],
  constants: ReadonlyMap<number, bigint>,
  terms: Terms,
): (Summand | undefined)[] {
  let sum = 0n;
  let place = -1;
  const places = list.map((term, index): Summand | undefined => {
    const constant = constants.get(valueOf(term));
    if (constant !== undefined) {
      sum += (signOf(term) === 1 ? -constant : constant) << BigInt(shiftOf(term));
      if (place < 0) place = index;
      return undefined;
    }
    const summand = made[valueOf(term)];
    invariant(summand !== undefined, 'operands are made first');
    return {
      value: summand.value,
      shift: summand.shift + shiftOf(term),
      negative: summand.negative !== (signOf(term) === 1),
    };
  });
  if (place >= 0 && sum !== 0n) places[place] = { value: terms.constant(sum), shift: 0, negative: false };
  return places;
}

/**
 * Where every summand is subtracted, the sum would have to be negated, one level deeper. A difference among the
 * summands, made once more the other way round, costs as much and no level.
 */
function turnDifference(places: (Summand | undefined)[], terms: Terms): void {
  if (places.some((place) => place?.negative === false)) return;
  for (const [index, place] of places.entries()) {
    const operation = place && terms.operationOf(place.value);
    if (place === undefined || operation?.kind !== 'subtract') continue;
    const turned = terms.combine(
      { value: operation.right, shift: operation.rightShift, negative: false },
      { value: operation.left, shift: operation.leftShift, negative: true },
    );
    places[index] = { value: turned.value, shift: place.shift + turned.shift, negative: false };
    return;
  }
}
