import { invariant } from '../../../../support/invariant.js';
import { ScoreHeap } from '../score-heap.js';
import { ADDER_WEIGHT } from './adder-width.js';
import type { Editor } from './editor.js';
import type { Journal } from './journal.js';
import type { LocalSearchOptions } from './options.js';
import type { Network } from './network.js';
import { packTerm, shiftOf, signOf, valueOf } from './packed-term.js';
import type { Pair } from './pair-matches.js';
import { collectMatches, firstOfPair } from './pair-matches.js';

/**
 * How much more a pair of the newest values counts than one of the oldest. What was just made is carried on to longer
 * sums before other pairs break them up: without it the first network has 1 % more additions.
 */
const NEWER = 0.3;

/** Makes pairs of summands that recur once for all places where they occur, the most useful first. */
export class Repair {
  private readonly heap = new ScoreHeap();
  /** Patterns offered since the last start, with what count, and what chance leaves of their score. */
  private readonly patterns: number[] = [];
  private readonly counts: number[] = [];
  private readonly factors: number[] = [];
  /** Where a pattern stands in these lists, if it does. */
  private places = new Int32Array(1024);

  public constructor(
    private readonly network: Network,
    private readonly journal: Journal,
    private readonly editor: Editor,
    private readonly options: LocalSearchOptions,
  ) {}

  /** Until no pair recurs. `noise` is the part of a score that chance may take away. */
  public run(noise: number): void {
    const { network, heap, editor } = this;
    const { table } = network.pairs;
    heap.clear();
    this.patterns.length = 0;
    for (;;) {
      this.offer(noise);
      const top = heap.pop();
      if (top === undefined) break;
      const pattern = top.item;
      const count = table.count(pattern);
      if (count < 2) continue;
      const score = this.gain(pattern, count) * (this.factors[this.places[pattern] ?? 0] ?? 1);
      if (score < top.score) {
        // The count fell since the pattern was offered: it waits for its turn again.
        heap.push(score, pattern);
        continue;
      }
      if (!this.substitute(pattern)) continue;
      editor.tidy();
      if (editor.hasFailed()) return;
    }
  }

  /** Put the patterns whose count rose on the heap. */
  private offer(noise: number): void {
    const { network, options, heap, patterns, counts, factors } = this;
    const { pairs } = network;
    const { table } = pairs;
    this.makeRoom(table.size);
    for (let pattern = pairs.take(); pattern >= 0; pattern = pairs.take()) {
      const count = table.count(pattern);
      if (count < 2) continue;
      let place = this.places[pattern] ?? 0;
      if (patterns[place] !== pattern) {
        place = patterns.length;
        this.places[pattern] = place;
        patterns.push(pattern);
        factors[place] = noise === 0 ? 1 : 1 - noise * options.uniform();
      } else if (counts[place] === count) continue;
      counts[place] = count;
      heap.push(this.gain(pattern, count) * (factors[place] ?? 1), pattern);
      network.work += 2;
    }
  }

  private makeRoom(patterns: number): void {
    if (patterns > this.places.length) {
      const larger = new Int32Array(2 * patterns);
      larger.set(this.places);
      this.places = larger;
    }
  }

  private gain(pattern: number, count: number): number {
    const { network } = this;
    const { table } = network.pairs;
    const [first, second] = [table.first(pattern), table.second(pattern)];
    const distance = table.relation(pattern) >> 1;
    const top = Math.min(network.top[first] ?? 0, (network.top[second] ?? 0) + distance);
    const zeros = Math.max(network.zeros[first] ?? 0, (network.zeros[second] ?? 0) + distance);
    const newness = 1 + (NEWER * (first + second)) / (2 * network.size);
    return count * (Math.max(top - zeros, 0) + ADDER_WEIGHT) * newness + 1e-6;
  }

  /** Make the pair once for all places where it occurs. False when it can be had in less than two. */
  private substitute(pattern: number): boolean {
    const { network, journal, editor } = this;
    const { table } = network.pairs;
    const relation = table.relation(pattern);
    const pair = {
      first: table.first(pattern),
      second: table.second(pattern),
      distance: relation >> 1,
      signs: relation & 1,
    };
    const { found, present } = this.occurrences(pair);
    if (found.length < 4) return false;
    const made = present < 0 ? this.make(pair, found) : present;
    const madeTerm = firstOfPair(network.lists[made] ?? [], pair) ?? 0;
    for (let index = 0; index < found.length; index += 2) {
      const owner = found[index] ?? 0;
      if (owner === made) continue;
      const term = found[index + 1] ?? 0;
      const shift = shiftOf(term) - shiftOf(madeTerm);
      if (shift < 0) continue;
      const list = network.lists[owner] ?? [];
      journal.removeAt(owner, list.indexOf(term));
      const place = list.indexOf(packTerm(pair.second, shiftOf(term) + pair.distance, signOf(term) ^ pair.signs));
      invariant(place >= 0, 'a counted pair is there');
      journal.removeAt(owner, place);
      editor.addTerm(owner, packTerm(made, shift, signOf(term) ^ signOf(madeTerm)));
      if (list.length === 1) editor.open.push(owner);
    }
    editor.open.push(pair.first, pair.second, made);
    return true;
  }

  /** Owner and first term of each place that may use the pair, in pairs, and a value that is the pair; -1 for none. */
  private occurrences(pair: Pair): { readonly found: readonly number[]; readonly present: number } {
    const { network } = this;
    const { first, second, distance } = pair;
    const depth = this.depthOf(pair);
    const usersFirst = network.users[first] ?? [];
    const usersSecond = network.users[second] ?? [];
    const found: number[] = [];
    let present = -1;
    const seen = new Set<number>();
    for (const owner of usersFirst.length <= usersSecond.length ? usersFirst : usersSecond) {
      if (seen.has(owner)) continue;
      seen.add(owner);
      const list = network.lists[owner] ?? [];
      network.work += list.length;
      const before = found.length;
      collectMatches(list, pair, owner, found);
      if (found.length === before) continue;
      if (list.length === 2) {
        const shift = shiftOf(found[before + 1] ?? 0);
        if (present < 0 && Math.min(shift, shift + distance) === 0) present = owner;
        continue;
      }
      this.keepWithinDepth(owner, pair, depth, found, before);
    }
    return { found, present };
  }

  private depthOf({ first, second }: Pair): number {
    return Math.max(this.network.depth[first] ?? 0, this.network.depth[second] ?? 0) + 1;
  }

  /** Drop from `found` what would make the tree of the list too deep. */
  private keepWithinDepth(owner: number, { first, second }: Pair, depth: number, found: number[], from: number): void {
    const { network } = this;
    const limit = network.depthAllowed(owner, this.options.depthLimit);
    let load = 0;
    for (const term of network.lists[owner] ?? []) load += 2 ** ((network.depth[valueOf(term)] ?? 0) - limit);
    const extra =
      2 ** (depth - limit) - 2 ** ((network.depth[first] ?? 0) - limit) - 2 ** ((network.depth[second] ?? 0) - limit);
    let kept = from;
    while (kept < found.length && load + extra <= 1 + 1e-9) {
      load += extra;
      kept += 2;
    }
    found.length = kept;
  }

  /** A new value for the pair. */
  private make(pair: Pair, found: readonly number[]): number {
    const { network, journal } = this;
    const { first, second, distance, signs } = pair;
    const made = journal.create();
    const base = Math.max(0, -distance);
    // A difference takes the orientation in which most of its uses are added.
    let negatives = 0;
    for (let index = 1; index < found.length; index += 2) negatives += signOf(found[index] ?? 0);
    const flip = signs === 1 && negatives * 4 > found.length ? 1 : 0;
    journal.append(made, packTerm(first, base, flip));
    journal.append(made, packTerm(second, base + distance, flip ^ signs));
    network.settle(made);
    network.depth[made] = this.depthOf(pair);
    return made;
  }
}
