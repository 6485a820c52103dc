import { at, invariant } from '../../../../support/invariant.js';
import { checkSolution } from '../check.js';
import type { AdderGraph, AdderOperation, AdderOutput } from '../problem.js';
import type { AdderState } from './adder-state.js';

/** One addition of the state with exact signs: form = leftSign × left × 2^… + rightSign × right × 2^… */
interface SignedAddition {
  readonly slot: number;
  readonly left: number;
  readonly right: number;
  readonly leftShift: number;
  readonly rightShift: number;
  readonly leftSign: number;
  readonly rightSign: number;
}

/** Sign trials for results that would have to be negated. */
const trialBudget = 2_000_000;

/** The adder graph of a state, with signs chosen so that few results have to be negated; checked exactly. */
export function toGraph(state: AdderState): AdderGraph {
  const { canonical, pool } = state;
  const additions = state.order().map((slot) => signedAddition(state, slot));
  const wanted = canonical.outputs.map(({ form }) => (form === undefined ? undefined : pool.find(form)));
  const signs = chooseSigns(state, additions, wanted);

  const number = new Map<number, number>();
  const operations: AdderOperation[] = [];
  const inputs = canonical.problem.inputs.length;
  canonical.bases.forEach(({ form, constant }, index) => {
    const slot = pool.find(form);
    invariant(slot !== undefined, 'base values stay in the pool');
    if (constant === undefined) number.set(slot, index);
    else if (at(state.consumers, slot).length > 0 || wanted.includes(slot)) {
      operations.push({ kind: 'constant', value: constant });
      number.set(slot, inputs + operations.length - 1);
    }
  });
  const numberOf = (slot: number): number => {
    const value = number.get(slot);
    invariant(value !== undefined, 'operands come before the additions that take them');
    return value;
  };
  for (const addition of additions) {
    const { left, leftShift, right, rightShift } = addition;
    const leftSign = addition.leftSign * at(signs, left);
    const rightSign = addition.rightSign * at(signs, right);
    const first = { left: numberOf(left), leftShift, right: numberOf(right), rightShift };
    const second = { left: first.right, leftShift: rightShift, right: first.left, rightShift: leftShift };
    if (leftSign === rightSign) operations.push({ kind: 'add', ...first });
    // The positive operand of what is to be made goes first.
    else operations.push({ kind: 'subtract', ...(leftSign === at(signs, addition.slot) ? first : second) });
    number.set(addition.slot, inputs + operations.length - 1);
  }
  let zero: number | undefined;
  const outputs = canonical.outputs.map(({ shift, negative }, index): AdderOutput => {
    const slot = wanted[index];
    if (slot === undefined) {
      if (zero === undefined) {
        operations.push({ kind: 'constant', value: 0n });
        zero = inputs + operations.length - 1;
      }
      return { value: zero, shift: 0, negated: false };
    }
    return { value: numberOf(slot), shift, negated: negative !== at(signs, slot) < 0 };
  });
  const graph = { inputs, operations, outputs };
  checkSolution(canonical.problem, graph);
  return graph;
}

function signedAddition(state: AdderState, slot: number): SignedAddition {
  const { pool } = state;
  const { left, leftShift, right, rightShift, sign } = state.definition(slot);
  const [form, leftForm, rightForm] = [pool.form(slot), pool.form(left), pool.form(right)];
  const index = form.findIndex(
    (_, place) => at(leftForm, place) * 2 ** leftShift + sign * at(rightForm, place) * 2 ** rightShift !== 0,
  );
  const value = at(leftForm, index) * 2 ** leftShift + sign * at(rightForm, index) * 2 ** rightShift;
  const overall = value === at(form, index) ? 1 : -1;
  return { slot, left, right, leftShift, rightShift, leftSign: overall, rightSign: overall * sign };
}

/** Slots whose form can be made with the negative sign, were it only for that form. */
function negatable(size: number, additions: readonly SignedAddition[]): Uint8Array {
  const can = new Uint8Array(size);
  for (const { slot, left, right, leftSign, rightSign } of additions) {
    const positives = leftSign > 0 || rightSign > 0 ? 1 : 0;
    const negatives = leftSign < 0 || rightSign < 0 || can[left] === 1 || can[right] === 1 ? 1 : 0;
    can[slot] = positives & negatives;
    // Both summands negative: only the negative form comes for nothing, unless one of them can be had negated.
    if (positives === 0) can[slot] = 1;
  }
  return can;
}

/**
 * The signs that results ask for, passed down: an addition that needs a negated operand asks for one that can be had.
 * The first to ask is heard.
 */
function askForSigns(additions: readonly SignedAddition[], votes: Int32Array): Int8Array {
  const can = negatable(votes.length, additions);
  const asked = Int8Array.from(votes, Math.sign);
  for (let index = additions.length - 1; index >= 0; index--) {
    const { slot, left, right, leftSign, rightSign } = at(additions, index);
    const sign = at(asked, slot) < 0 ? -1 : 1;
    const fits = (at(asked, left) || 1) * leftSign === sign || (at(asked, right) || 1) * rightSign === sign;
    if (fits) continue;
    if (asked[left] === 0 && can[left] === 1) asked[left] = -1;
    else if (asked[right] === 0 && can[right] === 1) asked[right] = -1;
  }
  return asked.map((sign) => (sign < 0 ? -1 : 1));
}

/**
 * A difference can be made with either sign, a sum only with that of its operands. Differences first take the sign that
 * their own results want; then single flips are tried as long as fewer results have to be negated.
 */
function chooseSigns(
  state: AdderState,
  additions: readonly SignedAddition[],
  wanted: readonly (number | undefined)[],
): Int8Array {
  const size = state.pool.capacity;
  const votes = new Int32Array(size);
  state.canonical.outputs.forEach(({ negative }, index) => {
    const slot = wanted[index];
    if (slot !== undefined) votes[slot] = (votes[slot] ?? 0) + (negative ? -1 : 1);
  });
  const preferred = askForSigns(additions, votes);
  const signs = new Int8Array(size).fill(1);
  const count = (): number => {
    for (const { slot, left, right, leftSign, rightSign } of additions) {
      const first = leftSign * (signs[left] ?? 1);
      signs[slot] = first === rightSign * (signs[right] ?? 1) ? first : (preferred[slot] ?? 1);
    }
    let negated = 0;
    for (let slot = 0; slot < size; slot++) {
      const vote = votes[slot] ?? 0;
      if (vote !== 0 && vote > 0 !== (signs[slot] ?? 1) > 0) negated += Math.abs(vote);
    }
    return negated;
  };
  let best = count();
  let trials = Math.floor(trialBudget / (additions.length + 1));
  for (let improved = true; improved && best > 0;) {
    improved = false;
    for (const { slot } of additions) {
      if (best === 0 || trials-- <= 0) break;
      preferred[slot] = -(preferred[slot] ?? 1);
      const negated = count();
      if (negated < best) [best, improved] = [negated, true];
      else preferred[slot] = -(preferred[slot] ?? 1);
    }
    if (trials <= 0) break;
  }
  count();
  return signs;
}
