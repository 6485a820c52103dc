import { LUT_INPUTS } from '../../targets/delay-model.js';
import type { LogicNetwork } from './logic-network.js';

/** Tables by number of inputs: sizes[1] … sizes[6]. */
export type LutSizes = Int32Array;

export interface OwnerLuts {
  readonly sizes: LutSizes;
  /** Of those, the ones in front of a carry cell. */
  readonly onCarry: LutSizes;
}

/**
 * What a table of n inputs costs beside others, as Yosys' Xilinx flow tells its mapper (`abc -luts 2:2,3,6:5`): small
 * tables can share a site.
 */
const tableCost = [0, 2, 2, 3, 5, 5, 5];
/** Cuts kept for each gate. More than a handful changes the count by less than a percent. */
const CUTS = 5;
const ROUNDS = 2;

interface Cut {
  /** Nets, ascending. */
  readonly leaves: readonly number[];
  /** One bit for each leaf, by the end of its number: cuts whose marks differ are different. */
  readonly mark: number;
  readonly flow: number;
}

/**
 * Cover the gates with look-up tables: the cheapest cut of each gate by area flow, which divides the cost of a gate
 * among those that read it (A. Mishchenko, S. Cho, S. Chatterjee and R. Brayton, "Combinational and sequential mapping
 * with priority cuts", ICCAD 2007). Depth is not looked at: outside the longest path, synthesis recovers area too.
 */
export function mapLuts(network: LogicNetwork): ReadonlyMap<number, OwnerLuts> {
  let references = initialReferences(network);
  let best: (Cut | undefined)[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    best = chooseCuts(network, references);
    references = coverReferences(network, best);
  }
  return count(network, best, references);
}

function initialReferences(network: LogicNetwork): Int32Array {
  const references = new Int32Array(network.size);
  for (const net of network.gateInputs) references[net] = (references[net] ?? 0) + 1;
  for (const { bit } of network.demands) references[bit >> 1] = (references[bit >> 1] ?? 0) + 1;
  return references;
}

function inputsOf(network: LogicNetwork, net: number): readonly number[] {
  return network.gateInputs.slice(network.firstInput[net] ?? 0, network.firstInput[net + 1] ?? 0);
}

function isGate(network: LogicNetwork, net: number): boolean {
  return (network.firstInput[net + 1] ?? 0) > (network.firstInput[net] ?? 0);
}

/** The best cut of each gate; nets are in topological order by construction. */
function chooseCuts(network: LogicNetwork, references: Int32Array): (Cut | undefined)[] {
  const best: (Cut | undefined)[] = [];
  const cuts: (readonly Cut[] | undefined)[] = [];
  // Share of a gate's cost that each of its readers bears.
  const share = new Float64Array(network.size);
  for (let net = 0; net < network.size; net++) {
    if (!isGate(network, net)) continue;
    const inputs = inputsOf(network, net);
    let merged: readonly Cut[];
    if (inputs.every((input) => cuts[input] === undefined)) {
      const leaves = [...inputs].sort((left, right) => left - right);
      merged = [{ leaves, mark: markOf(leaves), flow: tableCost[leaves.length] ?? Infinity }];
    } else merged = mergedCuts(inputs, cuts, share);
    best[net] = merged[0];
    cuts[net] = merged;
    share[net] = (merged[0]?.flow ?? 0) / Math.max(1, references[net] ?? 0);
  }
  return best;
}

/** The cheapest unions of one cut of each input, the input itself among them, that fit a table. */
function mergedCuts(
  inputs: readonly number[],
  cuts: readonly (readonly Cut[] | undefined)[],
  share: Float64Array,
): readonly Cut[] {
  let merged: Cut[] = [{ leaves: [], mark: 0, flow: 0 }];
  for (const input of inputs) {
    const next: Cut[] = [];
    const trivial: Cut = { leaves: [input], mark: markOf([input]), flow: 0 };
    const choices = [trivial, ...(cuts[input] ?? [])];
    for (const base of merged) {
      for (const choice of choices) {
        const mark = base.mark | choice.mark;
        if (bitCount(mark) > LUT_INPUTS) continue;
        const leaves = unite(base.leaves, choice.leaves);
        if (leaves === undefined || next.some((other) => other.mark === mark && sameLeaves(other.leaves, leaves)))
          continue;
        next.push({ leaves, mark, flow: 0 });
      }
    }
    merged = next;
  }
  const result = merged.map(({ leaves, mark }) => {
    let flow = tableCost[leaves.length] ?? Infinity;
    for (const leaf of leaves) flow += share[leaf] ?? 0;
    return { leaves, mark, flow };
  });
  // Of two equally cheap cuts, the one that swallows more gates.
  result.sort((left, right) => left.flow - right.flow || right.leaves.length - left.leaves.length);
  return result.slice(0, CUTS);
}

function markOf(leaves: readonly number[]): number {
  let mark = 0;
  for (const leaf of leaves) mark |= 1 << (leaf & 31);
  return mark;
}

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function sameLeaves(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((leaf, index) => leaf === right[index]);
}

/** The union of two ascending lists, unless it does not fit a table. */
function unite(left: readonly number[], right: readonly number[]): readonly number[] | undefined {
  const union: number[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    if (union.length === LUT_INPUTS) return undefined;
    const [a, b] = [left[i] ?? Infinity, right[j] ?? Infinity];
    union.push(a < b ? a : b);
    if (a <= b) i++;
    if (b <= a) j++;
  }
  return union;
}

/** How often each gate is read when every gate that is needed takes its best cut; 0 where it vanishes into others. */
function coverReferences(network: LogicNetwork, best: readonly (Cut | undefined)[]): Int32Array {
  const references = new Int32Array(network.size);
  for (const { bit } of network.demands) references[bit >> 1] = (references[bit >> 1] ?? 0) + 1;
  for (let net = network.size - 1; net > 0; net--) {
    if ((references[net] ?? 0) === 0) continue;
    for (const leaf of best[net]?.leaves ?? []) references[leaf] = (references[leaf] ?? 0) + 1;
  }
  return references;
}

function count(
  network: LogicNetwork,
  best: readonly (Cut | undefined)[],
  references: Int32Array,
): ReadonlyMap<number, OwnerLuts> {
  const result = new Map<number, OwnerLuts>();
  const charge = (owner: number, inputs: number, onCarry: boolean): void => {
    let entry = result.get(owner);
    if (entry === undefined) {
      entry = { sizes: new Int32Array(LUT_INPUTS + 1), onCarry: new Int32Array(LUT_INPUTS + 1) };
      result.set(owner, entry);
    }
    entry.sizes[inputs] = (entry.sizes[inputs] ?? 0) + 1;
    if (onCarry) entry.onCarry[inputs] = (entry.onCarry[inputs] ?? 0) + 1;
  };
  // A net that is wanted in both polarities takes a second table, and so does a source that is wanted inverted.
  const wanted = new Map<number, boolean>();
  for (const { bit, owner, onCarry } of network.demands) {
    const other = wanted.has(bit ^ 1);
    const gate = isGate(network, bit >> 1);
    if (!wanted.has(bit) && ((bit & 1) === 1 ? !gate || other : gate && other)) charge(owner, 1, onCarry);
    wanted.set(bit, onCarry || (wanted.get(bit) ?? false));
  }
  for (let net = 1; net < network.size; net++) {
    const cut = best[net];
    if (cut === undefined || (references[net] ?? 0) === 0) continue;
    const onCarry = wanted.get(net << 1) ?? wanted.get((net << 1) | 1) ?? false;
    charge(network.ownerOf[net] ?? 0, cut.leaves.length, onCarry);
  }
  return result;
}
