import { invariant } from '../../../../support/invariant.js';
import { reach } from './adder-width.js';
import { shiftOf, signOf, valueOf } from './packed-term.js';
import { PairCounts } from './pair-counts.js';
import type { ValueTable } from './value-table.js';

/** Coefficients beyond this are told only by the form of a value. */
const LARGEST = 1 << 30;

/** Ranges of the inputs of a network, constants included as points. */
export interface NetworkInput {
  readonly low: number;
  readonly high: number;
  readonly zeros: number;
  readonly depth: number;
}

/** Everything of a network but the counts of its pairs. */
export interface NetworkState extends Pick<ValueTable, 'low' | 'high' | 'zeros' | 'depth'> {
  readonly lists: readonly (readonly number[] | undefined)[];
}

/**
 * An adder graph under search: every value that is not an input is a list of signed, shifted values. Lists of two are
 * additions, longer ones are summed in a tree that is not fixed yet. The linear form of a value never changes, however
 * its list is rewritten, so its range is computed once. How often each pair of summands occurs in all lists is kept up
 * to date.
 */
export class Network implements ValueTable {
  public readonly low: number[] = [];
  public readonly high: number[] = [];
  public readonly zeros: number[] = [];
  public readonly depth: number[] = [];
  /** Position above the highest bit. */
  public readonly top: number[] = [];
  public readonly lists: (number[] | undefined)[] = [];
  /** Values whose lists hold a value, once for each occurrence. */
  public readonly users: number[][] = [];
  /** Wanted results: never removed. */
  public readonly isTarget: boolean[] = [];
  /** Depth kept free for a value that others are made from, whatever its list; 0 where none is. */
  public readonly reserved: number[] = [];
  /** Values that keep their lists together though they are used once. */
  public readonly pinned = new Set<number>();
  public readonly pairs = new PairCounts();
  public readonly targets: number[] = [];
  /** Changes of pair counts so far: the measure of work. */
  public work = 0;
  /** Linear form of each value over the inputs. */
  public readonly forms: Float64Array[] = [];
  /** Inputs with a coefficient in the form of each value, ascending. */
  public readonly supports: (Int32Array | undefined)[] = [];
  /** Coefficient of each input of the support; cut to 2^30 beyond it. */
  public readonly coefficients: Int32Array[] = [];
  private readonly free: number[] = [];

  public readonly endOfInputs: number;

  /** Inputs from `firstConstant` on are constants. */
  public constructor(
    public readonly inputs: readonly NetworkInput[],
    public readonly firstConstant: number,
  ) {
    this.endOfInputs = inputs.length;
    inputs.forEach((input, index) => {
      const form = new Float64Array(inputs.length);
      form[index] = 1;
      const value = this.allocate();
      this.forms[value] = form;
      this.supports[value] = Int32Array.of(index);
      this.coefficients[value] = Int32Array.of(1);
      this.describe(value, input.low, input.high, input.zeros, input.depth);
    });
  }

  public get size(): number {
    return this.lists.length;
  }

  /** A new value with an empty list; the caller fills it. */
  public create(isTarget: boolean): number {
    const value = this.allocate();
    this.lists[value] = [];
    this.isTarget[value] = isTarget;
    if (isTarget) this.targets.push(value);
    return value;
  }

  /** Count the value as `depth` levels deep where others use it. */
  public reserve(value: number, depth: number): void {
    this.reserved[value] = depth;
    this.depth[value] = Math.max(this.depth[value] ?? 0, depth);
  }

  public pin(value: number): void {
    this.pinned.add(value);
  }

  /** Take range, zeros and form of a value from its list. */
  public settle(value: number): void {
    const form = this.forms[value]?.fill(0) ?? new Float64Array(this.inputs.length);
    let zeros = Infinity;
    this.work += form.length >> 1;
    for (const term of this.lists[value] ?? []) {
      const scale = 2 ** shiftOf(term) * (signOf(term) === 1 ? -1 : 1);
      const other = this.forms[valueOf(term)];
      if (other === undefined) continue;
      for (let index = 0; index < form.length; index++) form[index] = (form[index] ?? 0) + (other[index] ?? 0) * scale;
      zeros = Math.min(zeros, (this.zeros[valueOf(term)] ?? 0) + shiftOf(term));
    }
    this.forms[value] = form;
    let [low, high] = [0, 0];
    const support: number[] = [];
    for (let index = 0; index < form.length; index++) {
      const coefficient = form[index] ?? 0;
      if (coefficient === 0) continue;
      support.push(index);
      const input = this.inputs[index];
      if (input === undefined) continue;
      low += coefficient * (coefficient > 0 ? input.low : input.high);
      high += coefficient * (coefficient > 0 ? input.high : input.low);
    }
    const coefficients = new Int32Array(support.length);
    for (let index = 0; index < support.length; index++) {
      coefficients[index] = Math.max(-LARGEST, Math.min(LARGEST, form[support[index] ?? 0] ?? 0));
    }
    this.supports[value] = new Int32Array(support);
    this.coefficients[value] = coefficients;
    this.describe(value, low, high, zeros === Infinity ? 0 : zeros, 0);
    this.depth[value] = this.leastDepth(value);
  }

  /** Depth of the shallowest tree for the list of a value, or what is reserved for it. */
  public leastDepth(value: number): number {
    return Math.max(this.depthOf(this.lists[value] ?? []), this.reserved[value] ?? 0);
  }

  /** Depth of the shallowest tree for a list (Kraft's inequality). */
  public depthOf(list: readonly number[]): number {
    let deepest = 0;
    for (const term of list) deepest = Math.max(deepest, this.depth[valueOf(term)] ?? 0);
    let load = 0;
    for (const term of list) load += 2 ** ((this.depth[valueOf(term)] ?? 0) - deepest);
    return load === 0 ? 0 : deepest + Math.ceil(Math.log2(load));
  }

  /** Depth that the list of a value may have: a result that nothing uses may be as deep as any. */
  public depthAllowed(value: number, depthLimit: number): number {
    const isResult = this.isTarget[value] === true && (this.users[value]?.length ?? 0) === 0;
    return isResult ? depthLimit : (this.depth[value] ?? 0);
  }

  /** Remove a value that nothing uses; its list must be empty. Its number stays taken until `recycle`. */
  public release(value: number): void {
    this.lists[value] = undefined;
  }

  /** Undo `release`. */
  public revive(value: number): void {
    this.lists[value] = [];
  }

  /** Let the number of a released value be given to another. */
  public recycle(value: number): void {
    this.free.push(value);
  }

  public append(owner: number, term: number): void {
    const list = this.lists[owner];
    invariant(list !== undefined, 'a summand needs a list');
    this.pairs.count(list, term, list.length, 1);
    this.link(owner, term);
  }

  public removeAt(owner: number, index: number): void {
    const term = this.unlink(owner, index);
    const list = this.lists[owner] ?? [];
    this.pairs.count(list, term, list.length, -1);
  }

  /** As `append`, but pairs are counted elsewhere. */
  public link(owner: number, term: number): void {
    const list = this.lists[owner];
    invariant(list !== undefined, 'a summand needs a list');
    this.work += list.length;
    list.push(term);
    this.users[valueOf(term)]?.push(owner);
  }

  /** As `removeAt`, but pairs are counted elsewhere. Returns the term. */
  public unlink(owner: number, index: number): number {
    const list = this.lists[owner];
    const term = list?.[index];
    invariant(list !== undefined && term !== undefined, 'a summand to remove');
    const last = list.pop() ?? 0;
    if (index < list.length) list[index] = last;
    this.work += list.length;
    const users = this.users[valueOf(term)] ?? [];
    const place = users.indexOf(owner);
    const lastUser = users.pop() ?? 0;
    if (place < users.length) users[place] = lastUser;
    return term;
  }

  public copy(): NetworkState {
    return {
      low: [...this.low],
      high: [...this.high],
      zeros: [...this.zeros],
      depth: [...this.depth],
      lists: this.lists.map((list) => (list === undefined ? undefined : [...list])),
    };
  }

  /** Take back an earlier state of this network, to read it: forms and counts of pairs are not restored. */
  public restore(state: NetworkState): void {
    const replace = (own: number[], from: readonly number[]): void => {
      own.length = 0;
      for (const entry of from) own.push(entry);
    };
    replace(this.low, state.low);
    replace(this.high, state.high);
    replace(this.zeros, state.zeros);
    replace(this.depth, state.depth);
    this.lists.length = 0;
    for (const list of state.lists) this.lists.push(list === undefined ? undefined : [...list]);
    this.users.length = 0;
    this.lists.forEach(() => {
      this.users.push([]);
    });
    this.lists.forEach((list, owner) => {
      for (const term of list ?? []) this.users[valueOf(term)]?.push(owner);
    });
  }

  /** Forget pairs that occur no more. */
  public recount(): void {
    for (const list of this.lists) this.work += ((list?.length ?? 0) * ((list?.length ?? 1) - 1)) / 2;
    this.pairs.recount(this.lists);
  }

  private allocate(): number {
    const value = this.free.pop() ?? this.lists.length;
    if (value === this.lists.length) this.lists.push(undefined);
    this.isTarget[value] = false;
    this.reserved[value] = 0;
    this.users[value] = [];
    return value;
  }

  private describe(value: number, low: number, high: number, zeros: number, depth: number): void {
    this.low[value] = low;
    this.high[value] = high;
    this.zeros[value] = zeros;
    this.depth[value] = depth;
    this.top[value] = reach(low, high, zeros);
  }
}
