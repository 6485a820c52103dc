import type { Random } from '../../../../support/random.js';
import type { MergePlan } from './merge-plan.js';

/** Additions made values again to dissolve one other: beyond this many it cannot pay. */
const mostConflicts = 4;
const mostPasses = 16;

/**
 * Which of the additions with several readers to dissolve, and the signs of roots: descent from the best merges within
 * trees, then rounds that dissolve one addition by force and repair around it. Changes nothing that costs more.
 */
export function searchMerges(plan: MergePlan, random: Random, rounds: number): void {
  new MergeSearch(plan).run(random, rounds);
}

class MergeSearch {
  private readonly candidates: readonly number[];
  private readonly isCandidate: Uint8Array;
  private readonly roots: readonly number[];
  /** Changes since the last that was kept: an addition dissolved or restored is v, a root negated -v - 1. */
  private journal: number[] = [];

  public constructor(private readonly plan: MergePlan) {
    const { values, arity, readerStart, results } = plan.additions;
    this.isCandidate = new Uint8Array(values);
    const [candidates, roots]: [number[], number[]] = [[], []];
    for (let value = 0; value < values; value++) {
      if ((arity[value] ?? 0) === 0 || plan.isInner(value)) continue;
      roots.push(value);
      const readers = (readerStart[value + 1] ?? 0) - (readerStart[value] ?? 0);
      if (arity[value] !== 2 || results[value] !== 0 || readers < 2 || !this.canBeTakenIn(value)) continue;
      candidates.push(value);
      this.isCandidate[value] = 1;
    }
    this.candidates = candidates;
    this.roots = roots;
  }

  public run(random: Random, rounds: number): void {
    this.descend();
    const { candidates, plan } = this;
    if (candidates.length === 0) return;
    for (let round = 0; round < rounds; round++) {
      const value = candidates[random.integer(0, candidates.length - 1)] ?? 0;
      if (plan.dissolved[value] === 1) continue;
      const before = plan.total;
      const restored = this.dissolve(value);
      const around = new Set<number>();
      for (const other of restored) for (const near of this.conflicting(other)) around.add(near);
      around.delete(value);
      for (const near of around) if (plan.dissolved[near] !== 1) this.improve(near, true);
      if (plan.total > before) this.undo(0);
      this.journal = [];
    }
    this.descend();
  }

  /** First the merges that pay most, then everything again until nothing pays. */
  private descend(): void {
    const gains = this.candidates.map((value) => ({ value, gain: this.gain(value) }));
    gains.sort((a, b) => b.gain - a.gain || a.value - b.value);
    for (const { value, gain } of gains) if (gain > 0) this.improve(value, false);
    for (let pass = 0; pass < mostPasses; pass++) {
      const before = this.plan.total;
      for (const value of this.candidates) this.improve(value, false);
      for (const root of this.roots) this.tryFlip(root);
      if (this.plan.total >= before) break;
    }
    this.journal = [];
  }

  private gain(value: number): number {
    if (this.plan.dissolved[value] === 1) return 0;
    const before = this.plan.total;
    const mark = this.journal.length;
    this.dissolve(value);
    const gain = before - this.plan.total;
    this.undo(mark);
    return gain;
  }

  /** Dissolve an addition, or make it a value again, where that pays; `inRound` allows what costs the same. */
  private improve(value: number, inRound: boolean): void {
    const before = this.plan.total;
    const mark = this.journal.length;
    if (this.plan.dissolved[value] === 1) this.toggle(value);
    else if (this.conflicting(value).filter((other) => this.plan.dissolved[other] === 1).length > mostConflicts) return;
    else this.dissolve(value);
    if (inRound ? this.plan.total > before : this.plan.total >= before) this.undo(mark);
  }

  private tryFlip(root: number): void {
    const { plan } = this;
    if (plan.dissolved[root] === 1 || plan.isInner(root)) return;
    const before = plan.total;
    const mark = this.journal.length;
    this.flip(root);
    // A result that has to be negated behind the root would be a level deeper than before.
    const { negation } = plan.additions;
    const sign = plan.negated[root] ?? 0;
    const deeper = (negation[2 * root + sign] ?? 0) > (negation[2 * root + 1 - sign] ?? 0);
    if (deeper || plan.total >= before) this.undo(mark);
  }

  /** Dissolve an addition at the price of those that stand in its way, which are returned. */
  private dissolve(value: number): readonly number[] {
    const { plan } = this;
    const restored = this.conflicting(value).filter((other) => plan.dissolved[other] === 1);
    for (const other of restored) this.toggle(other);
    this.toggle(value);
    if (plan.isPossible()) return restored;
    const { readerStart, reader, results } = plan.additions;
    for (let index = readerStart[value] ?? 0; index < (readerStart[value + 1] ?? 0); index++) {
      const root = plan.rootOf(reader[index] ?? 0);
      if (results[root] === 0 && plan.dissolved[root] !== 1 && plan.isStuck(root)) this.flip(root);
    }
    return restored;
  }

  /** Candidates that cannot be dissolved together with this one: its operands, its readers, and their other operands. */
  private conflicting(value: number): readonly number[] {
    const { operand, arity, readerStart, reader } = this.plan.additions;
    const found = new Set<number>();
    const add = (other: number): void => {
      if (this.isCandidate[other] === 1 && other !== value) found.add(other);
    };
    for (let position = 0; position < 2; position++) add(operand[3 * value + position] ?? 0);
    for (let index = readerStart[value] ?? 0; index < (readerStart[value + 1] ?? 0); index++) {
      const by = reader[index] ?? 0;
      add(by);
      for (let position = 0; position < (arity[by] ?? 0); position++) add(operand[3 * by + position] ?? 0);
    }
    return [...found];
  }

  /** Whether all readers add two operands, this one once. */
  private canBeTakenIn(value: number): boolean {
    const { arity, operand, readerStart, reader } = this.plan.additions;
    for (let index = readerStart[value] ?? 0; index < (readerStart[value + 1] ?? 0); index++) {
      const by = reader[index] ?? 0;
      if (arity[by] !== 2 || operand[3 * by] === operand[3 * by + 1]) return false;
    }
    return true;
  }

  private toggle(value: number): void {
    this.plan.setDissolved(value, this.plan.dissolved[value] !== 1);
    this.journal.push(value);
  }

  private flip(root: number): void {
    this.plan.flip(root);
    this.journal.push(-root - 1);
  }

  private undo(mark: number): void {
    while (this.journal.length > mark) {
      const entry = this.journal.pop() ?? 0;
      if (entry >= 0) this.plan.setDissolved(entry, this.plan.dissolved[entry] !== 1);
      else this.plan.flip(-entry - 1);
    }
  }
}
