import { at } from '../../../support/invariant.js';
import { trailingZeros } from '../../../support/bits.js';
import { checkSolution } from './check.js';
import { canonicalSignedDigits } from './csd.js';
import type { SolveOptions } from './options.js';
import { defaultSolveOptions } from './options.js';
import type { AdderGraph, AdderOutput, Column, Problem } from './problem.js';
import type { SharedColumn } from './sharing.js';
import { shareTerms } from './sharing.js';
import { minimumDepth, sumTree } from './summation.js';
import { Terms } from './terms.js';
import type { Summand } from './terms.js';

export type { Effort, SolveOptions, SolveServices } from './options.js';
export { defaultSolveOptions } from './options.js';

/** Pairs of digits weighed at once; beyond it the inputs are split into blocks that do not share with each other. */
const pairBudget = 6_000_000;
/** Digits of one column weighed at once: few of the pairs of a longer one recur. */
const digitBudget = 1_000;

/** A graph of shifted additions that computes the columns; checked exactly against the problem. */
export function solve(problem: Problem, options: SolveOptions = defaultSolveOptions): AdderGraph {
  const terms = new Terms(problem.inputs);
  const groups = groupColumns(problem.columns);
  const sums = groups.map((group) => sumOf(terms, group));
  // The results of a matrix are awaited together: the deepest one sets the pace.
  const fewest = sums.reduce((deepest, sum) => Math.max(deepest, leastDepth(terms, sum)), 0);
  const depthLimit = fewest + options.depthSlack;
  const wanted = sums.map((sum) => ({
    ...sum,
    depthLimit,
    reserved: sum.constant === undefined ? 0 : 2 ** -depthLimit,
  }));
  const shared = shareInBlocks(terms, wanted, problem.inputs.length);
  const outputs: (AdderOutput | undefined)[] = problem.columns.map(() => undefined);
  groups.forEach((group, index) => {
    const { constant } = at(wanted, index);
    const summands = [...at(shared, index)];
    if (constant !== undefined) summands.push(constant);
    const sum = sumTree(terms, summands, depthLimit);
    for (const member of group.members) {
      outputs[member.column] = finish(terms, sum, member, group.commonConstant ? 0n : member.constant);
    }
  });
  const graph = {
    inputs: problem.inputs.length,
    operations: terms.operations,
    outputs: outputs.map((output) => output ?? { value: terms.constant(0n), shift: 0, negated: false }),
  };
  checkSolution(problem, graph);
  return graph;
}

interface Member {
  readonly column: number;
  /** The column is ± representative × 2^shift + constant. */
  readonly shift: number;
  readonly negated: boolean;
  readonly constant: bigint;
}

/** Columns that are equal up to shift, sign and constant. */
interface Group {
  readonly representative: Column;
  readonly members: readonly Member[];
  /** Whether the representative's constant gives all members theirs. */
  readonly commonConstant: boolean;
}

function groupColumns(columns: readonly Column[]): readonly Group[] {
  const groups = new Map<string, { column: number; shift: number; negative: boolean }[]>();
  columns.forEach((column, index) => {
    let shift = Infinity;
    for (const { coefficient } of column.terms) shift = Math.min(shift, trailingZeros(coefficient));
    if (column.terms.length === 0) shift = 0;
    const negative = (column.terms[0]?.coefficient ?? 1n) < 0n;
    const key = column.terms
      .map(({ input, coefficient }) => `${input}:${(negative ? -coefficient : coefficient) >> BigInt(shift)}`)
      .join();
    const member = { column: index, shift, negative };
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  });
  return [...groups.values()].map((members) => {
    // The least shifted member gives the others by shifts; of those, one with the commoner sign.
    const negatives = members.filter((member) => member.negative).length;
    const lowest = members.reduce((shift, member) => Math.min(shift, member.shift), Infinity);
    const wantedSign = negatives * 2 > members.length;
    const candidates = members.filter((member) => member.shift === lowest);
    const chosen = candidates.find((member) => member.negative === wantedSign) ?? at(candidates, 0);
    const representative = at(columns, chosen.column);
    const relative = members.map((member) => ({
      column: member.column,
      shift: member.shift - lowest,
      negated: member.negative !== chosen.negative,
      constant: at(columns, member.column).constant,
    }));
    const commonConstant = relative.every(
      ({ shift, negated, constant }) =>
        constant === (negated ? -representative.constant : representative.constant) << BigInt(shift),
    );
    return { representative, members: relative, commonConstant };
  });
}

/** The signed digits of a column; its constant stands aside, since it is shared with no other. */
interface Sum {
  readonly summands: readonly Summand[];
  readonly constant: Summand | undefined;
}

function sumOf(terms: Terms, { representative, commonConstant }: Group): Sum {
  const summands: Summand[] = [];
  for (const { input, coefficient } of representative.terms) {
    for (const { shift, negative } of canonicalSignedDigits(coefficient)) {
      summands.push({ value: input, shift, negative });
    }
  }
  const constant =
    commonConstant && representative.constant !== 0n
      ? { value: terms.constant(representative.constant), shift: 0, negative: false }
      : undefined;
  return { summands, constant };
}

function leastDepth(terms: Terms, { summands, constant }: Sum): number {
  const depths = summands.map(({ value }) => at(terms.depth, value));
  if (constant !== undefined) depths.push(0);
  return minimumDepth(depths);
}

function shareInBlocks(
  terms: Terms,
  wanted: readonly (Sum & SharedColumn)[],
  inputs: number,
): readonly (readonly Summand[])[] {
  let [pairs, longest] = [0, 0];
  for (const { summands } of wanted) {
    pairs += (summands.length * (summands.length - 1)) / 2;
    longest = Math.max(longest, summands.length);
  }
  const blocks = Math.min(inputs, Math.max(Math.ceil(pairs / pairBudget), Math.ceil(longest / digitBudget)));
  if (blocks <= 1) return shareTerms(terms, wanted);
  const result: Summand[][] = wanted.map(() => []);
  // Each block may use its share of the depth that is left, the rest counts as reserved.
  const rest = wanted.map(({ summands }) => [...summands]);
  for (let block = 0; block < blocks; block++) {
    const [from, to] = [Math.floor((block * inputs) / blocks), Math.floor(((block + 1) * inputs) / blocks)];
    const columns = wanted.map(({ depthLimit, reserved }, column) => {
      const summands = at(rest, column).filter(({ value }) => value >= from && value < to);
      const aside = [...at(result, column), ...at(rest, column).filter(({ value }) => value < from || value >= to)];
      rest[column] = at(rest, column).filter(({ value }) => value < from || value >= to);
      const load = aside.reduce((sum, { value }) => sum + 2 ** (at(terms.depth, value) - depthLimit), reserved);
      return { summands, depthLimit, reserved: load };
    });
    shareTerms(terms, columns).forEach((summands, column) => {
      for (const summand of summands) at(result, column).push(summand);
    });
  }
  return result;
}

function finish(terms: Terms, sum: Summand | undefined, member: Member, constant: bigint): AdderOutput {
  if (sum === undefined) return { value: terms.constant(member.constant), shift: 0, negated: false };
  const own = { ...sum, shift: sum.shift + member.shift, negative: sum.negative !== member.negated };
  if (constant === 0n) return { value: own.value, shift: own.shift, negated: own.negative };
  const result = terms.combine({ value: terms.constant(constant), shift: 0, negative: false }, own);
  return { value: result.value, shift: result.shift, negated: false };
}
