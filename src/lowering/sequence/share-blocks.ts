import type { Choice, FormCosts } from './choose-form.js';
import { choicesFor, foldingsFor } from './choose-form.js';

interface Offer {
  readonly index: number;
  readonly choice: Choice;
  readonly saved: number;
}

/**
 * By index, the instances that are folded into chains of multipliers, and how: those where a multiplier block saves the most
 * look-up tables come first, until none is left that fits into `blocks`. `costs`: undefined for an instance that has no choice.
 */
export function shareBlocks(
  costs: readonly (FormCosts | undefined)[],
  interval: number,
  blocks: number,
): ReadonlyMap<number, Choice> {
  const offers: Offer[] = [];
  for (const [index, each] of costs.entries()) {
    if (each === undefined) continue;
    const otherwise = choicesFor(each, interval)[0].luts;
    for (const choice of foldingsFor(each, interval)) {
      const saved = otherwise - choice.luts;
      if (choice.blocks > 0 && saved > 0) offers.push({ index, choice, saved });
    }
  }
  offers.sort((left, right) => right.saved / right.choice.blocks - left.saved / left.choice.blocks);
  const taken = new Map<number, Choice>();
  let left = blocks;
  for (const { index, choice } of offers) {
    if (taken.has(index) || choice.blocks > left) continue;
    taken.set(index, choice);
    left -= choice.blocks;
  }
  return taken;
}
