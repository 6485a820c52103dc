import type { Additions } from './additions.js';

/** One addition fewer is worth less than one LUT. */
const lut = 4096;
/** Of a sum with two negative operands, which no carry chain takes: more than any graph costs. */
const impossible = 2 ** 40;
const nobody = -1;

/** Summands of an addition after a merge, at most three. */
export interface SummandList {
  count: number;
  readonly value: Int32Array;
  readonly shift: Int32Array;
  /** Whether the value, as the graph of two operands has it, is subtracted. */
  readonly negative: Uint8Array;
}

/**
 * Which additions of two operands become part of their readers, and which values are made with the opposite sign.
 *
 * An addition that one other reads forms a tree with it. Within the trees the best choice is exact, by dynamic
 * programming from the leaves: a node is cheapest with none or one of its children inside it, made as it is or negated.
 * What several read is the root of a tree of its own; whether it is dissolved into all of its readers, and its sign, are
 * given from outside, and the plan keeps the total up to date while they change.
 */
export class MergePlan {
  /** Objective of everything: LUTs × 4096 + additions. */
  public total = 0;
  public readonly dissolved: Uint8Array;
  /** Sign of roots. */
  public readonly negated: Uint8Array;
  /** The dissolved addition that each of its readers has to take in. */
  private readonly forced: Int32Array;
  /** Least objective of the tree below a value, at 2v as it is and at 2v + 1 negated. */
  private readonly best: Float64Array;
  /** What a root adds to the total. */
  private readonly share: Float64Array;
  /** 1 for what one addition reads that is there. */
  private readonly inner: Uint8Array;
  private readonly list: SummandList = emptyList();
  /** Signs that `cheapestSigns` chose: bit k is that of the k-th inner summand of the list. */
  private signMask = 0;
  private readonly free = new Int32Array(3);

  public constructor(public readonly additions: Additions) {
    const { values, arity } = additions;
    this.dissolved = new Uint8Array(values);
    this.negated = new Uint8Array(values);
    this.forced = new Int32Array(values).fill(nobody);
    this.best = new Float64Array(2 * values);
    this.share = new Float64Array(values);
    this.inner = new Uint8Array(values);
    for (let value = 0; value < values; value++) this.updateInner(value);
    for (let value = 0; value < values; value++) {
      if ((arity[value] ?? 0) === 0) continue;
      this.weigh(value);
      this.updateShare(value);
    }
  }

  public forcedInto(value: number): number {
    return this.forced[value] ?? nobody;
  }

  /** Whether the total stands for a graph that can be built. */
  public isPossible(): boolean {
    return this.total < impossible;
  }

  /** Whether some addition is without an allowed choice of signs below this root. */
  public isStuck(root: number): boolean {
    return (this.share[root] ?? 0) >= impossible;
  }

  /** Read by one addition, which is there. */
  public isInner(value: number): boolean {
    return this.inner[value] === 1;
  }

  public rootOf(value: number): number {
    let root = value;
    while (this.isInner(root)) root = this.additions.reader[this.additions.readerStart[root] ?? 0] ?? 0;
    return root;
  }

  /** Dissolve an addition of two into all its readers, or make it a value again. */
  public setDissolved(value: number, dissolved: boolean): void {
    const { operand, readerStart, reader } = this.additions;
    this.dissolved[value] = dissolved ? 1 : 0;
    for (let position = 0; position < 2; position++) {
      const child = operand[3 * value + position] ?? 0;
      this.updateInner(child);
      this.updateShare(child);
    }
    if (!dissolved) this.weigh(value);
    this.updateShare(value);
    for (let index = readerStart[value] ?? 0; index < (readerStart[value + 1] ?? 0); index++) {
      this.forced[reader[index] ?? 0] = dissolved ? value : nobody;
    }
    this.refreshReaders(value);
  }

  /** Make a root with the opposite sign. */
  public flip(root: number): void {
    this.negated[root] = 1 - (this.negated[root] ?? 0);
    this.updateShare(root);
    this.refreshReaders(root);
  }

  /** The summands of a root or inner value in the cheapest choice, and the signs with which they are to be made. */
  public choose(value: number, negated: number): { readonly summands: SummandList; readonly signs: readonly number[] } {
    let found: { merged: number; mask: number } | undefined;
    let least = Infinity;
    this.eachOption(value, (merged) => {
      this.fill(value, merged);
      const cost = this.cheapestSigns(value, negated);
      if (cost >= least) return;
      least = cost;
      found = { merged, mask: this.signMask };
    });
    const { merged, mask } = found ?? { merged: nobody, mask: 0 };
    this.fill(value, merged);
    const { list } = this;
    const summands = { ...emptyList(), count: list.count };
    const signs: number[] = [];
    let freeIndex = 0;
    for (let index = 0; index < list.count; index++) {
      const operand = list.value[index] ?? 0;
      summands.value[index] = operand;
      summands.shift[index] = list.shift[index] ?? 0;
      summands.negative[index] = list.negative[index] ?? 0;
      signs.push(this.isInner(operand) ? (mask >> freeIndex++) & 1 : (this.negated[operand] ?? 0));
    }
    return { summands, signs };
  }

  private refreshReaders(value: number): void {
    const { readerStart, reader } = this.additions;
    for (let index = readerStart[value] ?? 0; index < (readerStart[value + 1] ?? 0); index++) {
      const by = reader[index] ?? 0;
      if (this.dissolved[by] === 1) this.refreshReaders(by);
      else this.refresh(by);
    }
  }

  /** Weigh a value and all above it in its tree again. */
  private refresh(value: number): void {
    let current = value;
    for (;;) {
      this.weigh(current);
      if (!this.isInner(current)) break;
      current = this.additions.reader[this.additions.readerStart[current] ?? 0] ?? 0;
    }
    this.updateShare(current);
  }

  private updateShare(value: number): void {
    const { arity, negation } = this.additions;
    if ((arity[value] ?? 0) === 0) return;
    const sign = this.negated[value] ?? 0;
    const counts = this.dissolved[value] !== 1 && !this.isInner(value);
    const share = counts ? (this.best[2 * value + sign] ?? 0) + (negation[2 * value + sign] ?? 0) * lut : 0;
    this.total += share - (this.share[value] ?? 0);
    this.share[value] = share;
  }

  private updateInner(value: number): void {
    const { arity, readerStart, reader, results } = this.additions;
    const start = readerStart[value] ?? 0;
    const readOnce = (arity[value] ?? 0) > 0 && (readerStart[value + 1] ?? 0) === start + 1 && results[value] === 0;
    this.inner[value] = readOnce && this.dissolved[reader[start] ?? 0] !== 1 ? 1 : 0;
  }

  private weigh(value: number): void {
    this.best[2 * value] = Infinity;
    this.best[2 * value + 1] = Infinity;
    this.eachOption(value, this.weighOption);
  }

  /** A field, so that weighing makes no function of its own. */
  private readonly weighOption = (merged: number, value: number): void => {
    this.fill(value, merged);
    for (let negated = 0; negated < 2; negated++) {
      const cost = this.cheapestSigns(value, negated);
      if (cost < (this.best[2 * value + negated] ?? 0)) this.best[2 * value + negated] = cost;
    }
  };

  /** `nobody`, or the operand that is taken in. */
  private eachOption(value: number, visit: (merged: number, value: number) => void): void {
    const forced = this.forcedInto(value);
    visit(forced, value);
    const { arity, operand } = this.additions;
    if (forced !== nobody || arity[value] !== 2) return;
    for (let position = 0; position < 2; position++) {
      const child = operand[3 * value + position] ?? 0;
      if (arity[child] === 2 && this.forcedInto(child) === nobody && this.isInner(child)) visit(child, value);
    }
  }

  /** The summands of a value with one of its operands replaced by that operand's own. */
  private fill(value: number, merged: number): void {
    const { arity, operand, shift, negative } = this.additions;
    this.list.count = 0;
    for (let position = 0; position < (arity[value] ?? 0); position++) {
      const place = 3 * value + position;
      const [child, by, sign] = [operand[place] ?? 0, shift[place] ?? 0, negative[place] ?? 0];
      if (child !== merged) {
        this.append(child, by, sign);
        continue;
      }
      for (let inner = 3 * child; inner < 3 * child + 2; inner++) {
        this.append(operand[inner] ?? 0, by + (shift[inner] ?? 0), sign ^ (negative[inner] ?? 0));
      }
    }
  }

  private append(value: number, shift: number, negative: number): void {
    const { list } = this;
    list.value[list.count] = value;
    list.shift[list.count] = shift;
    list.negative[list.count] = negative;
    list.count++;
  }

  /** Least objective of the listed sum, made as it is or negated, over the signs of its inner operands. */
  private cheapestSigns(value: number, negated: number): number {
    const { isConstant } = this.additions;
    const { list, free, best } = this;
    let frees = 0;
    let fixedNegatives = 0;
    for (let index = 0; index < list.count; index++) {
      const operand = list.value[index] ?? 0;
      // A constant has the sign that suits.
      if (isConstant[operand] === 1) continue;
      if (this.isInner(operand)) free[frees++] = index;
      else fixedNegatives += (list.negative[index] ?? 0) ^ negated ^ (this.negated[operand] ?? 0);
    }
    let least = Infinity;
    for (let mask = 0; mask < 1 << frees; mask++) {
      let cost = 0;
      let negatives = fixedNegatives;
      for (let index = 0; index < frees; index++) {
        const place = free[index] ?? 0;
        const sign = (mask >> index) & 1;
        cost += best[2 * (list.value[place] ?? 0) + sign] ?? 0;
        negatives += (list.negative[place] ?? 0) ^ negated ^ sign;
      }
      if (negatives > 1) cost += impossible;
      if (cost >= least) continue;
      least = cost;
      this.signMask = mask;
    }
    return least + this.ownCost(value, negated);
  }

  private ownCost(value: number, negated: number): number {
    const { zeros, top } = this.additions;
    const { list } = this;
    let lowest = Infinity;
    let second = Infinity;
    for (let index = 0; index < list.count; index++) {
      const from = (zeros[list.value[index] ?? 0] ?? 0) + (list.shift[index] ?? 0);
      if (from < lowest) {
        second = lowest;
        lowest = from;
      } else if (from < second) second = from;
    }
    return Math.max(0, (top[2 * value + negated] ?? 0) - second) * lut + 1;
  }
}

function emptyList(): SummandList {
  return { count: 0, value: new Int32Array(3), shift: new Int32Array(3), negative: new Uint8Array(3) };
}
