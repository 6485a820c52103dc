import { MAXIMUM_SHIFT, packTerm, shiftOf, signOf, valueOf } from './packed-term.js';

/** Two summands up to a common shift and sign: first ± second × 2^distance. */
export interface Pair {
  readonly first: number;
  readonly second: number;
  readonly distance: number;
  /** 1 where the signs differ. */
  readonly signs: number;
}

/** What a first summand is paired with; undefined where that is shifted too far. */
function partnerOf(term: number, { second, distance, signs }: Pair): number | undefined {
  const shift = shiftOf(term) + distance;
  return shift < 0 || shift > MAXIMUM_SHIFT ? undefined : packTerm(second, shift, signOf(term) ^ signs);
}

/** Disjoint occurrences of a pair in the list of `owner`, the lowest first: appends owner and first term of each. */
export function collectMatches(list: readonly number[], pair: Pair, owner: number, found: number[]): void {
  const { first } = pair;
  if (first !== pair.second) {
    for (const term of list) {
      if (valueOf(term) !== first) continue;
      const partner = partnerOf(term, pair);
      if (partner !== undefined && list.includes(partner)) found.push(owner, term);
    }
    return;
  }
  const own = list.filter((term) => valueOf(term) === first).sort((a, b) => a - b);
  const used = new Set<number>();
  for (const term of own) {
    const partner = used.has(term) ? undefined : partnerOf(term, pair);
    if (partner === undefined || used.has(partner) || !list.includes(partner)) continue;
    used.add(term).add(partner);
    found.push(owner, term);
  }
}

/** The first summand of a list that is the pair itself. */
export function firstOfPair(list: readonly number[], { first, second, distance }: Pair): number | undefined {
  return list.find((term) => {
    if (valueOf(term) !== first) return false;
    const other = list[0] === term ? (list[1] ?? 0) : (list[0] ?? 0);
    return valueOf(other) === second && shiftOf(other) - shiftOf(term) === distance;
  });
}
