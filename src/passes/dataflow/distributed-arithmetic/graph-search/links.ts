import { at } from '../../../../support/invariant.js';
import type { Random } from '../../../../support/random.js';

export interface Link {
  readonly target: number;
  /** target = ± from × 2^shift + rest */
  readonly from: number | undefined;
  readonly shift: number;
  readonly negative: boolean;
  readonly rest: Int32Array;
}

/** Prim's algorithm over digits left; links in an order in which `from` comes before `target`. */
export function spanningTree(targets: readonly Int32Array[], random: Random): readonly Link[] {
  const best = targets.map((form, target) => weighed(fromZero(form, target), random));
  const pending = new Set(targets.keys());
  const links: Link[] = [];
  while (pending.size > 0) {
    let [chosen, least] = [-1, Infinity];
    for (const target of pending) {
      const { weight } = at(best, target);
      if (weight < least) [chosen, least] = [target, weight];
    }
    pending.delete(chosen);
    links.push(at(best, chosen).link);
    for (const target of pending) {
      const candidate = bestLink(targets, target, [chosen], random);
      if (candidate.weight < at(best, target).weight) best[target] = candidate;
    }
  }
  return links;
}

/** The way to make a target from zero or one of some others that leaves fewest digits, give or take one. */
export function bestLink(
  targets: readonly Int32Array[],
  target: number,
  others: Iterable<number>,
  random: Random,
): { readonly link: Link; readonly weight: number } {
  const form = at(targets, target);
  let best = weighed(fromZero(form, target), random);
  for (const from of others) {
    const other = at(targets, from);
    for (let shift = 0; shift < 3; shift++) {
      for (const negative of [false, true]) {
        const rest = form.map((each, index) => each + (negative ? 1 : -1) * ((other[index] ?? 0) << shift));
        const candidate = weighed({ target, from, shift, negative, rest }, random);
        if (candidate.weight < best.weight) best = candidate;
      }
    }
  }
  return best;
}

function weighed(link: Link, random: Random): { readonly link: Link; readonly weight: number } {
  return { link, weight: digitsOf(link.rest) + (link.from === undefined ? 0 : 1) + random.uniform() * 1.5 };
}

export function fromZero(form: Int32Array, target: number): Link {
  return { target, from: undefined, shift: 0, negative: false, rest: form };
}

/** Non-zero digits of the canonical signed-digit representations: x and 3x differ where a digit is. */
export function digitsOf(form: Int32Array): number {
  let digits = 0;
  for (const coefficient of form) {
    const magnitude = Math.abs(coefficient);
    for (let bits = (magnitude * 3) ^ magnitude; bits !== 0; bits &= bits - 1) digits++;
  }
  return digits;
}
