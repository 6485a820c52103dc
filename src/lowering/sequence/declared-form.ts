import type { DeclaredReuse, Form } from '../../design/sequencing.js';
import { forms } from '../../design/sequencing.js';
import type { Choice, FormCosts } from './choose-form.js';
import { choicesFor, foldingsFor } from './choose-form.js';

/**
 * The cheapest way to carry out an instance as it is declared, with an event every `interval` clocks; undefined where
 * it cannot be carried out so.
 */
export function declaredChoice(
  costs: FormCosts,
  interval: number,
  { form, factor }: DeclaredReuse,
): Choice | undefined {
  if (factor === undefined) {
    const choices = form === 'folded' ? foldingsFor(costs, interval) : choicesFor(costs, interval);
    return choices.find((choice) => form === undefined || choice.form === form);
  }
  const ways = waysOf(costs, interval, form).filter((way) => way.turns * way.clocks === factor);
  let cheapest: Choice | undefined;
  for (const way of ways) {
    const choice = choiceOf(costs, way);
    if (choice !== undefined && (cheapest === undefined || choice.luts < cheapest.luts)) cheapest = choice;
  }
  return cheapest;
}

function choiceOf(costs: FormCosts, { form, turns, clocks }: Way): Choice | undefined {
  if (form === 'folded') return costs.folded(turns, clocks);
  return form === 'serial' ? costs.serial(turns, clocks) : costs.word(turns);
}

/** The reuse factors that an instance can take, in any form or in one; rising. */
export function legalFactors(costs: FormCosts, interval: number, form: Form | undefined): readonly number[] {
  const found = new Set(waysOf(costs, interval, form).map(({ turns, clocks }) => turns * clocks));
  return [...found].sort((left, right) => left - right);
}

/** The forms that an instance can take. */
export function possibleForms(costs: FormCosts, interval: number): readonly Form[] {
  return forms.filter((form) => {
    if (form === 'folded') return foldingsFor(costs, interval).length > 0;
    return form === 'shared' ? costs.count > 1 : form === 'parallel' || costs.sumBits !== undefined;
  });
}

/** Positions that a kernel takes in turn, and the clocks of each. */
interface Way {
  readonly form: Form;
  readonly turns: number;
  readonly clocks: number;
}

/**
 * A factor of 1 is the parallel form unless another is named: digits as wide as words save nothing. Chains of multipliers
 * are a way for a layer that asks for them alone.
 */
function waysOf(costs: FormCosts, interval: number, form: Form | undefined): readonly Way[] {
  const { count, sumBits } = costs;
  const ways: Way[] = [];
  for (const turns of equalShares(count, interval)) {
    const word = turns === 1 ? 'parallel' : 'shared';
    if (form === undefined || form === word) ways.push({ form: word, turns, clocks: 1 });
    if (form === 'folded') {
      for (const clocks of equalShares(costs.foldedResults, Math.floor(interval / turns))) {
        if (costs.folded(turns, clocks) !== undefined) ways.push({ form, turns, clocks });
      }
    }
    if (sumBits === undefined || (form ?? 'serial') !== 'serial') continue;
    for (const clocks of equalShares(sumBits, Math.floor(interval / turns))) {
      if ((form === 'serial' || turns * clocks > 1) && costs.hasDigits(clocks))
        ways.push({ form: 'serial', turns, clocks });
    }
  }
  return ways;
}

/** Numbers, `most` at most, that come out where `total` things are shared out among something: ⌈total / n⌉. */
function equalShares(total: number, most: number): readonly number[] {
  const shares: number[] = [];
  for (let share = 1; share <= Math.min(total, most); share++) {
    if (Math.ceil(total / Math.ceil(total / share)) === share) shares.push(share);
  }
  return shares;
}
