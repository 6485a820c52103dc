import { at } from '../../../../support/invariant.js';
import type { Random } from '../../../../support/random.js';
import { canonicalSignedDigits } from '../csd.js';
import type { AdderGraph, AdderOutput } from '../problem.js';
import { sumTree } from '../summation.js';
import type { Summand } from '../terms.js';
import { Terms } from '../terms.js';
import type { CanonicalProblem } from './canonical-problem.js';
import { digit, shiftOf, signOf, valueOf } from './digit.js';
import type { Occurrence } from './digit-rows.js';
import { DigitRows } from './digit-rows.js';
import type { Link } from './links.js';
import { bestLink, fromZero, spanningTree } from './links.js';
import { RowDepths, rowOrder } from './row-depths.js';
import { RowSigns } from './row-signs.js';

/** Shares of the kinds of steps; the rest writes shared parts out. Writing digits otherwise helps few targets only. */
const relinkShare = 0.08;
const recodeShare = (targets: number): number => Math.min(0.1, 0.4 / targets);
/** Work that any step counts beyond one for each row: many change nothing, and a search has to end. */
const stepWork = 32;
/** Chance that yet another part is written out in the same step. */
const furtherPart = 0.8;

/**
 * Destroy and repair on rows of digits (Shaw, "Using constraint programming and local search methods to solve vehicle
 * routing problems", 1998): some shared parts are written out, or a target is made from another one than before, and
 * what recurs is shared again. The problem has no constants.
 */
export class RowSearch {
  /** Additions and results to be negated, the latter by estimate. */
  public adders = Infinity;
  private spent = 0;
  private readonly rows: DigitRows;
  private readonly signs: RowSigns;
  private readonly bases: number;
  private readonly depths: RowDepths | undefined;
  private readonly admit: ((occurrences: readonly Occurrence[]) => readonly Occurrence[]) | undefined;

  private constructor(
    private readonly canonical: CanonicalProblem,
    private readonly random: Random,
    depthLimit: number | undefined,
  ) {
    const { bases, targets } = canonical;
    this.bases = bases.length;
    this.rows = new DigitRows(bases.length, targets.length);
    this.signs = new RowSigns(this.rows, canonical);
    if (depthLimit === undefined) return;
    const depths = new RowDepths(
      this.rows,
      bases.map(({ depth }) => depth),
      depthLimit,
    );
    this.depths = depths;
    this.admit = (occurrences) => depths.admit(occurrences);
  }

  /** A search with a first solution; undefined when even plain sums are deeper than the limit. */
  public static start(
    canonical: CanonicalProblem,
    random: Random,
    depthLimit: number | undefined,
  ): RowSearch | undefined {
    const linked = new RowSearch(canonical, random, depthLimit);
    linked.build(spanningTree(canonical.targets, random));
    if (linked.settled()) return linked;
    const plain = new RowSearch(canonical, random, depthLimit);
    plain.build(canonical.targets.map((form, target) => fromZero(form, target)));
    if (plain.settled()) return plain;
    const unshared = new RowSearch(canonical, random, depthLimit);
    for (const [target, form] of canonical.targets.entries()) unshared.fill(fromZero(form, target));
    return unshared.settled() ? unshared : undefined;
  }

  /** Counts changed so far, and what the steps count themselves. */
  public get work(): number {
    return this.rows.work + this.spent;
  }

  /** Keeps a solution with fewer additions or as many; one with more by chance, the likelier the warmer it is. */
  public step(temperature: number): boolean {
    const { rows, random } = this;
    rows.begin();
    this.spent += stepWork + rows.size;
    const kind = random.uniform();
    if (kind < relinkShare) this.relink();
    else if (kind < relinkShare + recodeShare(this.canonical.targets.length)) this.recode();
    else this.inlineSome();
    this.repair();
    const adders = rows.adders + this.signs.negations();
    const change = adders - this.adders;
    if ((change <= 0 || random.uniform() < Math.exp(-change / temperature)) && this.withinDepth()) {
      this.adders = adders;
      return true;
    }
    rows.rollback();
    return false;
  }

  /** One output for each target, in their order. */
  public graph(): AdderGraph {
    const { rows, canonical, depths } = this;
    const { problem } = canonical;
    depths?.refresh();
    const terms = new Terms(problem.inputs);
    const made: Summand[] = problem.inputs.map((_, value) => ({ value, shift: 0, negative: false }));
    for (const value of rowOrder(rows)) {
      const summands = rows.row(value).map((each): Summand => {
        const operand = at(made, valueOf(each));
        const negative = operand.negative !== (signOf(each) === 1);
        return { value: operand.value, shift: operand.shift + shiftOf(each), negative };
      });
      const sum = sumTree(terms, summands, depths === undefined ? deepest : at(depths.latest, value));
      if (sum !== undefined) made[value] = sum;
    }
    const outputs = canonical.targets.map((_, index): AdderOutput => {
      const { value, shift, negative } = at(made, this.bases + index);
      return { value, shift, negated: negative };
    });
    return { inputs: problem.inputs.length, operations: terms.operations, outputs };
  }

  private settled(): boolean {
    this.adders = this.rows.adders + this.signs.negations();
    return this.withinDepth();
  }

  private build(links: readonly Link[]): void {
    for (const link of links) this.fill(link);
    this.repair();
  }

  private repair(): void {
    // What tidying writes into other rows may recur there.
    do this.rows.share(this.random, this.admit);
    while (this.rows.tidy());
  }

  private withinDepth(): boolean {
    return this.depths === undefined || this.depths.refresh();
  }

  private fill({ target, from, shift, negative, rest }: Link): void {
    const row = this.bases + target;
    rest.forEach((coefficient, index) => {
      if (coefficient === 0) return;
      for (const each of canonicalSignedDigits(BigInt(coefficient))) {
        this.rows.add(row, digit(index, each.shift, each.negative ? 1 : 0));
      }
    });
    if (from !== undefined) this.rows.add(row, digit(this.bases + from, shift, negative ? 1 : 0));
  }

  private inlineSome(): void {
    const { rows, random } = this;
    const shared: number[] = [];
    for (let value = this.bases; value < rows.size; value++) if (rows.isShared(value)) shared.push(value);
    if (shared.length === 0) return;
    for (let more = true; more; more = random.uniform() < furtherPart) {
      const value = at(shared, random.integer(0, shared.length - 1));
      if (rows.isShared(value)) rows.inline(value);
    }
  }

  /** Makes a target anew, from zero or from another target. */
  private relink(): void {
    const { rows, random, canonical } = this;
    const target = random.integer(0, canonical.targets.length - 1);
    const row = this.bases + target;
    const dependents = this.dependents(row);
    const others = [...canonical.targets.keys()].filter((each) => !dependents.has(this.bases + each));
    rows.clear(row);
    this.fill(bestLink(canonical.targets, target, others, random).link);
  }

  /** Another way to write a digit of a target, x = 2x - x: with the digits beside it, 2 + 1 becomes 4 - 1 and so on. */
  private recode(): void {
    const { rows, random } = this;
    const row = this.bases + random.integer(0, this.canonical.targets.length - 1);
    const list = rows.row(row);
    const one = at(list, random.integer(0, list.length - 1));
    const opposite = digit(valueOf(one), shiftOf(one), signOf(one) ^ 1);
    rows.add(row, opposite);
    rows.add(row, digit(valueOf(one), shiftOf(one) + 1, signOf(one)));
    rows.add(row, opposite);
  }

  private dependents(value: number): ReadonlySet<number> {
    const found = new Set([value]);
    for (const each of found) for (const user of at(this.rows.users, each)) found.add(user);
    return found;
  }
}

/** Without a limit, trees may be as deep as serves their width. */
const deepest = 60;
