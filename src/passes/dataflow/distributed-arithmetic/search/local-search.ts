import { invariant } from '../../../../support/invariant.js';
import { ScoreHeap } from '../score-heap.js';
import { Journal } from './journal.js';
import type { Network } from './network.js';
import { BestNetwork } from './best-network.js';
import { MAXIMUM_SHIFT, packTerm, scaleTerm, shiftOf, signOf, valueOf } from './packed-term.js';
import { Resynthesis } from './resynthesis.js';
import { SumTree } from './sum-tree.js';
import { topologicalOrder } from './topological-order.js';

/** A source of numbers in [0, 1). */
export type Uniform = () => number;

export interface LocalSearchOptions {
  /** Greatest depth of a result. */
  readonly depthLimit: number;
  readonly uniform: Uniform;
}

/** How long to search: by work, or by a share of time that a clock tells. */
export interface Budget {
  /** Share of the budget that is used up; 1 ends the search. */
  used(work: number): number;
}

/** LUTs that an addition counts beyond its width: of two networks of equal cost the one with fewer additions is better. */
const ADDER_WEIGHT = 0.5;
/** Part of an average addition by which a network may become worse at the start; falls to zero. */
const TEMPERATURE = 0.25;
/** Share of the steps that write part of a sum anew; the others dissolve values. */
const REWRITING = 0.7;
/** Share of the rewritten sums that are taken whole however long they are. */
const WHOLE = 0.05;
/** Of a longer sum 3 to 3 + PART - 1 terms are rewritten. */
const PART = 8;
const SHORT = 6;
/** Values looked at to rewrite a sum. */
const CANDIDATES = 300;
const DISSOLVED = 3;
/** Part of a score that chance may take away, so that each repair goes another way. */
const NOISE = 0.2;
/**
 * How much more a pair of the newest values counts than one of the oldest. What was just made is carried on to longer
 * sums before other pairs break them up: without it the first network has 1 % more additions.
 */
const NEWER = 0.3;
/** Work that any step counts, so that a search always ends. */
const STEP = 64;

/**
 * Destroy and repair: a few values are dissolved into the lists that use them, then the pairs that recur are made
 * again, in an order that differs a little each time. What costs no more is kept, and early on also what costs slightly
 * more (simulated annealing).
 */
export class LocalSearch {
  private readonly journal: Journal;
  private readonly tree: SumTree;
  private readonly resynthesis: Resynthesis;
  private readonly costs: number[] = [];
  /** Values to look at: used once or not at all, or with a list of one. */
  private readonly open: number[] = [];
  private readonly oldCosts: number[] = [];
  private readonly oldDepths: number[] = [];
  private readonly stamps: number[] = [];
  private stamp = 0;
  private readonly heap = new ScoreHeap();
  private readonly offered: number[] = [];
  private readonly factors: number[] = [];
  private failed = false;
  public total = 0;

  public constructor(
    public readonly network: Network,
    private readonly options: LocalSearchOptions,
  ) {
    this.journal = new Journal(network);
    this.tree = new SumTree(network);
    this.resynthesis = new Resynthesis(network);
    for (let value = network.inputs.length; value < network.size; value++) this.open.push(value);
    this.tidy();
    this.repair(0);
    this.journal.commit();
    this.recost();
  }

  private recost(): void {
    const { network } = this;
    this.total = 0;
    const order = topologicalOrder(network);
    for (const value of order) {
      this.updateDepth(value);
      const cost = this.costOf(value);
      this.costs[value] = cost;
      this.total += cost;
    }
  }

  /** Units of work so far. */
  public get work(): number {
    return this.network.work + this.tree.work;
  }

  public run(budget: Budget): void {
    const { network } = this;
    const start = this.work;
    const temperature = TEMPERATURE * (this.total / Math.max(1, this.additions()));
    const best = new BestNetwork(network, this.total);
    let rebuildAt = 4 * network.table.size + 1_000_000;
    for (;;) {
      const used = budget.used(this.work - start);
      if (used >= 1) break;
      this.step(temperature * (1 - used));
      best.offer(this.total);
      if (network.table.size > rebuildAt) {
        network.recount();
        rebuildAt = 4 * network.table.size + 1_000_000;
      }
    }
    this.total = best.restore(this.total);
  }

  private additions(): number {
    let sum = 0;
    for (const list of this.network.lists) sum += Math.max(0, (list?.length ?? 0) - 1);
    return sum;
  }

  /** Whether the step cannot be completed; a method, since the parts of a step set it. */
  private hasFailed(): boolean {
    return this.failed;
  }

  private step(temperature: number): void {
    const before = this.total;
    this.network.work += STEP;
    this.failed = false;
    this.oldCosts.length = 0;
    this.oldDepths.length = 0;
    if (this.options.uniform() < REWRITING) this.rewrite();
    else this.destroy();
    if (!this.hasFailed()) this.tidy();
    if (!this.hasFailed()) this.repair(NOISE);
    if (!this.hasFailed()) this.evaluate();
    const allowed = before - temperature * Math.log(1 - this.options.uniform());
    if (!this.hasFailed() && this.total <= allowed + 1e-9) this.journal.commit();
    else this.restore(before);
  }

  private restore(total: number): void {
    for (let index = this.oldCosts.length - 2; index >= 0; index -= 2) {
      this.costs[this.oldCosts[index] ?? 0] = this.oldCosts[index + 1] ?? 0;
    }
    for (let index = this.oldDepths.length - 2; index >= 0; index -= 2) {
      this.network.depth[this.oldDepths[index] ?? 0] = this.oldDepths[index + 1] ?? 0;
    }
    this.total = total;
    this.journal.rollback();
  }

  /** Dissolve a few values that lie near each other. */
  private destroy(): void {
    const { network, options } = this;
    const many = 1 + Math.floor(options.uniform() * DISSOLVED);
    let first = this.randomShared();
    for (let index = 0; index < many && first >= 0; index++) {
      const users = network.users[first] ?? [];
      const near = users[Math.floor(options.uniform() * users.length)] ?? first;
      this.dissolve(first);
      if (this.hasFailed()) return;
      first = this.sharedNear(near);
    }
  }

  /** Write the list of a value anew from what the network has. */
  private rewrite(): void {
    const { network, options } = this;
    const from = network.inputs.length;
    let owner = -1;
    if (options.uniform() < 0.7) owner = network.targets[Math.floor(options.uniform() * network.targets.length)] ?? -1;
    else {
      for (let attempt = 0; attempt < 64 && owner < 0; attempt++) {
        const value = from + Math.floor(options.uniform() * (network.size - from));
        if (network.lists[value] !== undefined) owner = value;
      }
    }
    if (owner < 0) return;
    if (options.uniform() < 0.5) {
      const value = this.sharedNear(owner);
      if (value >= 0 && value !== owner) this.dissolve(value);
      if (this.hasFailed()) return;
      this.tidy();
      if (this.hasFailed() || network.lists[owner] === undefined) return;
    }
    const old = network.lists[owner] ?? [];
    const part = this.somePart(old);
    const support = this.resynthesis.load(part);
    if (support === undefined) return;
    const noise = options.uniform() < 0.5 ? 0 : 0.3;
    const candidates = this.candidates(owner, support);
    const list = this.resynthesis.pursue(candidates, () => (noise === 0 ? 0 : noise * options.uniform()));
    for (const term of part) {
      this.open.push(valueOf(term));
      this.journal.removeAt(owner, old.indexOf(term));
    }
    for (const term of list) this.addTerm(owner, term);
    if (old.length <= 1) this.open.push(owner);
  }

  /** The whole list, or some of a long one. */
  private somePart(list: readonly number[]): number[] {
    const { uniform } = this.options;
    const part = [...list];
    if (part.length <= SHORT || uniform() < WHOLE) return part;
    const wanted = 3 + Math.floor(uniform() * PART);
    for (let index = 0; index < wanted && index < part.length; index++) {
      const other = index + Math.floor(uniform() * (part.length - index));
      const term = part[other] ?? 0;
      part[other] = part[index] ?? 0;
      part[index] = term;
    }
    if (part.length > wanted) part.length = wanted;
    return part;
  }

  /** Values over the inputs given that do not depend on `owner`: the nearest to the inputs first, up to a limit. */
  private candidates(owner: number, support: readonly number[]): number[] {
    const { network, options } = this;
    const { marks } = this;
    const mark = (this.mark += 2);
    marks[owner] = mark;
    const blocked = [owner];
    for (let value = blocked.pop(); value !== undefined; value = blocked.pop()) {
      for (const user of network.users[value] ?? []) {
        if (marks[user] === mark) continue;
        marks[user] = mark;
        blocked.push(user);
      }
    }
    const widest = 2 * support.length + 2;
    const found: number[] = [];
    const queue = [...support];
    const start = Math.floor(options.uniform() * queue.length);
    for (let index = 0; index < queue.length && found.length < CANDIDATES; index++) {
      const value = index < support.length ? (queue[(index + start) % support.length] ?? 0) : (queue[index] ?? 0);
      const users = network.users[value] ?? [];
      network.work += users.length >> 2;
      for (const user of users) {
        const seen = marks[user] ?? 0;
        if (seen >= mark) continue;
        marks[user] = mark + 1;
        const theirs = network.supports[user];
        if (theirs === undefined || theirs.length > widest) continue;
        network.work += theirs.length >> 2;
        if (!this.resynthesis.covers(theirs)) continue;
        found.push(user);
        queue.push(user);
        if (found.length >= CANDIDATES) break;
      }
    }
    return found;
  }

  private randomShared(): number {
    const { network, options } = this;
    const from = network.inputs.length;
    for (let attempt = 0; attempt < 64; attempt++) {
      const value = from + Math.floor(options.uniform() * (network.size - from));
      if (network.lists[value] !== undefined && (network.users[value]?.length ?? 0) > 0) return value;
    }
    return -1;
  }

  private sharedNear(near: number): number {
    const list = this.network.lists[near];
    if (list === undefined || list.length === 0) return this.randomShared();
    for (let attempt = 0; attempt < 4; attempt++) {
      const value = valueOf(list[Math.floor(this.options.uniform() * list.length)] ?? 0);
      if (this.network.lists[value] !== undefined) return value;
    }
    return this.randomShared();
  }

  /** Put the summands of a value in its place wherever it is used. */
  private dissolve(value: number): void {
    const { network, journal } = this;
    const own = [...(network.lists[value] ?? [])];
    const users = network.users[value] ?? [];
    while (users.length > 0) {
      const owner = users[users.length - 1] ?? 0;
      const list = network.lists[owner] ?? [];
      const index = list.findIndex((term) => valueOf(term) === value);
      const outer = list[index] ?? 0;
      journal.removeAt(owner, index);
      for (const term of own) {
        if (shiftOf(term) + shiftOf(outer) > MAXIMUM_SHIFT) {
          this.failed = true;
          return;
        }
        this.addTerm(owner, scaleTerm(term, outer));
      }
      if (list.length <= 1) this.open.push(owner);
    }
    if (network.isTarget[value] !== true) this.remove(value);
  }

  private remove(value: number): void {
    const { network, journal } = this;
    const list = network.lists[value] ?? [];
    while (list.length > 0) {
      this.open.push(valueOf(list[list.length - 1] ?? 0));
      journal.removeAt(value, list.length - 1);
    }
    journal.release(value);
  }

  /** Equal terms carry into the next position, opposite ones cancel. */
  private addTerm(owner: number, term: number): void {
    const { network, journal } = this;
    let own = term;
    const list = network.lists[owner] ?? [];
    for (;;) {
      const place = list.findIndex((other) => (other ^ own) >> 1 === 0);
      if (place < 0) {
        journal.append(owner, own);
        return;
      }
      const same = list[place] === own;
      journal.removeAt(owner, place);
      this.open.push(valueOf(own));
      if (!same) return;
      if (shiftOf(own) === MAXIMUM_SHIFT) {
        this.failed = true;
        return;
      }
      own = packTerm(valueOf(own), shiftOf(own) + 1, signOf(own));
    }
  }

  /** Dissolve values that are used once or are another value shifted, remove those that are not used. */
  private tidy(): void {
    const { network, open } = this;
    for (let value = open.pop(); value !== undefined; value = open.pop()) {
      const list = network.lists[value];
      if (list === undefined) continue;
      const uses = network.users[value]?.length ?? 0;
      const isTarget = network.isTarget[value] === true;
      if (uses === 0) {
        if (!isTarget) this.remove(value);
      } else if (list.length === 1 || (uses === 1 && !isTarget && !network.pinned.has(value))) this.dissolve(value);
      if (this.hasFailed()) {
        open.length = 0;
        return;
      }
    }
  }

  /** Make pairs that recur, the most useful first, until none does. */
  private repair(noise: number): void {
    const { network, options } = this;
    const { touched, table } = network;
    const { heap } = this;
    heap.clear();
    this.stamp++;
    let seen = 0;
    for (;;) {
      for (; seen < touched.length; seen++) {
        const pattern = touched[seen] ?? 0;
        const count = table.count(pattern);
        if (count < 2 || (this.stamps[pattern] === this.stamp && this.offered[pattern] === count)) continue;
        if (this.stamps[pattern] !== this.stamp) {
          this.stamps[pattern] = this.stamp;
          this.factors[pattern] = noise === 0 ? 1 : 1 - noise * options.uniform();
        }
        this.offered[pattern] = count;
        heap.push(this.gain(pattern, count) * (this.factors[pattern] ?? 1), pattern);
        network.work += 2;
      }
      const top = heap.pop();
      if (top === undefined) break;
      const pattern = top.item;
      const count = table.count(pattern);
      if (count < 2) continue;
      const score = this.gain(pattern, count) * (this.factors[pattern] ?? 1);
      if (score < top.score) {
        // The count fell since the pattern was offered: it waits for its turn again.
        heap.push(score, pattern);
        continue;
      }
      if (!this.substitute(pattern)) continue;
      this.tidy();
      if (this.hasFailed()) return;
    }
  }

  private gain(pattern: number, count: number): number {
    const { network } = this;
    const { table } = network;
    const [first, second] = [table.first(pattern), table.second(pattern)];
    const distance = table.relation(pattern) >> 1;
    const top = Math.min(network.top[first] ?? 0, (network.top[second] ?? 0) + distance);
    const zeros = Math.max(network.zeros[first] ?? 0, (network.zeros[second] ?? 0) + distance);
    const newness = 1 + (NEWER * (first + second)) / (2 * network.size);
    return count * (Math.max(top - zeros, 0) + ADDER_WEIGHT) * newness + 1e-6;
  }

  private limitOf(owner: number): number {
    return this.network.isTarget[owner] === true && (this.network.users[owner]?.length ?? 0) === 0
      ? this.options.depthLimit
      : (this.network.depth[owner] ?? 0);
  }

  /** Make the pair once for all places where it occurs. False when it can be had in less than two. */
  private substitute(pattern: number): boolean {
    const { network, journal } = this;
    const { table } = network;
    const first = table.first(pattern);
    const second = table.second(pattern);
    const relation = table.relation(pattern);
    const distance = relation >> 1;
    const signs = relation & 1;
    const depth = Math.max(network.depth[first] ?? 0, network.depth[second] ?? 0) + 1;
    const usersFirst = network.users[first] ?? [];
    const usersSecond = network.users[second] ?? [];
    const holders = usersFirst.length <= usersSecond.length ? usersFirst : usersSecond;
    // owner and term of the first value, in pairs
    const found: number[] = [];
    let made = -1;
    const seen = new Set<number>();
    for (const owner of holders) {
      if (seen.has(owner)) continue;
      seen.add(owner);
      const list = network.lists[owner] ?? [];
      network.work += list.length;
      const before = found.length;
      collectMatches(list, first, second, distance, signs, owner, found);
      if (found.length === before) continue;
      if (list.length === 2) {
        const shift = shiftOf(found[before + 1] ?? 0);
        if (made < 0 && Math.min(shift, shift + distance) === 0) made = owner;
        continue;
      }
      this.withinDepth(owner, list, first, second, depth, found, before);
    }
    if (found.length < 4) return false;
    let madeTerm: number;
    if (made < 0) {
      made = journal.create();
      const base = Math.max(0, -distance);
      // A difference takes the orientation in which most of its uses are added.
      let negatives = 0;
      for (let index = 1; index < found.length; index += 2) negatives += signOf(found[index] ?? 0);
      const flip = signs === 1 && negatives * 4 > found.length ? 1 : 0;
      madeTerm = packTerm(first, base, flip);
      journal.append(made, madeTerm);
      journal.append(made, packTerm(second, base + distance, flip ^ signs));
      network.settle(made);
      network.depth[made] = depth;
    } else {
      madeTerm =
        (network.lists[made] ?? []).find((term) => isFirst(term, first, second, distance, network.lists[made] ?? [])) ??
        0;
    }
    for (let index = 0; index < found.length; index += 2) {
      const owner = found[index] ?? 0;
      if (owner === made) continue;
      const term = found[index + 1] ?? 0;
      const shift = shiftOf(term) - shiftOf(madeTerm);
      if (shift < 0) continue;
      const list = network.lists[owner] ?? [];
      journal.removeAt(owner, list.indexOf(term));
      const partner = packTerm(second, shiftOf(term) + distance, signOf(term) ^ signs);
      const place = list.indexOf(partner);
      invariant(place >= 0, 'a counted pair is there');
      journal.removeAt(owner, place);
      this.addTerm(owner, packTerm(made, shift, signOf(term) ^ signOf(madeTerm)));
      if (list.length === 1) this.open.push(owner);
    }
    this.open.push(first, second, made);
    return true;
  }

  /** Drop from `found` what would make the tree of the list too deep. */
  private withinDepth(
    owner: number,
    list: readonly number[],
    first: number,
    second: number,
    depth: number,
    found: number[],
    from: number,
  ): void {
    const { network } = this;
    const limit = this.limitOf(owner);
    let load = 0;
    for (const term of list) load += 2 ** ((network.depth[valueOf(term)] ?? 0) - limit);
    const extra =
      2 ** (depth - limit) - 2 ** ((network.depth[first] ?? 0) - limit) - 2 ** ((network.depth[second] ?? 0) - limit);
    let kept = from;
    while (kept < found.length && load + extra <= 1 + 1e-9) {
      load += extra;
      kept += 2;
    }
    found.length = kept;
  }

  private updateDepth(value: number): boolean {
    const { network } = this;
    const depth = network.leastDepth(value);
    if (depth === network.depth[value]) return false;
    this.oldDepths.push(value, network.depth[value] ?? 0);
    network.depth[value] = depth;
    return true;
  }

  private costOf(value: number): number {
    const list = this.network.lists[value] ?? [];
    return this.tree.cost(list, this.limitOf(value), ADDER_WEIGHT);
  }

  /** A result that is subtracted as a whole is negated behind its sum, one level deeper. */
  private lacksLevelToNegate(value: number): boolean {
    const { network } = this;
    const list = network.lists[value] ?? [];
    return (
      network.isTarget[value] === true &&
      (network.depth[value] ?? 0) >= this.options.depthLimit &&
      list.length > 0 &&
      list.every((term) => signOf(term) === 1)
    );
  }

  /** Depths and costs of everything that changed; fails where a result has become too deep. */
  private evaluate(): void {
    const { network, journal } = this;
    const dirty: number[] = [...journal.changed];
    const queue = [...journal.changed];
    for (let value = queue.pop(); value !== undefined; value = queue.pop()) {
      if (network.lists[value] === undefined) continue;
      network.work += 4;
      if (!this.updateDepth(value)) continue;
      if ((network.depth[value] ?? 0) > this.options.depthLimit) {
        this.failed = true;
        return;
      }
      for (const user of network.users[value] ?? []) {
        queue.push(user);
        dirty.push(user);
      }
    }
    if (journal.changed.some((value) => this.lacksLevelToNegate(value))) {
      this.failed = true;
      return;
    }
    this.stamp++;
    for (const value of dirty) {
      if (this.costStamps[value] === this.stamp) continue;
      this.costStamps[value] = this.stamp;
      const old = this.costs[value] ?? 0;
      const cost = network.lists[value] === undefined ? 0 : this.costOf(value);
      if (cost === old) continue;
      this.oldCosts.push(value, old);
      this.costs[value] = cost;
      this.total += cost - old;
    }
  }

  private readonly costStamps: number[] = [];
  private readonly marks: number[] = [];
  private mark = 0;
}

function isFirst(term: number, first: number, second: number, distance: number, list: readonly number[]): boolean {
  if (valueOf(term) !== first) return false;
  const other = list[0] === term ? (list[1] ?? 0) : (list[0] ?? 0);
  return valueOf(other) === second && shiftOf(other) - shiftOf(term) === distance;
}

/** Disjoint pairs of terms of one list that form the pattern, the lowest first: owner and first term of each. */
function collectMatches(
  list: readonly number[],
  first: number,
  second: number,
  distance: number,
  signs: number,
  owner: number,
  found: number[],
): void {
  if (first !== second) {
    for (const term of list) {
      if (valueOf(term) !== first) continue;
      const shift = shiftOf(term) + distance;
      if (shift < 0 || shift > MAXIMUM_SHIFT) continue;
      if (list.includes(packTerm(second, shift, signOf(term) ^ signs))) found.push(owner, term);
    }
    return;
  }
  const own = list.filter((term) => valueOf(term) === first).sort((a, b) => a - b);
  const used = new Set<number>();
  for (const term of own) {
    const shift = shiftOf(term) + distance;
    if (shift > MAXIMUM_SHIFT || used.has(term)) continue;
    const partner = packTerm(second, shift, signOf(term) ^ signs);
    if (used.has(partner) || !list.includes(partner)) continue;
    used.add(term).add(partner);
    found.push(owner, term);
  }
}
