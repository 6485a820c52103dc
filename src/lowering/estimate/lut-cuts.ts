import { invariant } from '../../support/invariant.js';
import { LUT_INPUTS } from '../../targets/delay-model.js';
import type { LogicNetwork } from './logic-network.js';

/**
 * What a table of n inputs costs beside others, as Yosys' Xilinx flow tells its mapper (`abc -luts 2:2,3,6:5`): small
 * tables can share a site.
 */
const tableCost = Float64Array.of(0, 2, 2, 3, 5, 5, 5);
/** Cuts kept for each gate. More than a handful changes the count by less than a percent. */
const CUTS = 5;

/**
 * Cuts in flat arrays. Leaves are nets, ascending; the mark of a cut has one bit for each leaf, by the end of its
 * number, so that cuts whose marks differ are different and a mark of many bits is a cut of many leaves.
 */
interface CutList {
  length: number;
  sizes: Uint8Array;
  marks: Int32Array;
  /** `LUT_INPUTS` for each cut. */
  leaves: Int32Array;
}

function cutList(capacity: number): CutList {
  return {
    length: 0,
    sizes: new Uint8Array(capacity),
    marks: new Int32Array(capacity),
    leaves: new Int32Array(capacity * LUT_INPUTS),
  };
}

function grow(list: CutList): void {
  const larger = cutList(list.sizes.length * 2);
  larger.sizes.set(list.sizes);
  larger.marks.set(list.marks);
  larger.leaves.set(list.leaves);
  ({ sizes: list.sizes, marks: list.marks, leaves: list.leaves } = larger);
}

/** The cheapest cuts of every gate of a network, at most `CUTS` each, cheapest first. */
export class CutStore {
  /** Of each net, its place among the gates; -1 for sources. */
  private readonly gates: Int32Array;
  /** `CUTS` for each gate. */
  private readonly cuts: CutList;
  private readonly counts: Uint8Array;
  /** 1 for gates that read sources alone, as those in front of a carry chain do: they have one cut, whatever is read. */
  private readonly settled: Uint8Array;
  /** Of each gate, what its best cut costs with what is below it. */
  private readonly flows: Float64Array;
  /** Share of a gate's cost that each of its readers bears. */
  private readonly shares: Float64Array;
  private merged = cutList(64);
  private next = cutList(64);
  private readonly rankedFlows = new Float64Array(CUTS + 1);
  private readonly ranked = new Int32Array(CUTS + 1);

  public constructor(private readonly network: LogicNetwork) {
    const { size, firstInput } = network;
    this.gates = new Int32Array(size).fill(-1);
    let gates = 0;
    for (let net = 0; net < size; net++) {
      if ((firstInput[net + 1] ?? 0) > (firstInput[net] ?? 0)) this.gates[net] = gates++;
    }
    this.cuts = cutList(gates * CUTS);
    this.counts = new Uint8Array(gates);
    this.settled = new Uint8Array(gates);
    this.flows = new Float64Array(gates);
    this.shares = new Float64Array(size);
  }

  public isGate(net: number): boolean {
    return (this.gates[net] ?? -1) >= 0;
  }

  /** Inputs of the best cut of a gate; 0 for sources. */
  public bestSize(net: number): number {
    const gate = this.gates[net] ?? -1;
    return gate < 0 ? 0 : (this.cuts.sizes[gate * CUTS] ?? 0);
  }

  public bestLeaf(net: number, index: number): number {
    return this.cuts.leaves[(this.gates[net] ?? 0) * CUTS * LUT_INPUTS + index] ?? 0;
  }

  /** Cuts of all gates, weighed by how often each net is read; nets are in topological order by construction. */
  public choose(references: Int32Array): void {
    const { firstInput, gateInputs, size } = this.network;
    for (let net = 0; net < size; net++) {
      const gate = this.gates[net] ?? -1;
      if (gate < 0) continue;
      if (this.settled[gate] !== 1) {
        this.merged.length = 1;
        this.merged.sizes[0] = 0;
        this.merged.marks[0] = 0;
        let alone = true;
        for (let index = firstInput[net] ?? 0; index < (firstInput[net + 1] ?? 0); index++) {
          const input = gateInputs[index] ?? 0;
          alone &&= (this.gates[input] ?? -1) < 0;
          this.mergeInput(input);
        }
        invariant(this.merged.length > 0, 'a gate fits a table');
        this.flows[gate] = this.keepCheapest(gate);
        if (alone) this.settled[gate] = 1;
      }
      this.shares[net] = (this.flows[gate] ?? 0) / Math.max(1, references[net] ?? 0);
    }
  }

  /** Unions of the cuts so far with the input itself and with each of its cuts, as far as they fit a table. */
  private mergeInput(input: number): void {
    const { merged, cuts } = this;
    this.next.length = 0;
    const gate = this.gates[input] ?? -1;
    const count = gate < 0 ? 0 : (this.counts[gate] ?? 0);
    for (let base = 0; base < merged.length; base++) {
      this.uniteInput(base, input);
      for (let choice = gate * CUTS; choice < gate * CUTS + count; choice++) {
        const mark = (merged.marks[base] ?? 0) | (cuts.marks[choice] ?? 0);
        if (bitCount(mark) <= LUT_INPUTS) this.unite(base, choice, mark);
      }
    }
    [this.merged, this.next] = [this.next, merged];
  }

  private uniteInput(base: number, input: number): void {
    const { merged, next } = this;
    const mark = (merged.marks[base] ?? 0) | (1 << (input & 31));
    const size = merged.sizes[base] ?? 0;
    const to = this.room();
    let length = 0;
    let placed = false;
    for (let index = 0; index < size; index++) {
      const leaf = merged.leaves[base * LUT_INPUTS + index] ?? 0;
      if (!placed && input <= leaf) {
        placed = true;
        if (input < leaf) {
          if (length === LUT_INPUTS) return;
          next.leaves[to + length++] = input;
        }
      }
      if (length === LUT_INPUTS) return;
      next.leaves[to + length++] = leaf;
    }
    if (!placed) {
      if (length === LUT_INPUTS) return;
      next.leaves[to + length++] = input;
    }
    this.push(length, mark);
  }

  private unite(base: number, choice: number, mark: number): void {
    const { merged, next, cuts } = this;
    const to = this.room();
    let [i, j] = [base * LUT_INPUTS, choice * LUT_INPUTS];
    const [iEnd, jEnd] = [i + (merged.sizes[base] ?? 0), j + (cuts.sizes[choice] ?? 0)];
    let length = 0;
    while (i < iEnd || j < jEnd) {
      if (length === LUT_INPUTS) return;
      const a = i < iEnd ? (merged.leaves[i] ?? 0) : Infinity;
      const b = j < jEnd ? (cuts.leaves[j] ?? 0) : Infinity;
      next.leaves[to + length++] = a < b ? a : b;
      if (a <= b) i++;
      if (b <= a) j++;
    }
    this.push(length, mark);
  }

  /** Where the leaves of the next cut go. */
  private room(): number {
    const { next } = this;
    if (next.length === next.sizes.length) grow(next);
    return next.length * LUT_INPUTS;
  }

  /** The cut whose leaves are in place, unless it is there. */
  private push(size: number, mark: number): void {
    const { next } = this;
    const { length, marks, sizes } = next;
    for (let other = 0; other < length; other++) {
      if (marks[other] === mark && sizes[other] === size && sameLeaves(next.leaves, other, length, size)) return;
    }
    sizes[length] = size;
    marks[length] = mark;
    next.length++;
  }

  /** Sort the merged cuts into the gate's, by flow. Returns the least flow. */
  private keepCheapest(gate: number): number {
    const { merged, cuts, ranked, rankedFlows, shares } = this;
    let kept = 0;
    for (let cut = 0; cut < merged.length; cut++) {
      const size = merged.sizes[cut] ?? 0;
      let flow = tableCost[size] ?? Infinity;
      for (let index = 0; index < size; index++) flow += shares[merged.leaves[cut * LUT_INPUTS + index] ?? 0] ?? 0;
      let place = kept;
      while (place > 0) {
        const before = rankedFlows[place - 1] ?? 0;
        // Of two equally cheap cuts, the one that swallows more gates; of two alike, the first.
        if (before < flow || (before === flow && (merged.sizes[ranked[place - 1] ?? 0] ?? 0) >= size)) break;
        rankedFlows[place] = before;
        ranked[place] = ranked[place - 1] ?? 0;
        place--;
      }
      if (place === CUTS) continue;
      rankedFlows[place] = flow;
      ranked[place] = cut;
      if (kept < CUTS) kept++;
    }
    this.counts[gate] = kept;
    for (let place = 0; place < kept; place++) {
      const [from, to] = [ranked[place] ?? 0, gate * CUTS + place];
      const size = merged.sizes[from] ?? 0;
      cuts.sizes[to] = size;
      cuts.marks[to] = merged.marks[from] ?? 0;
      for (let index = 0; index < size; index++) {
        cuts.leaves[to * LUT_INPUTS + index] = merged.leaves[from * LUT_INPUTS + index] ?? 0;
      }
    }
    return rankedFlows[0] ?? 0;
  }
}

function sameLeaves(leaves: Int32Array, left: number, right: number, size: number): boolean {
  for (let index = 0; index < size; index++) {
    if (leaves[left * LUT_INPUTS + index] !== leaves[right * LUT_INPUTS + index]) return false;
  }
  return true;
}

/** Ones in 32 bits, two, four, eight at a time (H. S. Warren, "Hacker's Delight", 5-1). */
function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
